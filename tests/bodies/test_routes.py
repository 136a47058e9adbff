"""What every route makes of names that it does not know, of changes that name nothing, of odd headers and OPTIONS."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from lld.core.api.bodies import SENT_ALONG
from tests.api import ROUTES
from tests.api.callers import client_of
from tests.api.route import Call, Route
from tests.api.world import World
from tests.bodies.inputs import inputs
from tests.contract.test_openapi import document, document_path
from tests.routes.test_routes import content
from tests.tries import forget_tries

STRANGE = "unheard_of"
INPUTS = {entry.name: entry for entry in inputs()}
READ = [route for route in ROUTES if f"{route.method} {document_path(route.path)}" in INPUTS]
# Rows of many: each is refused by itself, and the others are saved.
BY_ROWS = {"api/staff/products/bulk-save", "api/v1/products/bulk-update"}


def is_strict(route: Route) -> bool:
    access = INPUTS[f"{route.method} {document_path(route.path)}"].access
    return not access.anyone and not access.customers


STRICT = [route for route in READ if is_strict(route)]
BODIES = [route for route in STRICT if route.method not in {"GET", "DELETE"}]


def client_for(route: Route) -> Any:
    return client_of(min(route.callers - {"anonymous", "customer"}))


def sent(route: Route) -> tuple[Any, Call]:
    """Whoever may call a strict route, and its call, made."""
    client = client_for(route)
    world = World.of(client)
    return client, (route.documented[0].call if route.documented else route.call)(world)


def with_strange(body: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """The body with one field more, at each place in turn where fields are, and what that field is called."""
    if isinstance(body, dict):
        yield f"{where}.{STRANGE}" if where else STRANGE, {**body, STRANGE: 1}
        for name, part in body.items():
            if not isinstance(part, SimpleUploadedFile):
                for place, changed in with_strange(part, f"{where}.{name}" if where else name):
                    yield place, {**body, name: changed}
    elif isinstance(body, list):
        for index, part in enumerate(body):
            for place, changed in with_strange(part, f"{where}[{index}]"):
                yield place, [*body[:index], changed, *body[index + 1 :]]


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
def test_one_field_more_is_refused_by_name_and_changes_nothing() -> None:
    made = [(route, *sent(route)) for route in BODIES]
    before = content()

    for route, client, call in made:
        for place, body in with_strange(call.body or {}):
            if route.path in BY_ROWS and "." in place:
                continue
            call.body = body
            answer = call.send(client, route.method, route.path)
            assert answer.status_code == 400, f"{route.name} took {place}"
            assert next(iter(answer.json()["fields"])) == place, route.name

    assert len(made) > 40
    assert content() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("route", [route for route in BODIES if route.path in BY_ROWS], ids=lambda route: route.path)
def test_one_field_more_in_a_row_refuses_that_row(route: Route) -> None:
    client, call = sent(route)
    first = call.body["products"][0]
    call.body = {"products": [{**first, STRANGE: 1}]}

    (error,) = call.send(client, route.method, route.path).json()["errors"]

    assert list(error["fields"]) == [STRANGE]


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
def test_one_field_more_from_anyone_is_ignored() -> None:
    open_ = [route for route in READ if not is_strict(route) and route.method not in {"GET", "DELETE"}]

    for route in open_:
        client = client_of("customer" if "anonymous" not in route.callers else "anonymous")
        call = route.call(World.of(client))
        if call.body is None or call.sent_by:
            continue
        call.body = {**call.body, STRANGE: 1}
        answer = call.send(client, route.method, route.path)
        assert answer.status_code < 300, f"{route.name}: {answer.content!r}"
        forget_tries()

    assert len(open_) > 20


@pytest.mark.django_db
def test_change_that_names_nothing_is_refused() -> None:
    changes = [route for route in BODIES if route.method in {"PUT", "PATCH"}]

    for route in changes:
        client, call = sent(route)
        call.body = {}
        answer = call.send(client, route.method, route.path)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), route.name
        assert answer.json()["fields"], route.name

    assert len(changes) >= 8


@pytest.mark.django_db
def test_one_parameter_more_is_refused_by_name() -> None:
    lists = [route for route in STRICT if route.method in {"GET", "DELETE"}]

    for route in lists:
        client, call = sent(route)
        call.query = {**call.query, STRANGE: "1"}
        answer = call.send(client, route.method, route.path)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [STRANGE]), route.name

        call.query = dict.fromkeys(SENT_ALONG - {"format"}, "1") | {"format": "csv", STRANGE: ""}
        assert call.send(client, route.method, route.path).status_code == 200, route.name

    assert len(lists) >= 8


ROUTE_PATHS = sorted({route.path for route in ROUTES})


def address(path: str) -> str:
    for part, value in {"int": "1", "order_number": "LLD-0000-0000", "str": "x"}.items():
        while f"<{part}:" in path:
            head, _, tail = path.partition(f"<{part}:")
            path = head + value + tail.partition(">")[2]
    return f"/{path}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{}, {"HTTP_AUTHORIZATION": "Bearer x", "HTTP_ACCEPT": ""}, {"HTTP_X_API_KEY": "x"}]
)
def test_options_are_told_to_whoever_asks(headers: dict[str, str]) -> None:
    for path in ROUTE_PATHS:
        answer = APIClient(enforce_csrf_checks=True).options(address(path), **headers)
        allowed = set(answer.headers["Allow"].split(", "))
        assert (answer.status_code, answer.content) == (204, b""), path
        assert {route.method for route in ROUTES if route.path == path} <= allowed, path


ACCEPTS = ["", "text/html,application/xhtml+xml;q=0.9", "image/avif,image/webp", " ", "x", "*", ";q=1"]


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ACCEPTS)
def test_odd_accept_header_gets_json(accept: str) -> None:
    answer = APIClient().get("/api/config", HTTP_ACCEPT=accept)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db
def test_accept_header_of_a_browser_or_none_is_refused_nowhere() -> None:
    others = ["/api/schema", "/api/docs", "/"]

    for accept in ACCEPTS[:2]:
        for path in (*map(address, ROUTE_PATHS), *others):
            assert APIClient().get(path, HTTP_ACCEPT=accept).status_code not in {406, 500}, path


@pytest.mark.django_db
@pytest.mark.parametrize("levels", [33, 400, 939, 980, 1020, 5000])
@pytest.mark.parametrize("route", ["/api/orders", "/api/orders/quote", "/api/login", "/api/staff/login"])
def test_body_nested_too_deep_is_refused(route: str, levels: int) -> None:
    deep = '{"a":' * levels + "1" + "}" * levels
    body = f'{{"items":[{{"sku":{deep},"quantity":1}}],"username":{deep},"password":"x"}}'

    answer = APIClient(raise_request_exception=False).generic("POST", route, body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_document_closes_the_bodies_of_staff_and_keys_and_no_others() -> None:
    schemas = document()["components"]["schemas"]

    for route in READ:
        body = document()["paths"][document_path(route.path)][route.method.lower()].get("requestBody")
        for content_ in (body or {"content": {}})["content"].values():
            name = content_["schema"]["$ref"].rpartition("/")[2]
            assert (schemas[name].get("additionalProperties") is False) == is_strict(route), route.name
            if route in BODIES and route.method in {"PUT", "PATCH"}:
                assert schemas[name]["minProperties"] == 1, route.name
