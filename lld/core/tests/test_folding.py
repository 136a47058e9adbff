"""What counts as the same name, and which comes first."""

import pytest
from django.db.models import CharField, Value

from lld.core.folding import Folded, dictionary_order
from lld.core.models import AuditEntry

pytestmark = pytest.mark.django_db


def folded(text: str) -> str:
    AuditEntry.objects.get_or_create(actor_kind="system", action="test")
    row = AuditEntry.objects.values_list(Folded(Value(text, output_field=CharField())))[0]
    return str(row[0])


@pytest.mark.parametrize(
    "spellings",
    [
        ("José Núñez", "jose nunez", "JOSÉ NÚÑEZ", "Jose\u0301 Nu\u0301n\u0303ez"),
        ("O’Brien", "O'Brien", "O`Brien", "O´Brien", "OBrien", "o‘brien"),
        ("Müller", "MULLER", "muller"),
        ("Straße", "strasse", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ærø", "aero", "AERO"),
        ("Đặng", "dang"),
        ('The "Best" Café', "the best cafe", "The “Best” Cafe"),
    ],
)
def test_spellings_of_a_name_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({folded(spelling) for spelling in spellings}) == 1


def test_names_sort_as_in_a_dictionary() -> None:
    names = ["Aland", "Åland Foods", "apple", "Éclair", "eclipse", "Ober", "O'Neil", "Straße", "zebra", "Zoo"]
    for name in reversed(names):
        AuditEntry.objects.create(actor_kind="system", action="test", reason=name)
    assert list(AuditEntry.objects.order_by(dictionary_order("reason")).values_list("reason", flat=True)) == names
