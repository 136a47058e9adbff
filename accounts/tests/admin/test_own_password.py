"""A member of staff's own password, changed in the console."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from lld.core.access import Role
from lld.core.models import AuditEntry
from tests.factories import PASSWORD, as_console, as_staff

pytestmark = pytest.mark.django_db


def test_own_password_ends_other_sign_ins(api: APIClient) -> None:
    client = as_console(Role.WAREHOUSE)
    token, elsewhere = as_staff(user=client.user), Client()
    elsewhere.force_login(client.user)
    address = reverse("admin:password_change")
    data = {"old_password": PASSWORD, "new_password1": "pallet-jack-1845", "new_password2": "pallet-jack-1845"}

    wrong = client.post(address, data | {"old_password": "guess"})
    weak = client.post(address, data | {"new_password1": "short", "new_password2": "short"})
    assert (wrong.status_code, weak.status_code) == (200, 200)
    assert token.get("/api/staff/me").status_code == 200

    assert client.post(address, data).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200
    assert elsewhere.get(reverse("admin:index")).status_code == 302
    assert token.get("/api/staff/me").status_code == 401
    assert AuditEntry.objects.get(action="account.password").object_id == str(client.user.pk)
