"""The link or code that verifies an account, asked for again: who gets it, and who gets nothing."""

import re
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import AccountToken, User
from accounts.services import mailed_links
from accounts.tests.views.by_mail import call, sign_in
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["maria", "MARIA@cafe.test", "(312) 555-0147"])
def test_unverified_customer_gets_a_new_link(sandbox: SandboxClient, identifier: str) -> None:
    user = CustomerFactory(username="maria", email="maria@cafe.test", phone=PHONE, email_verified=False)
    older = mailed_links.send_verification(user)
    sandbox.reset()

    answer = call("/api/auth/resend-verification", {"identifier": identifier})

    assert (answer.status_code, answer.json()["email_sent"]) == (200, True)
    [mail] = sandbox.mail()
    assert mail["recipients"] == ["maria@cafe.test"]
    [newer] = re.findall(r"/api/auth/verify-email/\S+", mail["text"])
    api = APIClient()
    assert api.get(f"/api/auth/verify-email/{older}").headers["Location"].endswith("=invalid")
    assert api.get(newer).headers["Location"].endswith("=success")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["maria", "312-555-0147"])
def test_customer_without_email_gets_a_new_code(sandbox: SandboxClient, identifier: str) -> None:
    CustomerFactory(username="maria", email="", phone=PHONE, email_verified=False, phone_verified=False)

    call("/api/auth/resend-verification", {"identifier": identifier})

    [text] = sandbox.ledger("twilio", "sms")
    [code] = re.findall(r"\b\d{6}\b", text["body"])
    body = {"phone": PHONE, "code": code, "purpose": "verify_phone"}
    assert call("/api/auth/phone/verify-code", body).status_code == 200
    assert sign_in("/api/login", "maria", PASSWORD) == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["maria", "maria@cafe.test", "nobody", "nobody@cafe.test"])
def test_resend_reaches_nobody_else(sandbox: SandboxClient, identifier: str) -> None:
    """Least of all someone without a phone, where no phone was named."""
    CustomerFactory(username="bystander", phone="", email_verified=False)
    CustomerFactory(username="maria", email="maria@cafe.test", email_verified=False)

    call("/api/auth/resend-verification", {"identifier": identifier})

    expected = [["maria@cafe.test"]] if "maria" in identifier else []
    assert [mail["recipients"] for mail in sandbox.mail()] == expected


@pytest.mark.django_db(transaction=True)
def test_username_like_a_phone_is_taken_as_a_username(sandbox: SandboxClient) -> None:
    CustomerFactory(username="3125550147", email="maria@cafe.test", phone="", email_verified=False)
    call("/api/auth/resend-verification", {"identifier": "3125550147"})
    assert [mail["recipients"] for mail in sandbox.mail()] == [["maria@cafe.test"]]


@pytest.mark.django_db(transaction=True)
def test_signed_in_customer_gets_their_own_link(sandbox: SandboxClient) -> None:
    other = CustomerFactory(email="other@cafe.test", email_verified=False)
    client = as_customer(CustomerFactory(email="maria@cafe.test"))
    User.objects.filter(pk=client.user.pk).update(email_verified=False)

    for body in ({}, {"identifier": other.username}):
        assert client.post("/api/auth/resend-verification", body).status_code == 200
    assert [mail["recipients"] for mail in sandbox.mail()] == [["maria@cafe.test"]] * 2

    client.credentials()
    assert client.post("/api/auth/resend-verification", {}).json()["code"] == "csrf_failed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("factory", "changes"),
    [
        (CustomerFactory, {}),
        (CustomerFactory, {"email": "", "email_verified": False, "phone_verified": True}),
        (CustomerFactory, {"email_verified": False, "is_active": False}),
        (CustomerFactory, {"auth_provider": AuthProvider.IMPORTED, "email_verified": False}),
        (StaffFactory, {"phone": PHONE, "email_verified": False}),
    ],
    ids=["a verified address", "a verified phone", "inactive", "a contact", "staff"],
)
def test_verified_or_ineligible_account_gets_nothing(
    sandbox: SandboxClient, factory: Any, changes: dict[str, Any]
) -> None:
    # A contact has no name, and nothing to sign in to.
    names: dict[str, Any] = {"username": None} if "auth_provider" in changes else {"username": "maria"}
    factory(**{"email": "maria@cafe.test", "phone": PHONE, **names, **changes})

    for identifier in ("maria", "maria@cafe.test", PHONE):
        assert call("/api/auth/resend-verification", {"identifier": identifier}).status_code == 200

    assert sandbox.mail() == sandbox.ledger("twilio", "sms") == []
    assert not AccountToken.objects.exists()


def test_missing_identifier_needs_sign_in() -> None:
    for body in ({}, {"identifier": ""}):
        answer = call("/api/auth/resend-verification", body)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
