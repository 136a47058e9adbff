"""Paying over the API: links, what is offered when Stripe fails, and keys that make a repeat harmless."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from lld.core.models import IdempotencyClaim
from orders.models import Payment, PaymentLink
from orders.services import progress
from sandbox.testing import SandboxClient
from tests.factories import (
    as_customer,
    as_key,
    as_staff,
    card_order,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PATH = "/api/payments/create-link"


def test_link_is_for_the_balance_and_expires() -> None:
    order = place(payment_method="check")
    staff = as_staff(Role.STAFF)
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 20})

    answer = staff.post(PATH, {"order_number": order.number.lower(), "expires_in_hours": 1})

    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"success", "payment_url", "order_number", "amount", "expires_at"}
    assert (made["order_number"], made["amount"]) == (order.number, 25.0)
    link = PaymentLink.objects.get()
    assert (link.expires_at - link.created_at).total_seconds() == pytest.approx(3600, abs=5)


@pytest.mark.parametrize("hours", [0, -1, 721, 1.5, "soon", True, None])
def test_invalid_expires_in_hours_is_named(hours: Any) -> None:
    answer = as_staff().post(PATH, {"order_number": place().number, "expires_in_hours": hours})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["expires_in_hours"])
    assert not PaymentLink.objects.exists()


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(("fault", "status"), [("status_500", 502), ("malformed", 502)])
def test_failed_link_offers_our_fallback_url(sandbox: SandboxClient, settings: Any, fault: str, status: int) -> None:
    settings.FRONTEND_URL = "http://storefront.test"
    order = place(payment_method="credit_card")
    sandbox.fault("stripe", fault, path="/v1/payment_links", times=None)

    answer = as_staff().post(PATH, {"order_number": order.number})

    assert answer.status_code == status, answer.content
    found = answer.json()
    assert (found["success"], found["amount"], found["order_number"]) == (False, 45.0, order.number)
    assert found["fallback_url"] == f"http://storefront.test/pay/{order.number}"
    assert found["error"]
    assert "payment_url" not in found


@pytest.mark.parametrize("number", ["", None, 5, "x" * 21, ["LLD"]])
def test_link_for_an_invalid_order_number_is_refused(number: Any) -> None:
    assert as_staff().post(PATH, {"order_number": number}).status_code in {400, 404}
    assert not PaymentLink.objects.exists()


def test_link_for_a_paid_order_is_refused() -> None:
    order = place(payment_method="check")
    staff = as_staff()
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})

    answer = staff.post(PATH, {"order_number": order.number})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_due")
    assert "fallback_url" not in answer.json()


def test_idempotency_key_makes_one_intent_and_one_link(sandbox: SandboxClient) -> None:
    client = APIClient()
    body = {"amount": 45, "customer_email": "maria@lamilpa.test"}

    opened = [client.post("/api/payments/create-intent", body, HTTP_IDEMPOTENCY_KEY="cart-9") for _ in range(2)]
    assert [answer.status_code for answer in opened] == [200, 200]
    assert opened[0].content == opened[1].content
    assert len(sandbox.ledger("stripe", "payment_intent")) == Payment.objects.count() == 1

    other = client.post("/api/payments/create-intent", {**body, "amount": 46}, HTTP_IDEMPOTENCY_KEY="cart-9")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    staff = as_staff()
    order = {"order_number": place(payment_method="check").number}
    links = [staff.post(PATH, order, HTTP_IDEMPOTENCY_KEY="link-1").json() for _ in range(2)]
    assert links[0] == links[1]
    assert PaymentLink.objects.count() == 1


def test_idempotency_key_confirms_one_payment(sandbox: SandboxClient) -> None:
    client = APIClient()
    order = place(payment_method="credit_card")
    opened = client.post("/api/payments/create-intent", {"amount": 45, "order_number": order.number}).json()
    body = {"order_number": order.number, "payment_intent_id": opened["payment_intent_id"]}

    early = client.post("/api/payments/confirm", body, HTTP_IDEMPOTENCY_KEY="pay-1")
    assert (early.status_code, early.json()["code"]) == (409, "payment_incomplete")

    sandbox.pay_intent(opened["payment_intent_id"], deliver=False)
    answers = [client.post("/api/payments/confirm", body, HTTP_IDEMPOTENCY_KEY="pay-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    order.refresh_from_db()
    assert (order.payment_status, order.amount_paid, order.payments.count()) == ("paid", order.total_amount, 1)


def test_link_is_for_staff_owner_and_voice_key() -> None:
    owner = as_customer()
    order = place(customer=owner.user, payment_method="credit_card")
    body = {"order_number": order.number}

    for client in (owner, as_staff(Role.STAFF), as_key(Scope.VOICE)):
        answer = client.post("/api/payments/create-link", body)
        assert answer.status_code == 201, answer.content
        assert answer.json()["amount"] == 45.0

    assert as_customer().post("/api/payments/create-link", body).status_code == 404
    for client in (as_key(Scope.QUEUE), as_staff(Role.WAREHOUSE)):
        assert client.post("/api/payments/create-link", body).status_code == 403

    progress.cancel_order(order.pk, actor=SYSTEM)
    assert owner.post("/api/payments/create-link", body).status_code == 409


def test_repeat_of_create_intent_has_the_secret_that_is_kept_nowhere(api: APIClient) -> None:
    body = {"order_number": card_order().number, "amount": 45.0}

    first, again = (
        api.post("/api/payments/create-intent", body, format="json", HTTP_IDEMPOTENCY_KEY="pay") for _ in range(2)
    )

    assert first.json()["client_secret"]
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert b"secret" not in bytes(IdempotencyClaim.objects.get().answer or b"")


def test_link_whose_answer_was_lost_is_resumed(sandbox: SandboxClient) -> None:
    order = card_order()
    sandbox.fault("stripe", "reset_after_effect", path="/v1/payment_links", times=3)
    body, key = {"order_number": order.number}, {"HTTP_IDEMPOTENCY_KEY": "link"}

    lost, made = (as_staff(Role.ADMIN).post(PATH, body, format="json", **key) for _ in range(2))

    assert (lost.status_code, made.status_code) == (504, 201)
    assert PaymentLink.objects.get().url == made.json()["payment_url"]
