"""What routes answer is what the document says they answer, also where PostgreSQL builds the JSON."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from lld.core.errors import ErrorCode
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from sandbox.testing import SandboxClient
from tests.api import ROUTES
from tests.api.callers import client_of
from tests.api.world import World
from tests.contract.test_contract import BUILT, Built, caller_of
from tests.factories import (
    CANCELLING,
    PASSWORD,
    CustomerFactory,
    ProductFactory,
    as_customer,
    as_key,
    as_staff,
    order_body,
    place,
)
from tests.tries import forget_tries


@cache
def document() -> dict[str, Any]:
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return generated


@cache
def components() -> dict[str, Any]:
    return strict(document()["components"])


@cache
def validator(method: str, route: str, status: int) -> jsonschema.Draft202012Validator:
    operation = document()["paths"][route][method.lower()]
    schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
    return jsonschema.Draft202012Validator({**strict(schema), "components": components()})


def strict(node: Any) -> Any:
    """A copy that describes no key beyond the described ones."""
    if isinstance(node, list):
        return [strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    node = {name: strict(value) for name, value in node.items() if name not in {"multipleOf", "example"}}
    if node.get("type") == "object" and "properties" in node:
        node["additionalProperties"] = False
    return node


def assert_described(answer: Any, method: str, route: str) -> None:
    if answer.status_code == 204:
        assert not answer.content
        assert "content" not in document()["paths"][route][method.lower()]["responses"]["204"]
        return
    if answer.headers["Content-Type"] != "application/json":
        described_as = document()["paths"][route][method.lower()]["responses"][str(answer.status_code)]["content"]
        assert answer.headers["Content-Type"] in described_as
        return
    validator(method, route, answer.status_code).validate(answer.json())


def document_path(route: str) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def described(operation: dict[str, Any], status: str) -> dict[str, Any]:
    name = operation["responses"][status]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    component: dict[str, Any] = document()["components"]["schemas"][name]
    return component


class SomebodyElses(World):
    """Orders are nobody's that calls, wait for terms, and stay where they are."""

    def place_order(self, **_: Any) -> Order:
        return place((self.product, 2))

    def order_in(self, status: OrderStatus) -> Order:
        return self.place_order()

    @property
    def written_off_order(self) -> Order:
        return self.place_order()


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox", "_commits")
@pytest.mark.parametrize(
    "built", [built for built in BUILT if built.row.shape != "redirect"], ids=lambda built: built.row.name
)
def test_built_row_matches_the_document(built: Built) -> None:
    row, client = built.row, caller_of(built)
    answer = built.make_call(World.of(client)).send(client, row.method, row.path)
    assert_described(answer, row.method, document_path(row.path.removeprefix("/")))


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("caller", ["anonymous", "customer", "warehouse", "sales_rep", "admin", "key:voice"])
def test_every_caller_gets_only_described_answers(caller: str) -> None:
    for route in ROUTES:
        # A client each: some calls end their caller's session.
        client = client_of(caller)

        answer = route.send(client, SomebodyElses.of(client))

        if answer.status_code != 302:
            assert_described(answer, route.method, document_path(route.path))
        # There are more routes than one address may sign in for.
        forget_tries()


