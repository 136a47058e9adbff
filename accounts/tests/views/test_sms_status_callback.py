"""Twilio's reports of what became of a text: which are believed, and what is kept of them."""

import json
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from rest_framework.test import APIClient

from accounts.enums import SmsStatus
from accounts.models import SmsDelivery
from lld.settings.environment import read_environment
from tests.twilio import PATH, body_hash, report, send_report, signature

pytestmark = pytest.mark.django_db

PHONE = "+13125550147"
FORM_TYPE, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def without_token(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = read_environment().model_copy(update={"twilio_auth_token": None})
    monkeypatch.setattr("lld.gateways.configuration.read_environment", lambda: bare)


def test_signed_report_is_stored(api: APIClient) -> None:
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
    "invalid base64": {"signed": "✓"},
    "of another address": {"signed": signature(SIGNED, path="/api/sms-optin")},
    "of another query": {"signed": signature(SIGNED, path=f"{PATH}?order=2"), "path": f"{PATH}?order=1"},
    "without the query": {"signed": signature(SIGNED), "path": f"{PATH}?order=1"},
    "of a query that is gone": {"signed": signature(SIGNED, path=f"{PATH}?order=1")},
    "by another token": {"signed": signature(SIGNED, token="stolen")},
    "by an empty token": {"signed": signature(SIGNED, token="")},
    "of another status": {"signed": signature(report(MessageStatus="sent"))},
    "of another message": {"signed": signature(report(MessageSid="SM" + "1" * 32))},
    "of fewer fields": {"signed": signature({**SIGNED, "Extra": "x"})},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_forged_report_is_refused(api: APIClient, forged: dict[str, str]) -> None:
    answer = send_report(api, SIGNED, **forged)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not SmsDelivery.objects.exists()


def test_unsigned_report_is_refused(api: APIClient) -> None:
    assert api.post(PATH, urlencode(SIGNED), content_type=FORM_TYPE).status_code == 403
    assert not SmsDelivery.objects.exists()


def test_query_is_part_of_the_signature(api: APIClient) -> None:
    assert send_report(api, SIGNED, path=f"{PATH}?order=LLD-1&name=a%20b").status_code == 204
    assert SmsDelivery.objects.exists()


def test_signature_is_checked_against_the_public_url(api: APIClient) -> None:
    """A proxy may rewrite the host, and a stranger may send any."""
    body = urlencode(SIGNED)
    for_host = signature(SIGNED, host="http://localhost")
    headers = {"content_type": FORM_TYPE, "HTTP_HOST": "localhost"}

    assert api.post(PATH, body, **headers, HTTP_X_TWILIO_SIGNATURE=for_host).status_code == 403
    assert not SmsDelivery.objects.exists()

    assert api.post(PATH, body, **headers, HTTP_X_TWILIO_SIGNATURE=signature(SIGNED)).status_code == 204
    assert SmsDelivery.objects.exists()


@pytest.mark.parametrize("changes", [{"MessageSid": ""}, {"MessageStatus": ""}, {"MessageStatus": "teleported"}])
def test_incomplete_report_is_accepted_and_dropped(api: APIClient, changes: dict[str, str]) -> None:
    assert send_report(api, report(**changes)).status_code == 204
    assert not SmsDelivery.objects.exists()


def test_unknown_status_keeps_the_known_one(api: APIClient) -> None:
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
def test_invalid_report_field_is_named(api: APIClient, field: str, value: str) -> None:
    answer = send_report(api, report(**{field: value}))
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not SmsDelivery.objects.exists()


def test_error_message_is_truncated(api: APIClient) -> None:
    assert send_report(api, report(ErrorMessage="x" * 2000)).status_code == 204
    assert SmsDelivery.objects.get().error_message == "x" * 300


@pytest.mark.parametrize(
    ("recipient", "phone"),
    [("", ""), ("whatsapp:+13125550147", ""), ("client:maria", ""), ("312 555 0147", PHONE), (PHONE, PHONE)],
)
def test_recipient_is_stored_only_if_a_phone(api: APIClient, recipient: str, phone: str) -> None:
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
def test_status_never_moves_back(api: APIClient, first: SmsStatus, then: SmsStatus) -> None:
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


def test_messages_are_stored_apart(api: APIClient) -> None:
    for number, status in enumerate(("delivered", "sent")):
        send_report(api, report(MessageSid=f"SM{number:032x}", MessageStatus=status))
    assert set(SmsDelivery.objects.values_list("status", flat=True)) == {"delivered", "sent"}


def test_missing_auth_token_drops_reports(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    without_token(monkeypatch)
    assert send_report(api, SIGNED).status_code == 204
    assert send_report(api, SIGNED, signed="").status_code == 204
    assert not SmsDelivery.objects.exists()


def as_json(**changes: str) -> tuple[bytes, str]:
    """A body and the path that Twilio calls with it: the query has the hash of the body."""
    body = json.dumps(report(**changes)).encode()
    return body, f"{PATH}?bodySHA256={body_hash(body.decode())}"


def test_json_report_is_signed_by_its_hash(api: APIClient) -> None:
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
    "invalid UTF-8": (SID + b"&ErrorMessage=%FF%FE&From=\xff\xfe", FORM_TYPE, 204, True),
    "half a surrogate": (SID + b"&ErrorMessage=%ED%A0%80", FORM_TYPE, 204, True),
    "a NUL": (SID + b"&ErrorMessage=a%00b", FORM_TYPE, 204, True),
    "another character set": (SID, f"{FORM_TYPE}; charset=utf-16", 204, False),
    "a character set of bytes": (SID, f"{FORM_TYPE}; charset=zlib", 400, False),
    "an unknown character set": (SID, f"{FORM_TYPE}; charset=nonsense", 204, True),
    "twice the same field": (SID + b"&MessageStatus=read", FORM_TYPE, 204, True),
    "thousands of fields": (SID + b"&a=1" * 5000, FORM_TYPE, 400, False),
    "too large": (SID + b"&ErrorMessage=" + b"x" * 3_000_000, FORM_TYPE, 413, False),
}


@pytest.mark.parametrize("is_set_up", [True, False])
@pytest.mark.parametrize(("body", "kind", "status", "kept"), BODIES.values(), ids=BODIES)
def test_odd_body_is_no_server_error(
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
def test_odd_json_is_no_server_error(api: APIClient, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    headers = {"content_type": "application/json"}
    assert api.post(PATH, body, **headers).status_code == 403
    without_token(monkeypatch)
    assert api.post(PATH, body, **headers).status_code in {204, 400}
    assert not SmsDelivery.objects.exists()
