"""Refusals in the console are pages with a way back; the API's stay JSON."""

import pytest
from django.test import Client

from lld.core.access import Role
from tests.factories import as_console

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/admin/accounts/apikey/", 403, "You may not do this"),
        ("/admin/orders/order/999999/change/", 404, "There is nothing at this address"),
        ("/admin/orders/nothing/", 404, "There is nothing at this address"),
        ("/admin/accounts/user/?password__startswith=argon2", 400, "This cannot be read"),
    ],
)
def test_refusal_in_the_console_is_a_page_with_a_way_back(address: str, status: int, told: str) -> None:
    answer = as_console(Role.STAFF).get(address)
    page = answer.content.decode()

    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (status, "text/html")
    for text in (told, "To the first page", "LLD back office", "/admin/orders/order/"):
        assert text in page


def test_expired_form_is_a_page_that_leads_to_sign_in() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ana", "password": "x"})

    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()
    assert 'href="/admin/login/"' in answer.content.decode()


def test_refusal_elsewhere_stays_json() -> None:
    for address in ("/api/nothing", "/nothing", "/administration"):
        answer = Client().get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
