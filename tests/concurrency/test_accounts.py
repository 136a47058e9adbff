"""Guessers, links, names and admins that meet at the same moment."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils.crypto import constant_time_compare
from rest_framework.test import APIClient

from accounts import selectors
from accounts.enums import CodePurpose, Recovery, SmsStatus
from accounts.errors import InvalidCode
from accounts.models import MOST_GUESSES, ApiKey, CustomerProfile, PhoneCode, PhoneSession, SmsDelivery, User
from accounts.services import key_uses, keys, mailed_links, phones, recovery
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_staff
from tests.tries import forget_tries
from tests.twilio import report, send_report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

PHONE = "+13125550147"
OLD, NEW = "old@cafe.test", "new@cafe.test"


def post(path: str, body: Any, caller: int = 0) -> Any:
    """Each caller from an address of their own: what holds must not be the limit of an address."""
    return APIClient().post(path, body, REMOTE_ADDR=f"203.0.113.{caller}")


def guess(code: str, caller: int) -> int:
    return int(post("/api/auth/phone/verify-code", {"phone": PHONE, "code": code}, caller).status_code)


def password(caller: int) -> str:
    return f"fine-horse-number-{caller}"


def password_of(user: User, callers: int) -> list[int]:
    """Whose password the account has."""
    user.refresh_from_db()
    return [caller for caller in range(callers) if user.check_password(password(caller))]


def link_in(text: str) -> str:
    found = re.search(r"token=(\S+)", text)
    assert found
    return found[1]


# Codes


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compared with a stored code."""
    seen: list[str] = []

    def compare(one: str, other: str) -> bool:
        seen.append(one)
        return constant_time_compare(one, other)

    monkeypatch.setattr(phones, "constant_time_compare", compare)
    return seen


def wrong_guesses(count: int) -> None:
    code = phones.send_code(PHONE, CodePurpose.RECOVER)
    wrong = [f"{(int(code) + caller + 1) % 10**6:06}" for caller in range(count)]
    # The service itself: the limits of addresses stand before it and are not what holds here.
    refusals = storm(count, lambda caller: phones.verify_code(phone=PHONE, code=wrong[caller]))
    assert Counter(map(type, refusals)) == {InvalidCode: count}
    assert PhoneCode.objects.get().guesses == MOST_GUESSES
    assert guess(code, count) == 400
    assert not PhoneSession.objects.exists()


def right_guesses(count: int) -> None:
    PhoneSession.objects.all().delete()
    code = phones.send_code(PHONE, CodePurpose.RECOVER)
    assert Counter(storm(count, lambda caller: guess(code, caller))) == {200: 1, 400: count - 1}
    assert PhoneSession.objects.count() == 1
    assert not PhoneCode.objects.exists()


def test_code_guesses_at_once_stop_at_the_limit(compared: list[str]) -> None:
    wrong_guesses(200)
    assert len(compared) == MOST_GUESSES


def test_control_guesses_read_then_written_exceed_the_limit(
    compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_write(code: PhoneCode) -> bool:
        code.refresh_from_db()
        if code.guesses >= MOST_GUESSES:
            return False
        code.guesses += 1
        code.save(update_fields=["guesses"])
        return True

    monkeypatch.setattr(phones, "_count_guess", read_then_write)
    phones.send_code(PHONE, CodePurpose.RECOVER)

    def exceeds() -> bool:
        compared.clear()
        PhoneCode.objects.update(guesses=0)
        storm(60, lambda _: phones.verify_code(phone=PHONE, code="no"))
        return len(compared) > MOST_GUESSES

    # On a busy machine one storm may not race at all.
    assert any(exceeds() for _ in range(20))


def test_code_used_at_once_opens_one_session() -> None:
    right_guesses(20)


def test_right_code_among_wrong_ones_opens_at_most_one_session(compared: list[str]) -> None:
    for _ in range(5):
        compared.clear()
        PhoneSession.objects.all().delete()
        code = phones.send_code(PHONE, CodePurpose.RECOVER)

        statuses = Counter(storm(30, lambda caller, code=code: guess(code if caller % 3 == 0 else "no", caller)))

        assert statuses[200] + statuses[400] == 30
        assert PhoneSession.objects.count() == statuses[200] <= 1
        assert len(compared) <= MOST_GUESSES


def test_codes_made_at_once_leave_one_that_works() -> None:
    codes = storm(8, lambda _: phones.send_code(PHONE, CodePurpose.RECOVER))
    assert PhoneCode.objects.count() == 1

    statuses = []
    for caller, code in enumerate(codes):
        # Five guesses would not do for eight codes.
        PhoneCode.objects.update(guesses=0)
        statuses.append(guess(code, caller))
    assert Counter(statuses) == {200: 1, 400: 7}


# Links and proofs


def one_link_for_all(count: int) -> None:
    user = CustomerFactory()
    link = mailed_links.send_reset(user)
    path = "/api/auth/reset-password"
    answers = storm(count, lambda caller: post(path, {"token": link, "password": password(caller)}, caller))
    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 400: count - 1}
    assert password_of(user, count) == [statuses.index(200)]
    assert user.token_version == 2


