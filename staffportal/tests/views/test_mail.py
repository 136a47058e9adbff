"""Trying mail out from the portal: what is sent, what is said of the set-up, and what is never said."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from lld.core.access import Role
from lld.core.models import IdempotencyClaim, OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import StaffFactory, as_staff
from tests.tries import forget_tries

TEST_MAIL, PROBE = "/api/staff/test-email", "/api/staff/smtp-debug"
PASSWORD = "open-sesame-1845"

pytestmark = pytest.mark.django_db


# test-email


@pytest.mark.django_db(transaction=True)
def test_mail_arrives_in_text_and_html(sandbox: SandboxClient) -> None:
    client = as_staff(Role.MANAGER, user=StaffFactory(role=Role.MANAGER, username="o.brien"))

    answer = client.post(TEST_MAIL, {"to": "ops@lld.test"})

    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("success", "queued")} == {"success": True, "queued": True}
    assert answer.json()["config"]["sending_to"] == "ops@lld.test"
    [mail] = sandbox.mail()
    assert (mail["to"], mail["recipients"]) == ("ops@lld.test", ["ops@lld.test"])
    assert "o.brien" in mail["text"]
    assert "o.brien" in mail["html"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [{}, {"to": ""}])
def test_mail_goes_to_the_smtp_user_by_default(sandbox: SandboxClient, setup: Callable[..., None], body: Any) -> None:
    setup(SMTP_USER="mailer@lld.test")
    answer = as_staff().post(TEST_MAIL, body)
    assert answer.json()["config"]["sending_to"] == "mailer@lld.test"
    assert [mail["to"] for mail in sandbox.mail()] == ["mailer@lld.test"]


@pytest.mark.parametrize("user", [None, "apikey", "mailer@lld.test\nBcc: eve@evil.test"])
def test_smtp_user_must_be_an_email_by_default(setup: Callable[..., None], user: str | None) -> None:
    setup(SMTP_USER=user)
    answer = as_staff().post(TEST_MAIL, {})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"to"})
    assert not OutboxMessage.objects.exists()
    assert as_staff().post(TEST_MAIL, {"to": "ops@lld.test"}).status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        "ops",
        "ops@",
        "ops@lld.test, eve@evil.test",
        "ops@lld.test\nBcc: eve@evil.test",
        "Ops <ops@lld.test>",
        "a" * 250 + "@lld.test",
        None,
        7,
        ["ops@lld.test"],
        {"a": 1},
    ],
)
def test_invalid_recipient_is_refused(to: Any) -> None:
    answer = as_staff().post(TEST_MAIL, {"to": to}, format="json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"to"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("password", "said"), [(PASSWORD, "set"), ("", "not set"), (None, "not set")], ids=["set", "empty", "absent"]
)
def test_smtp_password_is_never_shown(
    sandbox: SandboxClient, setup: Callable[..., None], password: str | None, said: str
) -> None:
    setup(SMTP_USER="mailer@lld.test", SMTP_PASSWORD=password)

    answer = as_staff().post(TEST_MAIL, {"to": "ops@lld.test"})

    assert answer.json()["config"] == {
        "SMTP_HOST": sandbox.smtp_host,
        "SMTP_PORT": sandbox.smtp_port,
        "SMTP_USER": "mailer@lld.test",
        "SMTP_PASSWORD": said,
        "sending_to": "ops@lld.test",
    }
    assert PASSWORD not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_idempotency_key_sends_one_mail(sandbox: SandboxClient) -> None:
    client = as_staff()

    def send(to: str = "ops@lld.test", client: APIClient = client, key: str = "once") -> Any:
        return client.post(TEST_MAIL, {"to": to}, HTTP_IDEMPOTENCY_KEY=key)

    first, again = send(), send()
    assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (200, first.content, "true")
    assert len(sandbox.mail()) == 1

    other = send(to="eve@evil.test")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(sandbox.mail()) == 1

    assert [send(client=as_staff()).status_code, send(key="twice").status_code] == [200, 200]
    assert len(sandbox.mail()) == 3


def test_calls_without_idempotency_key_each_send() -> None:
    client = as_staff()
    assert [client.post(TEST_MAIL, {"to": "ops@lld.test"}).status_code for _ in range(2)] == [200, 200]
    assert OutboxMessage.objects.count() == 2


@pytest.mark.parametrize("body", [{}, {"to": "ops@lld.test"}])
def test_mail_without_smtp_host_is_503(setup: Callable[..., None], body: Any) -> None:
    setup(SMTP_HOST=None, SMTP_USER="mailer@lld.test")
    client = as_staff()

    answer = client.post(TEST_MAIL, body, HTTP_IDEMPOTENCY_KEY="once")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    assert "SMTP_HOST" in answer.json()["error"]
    assert not OutboxMessage.objects.exists()
    # And what failed for that may be tried again with the same key.
    assert not IdempotencyClaim.objects.exists()

    setup(SMTP_HOST="127.0.0.1")
    assert client.post(TEST_MAIL, body, HTTP_IDEMPOTENCY_KEY="once").status_code == 200


# smtp-debug


def test_smtp_debug_signs_in_to_the_server(sandbox: SandboxClient, setup: Callable[..., None]) -> None:
    setup(SMTP_USER="mailer@lld.test", SMTP_PASSWORD=PASSWORD)

    answer = as_staff().post(PROBE)

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {
        *("success", "ehlo", "starttls", "login", "error", "error_type", "smtp_user", "smtp_pass_len"),
    }
    assert (body["success"], body["error"], body["error_type"]) == (True, None, None)
    assert (body["smtp_user"], body["smtp_pass_len"]) == ("mailer@lld.test", None)
    assert body["login"].startswith("235")
    assert PASSWORD not in answer.content.decode()
    assert sandbox.mail() == []


def test_smtp_debug_answers_with_the_error(setup: Callable[..., None], settings: Any) -> None:
    setup(SMTP_USER="mailer@lld.test", SMTP_PASSWORD=PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.EMAIL_PORT = free.getsockname()[1]

    answer = as_staff().post(PROBE)

    assert answer.status_code == 200
    body = answer.json()
    assert (body["success"], body["error_type"], body["smtp_pass_len"]) == (False, "ConnectionRefusedError", None)
    assert body["error"]
    assert PASSWORD not in answer.content.decode()


def test_smtp_debug_without_smtp_host_is_503(setup: Callable[..., None]) -> None:
    setup(SMTP_HOST=None)
    answer = as_staff().post(PROBE)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    assert "SMTP_HOST" in answer.json()["error"]


def test_smtp_debug_without_password_is_503(setup: Callable[..., None]) -> None:
    setup(SMTP_USER="mailer@lld.test", SMTP_PASSWORD=None)
    answer = as_staff().post(PROBE)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_configured")
    assert "SMTP_PASSWORD" in answer.json()["error"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_smtp_debug_is_for_admins_only(sandbox: SandboxClient, role: Role) -> None:
    assert as_staff(role).post(PROBE).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.MANAGER}])
def test_mail_is_for_admin_and_manager_only(role: Role) -> None:
    assert as_staff(role).post(TEST_MAIL, {"to": "ops@lld.test"}).status_code == 403
    assert not OutboxMessage.objects.exists()


# How often


@pytest.mark.parametrize("path", [TEST_MAIL, PROBE])
def test_mail_and_smtp_debug_are_limited(settings: Any, path: str) -> None:
    # Each try of the server ends at once.
    settings.EMAIL_PORT = 1
    client, body = as_staff(), {"to": "ops@lld.test"}

    assert [client.post(path, body).status_code for _ in range(21)] == [200] * 20 + [429]

    stopped = client.post(path, body)
    assert 0 < int(stopped.headers["Retry-After"]) <= 3600

    assert as_staff().post(path, body).status_code == 200
    assert OutboxMessage.objects.count() == (21 if path == TEST_MAIL else 0)


def test_invalid_recipient_costs_no_try() -> None:
    client = as_staff()
    assert {client.post(TEST_MAIL, {"to": "ops"}).status_code for _ in range(21)} == {400}
    assert client.post(TEST_MAIL, {"to": "ops@lld.test"}).status_code == 200


def test_repeat_costs_no_try_and_refusal_may_be_retried() -> None:
    client = as_staff()

    for _ in range(25):
        assert client.post(TEST_MAIL, {"to": "ops@lld.test"}, HTTP_IDEMPOTENCY_KEY="once").status_code == 200

    for number in range(19):
        client.post(TEST_MAIL, {"to": "ops@lld.test"}, HTTP_IDEMPOTENCY_KEY=str(number))
    assert client.post(TEST_MAIL, {"to": "ops@lld.test"}, HTTP_IDEMPOTENCY_KEY="late").status_code == 429

    forget_tries()
    assert client.post(TEST_MAIL, {"to": "ops@lld.test"}, HTTP_IDEMPOTENCY_KEY="late").status_code == 200
    assert OutboxMessage.objects.count() == 21
