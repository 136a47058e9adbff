"""Recovery by phone: what strangers learn, what is texted, how often, and what is refused."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Recovery
from accounts.models import MOST_GUESSES, PhoneCode, PhoneSession
from accounts.services import recovery
from accounts.tests.views.by_phone import NEW_PASSWORD, NOBODYS, PHONE, call, send, texted, verify
from lld.core import outbox
from lld.core.models import OutboxMessage
from lld.settings.environment import read_environment
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


# What a stranger learns


@pytest.mark.django_db(transaction=True)
def test_unknown_phone_gets_the_same_answers(sandbox: SandboxClient) -> None:
    CustomerFactory(phone=PHONE)
    seen = []

    for phone in (PHONE, NOBODYS):
        answers = [send(phone), *(verify(f"{number:06}", phone) for number in range(MOST_GUESSES + 2)), send(phone)]
        seen.append([(answer.status_code, answer.content) for answer in answers])

    assert seen[0] == seen[1]
    assert [text["to"] for text in sandbox.ledger("twilio", "sms")] == [PHONE, PHONE]


def test_unknown_phone_costs_the_same_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statement by statement, so that the time tells nothing either."""
    monkeypatch.setattr(outbox, "announce", lambda *_, **__: None)
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
def test_account_not_recoverable_by_phone_gets_no_text(sandbox: SandboxClient, kind: str) -> None:
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
def test_unsupported_country_gets_the_same_answer(
    sandbox: SandboxClient, settings: Any, texted_to: tuple[str, ...], texts: int
) -> None:
    settings.SMS_COUNTRIES = texted_to
    CustomerFactory(phone="+48221234567")

    assert send("+48 22 123 45 67").content == send(NOBODYS).content

    assert len(sandbox.ledger("twilio", "sms")) == texts


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("debug", "expose"), [(False, False), (True, False), (False, True), (True, True)])
def test_debug_otp_needs_both_switches(sandbox: SandboxClient, settings: Any, debug: bool, expose: bool) -> None:
    CustomerFactory(phone=PHONE)
    settings.DEBUG, settings.EXPOSE_DEBUG_TOKENS = debug, expose

    answer = send().json()
    assert ("debug_otp" in answer) is (debug and expose)
    assert answer.get("debug_otp", texted(sandbox)) == texted(sandbox)

    assert "debug_otp" not in send(NOBODYS).json()


# The text


@pytest.mark.django_db(transaction=True)
def test_sent_text_is_erased_from_the_outbox(sandbox: SandboxClient) -> None:
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
def test_expired_code_is_not_texted(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, held_up_by: str, minutes: int, state: str, texts: int
) -> None:
    CustomerFactory(phone=PHONE)

    with monkeypatch.context() as held_up:
        if held_up_by == "Twilio":
            sandbox.fault("twilio", "status_429", times=None)
        else:
            held_up.setattr(outbox, "announce", lambda *_, **__: None)
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
def test_missing_twilio_variable_is_503(monkeypatch: pytest.MonkeyPatch, variable: str, phone: str) -> None:
    CustomerFactory(phone=PHONE)
    bare = read_environment().model_copy(update={variable.lower(): None})
    monkeypatch.setattr("lld.gateways.configuration.read_environment", lambda: bare)

    answer = send(phone)

    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    assert variable in answer.json()["error"]
    assert not OutboxMessage.objects.exists()


# Limits


@pytest.mark.parametrize("phone", [PHONE, NOBODYS])
def test_texts_to_a_phone_are_limited(phone: str) -> None:
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
def test_requests_are_limited_by_ip_address(action: str, body: dict[str, str], limit: int) -> None:
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


# What is refused

GOOD = {
    "send-code": {"phone": PHONE},
    "verify-code": {"phone": PHONE, "code": "123456", "purpose": "recover"},
    "lookup-username": {"phone_session_token": "x"},
    "reset-password": {"phone_session_token": "x", "password": NEW_PASSWORD},
}
NOT_TEXT: list[Any] = [None, "", True, [], {}, ["x"]]
BAD: dict[str, list[Any]] = {
    "phone": [*NOT_TEXT, "555-0147", "not a phone", "+1312555014712", "1" * 41, "+1 312 555 0147 ext. 5"],
    "code": [*NOT_TEXT, "1" * 21],
    "purpose": ["", "RECOVER", "other", 1, True, [], {}],
    "phone_session_token": [*NOT_TEXT, "x" * 201],
    "password": [*NOT_TEXT, "x" * 201],
}


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [(action, field, value) for action, body in GOOD.items() for field in body for value in BAD[field]],
)
def test_invalid_field_is_named(action: str, field: str, value: Any) -> None:
    CustomerFactory(phone=PHONE)
    answer = call(action, {**GOOD[action], field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not any(model.objects.exists() for model in (OutboxMessage, PhoneCode, PhoneSession))


@pytest.mark.parametrize("action", GOOD)
@pytest.mark.parametrize("body", [[], "x", 5])
def test_body_must_be_an_object(action: str, body: Any) -> None:
    answer = call(action, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["success"]) == (400, False)


@pytest.mark.parametrize("action", GOOD)
def test_missing_fields_are_named(action: str) -> None:
    answer = call(action, {})
    assert set(answer.json()["fields"]) == GOOD[action].keys() - {"purpose"}