@pytest.mark.django_db
def test_conflicts_match_the_document(sandbox: SandboxClient) -> None:
    staff = as_staff(Role.ADMIN)
    order = place()
    path = f"/api/staff/orders/{order.pk}"

    stale = staff.put(f"{path}/notes", {"staff_notes": "x"}, HTTP_IF_MATCH='"99"')
    assert stale.json()["current"]["id"] == order.pk
    assert_described(stale, "PUT", "/api/staff/orders/{order_id}/notes")

    held = staff.post(f"/api/shipping/orders/{order.number}/confirm")
    assert held.json()["hold_reasons"]
    assert_described(held, "POST", "/api/shipping/orders/{order_number}/confirm")

    backwards = staff.post(f"/api/shipping/orders/{order.number}/deliver")
    assert backwards.json()["status"] == "pending"
    assert_described(backwards, "POST", "/api/shipping/orders/{order_number}/deliver")

    product = ProductFactory(stock_quantity=1)
    short = APIClient().post("/api/orders", order_body((product, 2)), format="json")
    assert short.json()["lines"][0]["available"] == 1
    assert_described(short, "POST", "/api/orders")

    cheap = APIClient().post("/api/payments/create-intent", {"amount": 1, "order_number": order.number})
    assert cheap.json()["balance"] == order.balance
    assert_described(cheap, "POST", "/api/payments/create-intent")

    body = {"order_number": order.number, "payment_intent_id": "pi_x"}
    unknown = APIClient().post("/api/payments/confirm", body)
    assert unknown.status_code == 400
    assert_described(unknown, "POST", "/api/payments/confirm")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/products", "/api/products/sales-catalog", "/api/products/suggest?q=ladle"], ids=lambda p: p[5:]
)
def test_not_modified_catalogue_matches_the_document(path: str) -> None:
    ProductFactory(name="Ladle 8 oz")

    seen = APIClient().get(path)
    assert_described(seen, "GET", path.partition("?")[0])

    again = APIClient().get(path, HTTP_IF_NONE_MATCH=seen.headers["ETag"])
    assert again.status_code == 304
    assert "content" not in document()["paths"][path.partition("?")[0]]["get"]["responses"]["304"]


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("post", "/api/admin/products"),
        ("post", "/api/staff/products"),
        ("put", "/api/staff/products/{product_id}"),
        ("put", "/api/v1/products/{identifier}"),
    ],
)
def test_picture_routes_describe_their_failures(method: str, route: str) -> None:
    for status in ("413", "502", "504"):
        assert "code" in described(document()["paths"][route][method], status)["required"]


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/api/staff/products/bulk-save", "/api/v1/products/bulk-update"])
def test_too_large_bulk_body_matches_the_document(route: str) -> None:
    client = as_key(Scope.CATALOG_WRITE) if "v1" in route else as_staff(Role.MANAGER)
    over = client.post(route, {"products": ["x" * 3 * 2**20]})
    assert over.status_code == 413
    assert_described(over, "POST", route)


@pytest.mark.django_db
def test_unverified_login_matches_the_document() -> None:
    customer = CustomerFactory(email_verified=False)
    refused = APIClient().post("/api/login", {"username": customer.username, "password": PASSWORD})
    assert refused.json()["email_verification_required"] is True
    assert_described(refused, "POST", "/api/login")


@pytest.mark.django_db
def test_fullest_order_matches_the_document(sandbox: SandboxClient) -> None:
    staff = as_staff(Role.ADMIN)
    order = place(payment_method="credit_card", customer=as_customer().user)
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    progress.advance_order(order.pk, OrderStatus.PACKED, actor=staff.user.as_actor())
    staff.put(f"/api/staff/orders/{order.pk}/status", CANCELLING)

    answer = staff.get(f"/api/staff/orders/{order.pk}")

    body = answer.json()["order"]
    assert body["payments"]
    assert body["refunds"]
    assert body["history"]
    assert_described(answer, "GET", "/api/staff/orders/{order_id}")


def test_every_route_is_in_the_document() -> None:
    named = {(method.upper(), path) for path, operations in document()["paths"].items() for method in operations}
    assert named == {(route.method, document_path(route.path)) for route in ROUTES}


def test_every_operation_is_named_and_describes_its_errors() -> None:
    names = set()

    for path, operations in document()["paths"].items():
        for operation in operations.values():
            names.add(operation["operationId"])
            assert "Callers:" in operation["description"], path
            for status in ("400", "429"):
                assert {"success", "error", "code"} <= set(described(operation, status)["required"]), path

    assert len(names) == len(ROUTES)


