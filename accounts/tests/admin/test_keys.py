"""API keys in the console: who sees them, and what revoking one ends."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.services.keys import create_api_key
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from tests.factories import as_console, told

pytestmark = pytest.mark.django_db


def revoke(client: Client, *keys: ApiKey) -> Any:
    data = {"action": "revoke", "_selected_action": [key.pk for key in keys], "index": 0}
    return client.post(reverse("admin:accounts_apikey_changelist"), data, follow=True)


def test_revoked_key_is_refused(api: APIClient) -> None:
    client = as_console()
    key, raw = create_api_key(actor=SYSTEM, name="robot")

    page = client.get(reverse("admin:accounts_apikey_change", args=[key.pk])).content.decode()
    assert key.key_hash not in page

    assert told(revoke(client, key)) == ["Revoked: robot."]
    assert told(revoke(client, key)) == ["robot: The key is revoked already."]
    key.refresh_from_db()
    assert (key.is_active, key.revoked_by) == (False, client.user)
    assert api.get("/api/me", headers={"X-API-Key": raw}).status_code == 401
    assert AuditEntry.objects.filter(action="api_key.revoke", actor_label=client.user.username).count() == 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_keys_are_for_admins_only(role: Role) -> None:
    key, _ = create_api_key(actor=SYSTEM, name="robot")
    client = as_console(role)

    assert client.get(reverse("admin:accounts_apikey_changelist")).status_code == 403
    assert revoke(client, key).status_code == 403

    key.refresh_from_db()
    assert key.is_active
