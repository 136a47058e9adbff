"""Twilio's messages through Twilio's own SDK."""

import time
from urllib.parse import parse_qs

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import ACCOUNT, AUTH_TOKEN, Receiver

SENDER = "+15005550006"


def test_message_is_sent_and_its_reports_are_signed(
    twilio: Client, sandbox: SandboxClient, receiver: Receiver
) -> None:
    callback = f"{receiver.url}/api/sms/status-callback?order=1"

    message = twilio.messages.create(to="+13125550100", from_=SENDER, body="On its way ✓", status_callback=callback)
    assert message.status == "queued"

    sandbox.wait_for_deliveries()
    statuses = []
    for request in receiver.requests:
        fields = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(AUTH_TOKEN).validate(callback, fields, signature)
        assert not RequestValidator("another token").validate(callback, fields, signature)
        assert fields["MessageSid"] == message.sid
        statuses.append(fields["MessageStatus"])

    assert statuses == ["sent", "delivered"]
    assert twilio.messages(message.sid).fetch().status == "delivered"
    [entry] = sandbox.ledger("twilio", "sms")
    assert (entry["id"], entry["to"], entry["body"]) == (message.sid, "+13125550100", "On its way ✓")


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("312-555-0100", SENDER, 21211),
        ("+15005550001", SENDER, 21211),
        ("+15005550009", SENDER, 21614),
        ("+13125550100", "+15005550007", 21606),
    ],
)
def test_bad_numbers_are_refused(twilio: Client, sandbox: SandboxClient, to: str, sender: str, code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages.create(to=to, from_=sender, body="Hello")
    assert (caught.value.status, caught.value.code) == (400, code)
    assert sandbox.ledger("twilio", "sms") == []


def test_picture_message_is_sent(twilio: Client, sandbox: SandboxClient) -> None:
    twilio.messages.create(to="+13125550100", from_=SENDER, media_url=["https://example.com/a.jpg"])
    assert len(sandbox.ledger("twilio", "sms")) == 1


def test_callback_can_be_repeated(twilio: Client, sandbox: SandboxClient, receiver: Receiver) -> None:
    sandbox.set_webhooks(enabled=False)
    callback = f"{receiver.url}/callback"
    twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi", status_callback=callback)

    sent, delivered = sandbox.deliveries()
    for number in (delivered["id"], sent["id"], sent["id"]):
        assert sandbox.send_delivery(number)["status"] == "delivered"

    statuses = [parse_qs(request.body.decode())["MessageStatus"][0] for request in receiver.requests]
    assert statuses == ["delivered", "sent", "sent"]


def test_long_body_is_refused(twilio: Client) -> None:
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages.create(to="+13125550100", from_=SENDER, body="x" * 1601)
    assert caught.value.code == 21617


def test_carrier_can_fail_a_message(twilio: Client, sandbox: SandboxClient, receiver: Receiver) -> None:
    callback = f"{receiver.url}/callback"
    message = twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi", status_callback=callback)

    sandbox.set_message_status(message.sid, "undelivered", 30003)
    sandbox.wait_for_deliveries()

    fetched = twilio.messages(message.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("undelivered", 30003)
    assert any(b"ErrorCode=30003" in request.body for request in receiver.requests)


def test_reset_after_effect_sends_twice_when_retried(twilio: Client, sandbox: SandboxClient) -> None:
    sandbox.fault("twilio", "reset_after_effect")
    with pytest.raises(requests.ConnectionError):
        twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi")
    twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi")
    assert len(sandbox.ledger("twilio", "sms")) == 2  # Twilio knows no idempotency key


def test_wrong_token_is_401(sandbox: SandboxClient, session: requests.Session) -> None:
    url = f"{sandbox.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = session.post(url, data={"To": "+13125550100"}, auth=(ACCOUNT, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_status_500_has_twilios_code(twilio: Client, sandbox: SandboxClient) -> None:
    sandbox.fault("twilio", "status_500")
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi")
    assert (caught.value.status, caught.value.code) == (500, 20500)


def test_delay_delays(twilio: Client, sandbox: SandboxClient) -> None:
    sandbox.fault("twilio", "delay", seconds=0.3)
    start = time.monotonic()
    twilio.messages.create(to="+13125550100", from_=SENDER, body="Hi")
    assert time.monotonic() - start >= 0.3
