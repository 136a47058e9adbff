"""Accounts made at checkout: one for each address and phone, however many ask at once."""

from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import DELIVERY, PASSWORD, CustomerFactory, login

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "email": "ana@cafe.test",
    "password": PASSWORD,
    "delivery_name": "Ana Ruiz",
    "delivery_address": "1 Main St",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60608",
}


@pytest.mark.django_db(transaction=True)
def test_checkout_account_signs_in_once_verified(api: APIClient, sandbox: SandboxClient) -> None:
    answer = api.post("/api/orders/create-account", ACCOUNT)
    assert answer.status_code == 201
    assert answer.json()["user"]["email_verified"] is False

    assert login(api, "ana@cafe.test").status_code == 403

    link = next(word for word in sandbox.mail()[0]["text"].split() if "verify-email" in word)
    path = link.removeprefix("http://testserver")
    assert api.get(path).headers["Location"] == "http://storefront.test/?email_verified=success"

    assert login(api, "ana@cafe.test").status_code == 200


def test_checkout_refuses_a_taken_email_or_phone(api: APIClient, sandbox: SandboxClient) -> None:
    CustomerFactory(email="Ana@Cafe.test", phone="+13125550147")
    for changes in ({}, {"email": "other@cafe.test", "delivery_phone": "312-555-0147"}):
        answer = api.post("/api/orders/create-account", {**ACCOUNT, **changes})
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def create(**changes: Any) -> tuple[int, str | None]:
    address = {name: value for name, value in DELIVERY.items() if name != "delivery_email"}
    answer = APIClient().post("/api/orders/create-account", {**address, "password": PASSWORD, **changes})
    return answer.status_code, answer.json().get("code")


@pytest.mark.django_db(transaction=True)
def test_checkout_email_makes_one_account_when_raced(sandbox: SandboxClient) -> None:
    spellings = ["ana@cafe.test", "Ana@Cafe.test", "ANA@CAFE.TEST"]
    results = storm(9, lambda n: create(email=spellings[n % 3], delivery_phone=f"+1312555{n:04}"))
    assert Counter(results) == {(201, None): 1, (409, "duplicate"): 8}
    assert User.objects.count() == OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_checkout_phone_makes_one_account_when_raced(sandbox: SandboxClient) -> None:
    results = storm(8, lambda n: create(email=f"ana{n}@cafe.test"))
    assert Counter(results) == {(201, None): 1, (409, "duplicate"): 7}


def sign_up(api: APIClient, **fields: str) -> Any:
    return api.post("/api/register", {"password": PASSWORD, **fields})


def test_phone_with_an_extension_opens_no_account(api: APIClient, sandbox: SandboxClient) -> None:
    """Whoever answers there would get the code; and colleagues share the number."""
    refused = sign_up(api, username="maria", phone="312 555 0147 x12")
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"phone"})

    for name in ("maria", "luis"):
        made = sign_up(api, username=name, email=f"{name}@cafe.test", phone="312 555 0147 x12")
        assert made.status_code == 201, made.json()
    assert [(user.phone_extension, user.phone_recovers) for user in User.objects.all()] == [("12", False)] * 2
    assert sign_up(api, username="boss", email="boss@cafe.test", phone="312 555 0147").status_code == 201
