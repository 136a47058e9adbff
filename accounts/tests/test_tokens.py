"""What a staff token holds."""

import pytest

from accounts.tokens import StaffToken
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db


def test_staff_token_holds_its_claims_only() -> None:
    token = StaffToken.for_staff(StaffFactory())
    assert "ver" in token.payload
    assert set(token.payload) == {"token_type", "exp", "iat", "jti", "user_id", "ver"}
