"""Uses of API keys: counted in Valkey, moved to the table, and none lost or counted twice."""

from typing import Any

import pytest
from django.db import DataError
from redis.exceptions import ConnectionError as ValkeyDown
from rest_framework.test import APIClient

from accounts import tasks
from accounts.models import ApiKey
from accounts.services import key_uses
from accounts.tests.api_keys import PATH, act, listed, make, use, verify

pytestmark = pytest.mark.django_db

MOST = 2**63 - 1


def test_uses_are_counted_by_key(admin: APIClient) -> None:
    one, other = make(admin), make(admin)
    for raw, times in ((one["raw_key"], 3), (other["raw_key"], 2)):
        for _ in range(times):
            use(raw)
    assert {row["use_count"] for row in admin.get(PATH).json()} == {0}

    tasks.write_key_uses()
    tasks.write_key_uses()
    assert {row["id"]: row["use_count"] for row in admin.get(PATH).json()} == {one["id"]: 3, other["id"]: 2}

    verify(admin, one["raw_key"])
    use(one["raw_key"])
    tasks.write_key_uses()
    assert {row["id"]: row["use_count"] for row in admin.get(PATH).json()} == {one["id"]: 5, other["id"]: 2}


def test_refused_key_counts_no_use(admin: APIClient) -> None:
    made = make(admin)
    act(admin, made, "revoke")
    assert use(made["raw_key"]) == 401
    tasks.write_key_uses()
    assert (listed(admin)["use_count"], listed(admin)["last_used_at"]) == (0, None)


def test_deleted_key_does_not_stop_other_counts(admin: APIClient) -> None:
    gone, kept = make(admin), make(admin)
    for made in (gone, kept):
        use(made["raw_key"])
    ApiKey.objects.filter(pk=gone["id"]).delete()

    tasks.write_key_uses()

    assert listed(admin)["use_count"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("full", [0, 1, 2])
def test_failed_write_loses_no_use(admin: APIClient, full: int) -> None:
    """Whichever row it fails at: those written stay written, the others wait, and none is counted twice."""
    made = [make(admin) for _ in range(3)]
    for times, key in enumerate(made, start=1):
        for _ in range(times):
            use(key["raw_key"])
    stuck = ApiKey.objects.filter(pk=made[full]["id"])
    stuck.update(use_count=MOST)

    for _ in range(2):
        with pytest.raises(DataError):
            key_uses.write_counts()

    stuck.update(use_count=0)
    key_uses.write_counts()
    assert [ApiKey.objects.get(pk=key["id"]).use_count for key in made] == [1, 2, 3]


def test_valkey_outage_refuses_no_key(admin: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = make(admin)["raw_key"]

    def down() -> Any:
        raise ValkeyDown

    with monkeypatch.context() as broken:
        broken.setattr(key_uses, "valkey", down)
        assert use(raw) == 404
    assert listed(admin)["last_used_at"]
    assert use(raw) == 404

    tasks.write_key_uses()
    assert listed(admin)["use_count"] == 1
