"""The session that proves a phone: how long it lasts, and how it is stored."""

import pytest

from accounts import selectors
from accounts.models import PhoneSession
from accounts.services import phones
from tests.clock import later

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"


def test_phone_session_expires_and_is_stored_as_hash() -> None:
    token = phones.open_phone_session(PHONE)

    assert selectors.phone_of_session(token) == PHONE
    assert selectors.phone_of_session(f"{token}x") is None
    assert token not in str(list(PhoneSession.objects.values()))
    with later(minutes=16):
        assert selectors.phone_of_session(token) is None
