"""Forgotten passwords and names: what is mailed to whom, what a link is good for, and for how long."""

import re
from typing import Any

import pytest
from django.core.checks import run_checks
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import selectors
from accounts.enums import AuthProvider, CodePurpose, TokenPurpose
from accounts.models import AccountToken, PhoneCode, PhoneSession, User
from accounts.services import customers, links, phones
from lld.core import outbox
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_staff

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "a-new-good-one"
PHONE = "+13125550147"
CUSTOMER_DOORS = ["/api/auth/forgot-password", "/api/customer/forgot-password"]
STAFF_DOOR = "/api/staff/forgot-password"
KINDS = [
    pytest.param(CustomerFactory, "/api/auth/reset-password", "/api/login", id="customers"),
    pytest.param(StaffFactory, "/api/staff/reset-password", "/api/staff/login", id="staff"),
]


def call(path: str, body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post(path, body, **extra)


def ask(path: str, identifier: str) -> Any:
    return call(path, {"identifier": identifier})


def reset(path: str, token: str, password: str = NEW_PASSWORD) -> Any:
    return call(path, {"token": token, "password": password})


def sign_in(path: str, name: str, password: str = NEW_PASSWORD) -> int:
    return int(call(path, {"username": name, "password": password}).status_code)


def token_in(mail: Any) -> str:
    found = re.search(r"reset-password\?token=([\w-]+)", mail["text"])
    assert found
    return found[1]


def verdict(answer: Any) -> tuple[int, str, list[str]]:
    return answer.status_code, answer.json()["code"], list(answer.json()["fields"])


NO_GOOD = (400, "invalid_link", ["token"])


# Asking


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", CUSTOMER_DOORS)
@pytest.mark.parametrize("identifier", ["maria", "MARIA", " Maria ", "maria@cafe.test", "Maria@CAFE.test"])
def test_a_customer_gets_a_link_by_name_or_address(sandbox: SandboxClient, path: str, identifier: str) -> None:
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
def test_staff_get_a_link_to_their_own_page(sandbox: SandboxClient, identifier: str) -> None:
    StaffFactory(username="hector", email="hector@lld.test")
    ask(STAFF_DOOR, identifier)
    [mail] = sandbox.mail()
    assert f"http://storefront.test/staff/reset-password?token={token_in(mail)}" in mail["html"]
    assert reset("/api/staff/reset-password", token_in(mail)).status_code == 200
    assert sign_in("/api/staff/login", "hector") == 200


@pytest.mark.django_db(transaction=True)
def test_a_look_alike_address_has_the_link_sent_to_the_real_one_or_nowhere(sandbox: SandboxClient) -> None:
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
def test_who_gets_no_link(sandbox: SandboxClient, factory: Any, changes: dict[str, Any]) -> None:
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
def test_a_username_is_mailed_to_the_address_of_its_account(sandbox: SandboxClient, path: str, factory: Any) -> None:
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
def test_bad_input_names_its_field_and_asks_for_nothing(path: str, field: str, values: list[Any]) -> None:
    good = {"token": "x", "password": NEW_PASSWORD} if "reset" in path else {}
    for value in values:
        answer = call(path, {**good, field: value})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field]), value
    assert not OutboxMessage.objects.exists()


# The link


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_a_link_works_once(factory: Any, path: str, door: str) -> None:
    user = factory()
    token = links.send_reset(user)
    assert reset(path, token).status_code == 200
    assert verdict(reset(path, token, "yet-another-one")) == NO_GOOD
    assert sign_in(door, user.username) == 200


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_a_newer_link_voids_the_older(factory: Any, path: str, door: str) -> None:
    user = factory()
    older, others = links.send_reset(user), links.send_reset(factory())
    newer = links.send_reset(user)
    assert verdict(reset(path, older)) == NO_GOOD
    assert sign_in(door, user.username, PASSWORD) == 200
    assert [reset(path, token).status_code for token in (newer, others)] == [200, 200]


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
def test_a_link_lasts_an_hour(factory: Any, path: str, door: str) -> None:
    first, second = links.send_reset(factory()), links.send_reset(factory())
    with later(minutes=59):
        assert reset(path, first).status_code == 200
    with later(minutes=61):
        assert verdict(reset(path, second)) == NO_GOOD


