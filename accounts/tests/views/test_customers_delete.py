"""A customer who goes: what is left of the account, and what is free again."""

import re

import pytest
from django.forms.models import model_to_dict
from rest_framework.test import APIClient

from accounts.enums import CodePurpose
from accounts.models import AccountToken, CustomerProfile, PhoneCode, PhoneSession, User
from accounts.services import mailed_links, phones
from accounts.tests.views.own_account import NEW_PASSWORD, PHONE, maria, own, sign_in
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, ProductFactory, as_customer, as_staff, place

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_deleted_account_is_emptied_and_keeps_its_orders(sandbox: SandboxClient) -> None:
    client = maria()
    elsewhere = as_customer(client.user)
    CustomerProfile.objects.update(
        billing_address="9 Old St", phone2="+13125550160", business_ein="36-1234567", resale_certificate="IL-1"
    )
    order = place((ProductFactory(), 2), customer=client.user)
    documents = type(order).objects.values().get()
    reset, verification = mailed_links.send_reset(client.user), mailed_links.send_verification(client.user)
    session, _ = phones.open_phone_session(PHONE), phones.send_code(PHONE, CodePurpose.RECOVER)
    sandbox.reset()

    answer = client.delete(own(client))
    assert (answer.status_code, answer.content) == (204, b"")
    assert [mail["recipients"] for mail in sandbox.mail()] == [["maria@cafe.test"]]

    # Nobody is left to be found in it.
    user = User.objects.get()
    assert (user.is_active, user.email, user.phone, user.first_name, user.last_name) == (False, "", "", "", "")
    assert user.deleted_at is not None
    kept = str(model_to_dict(user)) + str(model_to_dict(user.profile))
    assert not re.search(r"maria|lopez|taqueria|9 Old St|312555|1234567|IL-1", kept, re.IGNORECASE)
    assert [kind.objects.count() for kind in (AccountToken, PhoneCode, PhoneSession)] == [0, 0, 0]

    # Nothing opens it.
    assert [caller.get("/api/me").status_code for caller in (client, elsewhere)] == [401, 401]
    assert [sign_in(name) for name in ("maria", "maria@cafe.test", user.username or "")] == [401] * 3

    api = APIClient()
    assert api.post("/api/auth/reset-password", {"token": reset, "password": NEW_PASSWORD}).status_code == 400
    assert api.get(f"/api/auth/verify-email/{verification}").headers["Location"].endswith("=invalid")

    body = {"phone_session_token": session, "password": NEW_PASSWORD}
    assert api.post("/api/auth/phone/reset-password", body).status_code == 400
    for path, asked in (
        ("/api/auth/forgot-password", {"identifier": user.username}),
        ("/api/auth/forgot-username", {"email": "maria@cafe.test"}),
        ("/api/auth/resend-verification", {"identifier": user.username}),
        ("/api/auth/phone/send-code", {"phone": PHONE}),
    ):
        assert api.post(path, asked).status_code == 200
    assert len(sandbox.mail()) == 1
    assert sandbox.ledger("twilio", "sms") == []

    # What was ordered stays as it was, for staff.
    assert type(order).objects.values().get() == documents
    assert as_staff().get(f"/api/staff/orders/{order.pk}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_deleted_account_frees_its_name_email_and_phone(sandbox: SandboxClient) -> None:
    client = maria()
    place(customer=client.user)

    assert client.delete(own(client)).status_code == 204

    body = {"username": "Maria", "email": "maria@cafe.test", "phone": PHONE, "password": PASSWORD}
    assert APIClient().post("/api/register", body).status_code == 201

    [link] = re.findall(r"/api/auth/verify-email/\S+", sandbox.mail()[0]["text"])
    APIClient().get(link)
    newcomer = as_customer(User.objects.get(username="Maria"))
    assert newcomer.user.pk != client.user.pk
    assert newcomer.get("/api/orders").json() == []

    assert newcomer.delete(own(newcomer)).status_code == 204
    assert User.objects.filter(is_active=True).count() == 0
