"""A guest becomes a customer, and the order comes along if it is theirs."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.authentication import MAKER
from accounts.models import AccountToken, User
from accounts.services.phones import open_phone_session
from lld.core.models import OutboxMessage
from orders.models import CustomerStats, Order
from orders.services.accounts import link_guest_orders
from sandbox.testing import SandboxClient
from tests.factories import DELIVERY, PASSWORD, CustomerFactory, as_customer, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PATH = "/api/orders/create-account"


def body(**changes: Any) -> dict[str, Any]:
    address = {name: value for name, value in DELIVERY.items() if name != "delivery_email"}
    return {**address, "email": "maria@lamilpa.test", "password": PASSWORD, **changes}


def verification(sandbox: SandboxClient, email: str) -> str:
    """The path of the link that was mailed there."""
    text = next(mail["text"] for mail in sandbox.mail() if mail["to"] == email and "verify-email" in mail["text"])
    link = next(word for word in text.split() if "/api/auth/verify-email/" in word)
    return link.removeprefix("http://testserver")


@pytest.mark.django_db(transaction=True)
def test_account_signs_in_once_its_email_is_verified(api: APIClient, sandbox: SandboxClient) -> None:
    answer = api.post(PATH, body())
    assert answer.status_code == 201
    user = answer.json()["user"]
    assert user == {
        "id": User.objects.get().pk,
        "username": "maria@lamilpa.test",
        "email": "maria@lamilpa.test",
        "first_name": "Maria",
        "last_name": "Lopez",
        "company_name": "Taqueria La Milpa",
        "phone": "+13125550147",
        "phone_extension": "",
        "shipping_address": "1845 S Blue Island Ave, Chicago, IL, 60608",
        "email_verified": False,
    }

    sign_in = {"username": user["username"], "password": PASSWORD}
    assert api.post("/api/login", sign_in).status_code in {401, 403}
    mail = sandbox.mail()[0]
    assert mail["to"] == "maria@lamilpa.test"

    api.get(verification(sandbox, user["email"]))
    assert api.post("/api/login", sign_in).status_code == 200
    assert OutboxMessage.objects.get(channel="email").payload == {}


@pytest.mark.parametrize(
    "changes",
    [{"delivery_phone": ""}, {"email": "new@lamilpa.test", "proof": "+13125550147"}, {"email": "MARIA@lamilpa.test"}],
)
@pytest.mark.django_db(transaction=True)
def test_order_is_linked_by_email_or_by_proven_phone(
    api: APIClient, sandbox: SandboxClient, changes: dict[str, str]
) -> None:
    order = place()
    typed = order.number.lower()
    is_proven = "proof" in changes
    if is_proven:
        changes = {**changes, "phone_session_token": open_phone_session(changes["proof"])}

    user = api.post(PATH, body(order_number=typed, **changes)).json()["user"]

    order.refresh_from_db()
    assert order.customer_id == (user["id"] if is_proven else None)
    api.get(verification(sandbox, user["email"]))
    order.refresh_from_db()
    assert order.customer_id == user["id"]
    stats = CustomerStats.objects.get(customer=user["id"])
    assert (stats.order_count, stats.total_spent) == (1, order.total_amount)


@pytest.mark.django_db(transaction=True)
def test_strangers_password_opens_nothing_after_the_victim_or_a_scanner_opened_the_link(
    api: APIClient, sandbox: SandboxClient
) -> None:
    order, victim, sign_in = place(), APIClient(), {"username": "maria@lamilpa.test", "password": PASSWORD}
    user = api.post(PATH, body(order_number=order.number, delivery_phone="")).json()["user"]
    link = verification(sandbox, user["email"])

    for _ in range(2):
        answer = victim.get(link)

    page, _, token = answer.headers["Location"].partition("?token=")
    assert page == "http://storefront.test/reset-password"
    assert api.post("/api/login", sign_in).json()["code"] == "email_not_verified"
    order.refresh_from_db()
    assert order.customer is None

    own = "her-own-words-1845"
    assert victim.post("/api/auth/reset-password", {"token": token, "password": own}).status_code == 200
    assert api.post("/api/login", sign_in).status_code == 401
    assert victim.post("/api/login", sign_in | {"password": own}).status_code == 200
    order.refresh_from_db()
    assert order.customer_id == user["id"]


@pytest.mark.django_db(transaction=True)
def test_cookie_of_another_account_confirms_nothing(api: APIClient, sandbox: SandboxClient) -> None:
    api.post(PATH, body(delivery_phone=""))
    link = verification(sandbox, "maria@lamilpa.test")
    api.post(PATH, body(email="evil@lamilpa.test", delivery_phone=""))

    assert "/reset-password" in api.get(link).headers["Location"]
    api.cookies[MAKER] = str(User.objects.get(email="maria@lamilpa.test").pk)
    assert "/reset-password" in api.get(link).headers["Location"]
    assert not User.objects.filter(email_verified=True).exists()


@pytest.mark.django_db(transaction=True)
def test_orders_under_a_proven_address_are_linked_and_no_others(api: APIClient, sandbox: SandboxClient) -> None:
    mine, old = place(), place(delivery={"delivery_email": "Maria@LaMilpa.test"})
    others = [place(delivery={"delivery_email": address}) for address in ("amaria@lamilpa.test", "")]
    others.append(place(customer=CustomerFactory()))
    before = [order.customer_id for order in others]

    user = api.post(PATH, body(delivery_phone="")).json()["user"]
    api.get(verification(sandbox, user["email"]))

    assert set(Order.objects.filter(customer=user["id"])) == {mine, old}
    assert [Order.objects.get(pk=order.pk).customer_id for order in others] == before


@pytest.mark.parametrize(
    ("phone", "proven"), [("+13125550199", ""), ("+13125550147", ""), ("+13125550147", "+13125550199")]
)
def test_order_is_not_linked_by_number_or_unproven_phone(api: APIClient, phone: str, proven: str) -> None:
    order = place()
    token = open_phone_session(proven) if proven else "guessed"
    changes = {"email": "other@cafe.test", "delivery_phone": phone, "phone_session_token": token}

    answer = api.post(PATH, body(order_number=order.number, **changes))

    assert answer.status_code == 201
    order.refresh_from_db()
    assert order.customer is None


def test_order_of_another_customer_stays_theirs(api: APIClient) -> None:
    owner = CustomerFactory()
    order = place(customer=owner)
    assert api.post(PATH, body(order_number=order.number)).status_code == 201
    order.refresh_from_db()
    assert order.customer == owner


def test_unknown_order_number_makes_no_account(api: APIClient) -> None:
    deleted = place()
    Order.objects.filter(pk=deleted.pk).update(status="cancelled", deleted_at=deleted.created_at, terms_hold=False)
    OutboxMessage.objects.all().delete()

    for number in ("LLD-0000-0000", deleted.number):
        answer = api.post(PATH, body(order_number=number))
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["order_number"])

    assert (User.objects.count(), AccountToken.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("known", [{"email": "Maria@LaMilpa.test"}, {"phone": "+13125550147"}])
def test_taken_email_or_phone_is_a_duplicate(api: APIClient, known: dict[str, str]) -> None:
    CustomerFactory(**known)
    answer = api.post(PATH, body())
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert User.objects.count() == 1
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "maria"),
        ("email", None),
        ("password", ""),
        ("password", "12345"),
        ("password", "password"),
        ("delivery_name", ""),
        ("delivery_state", "ZZ"),
        ("delivery_zip", "abc"),
        ("delivery_phone", "12"),
        ("delivery_city", "x" * 101),
    ],
)
def test_invalid_field_is_named(api: APIClient, field: str, value: Any) -> None:
    answer = api.post(PATH, body(**{field: value}))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not User.objects.exists()


def test_account_gets_no_role_terms_or_verified_email(api: APIClient) -> None:
    api.post(
        PATH, body(role="admin", email_verified=True, approved_for_terms=True, credit_limit=9999, is_active=True)
    )

    user = User.objects.select_related("profile").get()
    assert (user.role, user.email_verified, user.profile.approved_for_terms) == ("", False, False)
    assert user.profile.credit_limit == 0


def test_linked_order_is_shown_to_its_owner_only(api: APIClient) -> None:
    order = place()
    user = api.post(PATH, body(order_number=order.number)).json()["user"]
    User.objects.filter(pk=user["id"]).update(email_verified=True, password_unproven=False)
    link_guest_orders(user["id"])

    assert as_customer().get(f"/api/orders/{order.number}").status_code == 404
    assert api.get("/api/orders/by-phone/3125550147").json() == []

    owner = as_customer(User.objects.get(pk=user["id"]))
    assert [row["order_number"] for row in owner.get("/api/orders").json()] == [order.number]
