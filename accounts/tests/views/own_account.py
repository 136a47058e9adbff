"""Maria, a customer who is signed in."""

from typing import Any

from rest_framework.test import APIClient

from tests.factories import PASSWORD, CustomerFactory, as_customer

NEW_PASSWORD = "a-new-good-one"
PHONE, NEW_PHONE = "+13125550147", "+13125550148"


def own(client: APIClient) -> str:
    return f"/api/users/{client.user.pk}"


def maria(**changes: Any) -> APIClient:
    person = {"username": "maria", "email": "maria@cafe.test", "phone": PHONE}
    return as_customer(CustomerFactory(**{**person, **changes}))


def sign_in(name: str, password: str = PASSWORD) -> int:
    return APIClient().post("/api/login", {"username": name, "password": password}).status_code
