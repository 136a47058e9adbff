"""A Stripe that hangs holds a few threads of the shop for some seconds, and what it did all the same is found out."""

import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from lld.core import vendor_time
from lld.core.access import Role
from lld.core.bulkhead import Bulkhead
from lld.gateways import stripe
from orders import tasks
from orders.models import Payment, Refund
from orders.services import payments
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import ProductFactory, as_staff, card_order

pytestmark = pytest.mark.django_db(transaction=True)

Later = Callable[[], None]

THREADS = 16  # as many as a web process has
PLACES = 4


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how long a web request may wait for Stripe."""
    return lambda seconds: monkeypatch.setattr(vendor_time, "REQUEST_SECONDS", seconds)


def check_out(number: int = 0, **changes: Any) -> Any:
    client = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}")
    return client.post("/api/payments/create-intent", {"amount": "45.00"} | changes)


def hits(sandbox: SandboxClient) -> int:
    """How often Stripe was asked since it began to hang."""
    (fault,) = sandbox.faults()
    return int(fault["hits"])


def wait_for_intent(sandbox: SandboxClient) -> None:
    deadline = time.monotonic() + 20
    while not sandbox.ledger("stripe", "payment_intent"):
        assert time.monotonic() < deadline, "Stripe never made it"
        time.sleep(0.05)


def all_at_once(sandbox: SandboxClient) -> tuple[Counter[int], Counter[int]]:
    """Sixteen check out, and a seventeenth looks at products: the answers to both kinds."""
    ProductFactory(name="Bib Apron")
    sandbox.fault("stripe", "hang", times=None, seconds=60)

    def ask(number: int) -> int:
        return int((check_out(number) if number else APIClient().get("/api/products")).status_code)

    looked, *asked = storm(1 + THREADS, ask)
    return Counter([looked]), Counter(asked)


def test_hung_stripe_holds_four_threads(sandbox: SandboxClient, seconds: Callable[[float], None]) -> None:
    seconds(3)
    looked, asked = all_at_once(sandbox)
    assert (looked, asked) == ({200: 1}, {503: THREADS - PLACES, 504: PLACES})
    # Once each: the first try took all the time that there was.
    assert hits(sandbox) == PLACES


def test_control_without_bulkhead_all_threads_hang(
    sandbox: SandboxClient, seconds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the test above would miss if Stripe's hanging did not hold threads."""
    seconds(3)
    monkeypatch.setattr(stripe, "STRIPE_CALLS", Bulkhead(THREADS))
    _, asked = all_at_once(sandbox)
    assert asked == {504: THREADS}
    assert hits(sandbox) == THREADS


def test_refused_request_may_come_again(
    sandbox: SandboxClient, seconds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "STRIPE_CALLS", full := Bulkhead(1))
    order = card_order()
    with full.place():
        refused = check_out(order_number=order.number)
        link = as_staff(Role.MANAGER).post("/api/payments/create-link", {"order_number": order.number})

    for answer in (refused, link):
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert int(answer["Retry-After"]) > 0
    assert sandbox.ledger("stripe") == []
    assert check_out(order_number=order.number).status_code == 200
    assert len(sandbox.ledger("stripe", "payment_intent")) == 1


def test_worker_finishes_what_a_request_gave_up(
    sandbox: SandboxClient, seconds: Callable[[float], None], later: Later
) -> None:
    """The intent was made, and the answer came too late for the customer."""
    seconds(0.5)
    order = card_order()
    sandbox.fault("stripe", "delay", seconds=1.5)

    assert check_out(order_number=order.number).status_code == 504
    assert Payment.objects.get().state == "creating"
    wait_for_intent(sandbox)

    later()
    tasks.reconcile_payments()
    payment = Payment.objects.get()
    assert (payment.state, len(sandbox.ledger("stripe", "payment_intent"))) == ("open", 1)
    assert check_out(order_number=order.number).json()["payment_intent_id"] == payment.intent_id


def test_worker_waits_while_requests_are_refused(
    sandbox: SandboxClient, seconds: Callable[[float], None], monkeypatch: pytest.MonkeyPatch, later: Later
) -> None:
    """Places and time are those of web requests."""
    seconds(0)
    monkeypatch.setattr(stripe, "STRIPE_CALLS", full := Bulkhead(1))
    order = card_order()
    assert check_out(order_number=order.number).status_code == 503
    sandbox.fault("stripe", "delay", seconds=1)

    with full.place():
        later()
        tasks.reconcile_payments()

    assert Payment.objects.get().state == "open"


def test_refusal_is_no_try_of_a_refund(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, later: Later) -> None:
    order = card_order()
    intent_id = check_out(order_number=order.number).json()["payment_intent_id"]
    sandbox.pay_intent(intent_id, deliver=False)
    payments.apply_intent(intent_id)
    monkeypatch.setattr(stripe, "STRIPE_CALLS", full := Bulkhead(1))

    with full.place():
        cancelled = as_staff(Role.MANAGER).put(
            f"/api/staff/orders/{order.pk}/status", {"status": "cancelled", "reason": "Ordered twice"}
        )

    assert cancelled.status_code == 200, cancelled.content
    refund = Refund.objects.get()
    assert (refund.state, refund.attempts) == ("requested", 0)
    later()
    tasks.reconcile_payments()
    assert Refund.objects.get().state == "succeeded"
    assert Refund.objects.get().amount == Decimal("45.00")
