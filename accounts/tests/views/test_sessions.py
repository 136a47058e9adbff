"""Signing in and out: of customers, of staff, and at the warehouse's door."""

import pytest
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lld.core.access import Role
from tests.concurrency.storm import storm
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_staff, bearer, is_staff_in, login

pytestmark = pytest.mark.django_db


# Customers


def test_login_takes_username_or_email_in_any_case(api: APIClient) -> None:
    user = CustomerFactory(username="Ana", email="Ana@Cafe.test")

    for name in ("ana", "ANA", " ana ", "ana@cafe.test"):
        answer = login(api, name)
        assert answer.status_code == 200, name
        assert answer.json()["user"]["id"] == user.pk
        assert "password" not in answer.content.decode().lower()


def test_login_answers_unknown_and_wrong_the_same(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    CustomerFactory(username="ana")
    CustomerFactory(username="gone", is_active=False)
    hashed: list[str] = []
    hasher = type(get_hasher("default").bare)
    original = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *a, **k: hashed.append("x") or original(*a, **k))

    answers = [login(api, name, password) for name, password in (("ana", "no"), ("nobody", "no"), ("gone", PASSWORD))]

    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json()["code"] == "invalid_credentials"
    # One hash each: the time it takes tells nothing either.
    assert len(hashed) == 3


def test_customer_and_staff_logins_are_separate(api: APIClient) -> None:
    customer, member = CustomerFactory(), StaffFactory()
    assert login(api, member.username).status_code == 401
    assert login(api, customer.username, path="/api/staff/login").status_code == 401
    assert as_customer().get("/api/staff/me").status_code == 403
    assert as_staff(Role.ADMIN).get("/api/me").status_code == 403


def test_unverified_email_is_told_to_the_right_password_only(api: APIClient) -> None:
    CustomerFactory(username="ana", email_verified=False)
    right, wrong = login(api, "ana"), login(api, "ana", "no")
    assert (right.status_code, right.json()["email_verification_required"]) == (403, True)
    assert wrong.status_code == 401


def test_login_finds_the_account_by_index(api: APIClient) -> None:
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


def test_login_changes_the_session_and_logout_ends_it() -> None:
    client = as_customer()
    before = client.cookies["sessionid"].value

    client.post("/api/login", {"username": CustomerFactory().username, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before

    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    assert client.post("/api/logout").status_code == 200
    assert client.get("/api/me").status_code == 401


# Cookies


def test_me_sets_the_csrf_cookie_before_login(api: APIClient) -> None:
    answer = api.get("/api/me")
    assert answer.status_code == 401
    assert "csrftoken" in answer.cookies


def test_login_cookies_have_safe_flags() -> None:
    client = as_customer()
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert (csrf["httponly"], csrf["samesite"]) == ("", "Lax")


def test_login_replaces_a_planted_session() -> None:
    victim = APIClient()
    victim.cookies["sessionid"] = "a" * 32

    assert login(victim, CustomerFactory().username).status_code == 200

    assert victim.cookies["sessionid"].value != "a" * 32

    planted = APIClient()
    planted.cookies["sessionid"] = "a" * 32
    assert planted.get("/api/me").status_code == 401


def test_login_replaces_the_csrf_token(api: APIClient) -> None:
    api.get("/api/me")
    before = api.cookies["csrftoken"].value

    login(api, CustomerFactory().username)
    assert api.cookies["csrftoken"].value != before

    assert api.post("/api/logout", HTTP_X_CSRFTOKEN=before).status_code == 403
    assert api.get("/api/me").status_code == 200

    assert api.post("/api/logout", HTTP_X_CSRFTOKEN=api.cookies["csrftoken"].value).status_code == 200


# Staff


def test_staff_login_opens_a_session_on_request(api: APIClient) -> None:
    member = StaffFactory(role=Role.ADMIN)
    body = {"username": member.username, "password": PASSWORD}

    api.post("/api/staff/login", body)
    assert "sessionid" not in api.cookies

    api.post("/api/staff/login", {**body, "session": True})
    assert api.get("/admin/").status_code == 200


def test_staff_login_session_must_be_a_boolean(api: APIClient) -> None:
    body = {"username": StaffFactory().username, "password": PASSWORD}

    for word in ("yes", "false", 1, None):
        answer = api.post("/api/staff/login", {**body, "session": word})
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"session"})
    assert api.post("/api/staff/login", {**body, "session": False}).status_code == 200

    assert "sessionid" not in api.cookies


def test_staff_logout_ends_one_token_only() -> None:
    user = StaffFactory()
    one, other = as_staff(user=user), as_staff(user=user)

    assert one.post("/api/staff/logout").json() == {"success": True}
    assert one.get("/api/staff/me").status_code == 401
    assert other.get("/api/staff/me").status_code == 200

    assert one.post("/api/staff/logout").json() == {"success": True}


def staff_with_both(role: Role = Role.STAFF) -> APIClient:
    """A client with a token and a session of the same member of staff."""
    client = as_staff(role)
    body = {"username": client.user.username, "password": PASSWORD, "session": True}
    assert client.post("/api/staff/login", body).status_code == 200
    return client


def test_staff_logout_ends_token_and_session() -> None:
    client = staff_with_both()
    assert client.post("/api/staff/logout").json() == {"success": True}
    assert client.get("/api/staff/me").status_code == 401
    client.credentials()
    assert client.get("/api/staff/me").status_code == 401


def test_staff_logout_needs_csrf_token() -> None:
    client = staff_with_both()
    client.credentials()

    answer = client.post("/api/staff/logout")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert client.get("/api/staff/me").status_code == 200

    assert client.post("/api/staff/logout", HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value).status_code == 200
    assert client.get("/api/staff/me").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_staff_logout_succeeds_when_raced() -> None:
    client = as_staff()

    def sign_out(_: int) -> int:
        mine = APIClient()
        mine.credentials(**client._credentials)
        return mine.post("/api/staff/logout").status_code

    assert storm(8, sign_out) == [200] * 8

    assert client.get("/api/staff/me").status_code == 401


# The warehouse's door


@pytest.mark.parametrize("role", Role)
def test_shipping_login_admits_any_staff(role: Role) -> None:
    user = StaffFactory(role=role)

    answer = APIClient().post("/api/shipping/login", {"username": user.username, "password": PASSWORD})

    four = {"id": user.pk, "username": user.username, "role": role.value, "is_active": True}
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("success", "staff")} == {"success": True, "staff": four}
    assert set(answer.json()) == {"success", "staff", "token"}
    client = bearer(answer.json()["token"])
    assert client.get("/api/shipping/me").json() == four
    assert is_staff_in(client)


def test_shipping_login_refuses_others() -> None:
    customer, gone = CustomerFactory(), StaffFactory(is_active=False)
    member = StaffFactory()
    tries = [
        (customer.username, PASSWORD),
        (customer.email, PASSWORD),
        (gone.username, PASSWORD),
        (member.username, "no"),
    ]

    answers = [
        APIClient().post("/api/shipping/login", {"username": name, "password": password}) for name, password in tries
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert as_customer(customer).get("/api/shipping/me").status_code == 403
    assert APIClient().get("/api/shipping/me").status_code == 401


PROFILE = "/api/staff/profile"


def test_shipping_logout_ends_the_token() -> None:
    user = StaffFactory(role=Role.WAREHOUSE)
    client, other = as_staff(user=user), as_staff(user=user)
    assert client.post("/api/shipping/logout").json() == {"success": True}
    assert [client.get(path).status_code for path in ("/api/shipping/me", PROFILE)] == [401, 401]
    assert other.get("/api/shipping/me").status_code == 200
