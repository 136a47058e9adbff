"""Clients that are somebody: `client.user` says who, where it is a person."""

from typing import Any
from uuid import uuid4

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services.keys import create_api_key
from accounts.services.sign_in import issue_staff_token
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from tests.factories.accounts import PASSWORD, CustomerFactory, StaffFactory


def bearer(token: str) -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def as_staff(role: Role = Role.ADMIN, *, user: User | None = None) -> APIClient:
    """A client with the Bearer token of a member of staff."""
    member = user or StaffFactory(role=role)
    client = bearer(issue_staff_token(member))
    client.user = member
    return client


def as_staff_in_session(role: Role = Role.STAFF, *, user: User | None = None) -> APIClient:
    """A client with the session cookie of a member of staff. It does not send the CSRF token yet."""
    client = APIClient(enforce_csrf_checks=True)
    client.user = user or StaffFactory(role=role)
    body = {"username": client.user.username, "password": PASSWORD, "session": True}
    answer = client.post("/api/staff/login", body)
    assert answer.status_code == 200, answer.content
    return client


def as_customer(user: User | None = None) -> APIClient:
    """A client with a customer's session and CSRF token."""
    client = APIClient(enforce_csrf_checks=True)
    client.user = user or CustomerFactory()
    answer = client.post("/api/login", {"username": client.user.username, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    return with_csrf_token(client)


def with_csrf_token(client: APIClient) -> APIClient:
    """The same client, which sends the CSRF token of its session from now on."""
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    return client


def as_key(*scopes: Scope) -> APIClient:
    """A client with an API key of exactly these scopes."""
    _, raw = create_api_key(actor=SYSTEM, name="test", scopes=scopes)
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_X_API_KEY=raw)
    return client


def as_console(role: Role = Role.ADMIN) -> Client:
    """A browser in which a member of staff is signed in to the console."""
    client = Client()
    client.user = StaffFactory(role=role)
    client.force_login(client.user)
    return client


def filled_in(**fields: Any) -> dict[str, Any]:
    """What a browser sends for a dialog of the console that was just opened."""
    return {"_form_submitted": "True", "submission": uuid4().hex, **fields}


def login(api: APIClient, username: str, password: str = PASSWORD, path: str = "/api/login", **extra: Any) -> Any:
    return api.post(path, {"username": username, "password": password}, **extra)


def is_staff_in(client: APIClient) -> bool:
    """Whether the client still counts as a member of staff."""
    return bool(client.get("/api/staff/me").status_code == 200)


def signs_in(username: str, password: str = PASSWORD, path: str = "/api/staff/login") -> bool:
    """Whether a new caller gets in with this password, as staff unless another path is named."""
    return APIClient().post(path, {"username": username, "password": password}).status_code == 200


def told(answer: Any) -> list[str]:
    """The messages on a page of the console."""
    return [str(message) for message in answer.context["messages"]]
