"""Plain text, in Python and in PostgreSQL."""

import pytest
from django.db import connection

from catalog.selectors.words import plain

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        "Sauté Pan, 10-1/4 in",
        "16oz",
        "18/0",
        "AP-1004",
        "3M 2-Ply",
        'x"y',
        "ÑANDÚ",
        "10-20 a4b5c",
        "Chef’s",
        "a-1b",
        "",
    ],
)
def test_plain_agrees_with_postgresql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_plain(%s)", [text])
        assert cursor.fetchone()[0] == plain(text)
