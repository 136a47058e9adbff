"""Every built row of the contract, by a real call: path, method, callers, fields, parameters, keys."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from sandbox.testing import SandboxClient
from tests import twilio
from tests.contract.cases import card_order, case_of
from tests.contract.reference import Row, not_built_yet, rows
from tests.contract.registry import CASES, Case
from tests.factories import (
    CustomerFactory,
    ProductFactory,
    as_customer,
    as_key,
    as_staff,
    place,
)
from tests.routes.callers import staff_session, with_csrf_token

MOST_NOT_BUILT = 148


def caller_of(row: Row) -> APIClient:
    """The least powerful caller whom the row lets in."""
    if row.auth == "Session" and row.roles:
        return with_csrf_token(staff_session(row.roles[-1]))
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


def call(row: Row, made: Case, client: APIClient, body: Any) -> Any:
    path = row.path
    if path == twilio.PATH:
        return twilio.send_report(client, body)
    for name, value in made.arguments.items():
        path = "/".join(str(value) if part.endswith(f"{name}>") else part for part in path.split("/"))
    query = "&".join(f"{name}={value}" for name, value in made.query.items())
    sent_as = "multipart" if any(field["type"] == "file" for field in row.fields) else "json"
    return getattr(client, row.method.lower())(f"{path}?{query}" if query else path, rewound(body), format=sent_as)


def rewound(body: Any) -> Any:
    """The same body, with its files to be read from their beginnings."""
    for value in body.values() if isinstance(body, dict) else ():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    return body


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
BUILT = [row for row in rows() if row.is_built]


def test_the_list_of_what_is_not_built_yet_is_true_and_only_shrinks() -> None:
    unbuilt = sorted(row.name for row in rows() if not row.is_built)
    assert not_built_yet() == unbuilt
    assert len(unbuilt) <= MOST_NOT_BUILT


def test_every_built_row_has_a_case() -> None:
    assert {row.name for row in BUILT} == set(CASES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.name)
def test_row(row: Row, sandbox: SandboxClient) -> None:
    made = case_of(row, sandbox)
    documented = {field["name"] for field in row.fields}
    assert documented <= set(made.body or {}), "the case does not send every documented field"
    assert {param["name"] for param in row.params} <= set(made.query), "… or parameter"
    client = made.client or caller_of(row)

    for field in row.fields:
        if field["required"]:
            body = {name: value for name, value in (made.body or {}).items() if name != field["name"]}
            refused = call(row, made, client, body)
            assert refused.status_code == 400, refused.content
            assert field["name"] in refused.json()["fields"]

    answer = call(row, made, client, made.body)
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", [row for row in BUILT if row.auth != "Public"], ids=lambda row: row.name)
def test_others_are_kept_out(row: Row, sandbox: SandboxClient) -> None:
    made = case_of(row, sandbox)
    answer = call(row, made, APIClient(enforce_csrf_checks=True), made.body)
    assert answer.status_code == 401, answer.content
    assert answer.json()["success"] is False
    assert answer.headers["WWW-Authenticate"]
    for wrong in wrong_callers(row):
        answer = call(row, made, wrong, made.body)
        assert answer.status_code in {401, 403}, answer.content


def test_what_the_contract_names_besides_gets_through(sandbox: SandboxClient, transactional_db: None) -> None:
    customer = CustomerFactory()
    named = {"Session": as_customer(customer), "API Key": as_key(Scope.VOICE)}
    (row,) = [row for row in BUILT if row.also and "Public" not in row.also]
    for kind in row.also:
        answer = call(row, Case(), named[kind], {"order_number": card_order(customer=customer).number})
        assert answer.status_code == 201, answer.content


def test_money_is_a_number_with_its_digits(sandbox: SandboxClient, transactional_db: None) -> None:
    order = place((ProductFactory(unit_price=Decimal("1234567.10"), bulk_price=None, bulk_quantity=None), 1))
    answer = APIClient().get(f"/api/orders/{order.number}")
    assert b'"total_amount":1234567.10' in answer.content
