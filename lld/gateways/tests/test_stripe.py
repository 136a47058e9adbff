"""Stripe through its own SDK: dollars outside, cents inside, and no doubt taken for a refusal."""

import logging
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from stripe import WebhookSignature

from lld.core import vendor_time
from lld.core.bulkhead import Bulkhead
from lld.core.errors import GatewayBusy, GatewayError, GatewayTimeout, InvalidInput, NotConfigured
from lld.gateways import stripe
from sandbox.testing import SandboxClient

AMOUNT = Decimal("12.34")


@pytest.fixture
def fresh_client() -> Iterator[None]:
    stripe._client_for.cache_clear()
    yield
    stripe._client_for.cache_clear()


def intent(**changes: Any) -> stripe.Intent:
    order = {"amount": AMOUNT, "key": "order-1", "metadata": {"order": "1"}, "description": "Order 1"}
    return stripe.create_intent(**{**order, **changes})


def test_intent_is_exact_to_the_cent_and_one_a_key(sandbox: SandboxClient) -> None:
    first = intent()
    assert (first.amount, first.currency, first.status) == (AMOUNT, "usd", "requires_payment_method")
    assert (first.received, first.refunded, first.metadata) == (Decimal(0), Decimal(0), {"order": "1"})
    assert intent().id == first.id
    assert intent(key="order-2").id != first.id

    with pytest.raises(ValueError, match="cents"):
        intent(amount=Decimal("0.001"))


def test_intent_is_paid_and_refunded(sandbox: SandboxClient) -> None:
    made = intent()

    sandbox.pay_intent(made.id, deliver=False)
    paid = stripe.fetch_intent(made.id)
    assert (paid.status, paid.received, paid.method_type) == ("succeeded", AMOUNT, "card")

    back = stripe.create_refund(intent_id=made.id, amount=Decimal("2.34"), key="r-1", metadata={"refund": "7"})
    assert (back.status, back.amount) == ("succeeded", Decimal("2.34"))
    assert stripe.fetch_intent(made.id).refunded == Decimal("2.34")
    assert stripe.fetch_refund(back.id) == back

    assert stripe.list_refunds(made.id) == [back]
    assert back.metadata["refund"] == "7"
    assert back.intent_id == made.id


def test_link_opens_and_closes(sandbox: SandboxClient) -> None:
    link = stripe.create_link(amount=AMOUNT, key="link-1", name="Order 1", metadata={"order": "1"})
    assert link.active
    assert link.url.startswith("http")
    assert not stripe.deactivate_link(link.id).active


@pytest.mark.parametrize("call", [stripe.fetch_intent, stripe.cancel_intent, stripe.fetch_refund])
def test_unknown_object_is_permanently_missing(sandbox: SandboxClient, call: Callable[[str], Any]) -> None:
    with pytest.raises(GatewayError) as refused:
        call("pi_nothing")
    assert (refused.value.permanent, refused.value.unknown) == (True, False)
    assert refused.value.vendor_code == "resource_missing"


def test_same_key_with_another_amount_is_refused(sandbox: SandboxClient) -> None:
    intent()
    with pytest.raises(GatewayError) as refused:
        intent(amount=Decimal(99))
    assert refused.value.permanent


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(
    ("fault", "unknown"),
    [("status_429", False), ("status_500", True), ("status_500_after_effect", True), ("reset_after_effect", True)],
)
def test_vendor_failure_is_a_gateway_error(sandbox: SandboxClient, fault: str, unknown: bool) -> None:
    sandbox.fault("stripe", fault, times=None)
    with pytest.raises(GatewayError) as failed:
        intent()
    assert (failed.value.permanent, failed.value.unknown) == (False, unknown)


def test_malformed_answer_is_not_permanent(sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "malformed", times=None)

    with pytest.raises(GatewayError) as failed:
        intent()
    assert not failed.value.permanent

    sandbox.clear_faults()
    assert intent().amount == AMOUNT
    assert len(sandbox.ledger("stripe", "payment_intent")) == 1


