"""Forgotten passwords and names: who asks, what is mailed to whom, and what no answer holds."""

import re
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import selectors
from accounts.enums import AuthProvider
from accounts.models import AccountToken, User
from accounts.services import customers
from accounts.tests.views.by_mail import CUSTOMER_DOORS, NEW_PASSWORD, STAFF_DOOR, ask, call, reset, sign_in, token_in
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"


# Asking


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", CUSTOMER_DOORS)
@pytest.mark.parametrize("identifier", ["maria", "MARIA", " Maria ", "maria@cafe.test", "Maria@CAFE.test"])
def test_reset_link_is_mailed_to_the_customer(sandbox: SandboxClient, path: str, identifier: str) -> None:
    CustomerFactory(username="maria", email="Maria@Cafe.test")

    answer = ask(path, identifier)
    assert answer.json().keys() == {"message", "email_sent"}
    assert answer.json()["email_sent"] is True
    [mail] = sandbox.mail()
    assert mail["recipients"] == ["Maria@Cafe.test"]
    link = f"http://storefront.test/reset-password?token={token_in(mail)}"
    assert link in mail["text"]
    assert link in mail["html"]

    assert reset("/api/auth/reset-password", token_in(mail)).status_code == 200
    assert (sign_in("/api/login", "maria"), sign_in("/api/login", "maria", PASSWORD)) == (200, 401)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["hector", "Hector@LLD.test"])
def test_reset_link_of_staff_leads_to_their_page(sandbox: SandboxClient, identifier: str) -> None:
    StaffFactory(username="hector", email="hector@lld.test")

    ask(STAFF_DOOR, identifier)
    [mail] = sandbox.mail()
    assert f"http://storefront.test/staff/reset-password?token={token_in(mail)}" in mail["html"]

    assert reset("/api/staff/reset-password", token_in(mail)).status_code == 200
    assert sign_in("/api/staff/login", "hector") == 200


@pytest.mark.django_db(transaction=True)
def test_look_alike_email_gets_no_link(sandbox: SandboxClient) -> None:
    """Letters that fold into others once took accounts over: the mail went to the address that was typed."""
    CustomerFactory(username="kassia", email="kassia@cafe.test")

    for address in ("\u212aassia@cafe.test", "kaſſia@cafe.test", "kassıa@cafe.test", "kassia@caſe.test"):
        assert ask(CUSTOMER_DOORS[0], address).status_code == 200
        assert call("/api/auth/forgot-username", {"email": address}).status_code in {200, 400}

    assert {recipient for mail in sandbox.mail() for recipient in mail["recipients"]} <= {"kassia@cafe.test"}


ELSEWHERE: list[tuple[str, Any, dict[str, Any]]] = [
    ("staff at the customers' door", StaffFactory, {"path": CUSTOMER_DOORS[0]}),
    ("customers at the staff's door", CustomerFactory, {"path": STAFF_DOOR}),
    ("an inactive customer", CustomerFactory, {"is_active": False}),
    ("inactive staff", StaffFactory, {"is_active": False, "path": STAFF_DOOR}),
    ("a deleted customer", CustomerFactory, {"is_active": False, "deleted_at": timezone.now()}),
    ("a customer without an address", CustomerFactory, {"email": "", "phone_verified": True}),
    (
        "a contact without a login",
        CustomerFactory,
        {"auth_provider": AuthProvider.IMPORTED, "username": None, "email": "who@cafe.test"},
    ),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("factory", "changes"), [row[1:] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE])
