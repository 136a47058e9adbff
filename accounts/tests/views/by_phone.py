"""Recovery by phone, as a caller without credentials goes through it."""

import re
from typing import Any

from rest_framework.test import APIClient

from accounts.enums import CodePurpose
from accounts.models import User
from sandbox.testing import SandboxClient

PHONE, OTHER, NOBODYS = "+13125550147", "+13125550148", "+13125550149"
SPELLINGS = [PHONE, "(312) 555-0147", "312.555.0147", " 1-312-555-0147 ", "+1 312 5550147", PHONE]
NEW_PASSWORD = "another-fine-horse"
RECOVER, VERIFY_PHONE = CodePurpose.RECOVER, CodePurpose.VERIFY_PHONE


def call(action: str, body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post(f"/api/auth/phone/{action}", body, **extra)


def send(phone: str = PHONE) -> Any:
    return call("send-code", {"phone": phone})


def verify(code: str, phone: str = PHONE, **extra: Any) -> Any:
    return call("verify-code", {"phone": phone, "code": code, **extra})


def look_up(token: str) -> Any:
    return call("lookup-username", {"phone_session_token": token})


def reset(token: str, password: str = NEW_PASSWORD) -> Any:
    return call("reset-password", {"phone_session_token": token, "password": password})


def texted(sandbox: SandboxClient) -> str:
    found = re.search(r"\b\d{6}\b", sandbox.ledger("twilio", "sms")[-1]["body"])
    assert found
    return found[0]


def signs_in(user: User, password: str) -> bool:
    answer = APIClient().post("/api/login", {"username": user.username, "password": password})
    return bool(answer.status_code == 200)


def refusal(field: str = "code") -> tuple[int, str, set[str]]:
    return 400, "invalid_code", {field}


def verdict(answer: Any) -> tuple[int, str, set[str]]:
    body = answer.json()
    return answer.status_code, body["code"], set(body["fields"])
