"""Every built row of the contract, by a real call: path, method, callers, fields, parameters, keys."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from tests.api import ROUTES
from tests.api.callers import client_of
from tests.api.route import Call, Documented, MakeCall, Route
from tests.api.world import World
from tests.contract.reference import Row, not_built_yet, rows
from tests.factories import (
    CustomerFactory,
    ProductFactory,
    as_customer,
    as_key,
    as_staff,
    as_staff_in_session,
    card_order,
    place,
    with_csrf_token,
)

MOST_NOT_BUILT = 148


class Built(NamedTuple):
    """A row of the contract, and the call of its route."""

    row: Row
    make_call: MakeCall
    by: str


def built_of(route: Route) -> list[Built]:
    documented = [row for row in rows() if row.is_of(route.method, route.path)]
    calls = route.documented or (Documented(route.call),) * len(documented)
    return [Built(row, made.call, made.by) for row, made in zip(documented, calls, strict=True)]


BUILT = sorted((built for route in ROUTES for built in built_of(route)), key=lambda built: built.row.name)


def caller_of(built: Built) -> APIClient:
    """Whom the call asks for, or the least powerful caller whom the row lets in."""
    row = built.row
    if built.by:
        return client_of(built.by)
    if row.auth == "Session" and row.roles:
        return with_csrf_token(as_staff_in_session(row.roles[-1]))
    if row.auth == "Public":
        return APIClient(enforce_csrf_checks=True)
    if row.auth == "Session":
        return as_customer()
    if row.auth == "API Key":
        return as_key(Scope(row.scope))
    return as_staff(Role(row.roles[-1]) if row.roles else Role.STAFF)


def wrong_callers(row: Row) -> Iterator[APIClient]:
    """Of each kind that the row does not name, one."""
    if row.auth == "Session" and not row.roles:
        yield as_staff(Role.ADMIN)
    elif "Session" not in row.also:
        yield as_customer()
    for role in set(Role) - set(row.roles) if row.roles else ():
        yield as_staff(role)
    yield as_key(*(scope for scope in Scope if scope != row.scope))


def missing_keys(keys: dict[str, Any], value: Any, where: str = "") -> list[str]:
    """Documented keys that an answer lacks. A list must have rows, or its keys would go unseen."""
    if isinstance(value, list):
        if not value:
            return [f"{where}[] is empty"]
        return [name for row in value for name in missing_keys(keys, row, f"{where}[]")]
    missing = [f"{where}.{name}" for name in keys if name not in value]
    for name, nested in keys.items():
        if nested.get("keys") and name in value and value[name] is not None:
            missing += missing_keys(nested["keys"], value[name], f"{where}.{name}")
    return missing


WITHOUT_CONTENT = {"redirect": 302, "empty": 204}


def test_not_built_list_is_true_and_only_shrinks() -> None:
    unbuilt = sorted(row.name for row in rows() if not row.is_built)
    assert not_built_yet() == unbuilt
    assert len(unbuilt) <= MOST_NOT_BUILT


def test_every_built_row_is_called() -> None:
    assert [built.row.name for built in BUILT] == sorted(row.name for row in rows() if row.is_built)


# One of these is required: decision 23.
OLD_NAMES = {"check_front": ("check_image",)}


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox", "_commits")
@pytest.mark.parametrize("built", BUILT, ids=lambda built: built.row.name)
def test_built_row_answers_as_documented(built: Built) -> None:
    row, client = built.row, caller_of(built)
    call = built.make_call(World.of(client))
    documented = {field["name"] for field in row.fields}
    assert documented <= set(call.body or {}), "the call does not send every documented field"
    assert {param["name"] for param in row.params} <= set(call.query), "… or parameter"

    for field in row.fields:
        if field["required"]:
            names = {field["name"], *OLD_NAMES.get(field["name"], ())}
            refused = call.send(client, row.method, row.path, without=names)
            assert refused.status_code == 400, refused.content
            assert field["name"] in refused.json()["fields"]

    answer = call.send(client, row.method, row.path)
    if row.shape in WITHOUT_CONTENT:
        assert answer.status_code == WITHOUT_CONTENT[row.shape]
        return
    assert answer.status_code in {200, 201}, answer.content
    if row.shape == "binary":
        assert answer.content
        return
    value = answer.json()
    assert isinstance(value, list if row.shape == "array" else dict)
    assert missing_keys(row.keys, value) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox", "_commits")
@pytest.mark.parametrize(
    "built", [built for built in BUILT if built.row.auth != "Public"], ids=lambda built: built.row.name
)
def test_built_row_keeps_others_out(built: Built) -> None:
    row, call = built.row, built.make_call(World())

    answer = call.send(APIClient(enforce_csrf_checks=True), row.method, row.path)
    assert answer.status_code == 401, answer.content
    assert answer.json()["success"] is False
    assert answer.headers["WWW-Authenticate"]

    for wrong in wrong_callers(row):
        answer = call.send(wrong, row.method, row.path)
        assert answer.status_code in {401, 403}, answer.content


@pytest.mark.usefixtures("sandbox", "db", "_commits")
def test_callers_named_also_get_through() -> None:
    customer = CustomerFactory()
    named = {"Session": as_customer(customer), "API Key": as_key(Scope.VOICE)}
    (row,) = [built.row for built in BUILT if "API Key" in built.row.also]

    for kind in row.also:
        call = Call(body={"order_number": card_order(customer=customer).number})
        answer = call.send(named[kind], row.method, row.path)
        assert answer.status_code == 201, answer.content


@pytest.mark.usefixtures("sandbox", "db")
def test_money_is_a_number_with_two_decimals() -> None:
    order = place((ProductFactory(unit_price=Decimal("1234567.10"), bulk_price=None, bulk_quantity=None), 1))
    answer = APIClient().get(f"/api/orders/{order.number}")
    assert b'"total_amount":1234567.10' in answer.content