def test_a_link_works_at_the_door_of_its_own_kind_only() -> None:
    customer, member = CustomerFactory(), StaffFactory()
    for user, own, other in (
        (customer, "/api/auth/reset-password", "/api/staff/reset-password"),
        (member, "/api/staff/reset-password", "/api/auth/reset-password"),
    ):
        token = links.send_reset(user)
        assert verdict(reset(other, token)) == NO_GOOD
        # The wrong door does not use it up.
        assert reset(own, token).status_code == 200


def test_a_link_of_another_purpose_sets_no_password() -> None:
    member = StaffFactory()
    confirmation = links.send_confirmation(member, "new@lld.test")
    verification = links.send_verification(CustomerFactory(email_verified=False))
    assert verdict(reset("/api/staff/reset-password", confirmation)) == NO_GOOD
    assert verdict(reset("/api/auth/reset-password", verification)) == NO_GOOD
    recovery = links.send_reset(CustomerFactory(username="maria", email_verified=False))
    assert APIClient().get(f"/api/auth/verify-email/{recovery}").headers["Location"].endswith("=invalid")
    assert verdict(call("/api/staff/confirm-email", {"token": links.send_reset(member)})) == NO_GOOD
    assert not User.objects.get(username="maria").email_verified


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_active": False, "deleted_at": timezone.now()}])
def test_a_link_opens_no_account_that_has_ended(factory: Any, path: str, door: str, changes: Any) -> None:
    user = factory()
    token = links.send_reset(user)
    User.objects.filter(pk=user.pk).update(**changes)
    before = User.objects.values().get()
    assert verdict(reset(path, token)) == NO_GOOD
    assert User.objects.values().get() == before


@pytest.mark.parametrize(("factory", "path", "door"), KINDS)
@pytest.mark.parametrize("password", ["short", "password", "12345678", "maria-lopez"])
def test_a_weak_password_leaves_the_link_good(factory: Any, path: str, door: str, password: str) -> None:
    user = factory(username="maria-lopez")
    token = links.send_reset(user)
    for _ in range(3):
        assert verdict(reset(path, token, password)) == (400, "invalid", ["password"])
    assert sign_in(door, "maria-lopez", PASSWORD) == 200
    assert reset(path, token).status_code == 200


@pytest.mark.parametrize(("password", "of_customers", "of_staff"), [("sixsix", 200, 400), ("eight-88", 200, 200)])
def test_staff_need_longer_ones(password: str, of_customers: int, of_staff: int) -> None:
    customer, member = links.send_reset(CustomerFactory()), links.send_reset(StaffFactory())
    assert reset("/api/auth/reset-password", customer, password).status_code == of_customers
    assert reset("/api/staff/reset-password", member, password).status_code == of_staff


@pytest.mark.django_db(transaction=True)
def test_secrets_are_hashes_at_rest_and_erased_once_sent(sandbox: SandboxClient) -> None:
    CustomerFactory(username="maria")
    ask(CUSTOMER_DOORS[0], "maria")
    secret = token_in(sandbox.mail()[0])
    stored = str([list(rows.values()) for rows in (AccountToken.objects, OutboxMessage.objects, User.objects)])
    assert secret not in stored
    # Nor who asked for what.
    assert {str(message.payload) for message in OutboxMessage.objects.all()} == {"{}"}
    assert AccountToken.objects.get().purpose == TokenPurpose.RESET_PASSWORD


@pytest.mark.django_db(transaction=True)
def test_the_same_request_delivered_twice_sends_one_mail_whose_link_works(sandbox: SandboxClient) -> None:
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
def test_a_reset_ends_all_that_opened_a_customers_account(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(username="maria", phone=PHONE))
    elsewhere, stranger = as_customer(client.user), as_customer()
    token = links.send_reset(client.user)
    proof, _ = phones.open_phone_session(PHONE), phones.send_code(PHONE, CodePurpose.RECOVER)
    sandbox.reset()
    assert reset("/api/auth/reset-password", token).status_code == 200
    assert [caller.get("/api/me").status_code for caller in (client, elsewhere, stranger)] == [401, 401, 200]
    assert [kind.objects.count() for kind in (AccountToken, PhoneCode, PhoneSession)] == [0, 0, 0]
    body = {"phone_session_token": proof, "password": "a-third-good-one"}
    assert call("/api/auth/phone/reset-password", body).status_code == 400
    [mail] = sandbox.mail()
    assert (mail["recipients"], NEW_PASSWORD in str(mail)) == ([client.user.email], False)


