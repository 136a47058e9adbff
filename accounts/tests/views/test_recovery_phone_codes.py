"""Codes texted to a phone, the proof that one opens, and what that proof is good for."""

import hashlib
import json
import logging
import re
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import AuthProvider, CodePurpose, Recovery
from accounts.models import MOST_GUESSES, AccountToken, PhoneCode, PhoneSession, User
from accounts.services import links, phones, recovery
from accounts.tokens import hash_phone_code
from lld.core import outbox
from lld.core.models import OutboxMessage
from lld.settings.environment import read_environment
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer

pytestmark = pytest.mark.django_db

PHONE, OTHER, NOBODYS = "+13125550147", "+13125550148", "+13125550149"
SPELLINGS = [PHONE, "(312) 555-0147", "312.555.0147", " 1-312-555-0147 ", "+1 312 5550147", PHONE]
NEW_PASSWORD = "another-fine-horse"
RECOVER, VERIFY_PHONE = CodePurpose.RECOVER, CodePurpose.VERIFY_PHONE


def call(action: str, body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post(f"/api/auth/phone/{action}", body, **extra)


def send(phone: str = PHONE) -> Any:
    return call("send-code", {"phone": phone})


def verify(code: str, phone: str = PHONE, **extra: Any) -> Any:
    return call("verify-code", {"phone": phone, "code": code, **extra})


def look_up(token: str) -> Any:
    return call("lookup-username", {"phone_session_token": token})


def reset(token: str, password: str = NEW_PASSWORD) -> Any:
    return call("reset-password", {"phone_session_token": token, "password": password})


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def texted(sandbox: SandboxClient) -> str:
    found = re.search(r"\b\d{6}\b", sandbox.ledger("twilio", "sms")[-1]["body"])
    assert found
    return found[0]


def signs_in(user: User, password: str) -> bool:
    answer = APIClient().post("/api/login", {"username": user.username, "password": password})
    return bool(answer.status_code == 200)


def refusal(field: str = "code") -> tuple[int, str, set[str]]:
    return 400, "invalid_code", {field}


def verdict(answer: Any) -> tuple[int, str, set[str]]:
    body = answer.json()
    return answer.status_code, body["code"], set(body["fields"])


# The code


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("asked", "guessed"), list(pairwise(SPELLINGS)))
def test_a_code_belongs_to_the_phone_whatever_its_spelling(sandbox: SandboxClient, asked: str, guessed: str) -> None:
    user = CustomerFactory(phone=PHONE, username="maria.lopez")
    assert send(asked).json()["sms_sent"] is True
    [text] = sandbox.ledger("twilio", "sms")
    assert text["to"] == PHONE
    answer = verify(texted(sandbox), guessed)
    assert answer.status_code == 200
    assert look_up(answer.json()["phone_session_token"]).json() == {"username": "ma***z"}
    assert user.username not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_code_works_once(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    send()
    code = texted(sandbox)
    assert [verify(code).status_code for _ in range(3)] == [200, 400, 400]
    assert PhoneSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_newer_code_voids_the_older(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    codes = []
    for spelling in SPELLINGS[:3]:
        send(spelling)
        codes.append(texted(sandbox))
    assert [verify(code).status_code for code in codes] == [400, 400, 200]


def test_a_code_opens_no_other_phone() -> None:
    codes = {phone: phones.send_code(phone, RECOVER) for phone in (PHONE, OTHER)}
    assert verdict(verify(codes[PHONE], OTHER)) == verdict(verify(codes[OTHER], PHONE)) == refusal()
    assert verify(codes[PHONE], PHONE).status_code == 200


@pytest.mark.parametrize("meant", [RECOVER, VERIFY_PHONE])
def test_a_code_serves_its_own_purpose_only(meant: CodePurpose) -> None:
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    other = VERIFY_PHONE if meant == RECOVER else RECOVER
    code = phones.send_code(PHONE, meant, user=user)
    assert verdict(verify(code, purpose=other)) == refusal()
    assert not PhoneSession.objects.exists()
    assert not User.objects.get().phone_verified
    answer = verify(code, purpose=meant)
    assert answer.status_code == 200
    assert bool(answer.json()["phone_session_token"]) is (meant == RECOVER)


def test_the_code_that_finishes_an_account_lets_its_owner_in() -> None:
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    assert not signs_in(user, PASSWORD)
    assert verify(phones.send_code(PHONE, VERIFY_PHONE, user=user)).status_code == 200
    assert signs_in(user, PASSWORD)


def test_only_the_account_that_asked_is_confirmed() -> None:
    """Someone else may have signed up with the phone, and never proven it."""
    CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False)
    owner = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    assert verify(phones.send_code(PHONE, VERIFY_PHONE, user=owner)).status_code == 200
    assert [user.pk for user in User.objects.filter(phone_verified=True)] == [owner.pk]
    assert signs_in(owner, PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_a_phone_given_up_by_a_reset_is_won_back_by_its_code(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False))
    assert client.post("/api/auth/resend-verification", {}).status_code == 200
    [text] = sandbox.ledger("twilio", "sms")
    code = re.findall(r"\b\d{6}\b", text["body"])[0]
    assert verify(code, purpose=VERIFY_PHONE).status_code == 200
    client.user.refresh_from_db()
    assert client.user.phone_verified
    assert client.user.phone_recovers


def test_a_phone_that_another_account_has_by_now_is_a_conflict() -> None:
    user = CustomerFactory(phone=PHONE, phone_verified=False, phone_recovers=False)
    code = phones.send_code(PHONE, VERIFY_PHONE, user=user)
    CustomerFactory(phone=PHONE)
    answer = verify(code)
    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "phone")


