"""The link that verifies an address: what it is good for, and for how long."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountToken, User
from accounts.services import mailed_links
from accounts.services.customers import change_profile
from accounts.services.sign_in import forget_expired
from accounts.tokens import hash_secret
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.concurrency.storm import storm
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_verification_link_confirms_once_when_raced() -> None:
    user = CustomerFactory(email_verified=False)
    later = timezone.now() + timedelta(hours=1)
    AccountToken.objects.create(user=user, purpose="verify_email", token_hash=hash_secret("link"), expires_at=later)

    results = storm(8, lambda _: APIClient().get("/api/auth/verify-email/link").headers["Location"])

    words = Counter(location.partition("email_verified=")[2] for location in results)
    assert words == {"success": 8}
    confirmed = User.objects.get()
    assert confirmed.email_verified
    assert confirmed.version == user.version + 1


def test_expired_link_is_voided_by_a_newer_one(api: APIClient, sandbox: SandboxClient) -> None:
    user = CustomerFactory(email_verified=False)
    AccountToken.objects.create(
        user=user, purpose="verify_email", token_hash=hash_secret("old"), expires_at=timezone.now()
    )

    assert api.get("/api/auth/verify-email/old").headers["Location"].endswith("=expired")

    mailed_links.send_verification(user)
    assert api.get("/api/auth/verify-email/old").headers["Location"].endswith("=invalid")
    assert AccountToken.objects.count() == 1


@pytest.mark.parametrize(("hours", "word"), [(47.9, "success"), (48.1, "expired")])
def test_verification_link_lasts_two_days(hours: float, word: str) -> None:
    user = CustomerFactory(email_verified=False)
    path = f"/api/auth/verify-email/{mailed_links.send_verification(user)}"

    with later(hours=hours):
        answer = APIClient().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"http://storefront.test/?email_verified={word}")
    assert User.objects.get().email_verified is (word == "success")


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "..", "a%2Fb", "%E2%80%AE", "http:%2F%2Fevil.test"])
def test_verification_link_leads_to_our_storefront_only(token: str) -> None:
    answer = APIClient().get(f"/api/auth/verify-email/{token}?next=http://evil.test")
    if answer.status_code == 302:
        assert answer.headers["Location"] == "http://storefront.test/?email_verified=invalid"
    else:
        assert answer.status_code in {400, 404}


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_active": False, "deleted_at": timezone.now()}])
def test_verification_link_of_a_closed_account_is_invalid(changes: dict[str, Any]) -> None:
    user = CustomerFactory(email_verified=False)
    secret = mailed_links.send_verification(user)
    User.objects.update(**changes)
    assert APIClient().get(f"/api/auth/verify-email/{secret}").headers["Location"].endswith("=invalid")
    assert not User.objects.get().email_verified


@pytest.mark.parametrize("hours", [0, 47, 49, 24 * 400])
def test_verification_link_opened_again_says_success(hours: float) -> None:
    user = CustomerFactory(email_verified=False)
    path = f"/api/auth/verify-email/{mailed_links.send_verification(user)}"
    APIClient().get(path)

    with later(hours=hours):
        forget_expired()
        answer = APIClient().get(path)

    assert answer.headers["Location"].endswith("=success")


def test_verification_link_opened_again_is_invalid_with_another_address() -> None:
    user = CustomerFactory(email_verified=False, email="old@cafe.test")
    path = f"/api/auth/verify-email/{mailed_links.send_verification(user)}"
    APIClient().get(path)
    change_profile(user.pk, actor=user.as_actor(), email="new@cafe.test")

    assert APIClient().get(path).headers["Location"].endswith("=invalid")
    assert not User.objects.get().email_verified


def test_verification_link_is_void_once_the_address_was_another(api: APIClient) -> None:
    """And stays so when the address comes back: what was confirmed has ended."""
    user = CustomerFactory(email_verified=False, email="old@cafe.test")
    path = f"/api/auth/verify-email/{mailed_links.send_verification(user)}"
    api.get(path)
    change_profile(user.pk, actor=user.as_actor(), email="new@cafe.test")
    change_profile(user.pk, actor=user.as_actor(), email="old@cafe.test")

    assert api.get(path).headers["Location"].endswith("=invalid")
