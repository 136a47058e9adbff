"""The link that resets a password: what it is good for, for how long, and what a reset ends."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import CodePurpose, TokenPurpose
from accounts.models import AccountToken, PhoneCode, PhoneSession, User
from accounts.services import mailed_links, phones
from accounts.tests.views.by_mail import CUSTOMER_DOORS, NEW_PASSWORD, ask, call, reset, sign_in, token_in
from lld.core import outbox
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_staff

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"
KINDS = [
    pytest.param(CustomerFactory, "/api/auth/reset-password", "/api/login", id="customers"),
    pytest.param(StaffFactory, "/api/staff/reset-password", "/api/staff/login", id="staff"),
]


def verdict(answer: Any) -> tuple[int, str, list[str]]:
    return answer.status_code, answer.json()["code"], list(answer.json()["fields"])


INVALID_LINK = (400, "invalid_link", ["token"])


# The link


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_reset_link_works_once(factory: Any, path: str, door: str) -> None:
    user = factory()
    token = mailed_links.send_reset(user)
    assert reset(path, token).status_code == 200
    assert verdict(reset(path, token, "yet-another-one")) == INVALID_LINK
    assert sign_in(door, user.username) == 200


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_newer_link_voids_the_older(factory: Any, path: str, door: str) -> None:
    user = factory()
    older, others = mailed_links.send_reset(user), mailed_links.send_reset(factory())
    newer = mailed_links.send_reset(user)

    assert verdict(reset(path, older)) == INVALID_LINK
    assert sign_in(door, user.username, PASSWORD) == 200

    assert [reset(path, token).status_code for token in (newer, others)] == [200, 200]


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_reset_link_lasts_an_hour(factory: Any, path: str, door: str) -> None:
    first, second = mailed_links.send_reset(factory()), mailed_links.send_reset(factory())
    with later(minutes=59):
        assert reset(path, first).status_code == 200
    with later(minutes=61):
        assert verdict(reset(path, second)) == INVALID_LINK


def test_reset_link_of_the_other_kind_is_invalid() -> None:
    customer, member = CustomerFactory(), StaffFactory()

    for user, own, other in (
        (customer, "/api/auth/reset-password", "/api/staff/reset-password"),
        (member, "/api/staff/reset-password", "/api/auth/reset-password"),
    ):
        token = mailed_links.send_reset(user)
        assert verdict(reset(other, token)) == INVALID_LINK
        # The wrong door does not use it up.
        assert reset(own, token).status_code == 200


def test_link_of_another_purpose_is_invalid() -> None:
    member = StaffFactory()
    confirmation = mailed_links.send_confirmation(member, "new@lld.test")
    verification = mailed_links.send_verification(CustomerFactory(email_verified=False))

    assert verdict(reset("/api/staff/reset-password", confirmation)) == INVALID_LINK
    assert verdict(reset("/api/auth/reset-password", verification)) == INVALID_LINK

    recovery = mailed_links.send_reset(CustomerFactory(username="maria", email_verified=False))
    assert APIClient().get(f"/api/auth/verify-email/{recovery}").headers["Location"].endswith("=invalid")

    assert verdict(call("/api/staff/confirm-email", {"token": mailed_links.send_reset(member)})) == INVALID_LINK
    assert not User.objects.get(username="maria").email_verified


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_active": False, "deleted_at": timezone.now()}])
def test_reset_link_of_a_closed_account_is_invalid(factory: Any, path: str, door: str, changes: Any) -> None:
    user = factory()
    token = mailed_links.send_reset(user)
    User.objects.filter(pk=user.pk).update(**changes)
    before = User.objects.values().get()

    assert verdict(reset(path, token)) == INVALID_LINK

    assert User.objects.values().get() == before


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
@pytest.mark.parametrize("password", ["short", "password", "12345678", "maria-lopez"])
def test_weak_password_keeps_the_reset_link(factory: Any, path: str, door: str, password: str) -> None:
    user = factory(username="maria-lopez")
    token = mailed_links.send_reset(user)

    for _ in range(3):
        assert verdict(reset(path, token, password)) == (400, "invalid", ["password"])
    assert sign_in(door, "maria-lopez", PASSWORD) == 200

    assert reset(path, token).status_code == 200


@pytest.mark.parametrize(("password", "of_customers", "of_staff"), [("sixsix", 200, 400), ("eight-88", 200, 200)])
def test_staff_password_needs_eight_characters(password: str, of_customers: int, of_staff: int) -> None:
    customer, member = mailed_links.send_reset(CustomerFactory()), mailed_links.send_reset(StaffFactory())
    assert reset("/api/auth/reset-password", customer, password).status_code == of_customers
    assert reset("/api/staff/reset-password", member, password).status_code == of_staff


@pytest.mark.django_db(transaction=True)
def test_reset_link_is_stored_as_hash_and_erased_once_sent(sandbox: SandboxClient) -> None:
    CustomerFactory(username="maria")

    ask(CUSTOMER_DOORS[0], "maria")

    secret = token_in(sandbox.mail()[0])
    stored = str([list(rows.values()) for rows in (AccountToken.objects, OutboxMessage.objects, User.objects)])
    assert secret not in stored
    # Nor who asked for what.
    assert {str(message.payload) for message in OutboxMessage.objects.all()} == {"{}"}
    assert AccountToken.objects.get().purpose == TokenPurpose.RESET_PASSWORD


@pytest.mark.django_db(transaction=True)
def test_redelivered_request_sends_one_mail(sandbox: SandboxClient) -> None:
    CustomerFactory(username="maria")
    ask(CUSTOMER_DOORS[0], "maria")
    message = OutboxMessage.objects.get(channel="recovery")
    payload = {"wanted": "customer_password", "subject": "maria"}
    OutboxMessage.objects.filter(pk=message.pk).update(state=OutboxMessage.State.PENDING, payload=payload)

    outbox.deliver(message.key)

    [mail] = sandbox.mail()
    assert reset("/api/auth/reset-password", token_in(mail)).status_code == 200


# What a reset ends


@pytest.mark.django_db(transaction=True)
def test_reset_ends_sign_ins_and_links_of_a_customer(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(username="maria", phone=PHONE))
    elsewhere, stranger = as_customer(client.user), as_customer()
    token = mailed_links.send_reset(client.user)
    proof, _ = phones.open_phone_session(PHONE), phones.send_code(PHONE, CodePurpose.RECOVER)
    sandbox.reset()

    assert reset("/api/auth/reset-password", token).status_code == 200
    assert [caller.get("/api/me").status_code for caller in (client, elsewhere, stranger)] == [401, 401, 200]
    assert [kind.objects.count() for kind in (AccountToken, PhoneCode, PhoneSession)] == [0, 0, 0]

    body = {"phone_session_token": proof, "password": "a-third-good-one"}
    assert call("/api/auth/phone/reset-password", body).status_code == 400
    [mail] = sandbox.mail()
    assert (mail["recipients"], NEW_PASSWORD in str(mail)) == ([client.user.email], False)


def test_reset_ends_tokens_and_sessions_of_staff() -> None:
    member = StaffFactory()
    token, session = as_staff(user=member), APIClient()
    body = {"username": member.username, "password": PASSWORD, "session": True}
    assert session.post("/api/staff/login", body).status_code == 200
    other = as_staff()

    assert reset("/api/staff/reset-password", mailed_links.send_reset(member)).status_code == 200

    assert [caller.get("/api/staff/me").status_code for caller in (token, session, other)] == [401, 401, 200]


def test_reset_opens_no_session() -> None:
    answer = reset("/api/auth/reset-password", mailed_links.send_reset(CustomerFactory()))
    assert "sessionid" not in answer.cookies
    assert answer.json().keys() == {"message"}


def test_reset_verifies_the_email_and_drops_recovery_by_phone() -> None:
    """Someone may have signed up with another's address, and their own phone to get back in by."""
    user = CustomerFactory(username="maria", phone=PHONE, phone_verified=True, email_verified=False)
    before = phones.open_phone_session(PHONE)

    assert reset("/api/auth/reset-password", mailed_links.send_reset(user)).status_code == 200
    assert sign_in("/api/login", "maria") == 200

    # Neither the proof that they have nor one that they get now.
    for proof in (before, phones.open_phone_session(PHONE)):
        body = {"phone_session_token": proof, "password": "a-third-good-one"}
        assert call("/api/auth/phone/reset-password", body).status_code in {400, 404}
    assert sign_in("/api/login", "maria") == 200

    kept = CustomerFactory(phone="+13125550148", email_verified=True)
    assert reset("/api/auth/reset-password", mailed_links.send_reset(kept)).status_code == 200
    assert User.objects.get(pk=kept.pk).phone == "+13125550148"


def test_token_guesses_are_limited() -> None:
    statuses = [reset("/api/auth/reset-password", f"guess{number}").status_code for number in range(61)]
    assert statuses == [400] * 60 + [429]
    # Nor may whoever holds a good one: the count comes first.
    assert reset("/api/auth/reset-password", mailed_links.send_reset(CustomerFactory())).status_code == 429