def test_asking_in_vain_leaves_a_code_that_is_under_way(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    code = phones.send_code(PHONE, RECOVER)
    assert APIClient().post("/api/auth/resend-verification", {"identifier": PHONE}).status_code == 200
    assert verify(code).status_code == 200


def test_getting_in_by_phone_does_not_let_in_whoever_signed_up_with_it() -> None:
    """A stranger signed up with somebody's phone and a password; its holder wants to see their own orders."""
    user = CustomerFactory(phone=PHONE, email="", phone_verified=False)
    assert verify(phones.send_code(PHONE, RECOVER)).status_code == 200
    assert not signs_in(user, PASSWORD)
    user.refresh_from_db()
    assert not user.phone_verified


@pytest.mark.parametrize("changes", [{"purpose": VERIFY_PHONE}, {"phone": OTHER}])
def test_a_stored_code_cannot_be_given_another_meaning(changes: dict[str, str]) -> None:
    """By someone who can write rows but does not know the key."""
    for phone in (PHONE, OTHER):
        CustomerFactory(phone=phone)
    code = phones.send_code(PHONE, RECOVER)
    PhoneCode.objects.update(**changes)
    assert verdict(verify(code, changes.get("phone", PHONE))) == refusal()


@pytest.mark.parametrize(("time", "status"), [({"minutes": 9, "seconds": 50}, 200), ({"minutes": 10}, 400)])
def test_a_code_lasts_ten_minutes(time: dict[str, float], status: int) -> None:
    code = phones.send_code(PHONE, RECOVER)
    with later(**time):
        assert verify(code).status_code == status


def test_old_guesses_do_not_count_against_a_new_code() -> None:
    code = phones.send_code(PHONE, RECOVER)
    for _ in range(MOST_GUESSES):
        verify(wrong(code))
    assert verify(phones.send_code(PHONE, RECOVER)).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("guesses", "status"), [(4, 200), (5, 400), (12, 400)])
def test_after_five_guesses_even_the_right_code_fails(guesses: int, status: int) -> None:
    code = phones.send_code(PHONE, RECOVER)
    for number in range(1, guesses + 1):
        assert verdict(verify(wrong(code, number), SPELLINGS[number % 5])) == refusal()
        # Every request was refused, and yet what it counted stays.
        assert PhoneCode.objects.get().guesses == min(number, MOST_GUESSES)
    answer = verify(code)
    assert answer.status_code == status
    assert PhoneSession.objects.exists() is (status == 200)


def test_what_is_no_guess_is_not_counted() -> None:
    code = phones.send_code(PHONE, RECOVER)
    for _ in range(MOST_GUESSES):
        verify("", PHONE)
        verify(code, "555")
    assert PhoneCode.objects.get().guesses == 0
    assert verify(code).status_code == 200


def test_a_guess_at_another_purpose_is_a_guess() -> None:
    """Or what it costs would tell which of the two a phone was sent."""
    code = phones.send_code(PHONE, RECOVER)
    verify(code, purpose=VERIFY_PHONE)
    assert PhoneCode.objects.get().guesses == 1


# What a stranger learns


