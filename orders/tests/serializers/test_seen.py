"""What is not shown to whom."""

import pytest

from lld.core.api.fields import MoneyField
from orders import rules
from orders.serializers.fields import BalanceField
from orders.serializers.seen import SeenOrder, StaffLineShape
from orders.serializers.staff import StaffOrderRow
from orders.serializers.staff_detail import StaffOrderDetail


@pytest.mark.parametrize("shape", [StaffOrderRow, StaffOrderDetail])
def test_every_sum_of_an_order_is_hidden_from_who_only_packs(shape: type[SeenOrder]) -> None:
    sums = {name for name, field in shape().fields.items() if isinstance(field, (MoneyField, BalanceField))}

    assert sums, "a shape without sums"
    assert sums <= set(rules.SUMS)


def test_every_price_of_a_line_is_hidden_from_who_only_packs() -> None:
    prices = {name for name, field in StaffLineShape().fields.items() if isinstance(field, MoneyField)}

    assert prices
    assert prices <= set(rules.PRICES)