def one_proof_for_all(count: int) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)

    def spend(caller: int) -> int:
        body = {"phone_session_token": token, "password": password(caller)}
        action = "lookup-username" if caller % 2 else "reset-password"
        return int(post(f"/api/auth/phone/{action}", body, caller).status_code)

    statuses = storm(count, spend)
    assert Counter(statuses) == {200: 1, 400: count - 1}
    winner = statuses.index(200)
    assert password_of(user, count) == ([] if winner % 2 else [winner])
    user.delete()


def test_reset_link_used_at_once_works_once(sandbox: SandboxClient) -> None:
    one_link_for_all(10)
    assert [mail["subject"] for mail in sandbox.mail()] == ["Your password was changed", "Set a new password"]


def test_phone_session_used_at_once_works_once() -> None:
    for _ in range(3):
        one_proof_for_all(10)


def to_new_address(user: User) -> Callable[[], Any]:
    """The call that gives an account its new address, signed in already."""
    if user.is_customer:
        client, path = as_customer(user), f"/api/users/{user.pk}"
    else:
        client, path = as_staff(Role.ADMIN), f"/api/staff/users/{user.pk}"
    return lambda: client.put(path, {"email": NEW})


@pytest.mark.parametrize("factory", [CustomerFactory, StaffFactory])
def test_reset_link_in_the_making_ends_with_its_address(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, factory: Any
) -> None:
    """The worker has found the account; its owner leaves the address, perhaps because a stranger reads there."""
    user = factory(email=OLD)
    change = to_new_address(user)
    found = selectors.find_for_sign_in

    def find_and_pause(name: str, *, staff: bool) -> User | None:
        account = found(name, staff=staff)

        def change_meanwhile() -> None:
            assert change().status_code == 200
            connections.close_all()

        # It may have to wait for us, where the account is locked; then it comes afterwards.
        meanwhile.append(threading.Thread(target=change_meanwhile))
        meanwhile[0].start()
        meanwhile[0].join(3)
        return account

    meanwhile: list[threading.Thread] = []
    monkeypatch.setattr(selectors, "find_for_sign_in", find_and_pause)

    kind = Recovery.CUSTOMER_PASSWORD if user.is_customer else Recovery.STAFF_PASSWORD
    recovery.carry_out_recovery("recovery:1", {"wanted": kind, "subject": OLD})
    meanwhile[0].join(30)
    user.refresh_from_db()
    assert user.email == NEW

    path = "/api/auth/reset-password" if user.is_customer else "/api/staff/reset-password"
    for mail in sandbox.mail():
        # To the new address it may have gone: that is its owner's.
        if mail["subject"] == "Set a new password" and mail["recipients"] == [OLD]:
            answer = post(path, {"token": link_in(mail["text"]), "password": password(0)})
            assert answer.status_code == 400, f"a link mailed to {OLD} opens the account of {user.email}"
    assert password_of(user, 1) == []


