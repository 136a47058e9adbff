"""What has expired, and is then swept away."""

import pytest
from django.contrib.sessions.models import Session

from accounts import tasks
from accounts.models import AccountToken, PhoneSession, RevokedStaffToken
from accounts.services import mailed_links, phones, sign_in
from accounts.tokens import StaffToken
from tests.clock import later
from tests.factories import CustomerFactory, StaffFactory, as_customer

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"


def test_expired_credentials_are_deleted() -> None:
    client = as_customer()
    mailed_links.send_verification(CustomerFactory(email_verified=False))
    phones.open_phone_session(PHONE)
    sign_in.revoke_staff_token(StaffToken.for_staff(StaffFactory()))
    kinds = (AccountToken, PhoneSession, RevokedStaffToken, Session)

    tasks.forget_expired_credentials()
    assert [kind.objects.count() for kind in kinds] == [1, 1, 1, 1]

    with later(days=13):
        # A link that has expired is still told apart from one that never was.
        tasks.forget_expired_credentials()
        assert [kind.objects.count() for kind in kinds] == [1, 0, 0, 1]
        assert client.get("/api/me").status_code == 200
    with later(days=40):
        tasks.forget_expired_credentials()
        assert [kind.objects.count() for kind in kinds] == [0, 0, 0, 0]
