"""Bodies that were once answered 200 and meant nothing, or something else, or were refused for their looks."""

import json
import unicodedata
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services.sign_in import forget_expired
from catalog.models import Product
from lld.core.access import Role, Scope
from lld.core.models import AuditEntry, OutboxMessage
from orders.models import Order, Payment
from orders.tokens import make_upload_token, may_upload
from tests.clock import later
from tests.factories import (
    PASSWORD,
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_key,
    as_staff,
    bearer,
    card_order,
    order_body,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def send_text(client: Any, path: str, text: bytes, *, method: str = "PUT", **headers: str) -> Any:
    return client.generic(method, path, text, content_type="application/json", **headers)


# Names


def test_money_under_other_names_is_not_the_whole_balance_in_cash() -> None:
    order, client = card_order(), as_staff(Role.STAFF)
    path = f"/api/staff/orders/{order.pk}/mark-paid"

    refused = client.post(path, {"amount": 1, "method": "check"})

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert set(refused.json()["fields"]) == {"amount", "method"}
    assert "amount_received" in refused.json()["fields"]["amount"][0]
    assert "payment_method" in refused.json()["fields"]["method"][0]
    assert not Payment.objects.filter(order=order, state="succeeded").exists()

    assert client.post(path, {}).status_code == 200
    assert Payment.objects.get(order=order, state="succeeded").amount == order.balance


@pytest.mark.parametrize(
    ("path", "body", "near"),
    [
        ("staff/inventory", {"quantity": 5}, "stock_quantity"),
        ("staff/products", {"price": 5}, "unit_price"),
        ("v1/products", {"price": 5}, "unit_price"),
    ],
)
def test_product_change_under_another_name_is_refused(path: str, body: dict[str, Any], near: str) -> None:
    product = ProductFactory()
    before = Product.objects.values().get()
    client = as_key(Scope.CATALOG_WRITE) if path.startswith("v1") else as_staff(Role.MANAGER)

    refused = client.put(f"/api/{path}/{product.pk}", body)

    (complaint,) = refused.json()["fields"][next(iter(body))]
    assert (refused.status_code, near in complaint) == (400, True)
    assert Product.objects.values().get() == before


def test_address_under_other_names_is_refused() -> None:
    order = place()
    refused = as_staff(Role.STAFF).put(f"/api/staff/orders/{order.pk}/address", {"zip": "60601"})
    assert refused.status_code == 400
    assert "delivery_zip" in refused.json()["error"]


def test_reason_of_a_move_is_kept() -> None:
    order, client = card_order(), as_staff(Role.STAFF)
    path = f"/api/staff/orders/{order.pk}/status"
    client.post(f"/api/staff/orders/{order.pk}/mark-paid", {})

    assert client.put(path, {"status": "confirmed", "reason": "why"}).status_code == 200
    assert "reason" in client.put(path, {"status": "packed", "reasn": "why"}).json()["error"]

    assert AuditEntry.objects.get(object_id=str(order.pk), action__startswith="order.status").reason == "why"


def test_count_that_only_has_a_note_is_refused() -> None:
    product = ProductFactory()
    refused = as_staff(Role.STAFF).put(f"/api/staff/inventory/{product.pk}", {"note": "Recount"})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"note"})


def test_refused_choice_names_the_choices() -> None:
    order = card_order()
    refused = as_staff(Role.STAFF).post(f"/api/staff/orders/{order.pk}/mark-paid", {"payment_method": "cheque"})
    (complaint,) = refused.json()["fields"]["payment_method"]
    assert refused.status_code == 400
    assert {"cash", "check", "credit_card"} <= set(complaint.removesuffix(".").replace(",", "").split())


def test_name_that_comes_twice_is_refused() -> None:
    order = card_order()
    path = f"/api/staff/orders/{order.pk}/mark-paid"
    twice = b'{"amount_received": 1, "amount_received": 45}'
    refused = send_text(as_staff(Role.STAFF), path, twice, method="POST")
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


# Text and numbers


def test_long_tracking_number_keeps_its_digits_in_order_and_mail() -> None:
    order, client = card_order(), as_staff(Role.STAFF)
    client.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    client.put(f"/api/staff/orders/{order.pk}/status", {"status": "packed"})

    sent = send_text(client, f"/api/staff/orders/{order.pk}/notes", b'{"tracking_number": 9400111899223197428490}')

    assert sent.json()["order"]["tracking_number"] == "9400111899223197428490"
    shipped = [str(message.payload) for message in OutboxMessage.objects.filter(key__contains="shipped")]
    assert shipped
    assert all("9400111899223197428490" in payload for payload in shipped)


def test_line_with_what_turns_it_is_refused_and_text_is_composed() -> None:
    order, client = place(), as_staff(Role.STAFF)
    path = f"/api/staff/orders/{order.pk}/notes"

    for text in ("LLD\u202e1", "a\x07b", "a\nb"):
        assert set(client.put(path, {"assigned_to": text}).json()["fields"]) == {"assigned_to"}

    noted = client.put(path, {"assigned_to": "Jose\u0301", "staff_notes": "Back door\n\tring"}).json()["order"]
    assert (noted["assigned_to"], noted["staff_notes"]) == ("Jos\u00e9", "Back door\n\tring")


