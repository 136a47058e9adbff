"""Consent to texts: who may say what, and what is kept of it."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import consent
from accounts.models import SmsConsent, SmsDelivery
from lld.core.models import IdempotencyClaim, OutboxMessage
from sandbox.testing import SandboxClient

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"
FORM = {
    "first_name": "Maria",
    "last_name": "Lopez",
    "phone": "(312) 555-0147",
    "email": "maria@lamilpa.test",
    "consent": True,
}


def opt_in(**extra: Any) -> Any:
    """Capitals are headers and the like, the rest is changes to the form."""
    changes = {name: value for name, value in extra.items() if name.islower()}
    meta = {name: value for name, value in extra.items() if not name.islower()}
    return APIClient(enforce_csrf_checks=True).post("/api/sms-optin", {**FORM, **changes}, **meta)


@pytest.mark.django_db(transaction=True)
def test_opt_in_is_stored_and_confirmed_by_text(sandbox: SandboxClient) -> None:
    answer = opt_in(REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="10.0.0.1")

    assert (answer.status_code, answer.json()["success"]) == (200, True)
    [row] = SmsConsent.objects.values("phone", "consented", "first_name", "last_name", "email", "address")
    assert row == {
        "phone": PHONE,
        "consented": True,
        "first_name": "Maria",
        "last_name": "Lopez",
        "email": "maria@lamilpa.test",
        "address": "203.0.113.7",
    }
    assert SmsConsent.objects.get().text_version == consent.VERSION
    [text] = sandbox.ledger("twilio", "sms")
    assert (text["to"], text["body"]) == (PHONE, consent.CONFIRMATION)
    assert "STOP" in text["body"]


@pytest.mark.django_db(transaction=True)
def test_opt_in_is_confirmed_only_when_new(sandbox: SandboxClient) -> None:
    texts = []

    for spelling in ("3125550147", "+1 312 555 0147"):
        assert opt_in(phone=spelling).status_code == 200
        texts.append(len(sandbox.ledger("twilio", "sms")))

    SmsConsent.objects.create(phone=PHONE, consented=False, text_version=consent.VERSION, source="stop")
    assert opt_in().status_code == 200
    assert opt_in(phone="312 555 0148").status_code == 200
    texts.append(len(sandbox.ledger("twilio", "sms")))

    assert texts == [1, 1, 3]
    assert SmsConsent.objects.filter(phone=PHONE, consented=True).count() == 3


@pytest.mark.django_db(transaction=True)
def test_confirmation_text_is_reported_delivered(sandbox: SandboxClient, live_server: Any, settings: Any) -> None:
    """Round trip: the text tells Twilio where to report, and the reports it signs get through."""
    settings.PUBLIC_URL = live_server.url

    assert opt_in().status_code == 200

    [text] = sandbox.ledger("twilio", "sms")
    deliveries = [one for one in sandbox.wait_for_deliveries() if one["object_id"] == text["id"]]
    assert [one["response_status"] for one in deliveries] == [204, 204]
    row = SmsDelivery.objects.get()
    assert (row.message_sid, row.status, row.phone) == (OutboxMessage.objects.get().vendor_id, "delivered", PHONE)


def test_opt_in_needs_name_and_phone_only() -> None:
    body = {"first_name": "Maria", "phone": PHONE, "consent": True}
    assert APIClient().post("/api/sms-optin", body).status_code == 200
    row = SmsConsent.objects.get()
    assert (row.last_name, row.email) == ("", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("consent", value) for value in (False, None, "true", "yes", "on", 1, 1.0, "", [], [True], {})),
        *(("first_name", value) for value in (None, "", "  ", True, [], {}, "x" * 101, "Mar\0ia", "Mar\nia")),
        *(("last_name", value) for value in (None, True, ["x"], {}, "x" * 101, "Lo\npez")),
        *(
            ("phone", value)
            for value in (None, "", True, [], "555-0147", "maria", "1" * 41, "+1312555014712", "+48221234567")
        ),
        *(("email", value) for value in (None, True, [], "maria", "maria@", "a b@cafe.test", f"{'x' * 250}@a.test")),
    ],
)
def test_invalid_field_is_named(field: str, value: Any) -> None:
    answer = opt_in(**{field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not SmsConsent.objects.exists()
    assert not OutboxMessage.objects.exists()

    # Nor does it cost a try.
    assert [opt_in().status_code for _ in range(5)] == [200] * 5


def test_supported_countries_may_opt_in(settings: Any) -> None:
    settings.SMS_COUNTRIES = ("US", "CA", "PL")
    assert opt_in(phone="+48 22 123 45 67").status_code == 200
    assert SmsConsent.objects.get().phone == "+48221234567"


def test_missing_consent_is_refused() -> None:
    body = {name: value for name, value in FORM.items() if name != "consent"}
    answer = APIClient().post("/api/sms-optin", body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"consent"})


@pytest.mark.parametrize("body", [[FORM], "true", None])
def test_body_must_be_an_object(body: Any) -> None:
    answer = APIClient().post("/api/sms-optin", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert not SmsConsent.objects.exists()


def test_opt_ins_of_a_phone_are_limited() -> None:
    spellings = [PHONE, "312-555-0147", "(312) 555 0147"]

    answers = [opt_in(phone=spellings[number % 3]) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 86_390 <= int(answers[-1].headers["Retry-After"]) <= 86_400
    assert SmsConsent.objects.count() == 5

    assert opt_in(phone="312-555-0148").status_code == 200
    # A stranger's forms do not stop the owner's.
    assert opt_in(phone=PHONE, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_opt_ins_from_an_ip_address_are_limited() -> None:
    statuses = [
        opt_in(phone=f"312556{number:04}", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}").status_code
        for number in range(32)
    ]
    assert statuses == [200] * 30 + [429] * 2
    assert SmsConsent.objects.count() == OutboxMessage.objects.count() == 30

    # Those that were stopped cost the phone nothing.
    elsewhere = [opt_in(phone="3125560031", REMOTE_ADDR="203.0.113.9").status_code for _ in range(5)]
    assert elsewhere == [200] * 5


@pytest.mark.django_db(transaction=True)
def test_idempotency_key_records_one_consent(sandbox: SandboxClient) -> None:
    first, again = (opt_in(HTTP_IDEMPOTENCY_KEY="form") for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"

    other = opt_in(HTTP_IDEMPOTENCY_KEY="form", first_name="Ana")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert SmsConsent.objects.count() == len(sandbox.ledger("twilio", "sms")) == 1


def test_lost_answer_is_not_recorded_again() -> None:
    opt_in(HTTP_IDEMPOTENCY_KEY="form")
    IdempotencyClaim.objects.update(status=None, answer=None)
    assert opt_in(HTTP_IDEMPOTENCY_KEY="form").status_code == 409
    assert SmsConsent.objects.count() == 1
