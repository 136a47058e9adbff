"""Both lists of people: the team, and who has signed up; pages of them, and searching in them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import CustomerProfile, User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from sandbox.testing import SandboxClient
from staffportal.tests.views.members import MEMBER, TEAM, USERS
from tests.factories import DELIVERY, PASSWORD, CustomerFactory, StaffFactory, as_customer, as_staff, place

pytestmark = pytest.mark.django_db

WEBSITE = "/api/staff/website-users"


def found(**query: Any) -> list[str]:
    """The usernames on a page of website users."""
    answer = as_staff().get(WEBSITE, query)
    assert answer.status_code == 200, answer.content
    return [user["username"] for user in answer.json()["users"]]


def reading(answer: Any) -> str:
    """Which of the two lists it is."""
    assert answer.status_code == 200, answer.content
    body = answer.json()
    if isinstance(body, list):
        assert all(set(row) == MEMBER for row in body)
        return "staff"
    assert set(body) == {"users", "total", "page", "per_page", "pages", "next_cursor"}
    return "website"


# Which list


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "staff"),
        ({"type": ""}, "staff"),
        ({"type": "staff"}, "staff"),
        ({"type": "website"}, "website"),
        ({"page": 1}, "website"),
        ({"per_page": 5}, "website"),
        ({"limit": 5}, "website"),
        ({"search": "ana"}, "website"),
        ({"page": "", "per_page": "", "limit": "", "search": ""}, "staff"),
        ({"type": "staff", "page": 1, "per_page": 5, "search": "ana"}, "staff"),
        ({"type": "website", "page": 1}, "website"),
        ({"something": "", "format": "json"}, "staff"),
    ],
)
def test_admin_and_manager_get_staff_or_website_users(role: Role, query: dict[str, Any], expected: str) -> None:
    assert reading(as_staff(role).get(USERS, query)) == expected


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP])
def test_other_roles_get_website_users_only(role: Role) -> None:
    client = as_staff(role)

    for query in ({}, {"type": ""}, {"type": "website"}, {"page": 1}, {"search": "ana"}):
        assert reading(client.get(USERS, query)) == "website", query
    assert reading(client.get(WEBSITE)) == "website"

    for path, query in ((USERS, {"type": "staff"}), (USERS, {"type": "staff", "page": 1}), (TEAM, {})):
        refused = client.get(path, query)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("word", ["everyone", "staff,website", "STAFF "])
def test_unknown_list_type_is_refused(word: str) -> None:
    answer = as_staff().get(USERS, {"type": word})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"type"})


def test_team_and_website_users_are_the_same_lists() -> None:
    CustomerFactory()
    client = as_staff()

    assert client.get(TEAM).json() == client.get(USERS).json()
    assert client.get(WEBSITE).json() == client.get(USERS, {"type": "website"}).json()

    # Each is one list.
    assert reading(client.get(TEAM, {"type": "website", "page": 1})) == "staff"
    assert set(client.get(WEBSITE, {"type": "staff"}).json()["fields"]) == {"type"}


def test_team_lists_all_staff() -> None:
    client = as_staff(user=StaffFactory(username="zoe", role=Role.ADMIN))
    for role in reversed(Role):
        StaffFactory(username=f"a-{role}", role=role)
    StaffFactory(username="away", role=Role.MANAGER, is_active=False)
    gone = StaffFactory(username="gone")
    assert client.delete(f"{USERS}/{gone.pk}").status_code == 200
    CustomerFactory()

    team = client.get(TEAM).json()

    assert [(row["username"], row["role"], row["is_active"]) for row in team] == [
        ("a-admin", "admin", True),
        ("zoe", "admin", True),
        ("a-manager", "manager", True),
        ("away", "manager", False),
        ("a-staff", "staff", True),
        ("a-sales_rep", "sales_rep", True),
        ("a-warehouse", "warehouse", True),
    ]


# Pages


def test_page_size_is_at_most_two_hundred() -> None:
    User.objects.bulk_create(
        User(username=f"u{n}", email=f"u{n}@cafe.test", auth_provider=AuthProvider.EMAIL) for n in range(203)
    )
    client = as_staff()

    for query in ({"per_page": 200}, {"per_page": 201}, {"limit": 100_000}, {"per_page": "9" * 30}):
        page = client.get(WEBSITE, query).json()
        assert [page[name] for name in ("total", "page", "per_page", "pages")] == [203, 1, 200, 2], query
        assert len(page["users"]) == 200

    seen = [
        row["id"]
        for number in (1, 2, 3)
        for row in client.get(WEBSITE, {"page": number, "limit": 70}).json()["users"]
    ]
    assert seen == sorted(User.objects.filter(role="").values_list("pk", flat=True), reverse=True)
    assert client.get(WEBSITE).json()["per_page"] == 50


@pytest.mark.parametrize("number", [3, 1000, 10_000_000])
def test_page_past_the_end_is_empty(number: int) -> None:
    for _ in range(3):
        CustomerFactory()
    page = as_staff().get(WEBSITE, {"page": number, "per_page": 2})
    assert page.status_code == 200
    assert page.json() == {"users": [], "total": 3, "page": number, "per_page": 2, "pages": 2, "next_cursor": None}


@pytest.mark.parametrize("path", [USERS, WEBSITE])
@pytest.mark.parametrize("name", ["page", "per_page", "limit"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1.0", "1e2", "1_0", "ten", "true", "٣", "1 2", "0x10"])
def test_invalid_page_number_is_refused(path: str, name: str, value: str) -> None:
    answer = as_staff().get(path, {name: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {name})


def test_blank_page_parameters_mean_the_defaults() -> None:
    assert as_staff().get(WEBSITE, {"page": "", "per_page": "", "limit": ""}).json()["per_page"] == 50


# Searching


@pytest.fixture
def milpa() -> User:
    """A customer of many odd characters, and two without any."""
    user = CustomerFactory(
        username="la_milpa+1",
        email="pedidos%40@lamilpa.test",
        first_name="María José",
        last_name="O'Brien-Łuczak",
        phone="+13125550147",
    )
    CustomerProfile.objects.filter(user=user).update(
        phone2="+17735550199", company_name=r"100% Maíz \ Straße 東京 🌮"
    )
    for plain in ("plain", "simple"):
        other = CustomerFactory(username=plain, email=f"{plain}@cafe.test", first_name="Jo", last_name="Brien")
        CustomerProfile.objects.filter(user=other).update(company_name="Cafe Simple")
    return user


@pytest.mark.parametrize(
    "search",
    [
        *("la_milpa", "MILPA+1", "pedidos", "LAMILPA.TEST", "pedidos%40@lamilpa.test"),
        *(
            "maría",
            "MARÍA",
            "josé maría",
            "o'brien",
            "O'BRIEN-łuczak maría",
            "Łuczak",
            "milpa josé pedidos",
            "  maría  ",
        ),
        *("maíz", "MAÍZ", "100% maíz", r"\ straße", "東京", "🌮", "maíz \\"),
        *("%", "_", "\\", "0%", "a_m", "-ł"),
        *("maria jose", "o’brien", "obrien luczak", "JOSÉ", "maiz strasse", "maría maíz", "maíz 100%"),
        *("0147", "555-0147", "(312) 555-0147 ext 5", "0199"),
        *("3125550147", "(312) 555-0147", "312-555-0147", "312.555.0147", "312 555 0147"),
        *("+1 312 555 0147", "+13125550147", "1-312-555-0147", "tel:+1-312-555-0147", " 3125550147 "),
    ],
)
def test_search_finds_the_customer(milpa: User, search: str) -> None:
    assert found(search=search) == ["la_milpa+1"]


@pytest.mark.parametrize(
    "search",
    [
        # No wildcards,
        *(
            "mar%jos",
            "mar_a",
            "l_milpa",
            "%%",
            "__",
            r"\%",
            "100_",
            "' OR 1=1 --",
            "'; DROP TABLE x",
            "%s",
            "%(a)s",
            "{}",
        ),
        # all of the words, and not only quotes,
        *("maría nobody", "'", "’’ `"),
        # another phone, the middle of one, or too little of it.
        *("3125550148", "555", "3125550", "147", "+443125550147"),
    ],
)
def test_search_without_a_match_is_empty(milpa: User, search: str) -> None:
    assert found(search=search) == []


def test_search_counts_its_matches(milpa: User) -> None:
    client = as_staff()

    page = client.get(USERS, {"search": "brien", "per_page": 2}).json()

    assert (page["total"], page["pages"], len(page["users"])) == (3, 2, 2)
    assert client.get(USERS, {"search": "brien", "per_page": 2, "page": 2}).json()["users"][0]["id"] == milpa.pk
    assert client.get(USERS, {"search": "cafe simple"}).json()["total"] == 2
    assert client.get(WEBSITE, {"search": ""}).json()["total"] == 3


def test_invalid_search_is_refused() -> None:
    answer = as_staff().get(WEBSITE, {"search": "x" * 101})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"search"})
    assert as_staff().get(WEBSITE, {"search": "nul\0"}).status_code == 400


def test_search_takes_many_words(milpa: User) -> None:
    assert found(search=" ".join("milpa" for _ in range(16))) == ["la_milpa+1"]
    assert found(search="j o " * 24 + "7") == []


# Who is on the website's list


def test_website_users_are_those_who_signed_up() -> None:
    client = as_staff()
    address = {name: value for name, value in DELIVERY.items() if name != "delivery_email"}
    registered = {"username": "registered", "email": "registered@cafe.test", "password": PASSWORD}
    at_checkout = {**address, "email": "checkout@cafe.test", "password": PASSWORD}
    assert APIClient().post("/api/register", registered).status_code == 201
    assert APIClient().post("/api/orders/create-account", at_checkout).status_code == 201
    CustomerFactory(username="suspended", is_active=False)
    leaving = as_customer(CustomerFactory(username="leaving"))
    assert leaving.delete(f"/api/users/{leaving.user.pk}").status_code == 204
    CustomerFactory(username=None, auth_provider=AuthProvider.IMPORTED, email="imported@cafe.test")
    CustomerFactory(username="imported", auth_provider=AuthProvider.IMPORTED)

    users = {user["username"]: user for user in client.get(WEBSITE).json()["users"]}

    assert set(users) == {"registered", "checkout@cafe.test", "suspended"}
    assert (users["registered"]["email_verified"], users["suspended"]["is_active"]) == (False, False)

    # Nor are the others found by searching.
    for search in ("imported", "leaving", client.user.username, client.user.email):
        assert found(search=search) == []


def test_website_users_are_newest_first() -> None:
    names = [CustomerFactory().username for _ in range(3)]
    User.objects.filter(username=names[1]).update(created_at=datetime.fromisoformat("2020-02-29T12:00:00Z"))
    page = as_staff().get(WEBSITE).json()
    assert [user["username"] for user in page["users"]] == [names[2], names[0], names[1]]
    assert page["users"][2]["created_at"] == "2020-02-29T12:00:00.000000Z"


def test_website_user_row_shows_the_account() -> None:
    customer = CustomerFactory(first_name='Ma"ria', last_name="O'Brien\n", email_verified=True)

    [row] = as_staff().get(WEBSITE).json()["users"]

    for name in (
        "id",
        "username",
        "email",
        "email_verified",
        "first_name",
        "last_name",
        "phone",
        "phone_extension",
        "is_active",
    ):
        assert row[name] == getattr(customer, name), name
    assert (row["company_name"], row["order_count"], row["total_spent"], row["last_order"]) == (
        "Taqueria La Milpa",
        0,
        0,
        None,
    )
    assert set(row) == {
        *(
            "id",
            "username",
            "email",
            "email_verified",
            "first_name",
            "last_name",
            "phone",
            "phone_extension",
            "is_active",
        ),
        *("company_name", "order_count", "total_spent", "last_order", "created_at"),
    }


def test_customer_without_profile_is_listed() -> None:
    CustomerProfile.objects.filter(user=CustomerFactory()).delete()
    [row] = as_staff().get(WEBSITE).json()["users"]
    assert row["company_name"] == ""


def test_website_user_figures_match_the_orders(sandbox: SandboxClient) -> None:
    """Placed here by the customer and by staff, cancelled, deleted; those of others and of guests do not count."""
    customer, other = CustomerFactory(), CustomerFactory()
    client = as_staff()
    orders = [place(customer=customer, payment_method="check") for _ in range(4)]
    place(customer=other)
    place()
    progress.cancel_order(orders[0].pk, actor=SYSTEM)
    assert client.delete(f"/api/staff/orders/{orders[3].pk}").status_code in {200, 204}

    rows = {row["id"]: row for row in client.get(WEBSITE).json()["users"]}

    counted = Order.objects.filter(pk__in=[orders[1].pk, orders[2].pk])
    assert {order.status for order in counted} == {OrderStatus.PENDING}
    row = rows[customer.pk]
    assert row["order_count"] == 2
    assert row["total_spent"] == float(sum((order.total_amount for order in counted), Decimal(0))) > 0
    assert datetime.fromisoformat(row["last_order"]) == max(order.created_at for order in counted)
    assert rows[other.pk]["order_count"] == 1
    assert client.get(WEBSITE, {"search": customer.email}).json()["users"] == [row]


def test_warehouse_gets_no_list_of_people() -> None:
    client = as_staff(Role.WAREHOUSE)
    for path, query in ((USERS, {}), (USERS, {"type": "website"}), (USERS, {"page": 1}), (WEBSITE, {}), (TEAM, {})):
        assert client.get(path, query).status_code == 403


def test_rep_gets_own_customers_only() -> None:
    rep, other = as_staff(Role.SALES_REP), StaffFactory(role=Role.SALES_REP)
    own, others, nobodys = CustomerFactory(), CustomerFactory(), CustomerFactory()
    place(customer=own, sales_rep=rep.user)
    place(customer=own, sales_rep=other)
    place(customer=others, sales_rep=other)
    place(customer=nobodys)

    for path in (USERS, WEBSITE):
        for search, wanted in (("", [own.username]), ("maria", [own.username]), (others.email, [])):
            page = rep.get(path, {"search": search}).json()
            assert ([row["username"] for row in page["users"]], page["total"]) == (wanted, len(wanted))