def test_body_with_a_mark_in_front_is_read() -> None:
    customer = CustomerFactory()
    body = json.dumps({"username": customer.username, "password": PASSWORD}).encode()
    assert send_text(APIClient(), "/api/login", b"\xef\xbb\xbf" + body, method="POST").status_code == 200


# Passwords

SPELT = "Kaffe\u0301-Cr\u00e8me 4711"


def forms() -> list[str]:
    return [unicodedata.normalize(form, SPELT) for form in ("NFC", "NFD")] + [SPELT]


def signs_in(name: str, password: str) -> bool:
    return APIClient().post("/api/staff/login", {"username": name, "password": password}).status_code == 200


def test_password_opens_however_its_letters_are_composed() -> None:
    for number, form in enumerate(forms()):
        body = {"username": f"hector{number}", "password": form}
        assert as_staff(Role.ADMIN).post("/api/staff/users", body).status_code == 201

        assert all(signs_in(f"hector{number}", typed) for typed in forms())
        assert not signs_in(f"hector{number}", "Kaffe-Creme 4711")


def test_password_kept_as_it_was_typed_still_opens_as_it_is_typed() -> None:
    member = StaffFactory()
    typed = unicodedata.normalize("NFD", SPELT)
    User.objects.filter(pk=member.pk).update(password=get_hasher("default").bare.encode(typed, "salt" * 6))

    assert signs_in(member.username, typed)
    assert not signs_in(member.username, "another")


def test_new_password_and_its_repetition_may_be_composed_differently() -> None:
    client = as_staff()
    new = {"new_password": forms()[0], "confirm_password": forms()[1]}
    path = "/api/staff/profile/change-password"
    assert client.post(path, {"current_password": PASSWORD, **new}).status_code == 200


def test_unknown_name_takes_as_many_hashes_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    member = StaffFactory()
    plain = type(get_hasher("default").bare)
    encode, hashed = plain.encode, []
    monkeypatch.setattr(plain, "encode", lambda *args: hashed.append(args[1]) or encode(*args))

    for password in ("wrong", forms()[1]):
        counts = []
        for name in (member.username, "nobody"):
            hashed.clear()
            assert not signs_in(name, password)
            counts.append(len(hashed))
        assert counts[0] == counts[1] > 0


# Clocks


def token(user: User, **shifted: int) -> str:
    now = int(timezone.now().timestamp())
    claims = {"token_type": "staff", "jti": "x" * 32, "user_id": user.pk, "ver": user.token_version}
    times = {"iat": now, "exp": now + 600} | {name: now + seconds for name, seconds in shifted.items()}
    return jwt.encode({**claims, **times}, settings.SECRET_KEY, "HS256")


@pytest.mark.parametrize(
    ("shifted", "status"),
    [
        ({"iat": 1}, 200),
        ({"iat": 25, "nbf": 25}, 200),
        ({"exp": -25}, 200),
        ({"iat": 40}, 401),
        ({"nbf": 40}, 401),
        ({"exp": -40}, 401),
    ],
    ids=str,
)
def test_staff_token_allows_for_half_a_minute_between_clocks(shifted: dict[str, int], status: int) -> None:
    assert bearer(token(StaffFactory(), **shifted)).get("/api/staff/me").status_code == status


def test_ended_token_stays_ended_for_as_long_as_it_counts() -> None:
    client = as_staff()
    assert client.post("/api/staff/logout").status_code == 200

    with later(hours=12, seconds=10):
        forget_expired()
        assert client.get("/api/staff/me").status_code == 401


def test_link_to_send_a_check_allows_for_half_a_minute_between_clocks() -> None:
    made = make_upload_token("LLD-1")
    with later(days=14, seconds=20):
        assert may_upload(made, "LLD-1")
    with later(days=14, seconds=40):
        assert not may_upload(made, "LLD-1")


# The same key again


@pytest.mark.django_db(transaction=True)
def test_corrected_body_may_use_the_same_key() -> None:
    body = order_body((ProductFactory(), 1))
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}

    wrong = APIClient().post("/api/orders", {**body, "delivery_zip": "?"}, **key)
    placed = APIClient().post("/api/orders", body, **key)
    backwards = dict(reversed(body.items()))
    again = APIClient().post("/api/orders", backwards, **key)

    assert [answer.status_code for answer in (wrong, placed, again)] == [400, 201, 201]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_long_number_in_a_body_with_a_key_is_no_server_error() -> None:
    headers = {"HTTP_IDEMPOTENCY_KEY": "two"}
    answer = send_text(APIClient(), "/api/orders", b'{"items": 9400111899223197428490}', method="POST", **headers)
    assert answer.status_code == 400
