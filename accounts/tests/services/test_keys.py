"""API keys, as the service makes them."""

import json

import pytest

from accounts.models import ApiKey
from accounts.services import keys
from lld.core.actors import SYSTEM

pytestmark = pytest.mark.django_db


def test_raw_key_is_stored_nowhere() -> None:
    key, raw = keys.create_api_key(actor=SYSTEM, name="n8n")
    assert raw not in json.dumps(list(ApiKey.objects.values()), default=str)
    assert key.scopes == ["voice", "queue", "catalog:read", "catalog:write"]
    assert raw.endswith(key.key_preview[-4:])