def test_a_reset_ends_tokens_and_sessions_of_staff() -> None:
    member = StaffFactory()
    token, session = as_staff(user=member), APIClient()
    body = {"username": member.username, "password": PASSWORD, "session": True}
    assert session.post("/api/staff/login", body).status_code == 200
    other = as_staff()
    assert reset("/api/staff/reset-password", links.send_reset(member)).status_code == 200
    assert [caller.get("/api/staff/me").status_code for caller in (token, session, other)] == [401, 401, 200]


def test_a_reset_opens_no_session_of_its_own() -> None:
    answer = reset("/api/auth/reset-password", links.send_reset(CustomerFactory()))
    assert "sessionid" not in answer.cookies
    assert answer.json().keys() == {"message"}


def test_a_mailed_reset_proves_the_mailbox_and_forgets_the_phone_of_who_never_did() -> None:
    """Someone may have signed up with another's address, and their own phone to get back in by."""
    user = CustomerFactory(username="maria", phone=PHONE, phone_verified=True, email_verified=False)
    before = phones.open_phone_session(PHONE)
    assert reset("/api/auth/reset-password", links.send_reset(user)).status_code == 200
    assert sign_in("/api/login", "maria") == 200
    # Neither the proof that they have nor one that they get now.
    for proof in (before, phones.open_phone_session(PHONE)):
        body = {"phone_session_token": proof, "password": "a-third-good-one"}
        assert call("/api/auth/phone/reset-password", body).status_code in {400, 404}
    assert sign_in("/api/login", "maria") == 200
    kept = CustomerFactory(phone="+13125550148", email_verified=True)
    assert reset("/api/auth/reset-password", links.send_reset(kept)).status_code == 200
    assert User.objects.get(pk=kept.pk).phone == "+13125550148"


def test_tokens_are_not_tried_out_without_end() -> None:
    statuses = [reset("/api/auth/reset-password", f"guess{number}").status_code for number in range(61)]
    assert statuses == [400] * 60 + [429]
    # Nor may whoever holds a good one: the count comes first.
    assert reset("/api/auth/reset-password", links.send_reset(CustomerFactory())).status_code == 429


# What never leaves


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("debug", "exposed"), [(False, False), (True, False), (False, True)])
def test_answers_hold_no_secret_unless_both_switches_are_on(
    sandbox: SandboxClient, settings: Any, debug: bool, exposed: bool
) -> None:
    settings.DEBUG, settings.EXPOSE_DEBUG_TOKENS = debug, exposed
    for path, body in asked_for(CustomerFactory(phone=PHONE), StaffFactory()):
        assert not [key for key in call(path, body).json() if key.startswith("debug")], path


@pytest.mark.django_db(transaction=True)
def test_a_developer_who_asks_for_it_sees_what_is_sent(sandbox: SandboxClient, settings: Any) -> None:
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


@pytest.mark.parametrize("exposed", [True, False])
def test_the_deploy_check_fails_where_secrets_would_be_shown(settings: Any, exposed: bool) -> None:
    settings.EXPOSE_DEBUG_TOKENS = exposed
    assert ("accounts.E001" in {found.id for found in run_checks(include_deployment_checks=True)}) is exposed