def link_against_new_address(factory: Any) -> None:
    user = factory(email=OLD)
    link = mailed_links.send_reset(user)
    change = to_new_address(user)
    path = "/api/auth/reset-password" if user.is_customer else "/api/staff/reset-password"

    def meet(index: int) -> int:
        answer = change() if index else post(path, {"token": link, "password": password(0)}, 1)
        return int(answer.status_code)

    reset, changed = storm(2, meet)
    # The reset ends the customer's session, so that the change may come too late.
    assert (reset, changed) in {(200, 200), (200, 401), (400, 200)}
    user.refresh_from_db()
    assert user.email == (NEW if changed == 200 else OLD)
    assert password_of(user, 1) == ([0] if reset == 200 else [])
    assert post(path, {"token": link, "password": password(1)}, 1).status_code == 400
    if (reset, changed) == (200, 200):
        # Both write down what they did while they hold the account: the link came first.
        rows = AuditEntry.objects.filter(object_id=user.pk, object_type="accounts.user").order_by("pk")
        assert rows[0].action == "account.password"
    if user.is_customer and changed == 200:
        assert not user.email_verified
    user.delete()


@pytest.mark.parametrize("factory", [CustomerFactory, StaffFactory])
def test_reset_link_meets_a_change_of_address(factory: Any) -> None:
    for _ in range(5):
        link_against_new_address(factory)


# Names, addresses and phones


@pytest.mark.parametrize(
    ("field", "spellings"),
    [
        ("username", ["ana", "Ana", "ANA"]),
        ("email", ["ana@cafe.test", "Ana@Cafe.test", "ANA@CAFE.TEST"]),
        ("phone", ["+13125550147", "(312) 555-0147", "312.555.0147"]),
    ],
)
def test_registering_alike_at_once_makes_one_account(field: str, spellings: list[str]) -> None:
    def register(caller: int) -> Any:
        own = {"username": f"u{caller}", "email": f"u{caller}@cafe.test", "phone": f"+1312556{caller:04}"}
        return post("/api/register", {**own, "password": PASSWORD, field: spellings[caller % 3]}, caller)

    answers = [(answer.status_code, answer.json()) for answer in storm(9, register)]

    assert Counter(status for status, _ in answers) == {201: 1, 409: 8}
    refusals = {(body["code"], body["duplicate_field"]) for status, body in answers if status == 409}
    assert refusals == {("duplicate", field)}
    assert User.objects.count() == CustomerProfile.objects.count() == OutboxMessage.objects.count() == 1


def test_registering_one_phone_at_once_sends_one_code(sandbox: SandboxClient) -> None:
    def register(caller: int) -> int:
        body = {"username": f"u{caller}", "phone": PHONE, "password": PASSWORD}
        return int(post("/api/register", body, caller).status_code)

    assert Counter(storm(6, register)) == {201: 1, 409: 5}
    assert User.objects.count() == PhoneCode.objects.count() == len(sandbox.ledger("twilio", "sms")) == 1


def test_moving_to_one_address_at_once_works_for_one() -> None:
    clients = [as_customer(CustomerFactory(username=f"u{n}@cafe.test", email=f"u{n}@cafe.test")) for n in range(5)]
    spellings = ["ana@cafe.test", "Ana@Cafe.test"]

    def move(index: int) -> Any:
        client = clients[index]
        return client.put(f"/api/users/{client.user.pk}", {"email": spellings[index % 2], "first_name": "Ana"})

    answers = storm(5, move)

    statuses = [answer.status_code for answer in answers]
    assert Counter(statuses) == {200: 1, 409: 4}
    for index, (client, answer) in enumerate(zip(clients, answers, strict=True)):
        client.user.refresh_from_db()
        if answer.status_code == 409:
            assert answer.json()["code"] == "duplicate"
            own = f"u{index}@cafe.test"
            assert (client.user.email, client.user.username, client.user.first_name) == (own, own, "Maria")
            assert client.user.email_verified


def test_trading_addresses_at_once_is_refused() -> None:
    clients = [as_customer(CustomerFactory(email=f"u{n}@cafe.test")) for n in range(2)]

    def move(index: int) -> int:
        answer = clients[index].put(f"/api/users/{clients[index].user.pk}", {"email": f"u{1 - index}@cafe.test"})
        return int(answer.status_code)

    for _ in range(3):
        assert storm(2, move) == [409, 409]


# Admins and keys


