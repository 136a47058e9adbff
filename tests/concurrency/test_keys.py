"""Requests with one Idempotency-Key at once: one effect, one answer, and never a crash."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Product
from lld.core.access import Role
from lld.core.models import IdempotencyClaim
from orders.models import Order, Payment
from orders.services import payments
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import as_staff, counted, order_body, place
from tests.tries import forget_tries

pytestmark = pytest.mark.django_db(transaction=True)

CONFLICT = (409, "idempotency_conflict")


def buy(product: Product, key: str) -> Any:
    return APIClient().post("/api/orders", order_body((product, 1)), HTTP_IDEMPOTENCY_KEY=key)


def verdict(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_same_key_at_once_places_one_order(sandbox: SandboxClient) -> None:
    product = counted(5)

    answers = storm(12, lambda _: buy(product, "cart"))

    verdicts = Counter(map(verdict, answers))
    assert verdicts.pop((201, None)) >= 1
    assert set(verdicts) <= {CONFLICT}
    assert Order.objects.count() == 1
    assert {answer.content for answer in answers if answer.status_code == 201} == {buy(product, "cart").content}
    product.refresh_from_db()
    assert product.stock_reserved == 1


def test_same_key_with_two_bodies_places_one_order() -> None:
    products = [counted(5), counted(5)]

    answers = storm(10, lambda index: buy(products[index % 2], "cart"))
    assert {verdict(answer) for answer in answers} <= {(201, None), CONFLICT}
    assert Order.objects.count() == 1

    won = Order.objects.get().lines.get().product
    other = next(product for product in products if product != won)
    assert verdict(buy(other, "cart")) == CONFLICT


def refusals_that_are_forgotten(rounds: int) -> None:
    """An answer that is not kept takes its claim along, under the eyes of those who wait for it."""
    product = counted(0)
    for number in range(rounds):
        forget_tries()
        answers = storm(12, lambda _, number=number: buy(product, f"cart-{number}"))
        assert {verdict(answer) for answer in answers} <= {(409, "out_of_stock"), CONFLICT}
    assert not IdempotencyClaim.objects.exists()


def test_forgotten_refusal_leaves_no_claim() -> None:
    refusals_that_are_forgotten(10)


def test_payment_of_a_dead_process_is_not_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    order = place(payment_method="credit_card")
    staff = as_staff(Role.MANAGER)
    path, headers = f"/api/staff/orders/{order.pk}/mark-paid", {"HTTP_IDEMPOTENCY_KEY": "receipt"}
    real = payments.record_manual_payment

    def die_afterwards(*args: Any, **options: Any) -> Any:
        real(*args, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(payments, "record_manual_payment", die_afterwards)
        with pytest.raises(KeyboardInterrupt):
            staff.post(path, {"amount_received": 20}, **headers)

    assert verdict(staff.post(path, {"amount_received": 20}, **headers)) == CONFLICT

    IdempotencyClaim.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert verdict(staff.post(path, {"amount_received": 20}, **headers)) == CONFLICT
    assert Payment.objects.filter(order=order).count() == 1


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_forgotten_refusals() -> None:
    refusals_that_are_forgotten(300)
