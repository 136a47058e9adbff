"""How often sign-in may be tried, and by whom the tries are counted."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from accounts.tries import TRIES, TRIES_FROM_ANYWHERE
from lld.core.access import Role
from lld.core.throttles import forgive_subject, valkey
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, login, signs_in

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
def test_invalid_sign_in_costs_no_try(api: APIClient, path: str, body: Any, fields: set[str]) -> None:
    answer = api.post(path, body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields)
    assert not list(valkey().scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:tries:*"))


def test_sign_in_stops_after_ten_tries(api: APIClient) -> None:
    CustomerFactory(username="ana")

    assert [login(api, "ana", "no").status_code for _ in range(11)] == [401] * 10 + [429]

    stopped = login(api, "ana")
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900

    assert login(api, CustomerFactory().username).status_code == 200


def test_success_forgives_earlier_tries(api: APIClient) -> None:
    CustomerFactory(username="ana")
    for _ in range(3):
        assert [login(api, "ana", "no").status_code for _ in range(9)] == [401] * 9
        assert login(api, "ana").status_code == 200


# By name


@pytest.mark.parametrize(("path", "factory"), [(DOORS[0], CustomerFactory), (DOORS[1], StaffFactory)])
def test_name_spellings_share_tries(api: APIClient, path: str, factory: Any) -> None:
    """The database would fold these into the name; a guesser would get ten tries more with each."""
    factory(username="kassia", email="kassia@cafe.test")

    for name in ("kaſsia", "kassıa", "kassia@cafe.teſt"):
        assert login(api, name, path=path).status_code == 401, name

    tries = [login(api, name, "no", path) for name in ("kassia", "KASSIA", " Kassia ", "\u212aassia") * 3]
    assert [answer.status_code for answer in tries] == [401] * TRIES + [429] * 2


def test_customer_and_staff_tries_are_counted_apart(api: APIClient) -> None:
    StaffFactory(username="ana")
    for _ in range(TRIES + 1):
        login(api, "ana", "no")
    assert login(api, "ana").status_code == 429
    assert login(api, "ana", path=DOORS[1]).status_code == 200


def test_console_shares_staff_tries(api: APIClient) -> None:
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


def test_shipping_login_shares_staff_tries() -> None:
    user = StaffFactory()
    for n in range(10):
        assert not signs_in(user.username, "no", ("/api/shipping/login", "/api/staff/login")[n % 2])
    answer = APIClient().post("/api/shipping/login", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 429


# By address


def test_forged_forwarded_address_shares_tries(api: APIClient) -> None:
    statuses = [login(api, f"user{n}", "no", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(102)]
    assert statuses[:100] == [401] * 100
    assert statuses[100:] == [429, 429]


def test_stopped_ip_address_spends_no_tries_of_a_name(api: APIClient) -> None:
    StaffFactory(username="ana")

    for number in range(100):
        login(api, f"user{number}", "no", DOORS[1])
    for _ in range(TRIES + 1):
        assert login(api, "ana", "no", DOORS[1]).status_code == 429

    elsewhere = login(api, "ana", path=DOORS[1], REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


def test_tries_are_limited_by_ip_address_and_from_anywhere(api: APIClient) -> None:
    CustomerFactory(username="ana")

    for _ in range(TRIES + 1):
        login(api, "ana", "no", REMOTE_ADDR="198.51.100.1")
    assert login(api, "ana", REMOTE_ADDR="198.51.100.1").status_code == 429
    assert login(api, "ana", REMOTE_ADDR="203.0.113.9").status_code == 200

    tries = [login(api, "ana", "no", REMOTE_ADDR=f"198.51.100.{n}") for n in range(2, TRIES_FROM_ANYWHERE + 3)]
    assert [answer.status_code for answer in tries] == [401] * TRIES_FROM_ANYWHERE + [429]


def test_ipv6_network_shares_tries(api: APIClient) -> None:
    CustomerFactory(username="ana")
    tries = [login(api, "ana", "no", REMOTE_ADDR=f"2001:db8:1:2::{n:x}") for n in range(1, TRIES + 2)]
    assert [answer.status_code for answer in tries] == [401] * TRIES + [429]
    assert login(api, "ana", "no", REMOTE_ADDR="2001:db8:1:3::1").status_code == 401