# Verification again


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["maria", "MARIA@cafe.test", "(312) 555-0147"])
def test_who_cannot_sign_in_yet_has_the_link_sent_again(sandbox: SandboxClient, identifier: str) -> None:
    user = CustomerFactory(username="maria", email="maria@cafe.test", phone=PHONE, email_verified=False)
    older = links.send_verification(user)
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
def test_without_an_address_the_code_is_texted_again(sandbox: SandboxClient, identifier: str) -> None:
    CustomerFactory(username="maria", email="", phone=PHONE, email_verified=False, phone_verified=False)
    call("/api/auth/resend-verification", {"identifier": identifier})
    [text] = sandbox.ledger("twilio", "sms")
    [code] = re.findall(r"\b\d{6}\b", text["body"])
    body = {"phone": PHONE, "code": code, "purpose": "verify_phone"}
    assert call("/api/auth/phone/verify-code", body).status_code == 200
    assert sign_in("/api/login", "maria", PASSWORD) == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("identifier", ["maria", "maria@cafe.test", "nobody", "nobody@cafe.test"])
def test_nobody_else_is_sent_anything(sandbox: SandboxClient, identifier: str) -> None:
    """Least of all someone without a phone, where no phone was named."""
    CustomerFactory(username="bystander", phone="", email_verified=False)
    CustomerFactory(username="maria", email="maria@cafe.test", email_verified=False)
    call("/api/auth/resend-verification", {"identifier": identifier})
    expected = [["maria@cafe.test"]] if "maria" in identifier else []
    assert [mail["recipients"] for mail in sandbox.mail()] == expected


@pytest.mark.django_db(transaction=True)
def test_a_name_that_reads_like_a_phone_number_is_a_name_all_the_same(sandbox: SandboxClient) -> None:
    CustomerFactory(username="3125550147", email="maria@cafe.test", phone="", email_verified=False)
    call("/api/auth/resend-verification", {"identifier": "3125550147"})
    assert [mail["recipients"] for mail in sandbox.mail()] == [["maria@cafe.test"]]


@pytest.mark.django_db(transaction=True)
def test_a_signed_in_customer_has_it_sent_to_themselves_and_nobody_else(sandbox: SandboxClient) -> None:
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
def test_who_waits_for_nothing_gets_nothing(sandbox: SandboxClient, factory: Any, changes: dict[str, Any]) -> None:
    # A contact has no name, and nothing to sign in to.
    names: dict[str, Any] = {"username": None} if "auth_provider" in changes else {"username": "maria"}
    factory(**{"email": "maria@cafe.test", "phone": PHONE, **names, **changes})
    for identifier in ("maria", "maria@cafe.test", PHONE):
        assert call("/api/auth/resend-verification", {"identifier": identifier}).status_code == 200
    assert sandbox.mail() == sandbox.ledger("twilio", "sms") == []
    assert not AccountToken.objects.exists()


def test_a_stranger_who_names_nobody_is_asked_to_sign_in() -> None:
    for body in ({}, {"identifier": ""}):
        answer = call("/api/auth/resend-verification", body)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


# The link of a verification


@pytest.mark.parametrize(("hours", "word"), [(47.9, "success"), (48.1, "expired")])
def test_a_verification_lasts_two_days_and_says_so(hours: float, word: str) -> None:
    user = CustomerFactory(email_verified=False)
    path = f"/api/auth/verify-email/{links.send_verification(user)}"
    with later(hours=hours):
        answer = APIClient().get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"http://storefront.test/?email_verified={word}")
    assert User.objects.get().email_verified is (word == "success")


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "..", "a%2Fb", "%E2%80%AE", "http:%2F%2Fevil.test"])
def test_a_verification_leads_to_our_own_storefront_only(token: str) -> None:
    answer = APIClient().get(f"/api/auth/verify-email/{token}?next=http://evil.test")
    if answer.status_code == 302:
        assert answer.headers["Location"] == "http://storefront.test/?email_verified=invalid"
    else:
        assert answer.status_code in {400, 404}


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_active": False, "deleted_at": timezone.now()}])
def test_a_verification_wakes_no_account_that_has_ended(changes: dict[str, Any]) -> None:
    user = CustomerFactory(email_verified=False)
    secret = links.send_verification(user)
    User.objects.update(**changes)
    assert APIClient().get(f"/api/auth/verify-email/{secret}").headers["Location"].endswith("=invalid")
    assert not User.objects.get().email_verified


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wanted", ["/api/auth/forgot-password", "/api/auth/resend-verification"])
def test_a_link_proves_only_the_address_that_it_was_mailed_to(
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
