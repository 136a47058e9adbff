"""What sign-in takes, how often it may be tried, and what cookies are good for."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tries import TRIES, TRIES_FROM_ANYWHERE
from lld.core.access import Role, Scope
from lld.core.throttles import forgive_subject, valkey
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_key, as_staff, login

pytestmark = pytest.mark.django_db

DOORS = ["/api/login", "/api/staff/login"]


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"username", "password"}),
        ({"username": "", "password": ""}, {"username", "password"}),
        ({"username": None, "password": None}, {"username", "password"}),
        ({"username": ["ana"], "password": {"a": 1}}, {"username", "password"}),
        ({"username": "a\0", "password": "a\0"}, {"username", "password"}),
        ({"username": "a" * 255, "password": "a" * 201}, {"username", "password"}),
        ({"username": True, "password": PASSWORD}, {"username"}),
    ],
)
def test_what_is_no_attempt_costs_no_try(api: APIClient, path: str, body: Any, fields: set[str]) -> None:
    answer = api.post(path, body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields)
    assert not list(valkey().scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:tries:*"))


def test_a_session_is_asked_for_with_a_boolean(api: APIClient) -> None:
    body = {"username": StaffFactory().username, "password": PASSWORD}
    for word in ("yes", "false", 1, None):
        answer = api.post("/api/staff/login", {**body, "session": word})
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"session"})
    assert api.post("/api/staff/login", {**body, "session": False}).status_code == 200
    assert "sessionid" not in api.cookies


@pytest.mark.parametrize(("path", "factory"), [(DOORS[0], CustomerFactory), (DOORS[1], StaffFactory)])
def test_no_other_spelling_of_a_name_has_tries_of_its_own(api: APIClient, path: str, factory: Any) -> None:
    """The database would fold these into the name; a guesser would get ten tries more with each."""
    factory(username="kassia", email="kassia@cafe.test")
    for name in ("kaſsia", "kassıa", "kassia@cafe.teſt"):
        assert login(api, name, path=path).status_code == 401, name
    tries = [login(api, name, "no", path) for name in ("kassia", "KASSIA", " Kassia ", "\u212aassia") * 3]
    assert [answer.status_code for answer in tries] == [401] * TRIES + [429] * 2


def test_an_account_is_found_by_an_index(api: APIClient) -> None:
    CustomerFactory.create_batch(300, password="!")
    with CaptureQueriesContext(connection) as queries:
        login(api, "ana@cafe.test", "no")
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in queries.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert len(plans) == 2
    assert "user_username_unique" in plans[0]
    assert "user_email" in plans[1]


def test_a_stopped_address_spends_no_tries_of_others(api: APIClient) -> None:
    StaffFactory(username="ana")
    for number in range(100):
        login(api, f"user{number}", "no", DOORS[1])
    for _ in range(TRIES + 1):
        assert login(api, "ana", "no", DOORS[1]).status_code == 429
    elsewhere = login(api, "ana", path=DOORS[1], REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


def test_a_stranger_does_not_lock_the_owner_out_and_many_strangers_are_stopped(api: APIClient) -> None:
    CustomerFactory(username="ana")
    for _ in range(TRIES + 1):
        login(api, "ana", "no", REMOTE_ADDR="198.51.100.1")
    assert login(api, "ana", REMOTE_ADDR="198.51.100.1").status_code == 429
    assert login(api, "ana", REMOTE_ADDR="203.0.113.9").status_code == 200
    tries = [login(api, "ana", "no", REMOTE_ADDR=f"198.51.100.{n}") for n in range(2, TRIES_FROM_ANYWHERE + 3)]
    assert [answer.status_code for answer in tries] == [401] * TRIES_FROM_ANYWHERE + [429]


def test_a_subscribers_ipv6_addresses_are_counted_as_one(api: APIClient) -> None:
    CustomerFactory(username="ana")
    tries = [login(api, "ana", "no", REMOTE_ADDR=f"2001:db8:1:2::{n:x}") for n in range(1, TRIES + 2)]
    assert [answer.status_code for answer in tries] == [401] * TRIES + [429]
    assert login(api, "ana", "no", REMOTE_ADDR="2001:db8:1:3::1").status_code == 401


def test_customers_and_staff_of_one_name_are_counted_apart(api: APIClient) -> None:
    StaffFactory(username="ana")
    for _ in range(TRIES + 1):
        login(api, "ana", "no")
    assert login(api, "ana").status_code == 429
    assert login(api, "ana", path=DOORS[1]).status_code == 200


def test_the_console_counts_the_same_tries(api: APIClient) -> None:
    StaffFactory(username="ana", role=Role.ADMIN)
    client = Client()

    def console(password: str) -> bool:
        client.post("/admin/login/", {"username": "ana", "password": password})
        return client.get("/admin/").status_code == 200

    for _ in range(TRIES):
        assert not console("no")
    assert not console(PASSWORD)
    assert login(api, "ana", path=DOORS[1]).status_code == 429
    forgive_subject("sign-in-staff", "ana", "127.0.0.1")
    assert console(PASSWORD)


def test_customers_do_not_get_into_the_console() -> None:
    customer = as_customer()
    assert customer.get("/admin/").status_code == 302
    client = Client()
    client.post("/admin/login/", {"username": customer.user.username, "password": PASSWORD})
    assert "sessionid" not in client.cookies


# Cookies


def test_cookies_are_kept_from_scripts_and_other_sites() -> None:
    client = as_customer()
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert (csrf["httponly"], csrf["samesite"]) == ("", "Lax")


def test_a_planted_session_is_not_the_one_that_is_signed_in() -> None:
    victim = APIClient()
    victim.cookies["sessionid"] = "a" * 32
    assert login(victim, CustomerFactory().username).status_code == 200
    assert victim.cookies["sessionid"].value != "a" * 32
    planted = APIClient()
    planted.cookies["sessionid"] = "a" * 32
    assert planted.get("/api/me").status_code == 401


def test_the_token_of_the_form_before_sign_in_is_not_the_one_after(api: APIClient) -> None:
    api.get("/api/me")
    before = api.cookies["csrftoken"].value
    login(api, CustomerFactory().username)
    assert api.cookies["csrftoken"].value != before
    assert api.post("/api/logout", HTTP_X_CSRFTOKEN=before).status_code == 403
    assert api.get("/api/me").status_code == 200
    assert api.post("/api/logout", HTTP_X_CSRFTOKEN=api.cookies["csrftoken"].value).status_code == 200


def test_credentials_that_no_browser_adds_need_no_csrf_token() -> None:
    assert as_staff().post("/api/admin/categories", {"name": "A"}).status_code == 201
    assert as_key(Scope.VOICE).post("/api/payments/create-link", {"order_number": "LLD-0000-0000"}).status_code == 404


def test_a_bad_token_is_not_made_good_by_a_session() -> None:
    client = as_customer()
    assert client.get("/api/me", HTTP_AUTHORIZATION="Bearer x").status_code == 401


def staff_with_both(role: Role = Role.STAFF) -> APIClient:
    """A client with a token and a session of the same member of staff."""
    client = as_staff(role)
    body = {"username": client.user.username, "password": PASSWORD, "session": True}
    assert client.post("/api/staff/login", body).status_code == 200
    return client


def test_a_token_ends_its_session_too() -> None:
    client = staff_with_both()
    assert client.post("/api/staff/logout").json() == {"success": True}
    assert client.get("/api/staff/me").status_code == 401
    client.credentials()
    assert client.get("/api/staff/me").status_code == 401


def test_another_site_signs_nobody_out() -> None:
    client = staff_with_both()
    client.credentials()
    answer = client.post("/api/staff/logout")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert client.get("/api/staff/me").status_code == 200
    assert client.post("/api/staff/logout", HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value).status_code == 200
    assert client.get("/api/staff/me").status_code == 401


def test_only_our_pages_may_call_with_cookies() -> None:
    client = as_customer()
    ours = client.get("/api/me", HTTP_ORIGIN=settings.FRONTEND_URL)
    assert ours.headers["Access-Control-Allow-Origin"] == settings.FRONTEND_URL
    assert ours.headers["Access-Control-Allow-Credentials"] == "true"
    for origin in ("https://evil.test", "null", settings.FRONTEND_URL + ".evil.test"):
        assert "Access-Control-Allow-Origin" not in client.get("/api/me", HTTP_ORIGIN=origin).headers
    crossed = client.post("/api/logout", HTTP_ORIGIN="https://evil.test")
    assert (crossed.status_code, crossed.json()["code"]) == (403, "csrf_failed")
    assert User.objects.filter(pk=client.user.pk).exists()
