"""Orders that are not carried out say why, in the vendor's own words where it is the vendor that refuses."""

import pytest
import requests

from sandbox.testing import SandboxClient


@pytest.mark.parametrize(
    ("path", "order", "sentence"),
    [
        ("faults", {"fault": "delay"}, "vendor is missing."),
        ("webhooks", {"enabled": "no"}, "enabled must be of type bool."),
        ("webhooks", ["no"], "The body is not an object."),
        ("webhooks/7/send", {}, "There is no such delivery, or nobody to send it to."),
        ("stripe/payment_intents/pi_1/settle", {"outcome": "maybe"}, "outcome must be succeeded or failed."),
        ("stripe/payment_intents/pi_1/refund", {"amount": "6.00"}, "amount must be of type int."),
        ("stripe/payment_intents/pi_1/dispute", {"status": "won"}, "status must be needs_response or lost."),
        ("stripe/disputes/du_1/close", {"outcome": "succeeded"}, "outcome must be won or lost."),
        ("stripe/refunds/re_1/settle", {}, "outcome is missing."),
        ("stripe/payment_links/plink_1/pay", {"deliver": 1}, "deliver must be of type bool."),
        ("stripe/events", {"type": "balance.available"}, "object is missing."),
        ("twilio/messages/SM1/status", {"status": "sent"}, "status must be delivered, undelivered or failed."),
        ("openai/answers", {"text": "x"}, "Unknown field: text."),
    ],
)
def test_invalid_order_is_refused_with_a_sentence(
    sandbox: SandboxClient, session: requests.Session, path: str, order: object, sentence: str
) -> None:
    answer = session.post(f"{sandbox.base_url}/_sandbox/{path}", json=order)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, sentence)


def test_body_other_than_json_is_refused(sandbox: SandboxClient, session: requests.Session) -> None:
    answer = session.post(f"{sandbox.base_url}/_sandbox/webhooks", data="{")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("The body is not JSON: ")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("payment_intents/x/pay", "payment_intent"),
        ("payment_intents/x/refund", "payment_intent"),
        ("payment_intents/x/dispute", "payment_intent"),
        ("disputes/x/contest", "dispute"),
        ("payment_links/x/open", "payment_link"),
        ("payment_links/x/pay", "payment_link"),
        ("checkout/sessions/x/pay", "checkout.session"),
        ("events/x/resend", "event"),
    ],
)
def test_unknown_stripe_object_is_404(
    sandbox: SandboxClient, session: requests.Session, path: str, kind: str
) -> None:
    answer = session.post(f"{sandbox.base_url}/_sandbox/stripe/{path}", json={})
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["message"], error["code"]) == (f"No such {kind}: 'x'", "resource_missing")


def test_unknown_twilio_message_is_404(sandbox: SandboxClient, session: requests.Session) -> None:
    answer = session.post(f"{sandbox.base_url}/_sandbox/twilio/messages/SM1/status", json={"status": "failed"})
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
