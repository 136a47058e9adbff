"""Answers that refuse, looked at as every caller may."""

import json
from typing import Any


def shape(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(answer.content)
    assert body["success"] is False
    assert body["code"] == code
    assert body["error"]
    assert answer.headers["X-Request-ID"]
    return body