def test_document_has_no_free_form_schema() -> None:
    def untyped(schema: Any, where: str) -> Iterator[str]:
        kinds = {"type", "$ref", "allOf", "anyOf", "oneOf", "enum"}
        if not isinstance(schema, dict) or not kinds & set(schema):
            yield where
            return
        if schema.get("type") == "object" and not {"properties", "additionalProperties"} & set(schema):
            yield where
        for name, part in schema.get("properties", {}).items():
            yield from untyped(part, f"{where}.{name}")
        for name in ("items", "additionalProperties"):
            if schema.get(name, False) is not False:
                yield from untyped(schema[name], f"{where}.{name}")

    found = [where for name, schema in document()["components"]["schemas"].items() for where in untyped(schema, name)]

    assert found == []


def test_enums_have_names_of_their_own() -> None:
    enums = {name for name, schema in document()["components"]["schemas"].items() if "enum" in schema}
    # "" where a choice may be left empty: drf-spectacular's own.
    assert enums - {"BlankEnum"} <= set(settings.SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"])


def test_what_a_request_may_leave_out_is_neither_required_nor_has_a_default() -> None:
    """Generators of clients demand fields that have a default, which ours are to fill in."""

    def objects(node: Any) -> Iterator[dict[str, Any]]:
        for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from objects(part)
        if isinstance(node, dict) and "properties" in node:
            yield node

    defaults = [
        name for node in objects(document()) for name, schema in node["properties"].items() if "default" in schema
    ]
    mark_paid = document()["components"]["schemas"]["MarkPaidRequest"]

    assert defaults == []
    assert "required" not in mark_paid
    assert 'Left out: `"cash"`.' in mark_paid["properties"]["payment_method"]["description"]


def test_success_says_which_it_is() -> None:
    schemas = document()["components"]["schemas"]
    said = {
        name: schema["properties"]["success"]
        for name, schema in schemas.items()
        if "success" in schema.get("properties", {})
    }
    open_ended = {name for name, schema in said.items() if "const" not in schema}

    assert said["Error"]["const"] is False
    assert said["Success"]["const"] is True
    # They tell how far they got.
    assert open_ended == {"BulkUpdated", "SmtpProbe"}


def test_every_error_code_has_its_sentence() -> None:
    told = dict(
        re.findall(r"^\* `(\w+)` - (.+\.)$", document()["components"]["schemas"]["ErrorCode"]["description"], re.M)
    )

    assert sorted(told) == sorted(ErrorCode)
    assert all(len(sentence.split()) > 3 for sentence in told.values())


def test_sessions_that_change_something_send_the_csrf_header() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            for scheme in operation["security"]:
                assert ("csrf" in scheme) == ("session" in scheme and method != "get"), f"{method} {path}"

    header = document()["components"]["securitySchemes"]["csrf"]
    assert (header["in"], header["name"]) == ("header", "X-CSRFToken")


def test_text_and_headers_are_described_as_they_are_read() -> None:
    category = document()["components"]["schemas"]["CreateCategoryRequest"]["properties"]
    headers = {
        parameter["name"]: parameter["schema"]["pattern"]
        for parameter in document()["paths"]["/api/staff/orders/{order_id}/refund"]["post"]["parameters"]
        if parameter["in"] == "header"
    }

    def fits(pattern: str, *texts: str) -> list[bool]:
        return [bool(re.search(pattern, text)) for text in texts]

    assert fits(category["name"]["pattern"], "Pans", " a ", " ", "a\0") == [True, True, False, False]
    assert fits(category["description"]["pattern"], "", "\n", "a\0") == [True, True, False]
    assert fits(headers["If-Match"], '"7"', "7", 'W/"7"', "*", "", "seven") == [True, True, True, True, False, False]
    assert fits(headers["Idempotency-Key"], "a", "a b", "", " ", "é") == [True, True, False, False, False]


def test_every_subject_is_described_and_used() -> None:
    tags = [operation["tags"] for operations in document()["paths"].values() for operation in operations.values()]
    described = {tag["name"] for tag in document()["tags"] if tag["description"]}

    assert {name for (name,) in tags} == described
