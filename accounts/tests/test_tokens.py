"""What a staff token holds."""

import pytest

from accounts.tokens import StaffToken
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def test_tokens_and_keys_never_show_in_text() -> None:
    token = StaffToken.for_staff(StaffFactory())
    assert "ver" in token.payload
    assert set(token.payload) == {"token_type", "exp", "iat", "jti", "user_id", "ver"}
