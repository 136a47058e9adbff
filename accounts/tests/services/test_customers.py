"""One address, one link, one last admin, however many ask at once."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountToken, ApiKey, User
from accounts.services import staff
from accounts.tokens import hash_secret
from lld.core.access import Role, Scope
from lld.core.errors import Forbidden
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import DELIVERY, PASSWORD, CustomerFactory, StaffFactory, as_key, as_staff

pytestmark = pytest.mark.django_db(transaction=True)


def create(**changes: Any) -> tuple[int, str | None]:
    address = {name: value for name, value in DELIVERY.items() if name != "delivery_email"}
    answer = APIClient().post("/api/orders/create-account", {**address, "password": PASSWORD, **changes})
    return answer.status_code, answer.json().get("code")


def test_one_address_becomes_one_account(sandbox: SandboxClient) -> None:
    spellings = ["ana@cafe.test", "Ana@Cafe.test", "ANA@CAFE.TEST"]
    results = storm(9, lambda n: create(email=spellings[n % 3], delivery_phone=f"+1312555{n:04}"))
    assert Counter(results) == {(201, None): 1, (409, "duplicate"): 8}
    assert User.objects.count() == OutboxMessage.objects.count() == 1


def test_one_phone_becomes_one_account(sandbox: SandboxClient) -> None:
    results = storm(8, lambda n: create(email=f"ana{n}@cafe.test"))
    assert Counter(results) == {(201, None): 1, (409, "duplicate"): 7}


def test_a_link_works_once() -> None:
    user = CustomerFactory(email_verified=False)
    later = timezone.now() + timedelta(hours=1)
    AccountToken.objects.create(user=user, purpose="verify_email", token_hash=hash_secret("link"), expires_at=later)
    results = storm(8, lambda _: APIClient().get("/api/auth/verify-email/link").headers["Location"])
    words = Counter(location.partition("email_verified=")[2] for location in results)
    assert words == {"success": 1, "invalid": 7}
    assert User.objects.get().email_verified


def test_two_admins_who_demote_each_other_leave_one() -> None:
    for _ in range(5):
        User.objects.all().delete()
        ids = [StaffFactory(role=Role.ADMIN).pk for _ in range(2)]

        def demote(index: int, ids: list[int] = ids) -> None:
            actor = User.objects.get(pk=ids[1 - index]).as_actor()
            staff.change_staff(ids[index], actor=actor, role=Role.STAFF, is_active=True)

        results = storm(2, demote)
        # Whoever comes second has stopped being an admin.
        assert [type(result) for result in results if result is not None] == [Forbidden]
        assert User.objects.filter(role=Role.ADMIN).count() == 1


def test_signing_out_twice_at_once_is_no_error() -> None:
    client = as_staff()

    def sign_out(_: int) -> int:
        mine = APIClient()
        mine.credentials(**client._credentials)
        return mine.post("/api/staff/logout").status_code

    assert storm(8, sign_out) == [200] * 8
    assert client.get("/api/staff/me").status_code == 401


def test_a_busy_key_is_written_once_a_minute() -> None:
    client = as_key(Scope.VOICE)

    def use(_: int) -> int:
        mine = APIClient()
        mine.credentials(**client._credentials)
        return mine.post("/api/payments/create-link", {"order_number": "LLD-0000-0000"}).status_code

    assert set(storm(8, use)) == {404}
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    use(0)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    use(0)
    assert ApiKey.objects.get().last_used_at > first
