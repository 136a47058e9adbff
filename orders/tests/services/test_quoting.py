"""What a basket costs: the one computation behind the quote and the order."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.errors import InvalidInput
from orders.services import quoting
from orders.services.quoting import Quote
from tests.factories import priced

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def quoted(price: str, **options: Any) -> Quote:
    """One of a product at this price."""
    product = priced(price)
    return quoting.quote_products({product.pk: product}, {product.pk: 1}, **options)


@pytest.mark.parametrize(
    ("price", "discount", "fee", "gap"),
    [
        ("299.99", "0", "25.00", "0.01"),
        ("300.00", "0", "0.00", "0.00"),
        ("300.00", "0.01", "25.00", "0.01"),
        ("310.00", "10.00", "0.00", "0.00"),
        ("310.00", "10.01", "25.00", "0.01"),
        ("10.00", "10.00", "25.00", "300.00"),
    ],
)
def test_delivery_is_free_by_the_goods_after_discount(price: str, discount: str, fee: str, gap: str) -> None:
    totals = quoted(price, discount=Decimal(discount)).totals
    assert (totals.delivery_fee, totals.free_delivery_gap) == (Decimal(fee), Decimal(gap))
    assert totals.total == Decimal(price) - Decimal(discount) + Decimal(fee)


def test_delivery_fee_set_by_staff_stays() -> None:
    assert quoted("500.00", delivery_fee=Decimal("12.50")).totals.total == Decimal("512.50")
    assert quoted("5.00", delivery_fee=Decimal("0.00")).totals.total == Decimal("5.00")


@pytest.mark.parametrize(
    ("price", "discount", "tax"),
    # 10.25 % of 100.00 − 50.00, of 2.00 (0.205, half up), of 1.99 (0.203975).
    [("100.00", "50.00", "5.13"), ("2.00", "0", "0.21"), ("1.99", "0", "0.20"), ("9.00", "9.00", "0.00")],
)
def test_tax_is_on_goods_after_discount_and_not_on_delivery(
    settings: Any, price: str, discount: str, tax: str
) -> None:
    settings.SALES_TAX_RATE = Decimal("0.1025")
    totals = quoted(price, discount=Decimal(discount)).totals
    assert totals.tax == Decimal(tax)
    assert totals.total == Decimal(price) - Decimal(discount) + Decimal("25.00") + Decimal(tax)


def test_tax_is_zero_unless_a_rate_is_set() -> None:
    assert quoted("100.00").totals.tax == 0


def test_discount_over_the_goods_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        quoted("10.00", discount=Decimal("10.01"))
    assert list(refusal.value.fields or {}) == ["discount_amount"]
