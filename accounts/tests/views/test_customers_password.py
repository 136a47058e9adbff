"""A customer's own password: what changing it takes, and what it ends."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import PhoneSession
from accounts.services import mailed_links, phones
from accounts.tests.views.own_account import NEW_PASSWORD, PHONE, maria, sign_in
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, as_customer

pytestmark = pytest.mark.django_db


def change_password(client: APIClient, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Any:
    return client.post("/api/auth/change-password", {"current_password": current, "new_password": new})


@pytest.mark.django_db(transaction=True)
def test_new_password_ends_other_sessions(sandbox: SandboxClient) -> None:
    client = maria()
    elsewhere = as_customer(client.user)
    reset, session = mailed_links.send_reset(client.user), phones.open_phone_session(PHONE)
    sandbox.reset()

    assert change_password(client).status_code == 200
    assert client.get("/api/me").status_code == 200
    assert elsewhere.get("/api/me").status_code == 401
    assert (sign_in("maria"), sign_in("maria", NEW_PASSWORD)) == (401, 200)
    [mail] = sandbox.mail()
    assert mail["recipients"] == ["maria@cafe.test"]
    assert mail["text"]
    assert mail["html"]
    assert NEW_PASSWORD not in str(mail)

    # What was asked for before it opens nothing after it.
    api = APIClient()
    assert api.post("/api/auth/reset-password", {"token": reset, "password": PASSWORD}).status_code == 400

    body = {"phone_session_token": session, "password": PASSWORD}
    assert api.post("/api/auth/phone/reset-password", body).status_code == 400


def test_new_password_gives_a_new_csrf_token() -> None:
    client = maria()
    change_password(client)
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    assert change_password(client, NEW_PASSWORD, "a-third-good-one").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", NEW_PASSWORD, "current_password"),
        (PASSWORD.upper(), NEW_PASSWORD, "current_password"),
        (f"{PASSWORD} ", NEW_PASSWORD, "current_password"),
        ("", NEW_PASSWORD, "current_password"),
        (PASSWORD, "", "new_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "password", "new_password"),
        (PASSWORD, "x" * 201, "new_password"),
        # The address is as public as the name.
        (PASSWORD, "maria@cafe", "new_password"),
    ],
)
def test_wrong_or_weak_password_is_refused(current: str, new: str, field: str) -> None:
    client = maria()
    elsewhere = as_customer(client.user)

    answer = change_password(client, current, new)

    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert elsewhere.get("/api/me").status_code == 200
    assert sign_in("maria") == 200
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("new", ["sixsix", " spaces count ", "pässwörter", "密码是很长的密码"])
def test_six_character_password_is_accepted(new: str) -> None:
    client = maria()
    assert change_password(client, PASSWORD, new).status_code == 200
    assert sign_in("maria", new) == 200


def test_current_password_guesses_are_limited() -> None:
    client = maria()

    statuses = [change_password(client, f"guess{number}").status_code for number in range(11)]
    assert statuses == [400] * 10 + [429]

    stopped = change_password(client)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert sign_in("maria") == 200

    other = as_customer()
    assert change_password(other).status_code == 200


def test_new_password_keeps_phone_sessions_of_others() -> None:
    """An account without a phone must not void those of everybody."""
    phones.open_phone_session(PHONE)
    assert change_password(maria(phone="")).status_code == 200
    assert PhoneSession.objects.count() == 1
