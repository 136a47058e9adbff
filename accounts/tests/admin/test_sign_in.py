"""Signing in to the console, its limits, and the way back in."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import tries
from accounts.services.mailed_links import send_reset
from lld.core.access import Role
from lld.core.models import OutboxMessage
from lld.core.outbox import deliver
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_console, login, signs_in

pytestmark = pytest.mark.django_db

LOGIN, FORGOTTEN, NEW = "/admin/login/", "/admin/forgotten-password/", "/admin/new-password/"
NEW_PASSWORD = "pallet-jack-1845"


def tried(username: str, said: str = "guess") -> Any:
    return Client().post(LOGIN, {"username": username, "password": said})


def test_console_stops_after_as_many_tries_as_the_api_and_says_so(api: APIClient) -> None:
    member = StaffFactory()

    for _ in range(tries.TRIES):
        assert tried(member.username).status_code == 200
    stopped = tried(member.username, PASSWORD)

    assert stopped.status_code == 429
    assert 0 < int(stopped["Retry-After"]) <= tries.QUARTER
    assert "Too many tries, again in 15 minutes." in stopped.content.decode()
    assert "sessionid" not in stopped.cookies
    refused = login(api, member.username, path="/api/staff/login")
    assert (refused.status_code, refused.json()["error"]) == (429, "Too many tries, again in 15 minutes.")


def test_tries_at_the_api_count_in_the_console(api: APIClient) -> None:
    member = StaffFactory()
    for _ in range(tries.TRIES):
        login(api, member.username, "guess", "/api/staff/login")
    assert tried(member.username, PASSWORD).status_code == 429


def test_wrong_password_is_told_as_such() -> None:
    answer = tried(StaffFactory().username)
    assert answer.status_code == 200
    assert "Retry-After" not in answer
    assert reverse("admin:admin_password_reset") in answer.content.decode()


def test_own_password_is_guessed_as_often_as_over_the_api() -> None:
    client = as_console(Role.STAFF)
    data = {"old_password": "guess", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

    statuses = [client.post("/admin/password_change/", data).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert client.post("/admin/password_change/", data | {"old_password": PASSWORD}).status_code == 429


def mailed_link() -> str:
    for message in OutboxMessage.objects.filter(channel="recovery", state="pending"):
        deliver(message.key)
    bodies = [str(message.payload) for message in OutboxMessage.objects.filter(channel="email")]
    return re.search(r"http://testserver(/admin/new-password/[^\s\"'<\\]+)", " ".join(bodies))[1]


def test_forgotten_password_is_set_anew_in_the_console() -> None:
    member, client = StaffFactory(), Client()

    asked = client.post(FORGOTTEN, {"identifier": member.email.upper()}, follow=True)
    assert "If there is such an account, a mail is on its way." in asked.content.decode()
    link = mailed_link()
    assert "Mail the link" in client.get(FORGOTTEN).content.decode()
    page = client.get(link)
    assert page.content.decode().count("Set the password") == 1
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")

    token = link.partition("token=")[2]
    weak = client.post(NEW, {"token": token, "password": "short"})
    assert "at least 8" in weak.content.decode()
    done = client.post(NEW, {"token": token, "password": NEW_PASSWORD}, follow=True)
    assert "Your password is changed." in done.content.decode()
    assert signs_in(member.username, NEW_PASSWORD)

    again = client.post(NEW, {"token": token, "password": "another-one-2026"})
    assert "This link is not valid any more." in again.content.decode()
    assert signs_in(member.username, NEW_PASSWORD)


@pytest.mark.parametrize("name", ["nobody", "customer"])
def test_forgotten_password_of_others_is_answered_the_same_and_mails_nothing(name: str) -> None:
    customer = CustomerFactory()

    asked = Client().post(FORGOTTEN, {"identifier": customer.email if name == "customer" else name}, follow=True)

    assert "If there is such an account, a mail is on its way." in asked.content.decode()
    for message in OutboxMessage.objects.filter(channel="recovery"):
        deliver(message.key)
    assert not OutboxMessage.objects.filter(channel="email").exists()


def test_link_of_a_customer_sets_no_password_of_staff() -> None:
    secret = send_reset(CustomerFactory())
    answer = Client().post(NEW, {"token": secret, "password": NEW_PASSWORD})
    assert "This link is not valid any more." in answer.content.decode()


def test_asking_for_links_stops_with_the_api(api: APIClient) -> None:
    for _ in range(5):
        assert Client().post(FORGOTTEN, {"identifier": "ana"}).status_code == 302
    assert Client().post(FORGOTTEN, {"identifier": "ana"}).status_code == 429
    assert api.post("/api/staff/forgot-password", {"identifier": "ana"}).status_code == 429
