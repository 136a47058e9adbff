"""Requests with one Idempotency-Key at once: one effect, one answer, and never a crash."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Product
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import IdempotencyClaim
from orders.models import Order, Payment
from orders.services import payments
from sandbox.testing import SandboxClient
from tests import stock
from tests.concurrency.storm import storm
from tests.factories import ProductFactory, as_staff, order_body, place
from tests.tries import forget_tries

pytestmark = pytest.mark.django_db(transaction=True)

CONFLICT = (409, "idempotency_conflict")


def counted_product(pieces: int) -> Product:
    return stock.count(ProductFactory().pk, pieces, reason=StockReason.OPENING, actor=SYSTEM)


def buy(product: Product, key: str) -> Any:
    return APIClient().post("/api/orders", order_body((product, 1)), HTTP_IDEMPOTENCY_KEY=key)


def verdict(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def test_one_order_however_often_it_is_sent(sandbox: SandboxClient) -> None:
    product = counted_product(5)
    answers = storm(12, lambda _: buy(product, "cart"))
    verdicts = Counter(map(verdict, answers))
    assert verdicts.pop((201, None)) >= 1
    assert set(verdicts) <= {CONFLICT}
    assert Order.objects.count() == 1
    assert {answer.content for answer in answers if answer.status_code == 201} == {buy(product, "cart").content}
    product.refresh_from_db()
    assert product.stock_reserved == 1


def test_one_of_two_bodies_under_one_key_wins() -> None:
    products = [counted_product(5), counted_product(5)]
    answers = storm(10, lambda index: buy(products[index % 2], "cart"))
    assert {verdict(answer) for answer in answers} <= {(201, None), CONFLICT}
    assert Order.objects.count() == 1
    won = Order.objects.get().lines.get().product
    other = next(product for product in products if product != won)
    assert verdict(buy(other, "cart")) == CONFLICT


def refusals_that_are_forgotten(rounds: int) -> None:
    """An answer that is not kept takes its claim along, under the eyes of those who wait for it."""
    product = counted_product(0)
    for number in range(rounds):
        forget_tries()
        answers = storm(12, lambda _, number=number: buy(product, f"cart-{number}"))
        assert {verdict(answer) for answer in answers} <= {(409, "out_of_stock"), CONFLICT}
    assert not IdempotencyClaim.objects.exists()


def test_a_refusal_that_is_forgotten_while_others_wait_for_it() -> None:
    refusals_that_are_forgotten(10)


def test_a_payment_whose_process_died_after_it_is_not_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_soak_refusals_that_are_forgotten() -> None:
    refusals_that_are_forgotten(300)
