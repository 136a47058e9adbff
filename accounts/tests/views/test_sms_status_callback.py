"""Consent to texts, and Twilio's reports of what became of them: who may say what, and what is kept of it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from rest_framework.test import APIClient

from accounts import consent
from accounts.enums import SmsStatus
from accounts.models import SmsConsent, SmsDelivery
from lld.core.models import IdempotencyClaim, OutboxMessage
from lld.settings.environment import read_environment
from sandbox.testing import SandboxClient
from tests.twilio import PATH, body_hash, report, send_report, signature

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"
FORM = {
    "first_name": "Maria",
    "last_name": "Lopez",
    "phone": "(312) 555-0147",
    "email": "maria@lamilpa.test",
    "consent": True,
}
FORM_TYPE, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def opt_in(**extra: Any) -> Any:
    """Capitals are headers and the like, the rest is changes to the form."""
    changes = {name: value for name, value in extra.items() if name.islower()}
    meta = {name: value for name, value in extra.items() if not name.islower()}
    return APIClient(enforce_csrf_checks=True).post("/api/sms-optin", {**FORM, **changes}, **meta)


def without_token(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = read_environment().model_copy(update={"twilio_auth_token": None})
    monkeypatch.setattr("lld.gateways.configuration.read_environment", lambda: bare)


# Consent


@pytest.mark.django_db(transaction=True)
def test_a_consent_is_kept_word_for_word_and_confirmed_by_text(sandbox: SandboxClient) -> None:
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
def test_only_a_new_consent_is_confirmed(sandbox: SandboxClient) -> None:
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


def test_a_name_and_a_phone_are_enough() -> None:
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
def test_a_bad_form_names_its_field_and_consents_to_nothing(field: str, value: Any) -> None:
    answer = opt_in(**{field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not SmsConsent.objects.exists()
    assert not OutboxMessage.objects.exists()
    # Nor does it cost a try.
    assert [opt_in().status_code for _ in range(5)] == [200] * 5


def test_countries_that_we_text_to_may_consent(settings: Any) -> None:
    settings.SMS_COUNTRIES = ("US", "CA", "PL")
    assert opt_in(phone="+48 22 123 45 67").status_code == 200
    assert SmsConsent.objects.get().phone == "+48221234567"


def test_silence_is_no_consent() -> None:
    body = {name: value for name, value in FORM.items() if name != "consent"}
    answer = APIClient().post("/api/sms-optin", body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"consent"})


@pytest.mark.parametrize("body", [[FORM], "true", None])
def test_a_body_that_is_no_form(body: Any) -> None:
    answer = APIClient().post("/api/sms-optin", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert not SmsConsent.objects.exists()


def test_a_phone_signs_up_five_times_a_day() -> None:
    spellings = [PHONE, "312-555-0147", "(312) 555 0147"]
    answers = [opt_in(phone=spellings[number % 3]) for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 86_390 <= int(answers[-1].headers["Retry-After"]) <= 86_400
    assert SmsConsent.objects.count() == 5
    assert opt_in(phone="312-555-0148").status_code == 200
    # A stranger's forms do not stop the owner's.
    assert opt_in(phone=PHONE, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_an_address_signs_up_thirty_phones_a_day() -> None:
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
def test_a_form_sent_twice_under_one_key_is_one_consent(sandbox: SandboxClient) -> None:
    first, again = (opt_in(HTTP_IDEMPOTENCY_KEY="form") for _ in range(2))
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = opt_in(HTTP_IDEMPOTENCY_KEY="form", first_name="Ana")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert SmsConsent.objects.count() == len(sandbox.ledger("twilio", "sms")) == 1


def test_an_answer_that_was_lost_is_not_consented_to_again() -> None:
    opt_in(HTTP_IDEMPOTENCY_KEY="form")
    IdempotencyClaim.objects.update(status=None, answer=None)
    assert opt_in(HTTP_IDEMPOTENCY_KEY="form").status_code == 409
    assert SmsConsent.objects.count() == 1


# Reports


def test_a_signed_report_is_kept(api: APIClient) -> None:
    fields = report(MessageStatus="undelivered", ErrorCode="30003", ErrorMessage="Unreachable", Unknown="new field")
    answer = send_report(api, fields)
    assert (answer.status_code, answer.content) == (204, b"")
    row = SmsDelivery.objects.get()
    assert (row.message_sid, row.status, row.phone) == (fields["MessageSid"], "undelivered", PHONE)
    assert (row.error_code, row.error_message) == ("30003", "Unreachable")


SIGNED = report()
FORGERIES = {
    "missing": {"signed": ""},
    "made up": {"signed": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
    "no base64": {"signed": "✓"},
    "of another address": {"signed": signature(SIGNED, path="/api/sms-optin")},
    "of another query": {"signed": signature(SIGNED, path=f"{PATH}?order=2"), "path": f"{PATH}?order=1"},
    "without the query": {"signed": signature(SIGNED), "path": f"{PATH}?order=1"},
    "of a query that is gone": {"signed": signature(SIGNED, path=f"{PATH}?order=1")},
    "by another token": {"signed": signature(SIGNED, token="stolen")},
    "by no token": {"signed": signature(SIGNED, token="")},
    "of another status": {"signed": signature(report(MessageStatus="sent"))},
    "of another message": {"signed": signature(report(MessageSid="SM" + "1" * 32))},
    "of fewer fields": {"signed": signature({**SIGNED, "Extra": "x"})},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_report_changes_nothing(api: APIClient, forged: dict[str, str]) -> None:
    answer = send_report(api, SIGNED, **forged)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not SmsDelivery.objects.exists()


def test_a_report_without_the_header_is_forged(api: APIClient) -> None:
    assert api.post(PATH, urlencode(SIGNED), content_type=FORM_TYPE).status_code == 403
    assert not SmsDelivery.objects.exists()


def test_a_query_is_part_of_what_is_signed(api: APIClient) -> None:
    assert send_report(api, SIGNED, path=f"{PATH}?order=LLD-1&name=a%20b").status_code == 204
    assert SmsDelivery.objects.exists()


def test_the_address_that_counts_is_the_configured_one(api: APIClient) -> None:
    """A proxy may rewrite the host, and a stranger may send any."""
    body = urlencode(SIGNED)
    for_host = signature(SIGNED, host="http://localhost")
    headers = {"content_type": FORM_TYPE, "HTTP_HOST": "localhost"}
    assert api.post(PATH, body, **headers, HTTP_X_TWILIO_SIGNATURE=for_host).status_code == 403
    assert not SmsDelivery.objects.exists()
    assert api.post(PATH, body, **headers, HTTP_X_TWILIO_SIGNATURE=signature(SIGNED)).status_code == 204
    assert SmsDelivery.objects.exists()


@pytest.mark.parametrize("changes", [{"MessageSid": ""}, {"MessageStatus": ""}, {"MessageStatus": "teleported"}])
def test_a_report_that_tells_nothing_is_taken_and_dropped(api: APIClient, changes: dict[str, str]) -> None:
    assert send_report(api, report(**changes)).status_code == 204
    assert not SmsDelivery.objects.exists()


def test_a_word_that_twilio_adds_later_does_not_undo_what_is_known(api: APIClient) -> None:
    for status in ("delivered", "teleported"):
        assert send_report(api, report(MessageStatus=status)).status_code == 204
    assert SmsDelivery.objects.get().status == "delivered"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MessageSid", "SM123"),
        ("MessageSid", "SM" + "0" * 31 + "G"),
        ("MessageSid", "SM" + "0" * 33),
        ("MessageStatus", "x" * 41),
        ("To", "1" * 61),
        ("From", "1" * 61),
        ("ErrorCode", "1" * 11),
        ("ErrorMessage", "x" * 2001),
    ],
)
def test_a_signed_report_that_cannot_be_twilios(api: APIClient, field: str, value: str) -> None:
    answer = send_report(api, report(**{field: value}))
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not SmsDelivery.objects.exists()


def test_long_words_are_cut_to_what_is_kept(api: APIClient) -> None:
    assert send_report(api, report(ErrorMessage="x" * 2000)).status_code == 204
    assert SmsDelivery.objects.get().error_message == "x" * 300


@pytest.mark.parametrize(
    ("recipient", "phone"),
    [("", ""), ("whatsapp:+13125550147", ""), ("client:maria", ""), ("312 555 0147", PHONE), (PHONE, PHONE)],
)
def test_the_recipient_is_kept_where_it_is_a_phone(api: APIClient, recipient: str, phone: str) -> None:
    assert send_report(api, report(To=recipient)).status_code == 204
    assert SmsDelivery.objects.get().phone == phone


# Where a text is on its way: a report of an earlier step comes too late to count.
STEPS = [
    {SmsStatus.ACCEPTED, SmsStatus.SCHEDULED},
    {SmsStatus.QUEUED},
    {SmsStatus.SENDING},
    {SmsStatus.SENT},
    {SmsStatus.CANCELED, SmsStatus.UNDELIVERED, SmsStatus.FAILED, SmsStatus.DELIVERED},
    {SmsStatus.READ},
]


def step(status: SmsStatus) -> int:
    return next(number for number, words in enumerate(STEPS) if status in words)


@pytest.mark.parametrize("then", SmsStatus)
@pytest.mark.parametrize("first", SmsStatus)
def test_a_status_never_moves_back(api: APIClient, first: SmsStatus, then: SmsStatus) -> None:
    assert send_report(api, report(MessageStatus=first, ErrorCode="1", To=PHONE)).status_code == 204
    before = SmsDelivery.objects.values().get()
    assert send_report(api, report(MessageStatus=then, ErrorCode="2", To="+13125550199")).status_code == 204
    row = SmsDelivery.objects.values().get()
    if step(then) > step(first):
        assert (row["status"], row["error_code"]) == (then, "2")
        assert row["updated_at"] > before["updated_at"]
    else:
        # Not a column of it, or the error of one report would stand beside the status of another.
        assert row == before


def test_messages_are_told_apart(api: APIClient) -> None:
    for number, status in enumerate(("delivered", "sent")):
        send_report(api, report(MessageSid=f"SM{number:032x}", MessageStatus=status))
    assert set(SmsDelivery.objects.values_list("status", flat=True)) == {"delivered", "sent"}


def test_without_a_token_nothing_is_believed(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    without_token(monkeypatch)
    assert send_report(api, SIGNED).status_code == 204
    assert send_report(api, SIGNED, signed="").status_code == 204
    assert not SmsDelivery.objects.exists()


def as_json(**changes: str) -> tuple[bytes, str]:
    """A body and the path that Twilio calls with it: the query has the hash of the body."""
    body = json.dumps(report(**changes)).encode()
    return body, f"{PATH}?bodySHA256={body_hash(body.decode())}"


def test_a_report_in_json_is_signed_by_its_hash(api: APIClient) -> None:
    body, path = as_json()
    headers = {"content_type": "application/json", "HTTP_X_TWILIO_SIGNATURE": signature({}, path=path)}
    edited = body.replace(b"delivered", b"failed")
    for forged, its_path in ((edited, path), (body, PATH), (edited, as_json(MessageStatus="failed")[1])):
        assert api.post(its_path, forged, **headers).status_code == 403
        assert not SmsDelivery.objects.exists()
    # Signed, but as a call without a body: it must not carry one.
    bare = {**headers, "HTTP_X_TWILIO_SIGNATURE": signature({})}
    assert api.post(PATH, body, **bare).status_code == 403
    assert not SmsDelivery.objects.exists()
    assert api.post(path, body, **headers).status_code == 204
    assert SmsDelivery.objects.get().status == "delivered"


SID = urlencode({"MessageSid": SIGNED["MessageSid"], "MessageStatus": "sent"}).encode()
# The body, its kind, the answer where it is signed, and whether a row is kept of it.
BODIES: dict[str, tuple[bytes, str, int, bool]] = {
    "empty": (b"", FORM_TYPE, 204, False),
    "text": (SID, "text/plain", 415, False),
    "multipart": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--', MULTIPART, 415, False),
    "no UTF-8": (SID + b"&ErrorMessage=%FF%FE&From=\xff\xfe", FORM_TYPE, 204, True),
    "half a surrogate": (SID + b"&ErrorMessage=%ED%A0%80", FORM_TYPE, 204, True),
    "a NUL": (SID + b"&ErrorMessage=a%00b", FORM_TYPE, 400, False),
    "another character set": (SID, f"{FORM_TYPE}; charset=utf-16", 204, False),
    "a character set of bytes": (SID, f"{FORM_TYPE}; charset=zlib", 400, False),
    "an unknown character set": (SID, f"{FORM_TYPE}; charset=nonsense", 204, True),
    "twice the same field": (SID + b"&MessageStatus=read", FORM_TYPE, 204, True),
    "thousands of fields": (SID + b"&a=1" * 5000, FORM_TYPE, 400, False),
    "too large": (SID + b"&ErrorMessage=" + b"x" * 3_000_000, FORM_TYPE, 413, False),
}


@pytest.mark.parametrize("is_set_up", [True, False])
@pytest.mark.parametrize(("body", "kind", "status", "kept"), BODIES.values(), ids=BODIES)
def test_no_body_breaks_the_callback(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, body: bytes, kind: str, status: int, kept: bool, is_set_up: bool
) -> None:
    if not is_set_up:
        without_token(monkeypatch)
    # Larger ones are refused before anything is compared.
    is_read = len(body) < 10_000
    fields = QueryDict(body) if is_read else {}
    signed = signature(fields)
    answer = api.post(PATH, body, content_type=kind, HTTP_X_TWILIO_SIGNATURE=signed)
    assert answer.status_code == status
    if is_set_up and is_read:
        assert api.post(PATH, body, content_type=kind, HTTP_X_TWILIO_SIGNATURE="x").status_code == 403
    assert SmsDelivery.objects.exists() is (is_set_up and kept)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"MessageSid": ["x"]}', b"[" * 9999]
)
def test_no_json_breaks_it_either(api: APIClient, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    headers = {"content_type": "application/json"}
    assert api.post(PATH, body, **headers).status_code == 403
    without_token(monkeypatch)
    assert api.post(PATH, body, **headers).status_code in {204, 400}
    assert not SmsDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_became_of_a_text_is_known_in_the_end(sandbox: SandboxClient, live_server: Any, settings: Any) -> None:
    """Round trip: the text tells Twilio where to report, and the reports it signs get through."""
    settings.PUBLIC_URL = live_server.url
    assert opt_in().status_code == 200
    [text] = sandbox.ledger("twilio", "sms")
    deliveries = [one for one in sandbox.wait_for_deliveries() if one["object_id"] == text["id"]]
    assert [one["response_status"] for one in deliveries] == [204, 204]
    row = SmsDelivery.objects.get()
    assert (row.message_sid, row.status, row.phone) == (OutboxMessage.objects.get().vendor_id, "delivered", PHONE)