def test_admins_who_delete_each_other_leave_one() -> None:
    for _ in range(8):
        User.objects.all().delete()
        clients = [as_staff(Role.ADMIN) for _ in range(2)]

        def delete(index: int, clients: list[Any] = clients) -> int:
            return int(clients[index].delete(f"/api/staff/users/{clients[1 - index].user.pk}").status_code)

        statuses = sorted(storm(2, delete))

        # Who comes second is stopped at the door, or by what the first one left.
        assert statuses in ([200, 401], [200, 403])
        assert User.objects.filter(role=Role.ADMIN, is_active=True, deleted_at=None).count() == 1


def test_api_key_activated_and_deleted_at_once_is_one_of_both() -> None:
    outcomes: Counter[tuple[int, int]] = Counter()

    for _ in range(15):
        key, _raw = keys.create_api_key(actor=SYSTEM, name="n8n")
        clients = [as_staff(Role.ADMIN) for _ in range(2)]
        assert clients[0].post(f"/api/admin/keys/{key.pk}/revoke").status_code == 200

        def meet(index: int, path: str = f"/api/admin/keys/{key.pk}", clients: list[Any] = clients) -> int:
            answer = clients[0].delete(path) if index else clients[1].post(f"{path}/activate")
            return int(answer.status_code)

        activated, deleted = storm(2, meet)
        outcomes[activated, deleted] += 1

        assert ApiKey.objects.filter(pk=key.pk, is_active=True).exists() is (activated == 200)
        assert ApiKey.objects.filter(pk=key.pk).exists() is (activated == 200)

    assert outcomes.keys() <= {(200, 409), (404, 200)}


def test_api_key_use_count_loses_no_use() -> None:
    key, raw = keys.create_api_key(actor=SYSTEM, name="n8n", scopes=[Scope.VOICE])
    admin = as_staff(Role.ADMIN)

    def act(index: int) -> int:
        if index % 4 == 0:
            key_uses.write_counts()
            return 0
        if index % 4 == 1:
            mine = APIClient()
            mine.credentials(**admin._credentials)
            return int(mine.post("/api/admin/keys/verify", {"raw_key": raw}).status_code)
        body = {"order_number": "LLD-0000-0000"}
        path = "/api/payments/create-link"
        return int(APIClient().post(path, body, HTTP_X_API_KEY=raw, REMOTE_ADDR=f"203.0.113.{index}").status_code)

    assert Counter(storm(40, act)) == {0: 10, 200: 10, 404: 20}

    key_uses.write_counts()
    key.refresh_from_db()
    assert key.use_count == 30


# Texts


def test_sms_reports_in_any_order_end_at_the_furthest() -> None:
    early = [status for status in SmsStatus if status.rank < SmsStatus.DELIVERED.rank]

    for furthest in (SmsStatus.DELIVERED, SmsStatus.READ):
        SmsDelivery.objects.all().delete()
        statuses = [early[number % len(early)] for number in range(97)] + [furthest] * 3
        random.Random(7).shuffle(statuses)

        def deliver(index: int, statuses: list[SmsStatus] = statuses) -> int:
            return int(send_report(APIClient(), report(MessageStatus=statuses[index])).status_code)

        assert set(storm(100, deliver)) == {204}

        assert SmsDelivery.objects.get().status == furthest


def test_sms_optin_sent_at_once_is_confirmed_once(sandbox: SandboxClient) -> None:
    body = {"first_name": "Maria", "phone": PHONE, "consent": True}
    assert {answer.status_code for answer in storm(5, lambda caller: post("/api/sms-optin", body, caller))} == {200}
    assert len(sandbox.ledger("twilio", "sms")) == 1


# Again and again


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_guesses(compared: list[str]) -> None:
    for _ in range(200):
        forget_tries()
        compared.clear()
        wrong_guesses(25)
        assert len(compared) == MOST_GUESSES

        forget_tries()
        right_guesses(10)
        PhoneSession.objects.all().delete()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_links_and_proofs() -> None:
    for number in range(200):
        forget_tries()
        one_link_for_all(10)
        one_proof_for_all(10)
        link_against_new_address((CustomerFactory, StaffFactory)[number % 2])