def test_lost_refund_answer_is_retried_and_refunds_once(sandbox: SandboxClient) -> None:
    made = intent()
    sandbox.pay_intent(made.id, deliver=False)
    sandbox.fault("stripe", "reset_after_effect", method="POST")
    stripe.create_refund(intent_id=made.id, amount=AMOUNT, key="r-1", metadata={})
    assert len(sandbox.ledger("stripe", "refund")) == 1


@pytest.fixture
def hung(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, fresh_client: None) -> Callable[[], int]:
    """A Stripe that hangs, for a client that would wait a fifth of a second each time: how often it was asked."""
    monkeypatch.setattr(stripe, "TIMEOUT", (1, 0.2))
    sandbox.fault("stripe", "hang", seconds=20, times=None)
    return lambda: int(sandbox.faults()[0]["hits"])


@pytest.mark.usefixtures("no_pause")
def test_hung_vendor_times_out_after_three_tries(hung: Callable[[], int]) -> None:
    with pytest.raises(GatewayTimeout) as silent:
        stripe.fetch_intent("pi_1")
    assert silent.value.unknown
    assert hung() == 3


@pytest.mark.usefixtures("no_pause")
def test_web_request_waits_no_longer_than_it_may(hung: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "TIMEOUT", (1, 60))
    with vendor_time.allow(0.2):
        with pytest.raises(GatewayTimeout) as silent:
            stripe.fetch_intent("pi_1")
        assert silent.value.unknown
        assert hung() == 1

        with pytest.raises(GatewayBusy) as refused:
            stripe.fetch_intent("pi_1")
        assert (refused.value.permanent, refused.value.unknown) == (False, False)
    assert hung() == 1


@pytest.mark.usefixtures("no_pause")
def test_web_request_repeats_what_was_lost_while_there_is_time(sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "reset_after_effect", method="POST", times=2)
    with vendor_time.allow(60):
        intent()
    assert len(sandbox.ledger("stripe", "payment_intent")) == 1


def test_only_web_requests_need_a_place(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "STRIPE_CALLS", full := Bulkhead(1))
    with full.place():
        assert intent().amount == AMOUNT
        with vendor_time.allow(60), pytest.raises(GatewayBusy) as refused:
            intent()
    assert (refused.value.status, refused.value.code, refused.value.unknown) == (503, "overloaded", False)
    with vendor_time.allow(60):
        assert intent().amount == AMOUNT


def signed(body: bytes, by: str = "whsec_test", at: int | None = None) -> str:
    return WebhookSignature.generate_signature_header(body.decode(), by, at)


def test_events_need_a_fresh_signature_of_stripe() -> None:
    body = b'{"id":"evt_1","object":"event","type":"x","data":{"object":{"object":"refund","id":"re_1"}}}'

    event = stripe.verify_event(body, signed(body))
    assert (event.id, event.kind, event.object_type, event.object_id) == ("evt_1", "x", "refund", "re_1")

    hour_ago = int(time.time()) - 3600
    for payload, header in (
        (body, signed(body, "whsec_other")),
        (body, signed(body, at=hour_ago)),
        (body.replace(b"re_1", b"re_2"), signed(body)),
        (body, ""),
        (body, "t=x,v1=é"),
        (b"{", signed(b"{")),
        (b"\xff", signed(b"")),
    ):
        with pytest.raises(InvalidInput):
            stripe.verify_event(payload, header)


def test_key_is_not_logged_or_told(sandbox: SandboxClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = intent(receipt_email="ana@cafe.test")
        with pytest.raises(GatewayError) as refused:
            stripe.fetch_intent("pi_nothing")

    for secret in ("sk_test_sandbox", made.client_secret, "ana@cafe.test"):
        assert secret not in caplog.text + str(refused.value)


@pytest.mark.parametrize(
    ("variable", "call"),
    [
        ("STRIPE_API_KEY", lambda: stripe.fetch_intent("pi_1")),
        ("STRIPE_WEBHOOK_SECRET", lambda: stripe.verify_event(b"{}", "")),
    ],
)
def test_missing_variable_is_not_configured(
    without: Callable[[str], None], variable: str, call: Callable[[], Any]
) -> None:
    without(variable)
    with pytest.raises(NotConfigured, match=variable) as missing:
        call()
    assert (missing.value.status, missing.value.code) == (503, "not_configured")
