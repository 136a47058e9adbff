"""The items of an earlier order, at today's prices and stock."""

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Product
from lld.core.actors import SYSTEM
from orders.models import Order
from tests import stock
from tests.factories import ProductFactory, as_customer, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def test_reorder_shows_current_price_stock_and_name() -> None:
    owner = as_customer()
    few = stock.count(ProductFactory().pk, 20, reason=StockReason.OPENING, actor=SYSTEM)
    cheaper, stopped, renamed = ProductFactory(), ProductFactory(), ProductFactory(name="Ladle")
    order = place((few, 12), (cheaper, 12), (stopped, 1), (renamed, 1), customer=owner.user)
    stock.count(few.pk, 20, reason=StockReason.CORRECTED, actor=SYSTEM)
    Product.objects.filter(pk=cheaper.pk).update(bulk_price="7.00")
    Product.objects.filter(pk=stopped.pk).update(in_stock=False)
    Product.objects.filter(pk=renamed.pk).update(name="Ladle, 8 oz")

    lines = owner.post(f"/api/orders/{order.number.lower()}/reorder").json()["items"]

    names = ("quantity", "unit_price", "ordered_unit_price", "price_changed", "available", "available_quantity")
    assert [tuple(line[name] for name in names) for line in lines] == [
        # Eight of the twenty are not promised to this order itself.
        (12, 8.0, 8.0, False, False, 8),
        (12, 7.0, 8.0, True, True, None),
        (1, 10.0, 10.0, False, False, 0),
        (1, 10.0, 10.0, False, True, None),
    ]
    assert lines[3]["product_name"] == "Ladle, 8 oz"
    few.refresh_from_db()
    assert (Order.objects.count(), few.stock_reserved) == (1, 12)


def test_reorder_needs_a_customer(api: APIClient) -> None:
    order = place()
    assert api.post(f"/api/orders/{order.number}/reorder").status_code == 401
    assert as_staff().post(f"/api/orders/{order.number}/reorder").status_code in {401, 403}


def test_reorder_marks_changed_prices_and_places_nothing() -> None:
    owner = as_customer()
    dearer, gone, same = ProductFactory(), ProductFactory(), ProductFactory()
    order = place((dearer, 2), (gone, 1), (same, 12), customer=owner.user)
    type(dearer).objects.filter(pk=dearer.pk).update(unit_price="12.00")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)

    lines = owner.post(f"/api/orders/{order.number}/reorder").json()["items"]

    assert [(line["unit_price"], line["price_changed"], line["available"]) for line in lines] == [
        (12.0, True, True),
        (10.0, False, False),
        (8.0, False, True),
    ]
    assert Order.objects.count() == 1
