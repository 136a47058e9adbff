"""Staff and keys made from the command line."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import ApiKey, StaffProfile, User
from lld.core.models import AuditEntry
from tests.factories import PASSWORD, CustomerFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue().splitlines()


def test_create_staff_makes_an_admin_who_signs_in(api: APIClient) -> None:
    lines = run("create_staff", "Root", role="admin", password=PASSWORD)
    assert lines == ["Root is admin."]

    answer = api.post("/api/staff/login", {"username": "root", "password": PASSWORD})
    assert answer.json()["staff"]["role"] == "admin"
    assert StaffProfile.objects.get().user.email_verified
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_kind) == ("staff.create", "system")
    assert PASSWORD not in str(entry.after)


@pytest.mark.parametrize("password", ["short", "1234567", "password1", "root@lld.test"])
def test_create_staff_refuses_weak_passwords(password: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("create_staff", "root", role="admin", password=password, email="root@lld.test")
    assert password not in str(refused.value)
    assert not User.objects.exists()


def test_create_staff_refuses_taken_names_and_emails() -> None:
    CustomerFactory(username="ana", email="eve@lld.test")

    run("create_staff", "eve", role="staff", password=PASSWORD, email="eve@lld.test")

    for name, email in (("ANA", ""), ("EVE", ""), ("bob", "EVE@lld.test")):
        with pytest.raises(CommandError, match="There is an account with this"):
            run("create_staff", name, role="staff", password=PASSWORD, email=email)

    assert User.objects.count() == 2


@pytest.mark.parametrize("role", ["owner", "", "Admin"])
def test_create_staff_refuses_unknown_roles(role: str) -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        run("create_staff", "root", "--role", role, "--password", PASSWORD)


def test_create_api_key_prints_the_raw_key_last(api: APIClient) -> None:
    lines = run("create_api_key", "n8n", scopes="voice, queue")
    raw = lines[-1]
    assert raw == raw.strip()
    assert " " not in raw
    assert raw not in "\n".join(lines[:-1])
    key = ApiKey.objects.get()
    assert (key.name, key.scopes) == ("n8n", ["voice", "queue"])
    assert raw.startswith("lld_")

    answer = api.post("/api/payments/create-link", {"order_number": "LLD-0000-0000"}, HTTP_X_API_KEY=raw)
    assert answer.status_code == 404
    assert raw not in str(AuditEntry.objects.get().after)


def test_create_api_key_gives_default_scopes() -> None:
    run("create_api_key", "n8n")
    assert ApiKey.objects.get().scopes == ["voice", "queue", "catalog:read", "catalog:write"]


@pytest.mark.parametrize("scopes", ["admin", "voice,everything", "VOICE"])
def test_create_api_key_refuses_unknown_scopes(scopes: str) -> None:
    with pytest.raises(CommandError, match="Unknown scope"):
        run("create_api_key", "n8n", scopes=scopes)
    assert not ApiKey.objects.exists()
