"""What routes answer is what the document says they answer, also where PostgreSQL builds the JSON."""

import copy
from functools import cache
from typing import Any

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from lld.core.access import Role
from orders.enums import OrderStatus
from orders.services import progress
from sandbox.testing import SandboxClient
from tests.contract.test_contract import BUILT, CASES, Row, call, caller_of
from tests.factories import as_customer, as_staff, place
from tests.routes.table import ROUTES


@cache
def document() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


def answer_schema(method: str, route: str, status: int) -> dict[str, Any]:
    operation = document()["paths"][route][method.lower()]
    schema = copy.deepcopy(operation["responses"][str(status)]["content"]["application/json"]["schema"])
    return {**strict(schema), "components": strict(copy.deepcopy(document()["components"]))}


def strict(node: Any) -> Any:
    """OpenAPI's nullable as JSON Schema, and no key beyond the described ones."""
    if isinstance(node, list):
        return [strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: strict(value) for name, value in node.items() if name not in {"multipleOf", "example"}}
    if node.pop("nullable", False):
        node = {"anyOf": [node, {"type": "null"}]}
    if node.get("type") == "object" and "properties" in node:
        node["additionalProperties"] = False
    return node


def openapi_path(row: Row) -> str:
    parts = [part.replace("<string:", "<").replace("<int:", "<") for part in row.path.split("/")]
    return "/".join(part.replace("<", "{").replace(">", "}") for part in parts)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", [row for row in BUILT if row.shape != "redirect"], ids=lambda row: row.name)
def test_answers_match_the_document(row: Row, sandbox: SandboxClient) -> None:
    made = CASES[row.name](sandbox)
    answer = call(row, made, made.client or caller_of(row), made.body)
    schema = answer_schema(row.method, openapi_path(row), answer.status_code)
    jsonschema.validate(answer.json(), schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.django_db(transaction=True)
def test_the_fullest_order_matches_the_document(sandbox: SandboxClient) -> None:
    staff = as_staff(Role.ADMIN)
    order = place(payment_method="credit_card", customer=as_customer().user)
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    progress.advance_order(order.pk, OrderStatus.PACKED, actor=staff.user.as_actor())
    staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"})
    answer = staff.get(f"/api/staff/orders/{order.pk}")
    body = answer.json()["order"]
    assert body["payments"]
    assert body["refunds"]
    assert body["history"]
    schema = answer_schema("GET", "/api/staff/orders/{order_id}", 200)
    jsonschema.validate(answer.json(), schema, cls=jsonschema.Draft202012Validator)


def test_every_route_is_in_the_document() -> None:
    described = {(method.upper(), path) for path, operations in document()["paths"].items() for method in operations}
    served = {
        (method, "/" + route.replace("<int:", "{").replace("<str:", "{").replace(">", "}"))
        for method, route in ROUTES
    }
    assert described == served


def test_every_operation_is_named_and_describes_its_errors() -> None:
    names = set()
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            names.add(operation["operationId"])
            assert "Callers:" in operation["description"], path
            assert operation["responses"]["400"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
    assert len(names) == len(ROUTES)
