"""The API document against the running stack, by schemathesis, with every kind of credential."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.logins import DEMO_PASSWORD
from lld.core.access import Role, Scope
from lld.stack.configuration import PROJECT
from tests.stack.running import Stack, run_stack

pytestmark = [pytest.mark.soak, pytest.mark.stack, pytest.mark.timeout(24 * 3600)]

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "100")
LOGINS = {Role.SALES_REP: "rep"}
CALLERS = ("nobody", "customer", *(role.value for role in Role), "key", "link")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "takes_what_the_document_allows",
    "refuses_what_the_document_forbids",
)
# They end their own caller's credentials, or somebody else's of this list.
ENDING = "logout|change_password|reset_password|users_delete|users_change|keys_(delete|revoke)|update_email"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with run_stack(TRUSTED_PROXIES="127.0.0.0/8") as running:
        yield running


@pytest.mark.parametrize("caller", CALLERS)
def test_document_and_answers_agree(stack: Stack, caller: str, tmp_path: Path) -> None:
    headers, environment = credentials(stack, caller)
    for chosen in ("--exclude-operation-id-regex", "--include-operation-id-regex"):
        run = subprocess.run(
            [Path(sys.executable).with_name("schemathesis"), "run", PROJECT / "docs" / "api" / "openapi.yaml",
             "--url", stack.environment["BASE"], "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing",
             "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all",
             "--warnings", "off", "--workers", "2", "--seed", "1", chosen, ENDING,
             *(part for name, value in headers.items() for part in ("--header", f"{name}: {value}"))],
            cwd=tmp_path, env=os.environ | environment, capture_output=True, text=True,
        )  # fmt: skip

        assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]


def credentials(stack: Stack, caller: str) -> tuple[dict[str, str], dict[str, str]]:
    """Headers that make requests this caller's, and variables for the checks."""
    hooks = {"SCHEMATHESIS_HOOKS": "tests.stack.fuzz_checks", "PYTHONPATH": str(PROJECT)}
    if caller == "nobody":
        return {}, hooks
    if caller == "customer":
        return session(stack, "customer"), hooks
    if caller == "key":
        admin = token(stack, "admin")
        made = call(stack, "/api/admin/keys", {"name": "fuzz", "scopes": list(Scope)}, admin)[0]
        return {"X-API-Key": made["raw_key"]}, hooks
    if caller == "link":
        return {}, hooks | {"FUZZ_LINK": upload_link(stack)}
    return token(stack, LOGINS.get(Role(caller), caller)), hooks


def token(stack: Stack, username: str) -> dict[str, str]:
    told, _ = call(stack, "/api/staff/login", {"username": username, "password": DEMO_PASSWORD})
    return {"Authorization": f"Bearer {told['token']}"}


def session(stack: Stack, username: str) -> dict[str, str]:
    _, headers = call(stack, "/api/login", {"username": username, "password": DEMO_PASSWORD})
    cookies = dict(part.partition(";")[0].split("=", 1) for part in headers.get_all("Set-Cookie"))
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }


def upload_link(stack: Stack) -> str:
    """An order to be paid by check, and the token of a link by which its customer sends it."""
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c",
         "from orders.models import Order; from orders.tokens import make_upload_token; "
         "number = Order.objects.filter(payment_method='check').first().number; "
         "print(number, make_upload_token(number))"],
        cwd=PROJECT, env=stack.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout.splitlines()[-1]


def call(stack: Stack, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[Any, Any]:
    request = urllib.request.Request(
        f"{stack.environment['BASE']}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer), answer.headers