@pytest.mark.django_db(transaction=True)
def test_a_phone_of_nobody_gets_the_same_answers(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    seen = []
    for phone in (PHONE, NOBODYS):
        answers = [send(phone), *(verify(f"{number:06}", phone) for number in range(MOST_GUESSES + 2)), send(phone)]
        seen.append([(answer.status_code, answer.content) for answer in answers])
    assert seen[0] == seen[1]
    assert [text["to"] for text in sandbox.ledger("twilio", "sms")] == [PHONE, PHONE]


def test_a_request_does_the_same_for_a_phone_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statement by statement, so that the time tells nothing either."""
    monkeypatch.setattr(outbox.deliver, "delay", lambda *_: None)
    CustomerFactory(phone=PHONE)
    done = []
    for phone in (PHONE, NOBODYS):
        recovery.carry_out_recovery(f"recovery:{phone}", {"wanted": Recovery.PHONE_CODE, "subject": phone})
        with CaptureQueriesContext(connection) as queries:
            send(phone)
            for _ in range(MOST_GUESSES + 1):
                verify("000000", phone)
        done.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries.captured_queries])
    assert done[0] == done[1]
    assert len(done[0]) > MOST_GUESSES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["staff", "deactivated", "left", "not to be recovered by it"])
def test_who_cannot_recover_by_phone_gets_no_text(sandbox: SandboxClient, kind: str) -> None:
    kinds: dict[str, Any] = {
        "staff": (StaffFactory, {}),
        "deactivated": (CustomerFactory, {"is_active": False}),
        "left": (CustomerFactory, {"is_active": False, "deleted_at": timezone.now()}),
        "not to be recovered by it": (CustomerFactory, {"phone_recovers": False}),
    }
    factory, account = kinds[kind]
    factory(phone=PHONE, **account)
    assert send().status_code == 200
    assert sandbox.ledger("twilio", "sms") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("texted_to", "texts"), [(("US", "CA"), 0), (("US", "PL"), 1)])
def test_countries_that_we_do_not_text_to_get_the_same_answer(
    sandbox: SandboxClient, settings: Any, texted_to: tuple[str, ...], texts: int
) -> None:
    settings.SMS_COUNTRIES = texted_to
    CustomerFactory(phone="+48221234567")
    assert send("+48 22 123 45 67").content == send(NOBODYS).content
    assert len(sandbox.ledger("twilio", "sms")) == texts


@pytest.mark.django_db(transaction=True)
def test_a_code_is_kept_as_a_keyed_hash_and_told_nowhere(
    sandbox: SandboxClient, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    CustomerFactory(phone=PHONE)
    with caplog.at_level(logging.DEBUG):
        answers = [send()]
        code = texted(sandbox)
        row = PhoneCode.objects.get()
        stored = json.dumps([list(model.objects.values()) for model in (PhoneCode, OutboxMessage)], default=str)
        answers += [verify(wrong(code)), verify(code)]
    shown = "".join(answer.content.decode() for answer in answers)
    assert caplog.records
    for place in (caplog.text, stored, shown):
        assert not re.search(rf"(?<!\d){code}(?!\d)", place)
    assert PHONE not in caplog.text
    token = answers[-1].json()["phone_session_token"]
    assert token not in caplog.text + json.dumps(list(PhoneSession.objects.values()), default=str)
    # A million hashes are quickly made: without a key the table would be as good as the text.
    guessable = (code, f"{PHONE}:{code}", f"{RECOVER}:{PHONE}:{code}")
    assert row.code_hash not in {hashlib.sha256(guess.encode()).hexdigest() for guess in guessable}
    assert row.code_hash == hash_phone_code(PHONE, RECOVER, code)
    settings.SECRET_KEY = "another" * 8
    assert row.code_hash != hash_phone_code(PHONE, RECOVER, code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("debug", "expose"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_answer_holds_the_code_on_a_developers_machine_only(
    sandbox: SandboxClient, settings: Any, debug: bool, expose: bool
) -> None:
    CustomerFactory(phone=PHONE)
    settings.DEBUG, settings.EXPOSE_DEBUG_TOKENS = debug, expose
    answer = send().json()
    assert ("debug_otp" in answer) is (debug and expose)
    assert answer.get("debug_otp", texted(sandbox)) == texted(sandbox)
    assert "debug_otp" not in send(NOBODYS).json()


# The text


@pytest.mark.django_db(transaction=True)
def test_what_was_texted_is_erased_once_it_has_left(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    send()
    assert len(sandbox.ledger("twilio", "sms")) == 1
    assert list(OutboxMessage.objects.order_by("pk").values_list("channel", "state", "payload")) == [
        ("recovery", "sent", {}),
        ("sms", "sent", {}),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("minutes", "state", "texts"), [(5, "sent", 1), (11, "failed", 0)])
@pytest.mark.parametrize("held_up_by", ["the worker", "Twilio"])
def test_a_code_that_opens_nothing_any_more_is_not_texted(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, held_up_by: str, minutes: int, state: str, texts: int
) -> None:
    CustomerFactory(phone=PHONE)
    with monkeypatch.context() as held_up:
        if held_up_by == "Twilio":
            sandbox.fault("twilio", "status_429", times=None)
        else:
            held_up.setattr(outbox.deliver, "delay", lambda *_: None)
        send()
    sandbox.clear_faults()
    assert sandbox.ledger("twilio", "sms") == []
    with later(minutes=minutes):
        outbox.sweep()
        assert len(sandbox.ledger("twilio", "sms")) == texts
    message = OutboxMessage.objects.latest("pk")
    assert (message.state, message.payload) == (state, {})
    assert ("too late" in message.error) is (state == "failed")


@pytest.mark.parametrize("phone", [PHONE, NOBODYS])
@pytest.mark.parametrize("variable", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_without_twilio_nobody_is_promised_a_text(monkeypatch: pytest.MonkeyPatch, variable: str, phone: str) -> None:
    CustomerFactory(phone=PHONE)
    bare = read_environment().model_copy(update={variable.lower(): None})
    monkeypatch.setattr("lld.gateways.configuration.read_environment", lambda: bare)
    answer = send(phone)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    assert variable in answer.json()["error"]
    assert not OutboxMessage.objects.exists()


# The proof


@pytest.mark.parametrize("first", [look_up, reset])
@pytest.mark.parametrize("second", [look_up, reset])
def test_a_proof_is_spent_by_its_first_use(first: Any, second: Any) -> None:
    CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    assert first(token).status_code == 200
    assert verdict(second(token)) == refusal("phone_session_token")


@pytest.mark.parametrize("use", [look_up, reset])
@pytest.mark.parametrize(("time", "status"), [({"minutes": 14, "seconds": 50}, 200), ({"minutes": 15}, 400)])
def test_a_proof_lasts_a_quarter_of_an_hour(use: Any, time: dict[str, float], status: int) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    with later(**time):
        assert use(token).status_code == status
    assert signs_in(user, PASSWORD) is (status == 400 or use is look_up)


@pytest.mark.parametrize("use", [look_up, reset])
def test_what_proves_nothing(use: Any) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    stored = PhoneSession.objects.get().token_hash
    for made_up in (token[:-1], f"{token}x", token.swapcase(), stored, PHONE, "0"):
        assert verdict(use(made_up)) == refusal("phone_session_token"), made_up
    assert signs_in(user, PASSWORD)


@pytest.mark.parametrize(
    ("username", "masked"),
    [
        ("maria.lopez", "ma***z"),
        ("ana", "a***"),
        ("ab", "a***"),
        ("maria@cafe.test", "ma***a@cafe.test"),
        ("ab@cafe.test", "a***@cafe.test"),
        ("a@cafe.test", "a***@cafe.test"),
    ],
)
def test_a_username_is_shown_masked(username: str, masked: str) -> None:
    email = username if "@" in username else "maria@lamilpa.test"
    CustomerFactory(phone=PHONE, username=username, email=email)
    answer = look_up(phones.open_phone_session(PHONE))
    assert answer.json() == {"username": masked}


@pytest.mark.django_db(transaction=True)
def test_a_reset_by_phone_ends_whatever_opened_the_account_before(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(phone=PHONE, phone_verified=False))
    user = client.user
    link = links.send_reset(user)
    other_proof, proof = (phones.open_phone_session(PHONE) for _ in range(2))
    code = phones.send_code(PHONE, RECOVER)
    assert client.get("/api/me").status_code == 200
    assert reset(proof).status_code == 200
    assert client.get("/api/me").status_code == 401
    assert (signs_in(user, PASSWORD), signs_in(user, NEW_PASSWORD)) == (False, True)
    by_link = APIClient().post("/api/auth/reset-password", {"token": link, "password": "a-third-fine-horse"})
    assert (by_link.status_code, by_link.json()["code"]) == (400, "invalid_link")
    assert verdict(look_up(other_proof)) == refusal("phone_session_token")
    assert verdict(verify(code)) == refusal()
    assert signs_in(user, NEW_PASSWORD)
    assert not AccountToken.objects.exists()
    assert User.objects.get().phone_verified
    # Whoever holds the phone may not be the owner, who hears of it.
    assert "password" in sandbox.mail()[0]["subject"].lower()


@pytest.mark.parametrize("password", ["short", "password", "123456", "maria.lopez", "   "])
def test_a_refused_password_leaves_the_proof_good(password: str) -> None:
    user = CustomerFactory(phone=PHONE, username="maria.lopez")
    token = phones.open_phone_session(PHONE)
    answer = reset(token, password)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"password"})
    assert signs_in(user, PASSWORD)
    assert reset(token).status_code == 200
    assert signs_in(user, NEW_PASSWORD)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("use", [look_up, reset])
def test_a_contact_without_a_login_proves_the_phone_but_has_no_username(sandbox: SandboxClient, use: Any) -> None:
    contact = CustomerFactory(phone=PHONE, username=None, auth_provider=AuthProvider.IMPORTED, password="!")
    send()
    token = verify(texted(sandbox)).json()["phone_session_token"]
    answer = use(token)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    contact.refresh_from_db()
    assert not contact.has_usable_password()


@pytest.mark.parametrize("use", [look_up, reset])
@pytest.mark.parametrize("changes", [{"is_active": False}, {"phone": OTHER}, {"phone_recovers": False}])
def test_a_proof_does_not_reach_an_account_that_the_phone_has_left(use: Any, changes: dict[str, Any]) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    User.objects.filter(pk=user.pk).update(**changes)
    assert use(token).status_code == 404
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


# Limits


@pytest.mark.parametrize("phone", [PHONE, NOBODYS])
def test_a_phone_is_texted_so_often_an_hour_and_no_more(phone: str) -> None:
    """Five times for one address, which so cannot use up the tries of the phone's holder, and twenty for all."""
    CustomerFactory(phone=PHONE)
    spellings = [phone, f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}", phone[2:]]
    answers = [
        call("send-code", {"phone": spellings[number % 3]}, REMOTE_ADDR=f"203.0.113.{number // 6}")
        for number in range(30)
    ]
    assert [answer.status_code for answer in answers] == ([200] * 5 + [429]) * 4 + [429] * 6
    assert 3590 <= int(answers[-1].headers["Retry-After"]) <= 3600
    assert OutboxMessage.objects.count() == 20


@pytest.mark.parametrize(
    ("action", "body", "limit"),
    [
        ("send-code", {}, 30),
        ("verify-code", {"code": "000000"}, 60),
        ("lookup-username", {"phone_session_token": "x"}, 60),
        ("reset-password", {"phone_session_token": "x", "password": NEW_PASSWORD}, 60),
    ],
)
def test_an_address_is_stopped_whatever_it_names(action: str, body: dict[str, str], limit: int) -> None:
    statuses = [
        call(
            action, {**body, "phone": f"+1312556{number:04}"}, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}"
        ).status_code
        for number in range(limit + 2)
    ]
    assert 429 not in statuses[:limit]
    assert statuses[limit:] == [429, 429]
    elsewhere = call(action, {**body, "phone": PHONE}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == statuses[0]


# What is no request


GOOD = {
    "send-code": {"phone": PHONE},
    "verify-code": {"phone": PHONE, "code": "123456", "purpose": "recover"},
    "lookup-username": {"phone_session_token": "x"},
    "reset-password": {"phone_session_token": "x", "password": NEW_PASSWORD},
}
NO_TEXT: list[Any] = [None, "", True, [], {}, ["x"]]
BAD: dict[str, list[Any]] = {
    "phone": [*NO_TEXT, "555-0147", "not a phone", "+1312555014712", "1" * 41, "+1 312 555 0147 ext. 5"],
    "code": [*NO_TEXT, "1" * 21],
    "purpose": ["", "RECOVER", "other", 1, True, [], {}],
    "phone_session_token": [*NO_TEXT, "x" * 201],
    "password": [*NO_TEXT, "x" * 201],
}


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [(action, field, value) for action, body in GOOD.items() for field in body for value in BAD[field]],
)
def test_bad_input_names_its_field_and_does_nothing(action: str, field: str, value: Any) -> None:
    CustomerFactory(phone=PHONE)
    answer = call(action, {**GOOD[action], field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not any(model.objects.exists() for model in (OutboxMessage, PhoneCode, PhoneSession))


@pytest.mark.parametrize("action", GOOD)
@pytest.mark.parametrize("body", [[], "x", 5])
def test_a_body_that_is_no_object(action: str, body: Any) -> None:
    answer = call(action, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


@pytest.mark.parametrize("action", GOOD)
def test_what_is_required(action: str) -> None:
    answer = call(action, {})
    assert set(answer.json()["fields"]) == GOOD[action].keys() - {"purpose"}
