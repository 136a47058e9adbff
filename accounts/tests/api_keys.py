"""API keys as an admin handles them over the API, and as their holders use them."""

from typing import Any

from rest_framework.test import APIClient

PATH = "/api/admin/keys"


def make(admin: APIClient, **changes: Any) -> dict[str, Any]:
    answer = admin.post(PATH, {"name": "Voice agent", "prefix": "voice", **changes})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def use(raw: str, path: str = "/api/payments/create-link") -> int:
    """404 is a key that opened the door: there is no such order."""
    body = {"order_number": "LLD-0000-0000"}
    return int(APIClient(enforce_csrf_checks=True).post(path, body, HTTP_X_API_KEY=raw).status_code)


def verify(admin: APIClient, raw: str) -> dict[str, Any]:
    answer = admin.post(f"{PATH}/verify", {"raw_key": raw})
    assert answer.status_code == 200
    return dict(answer.json())


def act(admin: APIClient, key: dict[str, Any], action: str) -> Any:
    return admin.post(f"{PATH}/{key['id']}/{action}")


def listed(admin: APIClient) -> dict[str, Any]:
    [row] = admin.get(PATH).json()
    return dict(row)