def test_ineligible_account_gets_no_link(sandbox: SandboxClient, factory: Any, changes: dict[str, Any]) -> None:
    path = changes.get("path", CUSTOMER_DOORS[0])
    user = factory(**{name: value for name, value in changes.items() if name != "path"})

    for identifier in filter(None, (user.username, user.email)):
        assert ask(path, identifier).json()["email_sent"] is True
    if user.email:
        assert call(path.replace("password", "username"), {"email": user.email}).json()["email_sent"] is True

    assert sandbox.mail() == []
    assert not AccountToken.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "factory"),
    [
        ("/api/auth/forgot-username", CustomerFactory),
        ("/api/customer/forgot-username", CustomerFactory),
        ("/api/staff/forgot-username", StaffFactory),
    ],
)
def test_forgotten_username_is_mailed(sandbox: SandboxClient, path: str, factory: Any) -> None:
    factory(username="the-name-of-maria", email="maria@cafe.test")
    # Of the other kind, with the same address.
    (StaffFactory if factory is CustomerFactory else CustomerFactory)(username="other", email="maria@cafe.test")

    answer = call(path, {"email": "MARIA@cafe.test"})

    assert answer.json().keys() == {"message", "email_sent"}
    [mail] = sandbox.mail()
    assert mail["recipients"] == ["maria@cafe.test"]
    assert "the-name-of-maria" in mail["text"]
    assert "the-name-of-maria" in mail["html"]
    assert "token" not in mail["text"]
    assert not AccountToken.objects.exists()


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        (CUSTOMER_DOORS[0], "identifier", ["", None, [], {"a": 1}, "x" * 255, "x\0y", True]),
        (STAFF_DOOR, "identifier", ["", None, [], "x" * 255]),
        ("/api/auth/forgot-username", "email", ["", None, "maria", [], "x" * 255, "a@b.test\nBcc: c@d.test"]),
        ("/api/staff/forgot-username", "email", ["", "hector"]),
        ("/api/auth/resend-verification", "identifier", [None, [], "x" * 255, True]),
        ("/api/auth/reset-password", "token", ["", None, [], "x" * 201, "x\0y"]),
        ("/api/auth/reset-password", "password", ["", None, [], "x" * 201]),
        ("/api/staff/reset-password", "token", ["", None]),
    ],
)
def test_invalid_field_is_named(path: str, field: str, values: list[Any]) -> None:
    good = {"token": "x", "password": NEW_PASSWORD} if "reset" in path else {}
    for value in values:
        answer = call(path, {**good, field: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field]), value
    assert not OutboxMessage.objects.exists()


# What never leaves


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("debug", "exposed"), [(False, False), (True, False), (False, True)])
def test_debug_fields_need_both_switches(sandbox: SandboxClient, settings: Any, debug: bool, exposed: bool) -> None:
    settings.DEBUG, settings.EXPOSE_DEBUG_TOKENS = debug, exposed
    for path, body in asked_for(CustomerFactory(phone=PHONE), StaffFactory()):
        assert not [key for key in call(path, body).json() if key.startswith("debug")], path


@pytest.mark.django_db(transaction=True)
def test_debug_fields_show_what_is_sent(sandbox: SandboxClient, settings: Any) -> None:
    settings.DEBUG = settings.EXPOSE_DEBUG_TOKENS = True
    customer, member = CustomerFactory(username="maria", phone=PHONE), StaffFactory(username="hector")

    shown = [call(path, body).json() for path, body in asked_for(customer, member)]
    assert reset("/api/auth/reset-password", shown[0]["debug_token"]).status_code == 200
    assert reset("/api/staff/reset-password", shown[1]["debug_token"]).status_code == 200
    assert [answer["debug_username"] for answer in shown[2:4]] == ["maria", "hector"]
    assert re.fullmatch(r"\d{6}", shown[4]["debug_otp"])

    # There is nothing to show of nobody.
    for path, body in asked_for(User(username="x", email="x@x.test", phone="+13125550199"), User(email="x@y.test")):
        assert not [key for key in call(path, body).json() if key.startswith("debug")]


def asked_for(customer: User, member: User) -> list[tuple[str, dict[str, str]]]:
    return [
        ("/api/auth/forgot-password", {"identifier": customer.email}),
        ("/api/staff/forgot-password", {"identifier": member.email}),
        ("/api/customer/forgot-username", {"email": customer.email}),
        ("/api/staff/forgot-username", {"email": member.email}),
        ("/api/auth/phone/send-code", {"phone": customer.phone}),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wanted", ["/api/auth/forgot-password", "/api/auth/resend-verification"])
def test_link_verifies_only_the_email_it_was_sent_to(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """The address changes between the worker's look at the account and its writing of the link."""
    user = CustomerFactory(username="mallory", email="mallory@evil.test", email_verified=False)
    find = selectors.find_for_sign_in

    def find_and_be_overtaken(name: str, *, staff: bool) -> User | None:
        found = find(name, staff=staff)
        monkeypatch.setattr(selectors, "find_for_sign_in", find)
        customers.change_profile(user.pk, actor=SYSTEM, email="victim@cafe.test")
        return found

    monkeypatch.setattr(selectors, "find_for_sign_in", find_and_be_overtaken)

    ask(wanted, "mallory")
    for mail in sandbox.mail():
        if mail["recipients"] != ["mallory@evil.test"]:
            continue
        if verification := re.search(r"/api/auth/verify-email/\S+", mail["text"]):
            APIClient().get(verification[0])
        if "token=" in mail["text"]:
            reset("/api/auth/reset-password", token_in(mail))

    changed = User.objects.get()
    assert (changed.email, changed.email_verified) == ("victim@cafe.test", False)
