"""Names that a serializer does not know, and what is said of them."""

from typing import Any

import pytest
from rest_framework import serializers

from lld.core.api.bodies import MOST_COMPLAINTS, nearest, read_body, unknown_names
from lld.core.api.fields import LineField, MoneyField, StrictIntegerField
from lld.core.errors import InvalidInput


class Line(serializers.Serializer[Any]):
    sku = LineField()
    quantity = StrictIntegerField()


class Shape(serializers.Serializer[Any]):
    amount_received = MoneyField(required=False)
    payment_method = LineField(required=False)
    created_at = LineField(read_only=True)
    main = Line(required=False)
    lines = Line(many=True, required=False)
    others = serializers.ListField(child=Line(), required=False)


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("amount", ["payment_method", "note", "amount_received"], ["amount_received"]),
        ("method", ["payment_method", "note", "amount_received"], ["payment_method"]),
        ("zip", ["delivery_city", "delivery_zip"], ["delivery_zip"]),
        ("qty", ["product_id", "sku", "quantity"], ["quantity"]),
        ("Reasn", ["reason", "note"], ["reason"]),
        ("quantity", ["stock_quantity", "in_stock", "bulk_quantity"], ["bulk_quantity", "stock_quantity"]),
        ("xyzzy", ["reason", "to"], []),
        ("customer_token", ["to"], []),
        ("x" * 1_000_000, ["reason"], []),
        ("a", [], []),
    ],
)
def test_nearest_are_those_that_were_meant(name: str, known: list[str], near: list[str]) -> None:
    assert nearest(name, known) == near


def test_unknown_names_are_told_by_where_they_stand() -> None:
    line = {"sku": "A", "quantity": 1, "price": 2}
    body = {"amount": 1, "created_at": 1, "main": line, "lines": [{}, line, "x"], "others": [line]}

    found = unknown_names(Shape(), body)

    assert set(found) == {"amount", "created_at", "main.price", "lines[1].price", "others[0].price"}
    assert found["amount"] == ["There is no such field. Did you mean amount_received?"]
    assert found["main.price"] == ["There is no such field. Known are sku and quantity."]
    assert unknown_names(Shape(), {"lines": 1, "main": [], "others": {}}) == {}
    assert unknown_names(Shape(), {"csrfmiddlewaretoken": "x"}) == {}


def test_only_so_much_is_said_of_what_is_unknown() -> None:
    found = unknown_names(Shape(), {f"{number}{'x' * 5000}": 1 for number in range(500)})
    assert len(found) == MOST_COMPLAINTS
    assert max(map(len, found)) < 100


def read(body: dict[str, Any], **how: bool) -> dict[str, Any]:
    return read_body(Shape(data=body), body, **{"strict": True, **how})


def test_unknown_and_invalid_are_refused_together_unknown_first() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read({"amount_received": -1, "method": "check"})

    assert list(refusal.value.fields or {}) == ["method", "amount_received"]
    assert refusal.value.sentence == "method: There is no such field. Did you mean payment_method?"


def test_body_may_be_empty_unless_it_is_a_change() -> None:
    assert read({}) == {}
    assert read({"other": 1}, strict=False, changes=True) == {}
    with pytest.raises(InvalidInput, match="amount_received, payment_method, main, lines or others"):
        read({}, changes=True)
