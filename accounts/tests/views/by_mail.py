"""Recovery by mail, as a caller without credentials goes through it."""

import re
from typing import Any

from rest_framework.test import APIClient

NEW_PASSWORD = "a-new-good-one"
CUSTOMER_DOORS = ["/api/auth/forgot-password", "/api/customer/forgot-password"]
STAFF_DOOR = "/api/staff/forgot-password"


def call(path: str, body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post(path, body, **extra)


def ask(path: str, identifier: str) -> Any:
    return call(path, {"identifier": identifier})


def reset(path: str, token: str, password: str = NEW_PASSWORD) -> Any:
    return call(path, {"token": token, "password": password})


def sign_in(path: str, name: str, password: str = NEW_PASSWORD) -> int:
    return int(call(path, {"username": name, "password": password}).status_code)


def token_in(mail: Any) -> str:
    found = re.search(r"reset-password\?token=([\w-]+)", mail["text"])
    assert found
    return found[1]
