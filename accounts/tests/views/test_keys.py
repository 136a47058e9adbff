"""The life of an API key: made once, used, verified, ended, let in again, forgotten."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey
from accounts.tests.api_keys import PATH, act, listed, make, use, verify
from accounts.tokens import hash_api_key
from lld.core.access import DEFAULT_SCOPES, Role, Scope
from lld.core.models import AuditEntry
from tests.factories import as_staff

pytestmark = pytest.mark.django_db


# Making


def test_raw_key_is_shown_once_and_stored_as_keyed_hash(admin: APIClient) -> None:
    made = make(admin, description="n8n")
    raw = made["raw_key"]
    assert raw.startswith("voice_")
    assert len(raw) >= len("voice_") + 43
    assert make(admin)["raw_key"] != raw

    answers = [admin.get(PATH), admin.post(f"{PATH}/verify", {"raw_key": raw}), act(admin, made, "revoke")]
    stored = json.dumps([list(model.objects.values()) for model in (ApiKey, AuditEntry)], default=str)
    for text in (stored, *(answer.content.decode() for answer in answers)):
        assert raw not in text
        assert raw.removeprefix("voice_") not in text
    row = ApiKey.objects.get(pk=made["id"])
    assert row.key_hash == hash_api_key(raw) != hashlib.sha256(raw.encode()).hexdigest()
    for answer in answers:
        assert row.key_hash not in answer.content.decode()


def test_key_hash_depends_on_secret_key(admin: APIClient, settings: Any) -> None:
    raw = make(admin)["raw_key"]
    settings.SECRET_KEY = "another" * 8
    assert hash_api_key(raw) != ApiKey.objects.get().key_hash


def test_key_preview_tells_keys_apart_and_opens_nothing(admin: APIClient) -> None:
    made = make(admin)
    raw, preview = made["raw_key"], made["key_preview"]
    assert (raw[:10], raw[-4:]) == (preview[:10], preview[-4:])
    assert len(preview) == 15
    assert use(preview) == 401


def test_new_key_has_defaults(admin: APIClient) -> None:
    made = make(admin, description="Calls of the agent")

    assert made.pop("raw_key")
    assert made.pop("warning")
    assert made == listed(admin)
    assert {name: made[name] for name in made.keys() - {"id", "key_preview", "created_at"}} == {
        "name": "Voice agent",
        "prefix": "voice",
        "description": "Calls of the agent",
        "scopes": [str(scope) for scope in DEFAULT_SCOPES],
        "is_active": True,
        "created_by": "ana",
        "expires_at": None,
        "revoked_at": None,
        "revoked_by": None,
        "last_used_at": None,
        "use_count": 0,
    }


@pytest.mark.parametrize(
    ("scopes", "kept", "status"),
    [
        (["voice"], ["voice"], 404),
        (["queue", "voice", "queue"], ["queue", "voice"], 404),
        (["catalog:read"], ["catalog:read"], 403),
        ([scope.value for scope in Scope if scope != Scope.VOICE], None, 403),
    ],
)
def test_key_opens_its_scopes_only(admin: APIClient, scopes: list[str], kept: list[str] | None, status: int) -> None:
    made = make(admin, scopes=scopes)
    assert made["scopes"] == (kept or scopes)
    assert use(made["raw_key"]) == status


def test_default_scopes_leave_out_special_ones(admin: APIClient) -> None:
    assert {"renewals", "notifications", "diagnostics"}.isdisjoint(make(admin)["scopes"])


def test_key_cannot_manage_keys(admin: APIClient) -> None:
    made = make(admin, scopes=[scope.value for scope in Scope])
    holder = APIClient()
    holder.credentials(HTTP_X_API_KEY=made["raw_key"])

    assert holder.get(PATH).status_code == 403
    assert holder.post(PATH, {"name": "x", "prefix": "xx"}).status_code == 403

    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("prefix", ["ab", "a1", "n8n", "voice_agent", "Voice-2", "a" * 19])
def test_prefix_starts_the_raw_key(admin: APIClient, prefix: str) -> None:
    made = make(admin, prefix=prefix)
    assert made["raw_key"].startswith(f"{prefix}_")
    assert use(made["raw_key"]) == 404


NOT_TEXT: list[Any] = [None, "", "  ", True, [], {}]
BAD: dict[str, list[Any]] = {
    "name": [*NOT_TEXT, "x" * 101, "a\0b"],
    "prefix": [*NOT_TEXT, "a", "a" * 20, "1a", "_a", "-a", "a.b", "a b", "a\nb", "é1", "ab✓", 12],
    "description": [None, True, [], {}, "x" * 501],
    "expires_at": ["tomorrow", "2027-02-30", "31/12/2027", "2027-06-01T00:00:00Z", 20270601, True, [], {}],
    "scopes": [None, [], "voice", {}, True, ["voice"] * 21],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_invalid_field_is_named(admin: APIClient, field: str, value: Any) -> None:
    answer = admin.post(PATH, {"name": "Voice agent", "prefix": "voice", field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not ApiKey.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("scope", ["admin", "VOICE", "*", "", None, 1, True, ["voice"], {}])
def test_unknown_scope_is_named(admin: APIClient, scope: Any) -> None:
    answer = admin.post(PATH, {"name": "Voice agent", "prefix": "voice", "scopes": ["voice", scope]})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"scopes[1]"})
    assert not ApiKey.objects.exists()


def test_name_and_prefix_are_required(admin: APIClient) -> None:
    answer = admin.post(PATH, {})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"name", "prefix"})


def test_read_only_fields_are_refused(admin: APIClient) -> None:
    unasked = {"use_count": 9, "is_active": False, "created_by": "eve", "key_hash": "0" * 64, "raw_key": "voice_mine"}

    refused = admin.post(PATH, {"name": "n8n", "prefix": "n8n", **unasked})

    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(unasked))
    assert use("voice_mine") == 401


# Until when


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2027-01-31", datetime(2027, 2, 1, 6, tzinfo=UTC)),
        ("2027-03-13", datetime(2027, 3, 14, 6, tzinfo=UTC)),
        # The clocks change in these days: one has 23 hours, the other 25.
        ("2027-03-14", datetime(2027, 3, 15, 5, tzinfo=UTC)),
        ("2027-11-06", datetime(2027, 11, 7, 5, tzinfo=UTC)),
        ("2027-11-07", datetime(2027, 11, 8, 6, tzinfo=UTC)),
    ],
)
def test_expiry_is_the_end_of_the_business_day(day: str, end: datetime) -> None:
    with time_machine.travel(datetime(2027, 1, 4, 18, tzinfo=UTC), tick=False):
        made = make(as_staff(Role.ADMIN), expires_at=day)
    assert datetime.fromisoformat(made["expires_at"]) == end

    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert use(made["raw_key"]) == 404
        assert verify(as_staff(Role.ADMIN), made["raw_key"])["valid"]
    with time_machine.travel(end, tick=False):
        assert use(made["raw_key"]) == 401
        answer = verify(as_staff(Role.ADMIN), made["raw_key"])
        assert (answer["valid"], "expired" in answer["reason"]) == (False, True)


@pytest.mark.parametrize(
    ("day", "status"),
    [(date(2027, 5, 1), 400), (date(2027, 5, 2), 201), (date(2100, 12, 31), 201), (date(2101, 1, 1), 400)],
)
def test_expiry_day_is_compared_in_business_time(day: date, status: int) -> None:
    """In UTC it is the third already."""
    with time_machine.travel(datetime(2027, 5, 3, 4, 30, tzinfo=UTC)):
        answer = as_staff(Role.ADMIN).post(PATH, {"name": "n", "prefix": "nn", "expires_at": day.isoformat()})

    assert answer.status_code == status
    assert ApiKey.objects.exists() is (status == 201)
    if status == 400:
        assert set(answer.json()["fields"]) == {"expires_at"}


@pytest.mark.parametrize("day", ["", None])
def test_blank_expiry_never_expires(admin: APIClient, day: str | None) -> None:
    assert make(admin, expires_at=day)["expires_at"] is None


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-01-01"])
def test_expiry_out_of_range_is_refused(admin: APIClient, day: str) -> None:
    answer = admin.post(PATH, {"name": "n", "prefix": "nn", "expires_at": day})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"expires_at"})


# Verifying


def test_verify_counts_as_a_use(admin: APIClient) -> None:
    raw = make(admin)["raw_key"]

    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        now = timezone.now()
        counts = [verify(admin, raw)["key"]["use_count"] for _ in range(3)]

    assert counts == [1, 2, 3]
    assert datetime.fromisoformat(listed(admin)["last_used_at"]) == now


def test_verify_says_why_a_key_is_invalid(admin: APIClient) -> None:
    made = make(admin)
    raw = made["raw_key"]

    assert (verify(admin, raw)["valid"], verify(admin, raw)["reason"]) == (True, "")

    ApiKey.objects.update(use_count=0)
    for other in (raw[:-1], f"{raw}x", raw.swapcase(), raw.removeprefix("voice_"), made["key_preview"]):
        unknown = verify(admin, other)
        assert (unknown["valid"], unknown["key"], bool(unknown["reason"])) == (False, None, True)

    act(admin, made, "revoke")
    revoked = verify(admin, raw)
    act(admin, made, "activate")
    ApiKey.objects.update(expires_at=timezone.now())
    expired = verify(admin, raw)
    assert ("revoked" in revoked["reason"], "expired" in expired["reason"]) == (True, True)
    for answer in (revoked, expired):
        assert (answer["valid"], answer["key"]["id"], answer["key"]["use_count"]) == (False, made["id"], 0)
    assert len({unknown["reason"], revoked["reason"], expired["reason"]}) == 3


@pytest.mark.parametrize("raw", [None, "", True, [], {}, "x" * 201, "a\0b"])
def test_verify_refuses_invalid_input(admin: APIClient, raw: Any) -> None:
    answer = admin.post(f"{PATH}/verify", {"raw_key": raw})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"raw_key"})


# Ending


def test_revoked_key_is_refused_until_activated(admin: APIClient) -> None:
    made = make(admin)
    raw = made["raw_key"]
    assert use(raw) == 404

    answer = act(admin, made, "revoke").json()
    assert use(raw) == 401
    assert answer["success"] is True
    revoked = answer["key"]
    assert (revoked["is_active"], revoked["revoked_by"], bool(revoked["revoked_at"])) == (False, "ana", True)
    assert revoked == listed(admin)

    answer = act(admin, made, "activate").json()
    assert use(raw) == 404
    active = answer["key"]
    assert (active["is_active"], active["revoked_by"], active["revoked_at"]) == (True, None, None)


def test_activated_key_still_expires(admin: APIClient) -> None:
    made = make(admin)
    ApiKey.objects.update(expires_at=timezone.now())
    act(admin, made, "revoke")
    assert act(admin, made, "activate").status_code == 200
    assert use(made["raw_key"]) == 401


def test_delete_needs_a_revoked_key(admin: APIClient) -> None:
    made, kept = make(admin), make(admin)

    answer = admin.delete(f"{PATH}/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert use(made["raw_key"]) == 404

    act(admin, made, "revoke")
    answer = admin.delete(f"{PATH}/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert use(made["raw_key"]) == 401
    assert listed(admin)["id"] == kept["id"]
    assert verify(admin, made["raw_key"])["key"] is None


@pytest.mark.parametrize("action", ["revoke", "activate"])
def test_repeated_revoke_or_activate_is_a_conflict(admin: APIClient, action: str) -> None:
    made = make(admin)
    if action == "revoke":
        act(admin, made, "revoke")
    before = ApiKey.objects.values().get()

    answer = act(admin, made, action)

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert ApiKey.objects.values().get() == before


@pytest.mark.parametrize("key_id", [0, 10**9, 10**30])
@pytest.mark.parametrize("action", ["revoke", "activate", ""])
def test_unknown_key_is_404(admin: APIClient, key_id: int, action: str) -> None:
    call: Callable[[str], Any] = admin.post if action else admin.delete
    assert call(f"{PATH}/{key_id}/{action}".rstrip("/")).status_code == 404
    assert not AuditEntry.objects.exists()


def test_key_changes_are_audited(admin: APIClient) -> None:
    made = make(admin, scopes=["voice", "queue"])

    for action in ("activate", "revoke", "revoke", "activate", "revoke"):
        act(admin, made, action)
    verify(admin, made["raw_key"])
    admin.delete(f"{PATH}/{made['id']}")
    admin.delete(f"{PATH}/{made['id']}")

    rows = list(AuditEntry.objects.order_by("pk"))
    assert [row.action for row in rows] == [
        "api_key.create",
        "api_key.revoke",
        "api_key.activate",
        "api_key.revoke",
        "api_key.delete",
    ]
    assert {(row.actor_label, row.object_id) for row in rows} == {("ana", str(made["id"]))}
    assert rows[0].after == {"name": "Voice agent", "scopes": "voice,queue"}
    assert rows[-1].before == {"name": "Voice agent", "preview": made["key_preview"]}


def test_refused_delete_is_not_audited(admin: APIClient) -> None:
    made = make(admin)
    admin.delete(f"{PATH}/{made['id']}")
    assert not AuditEntry.objects.filter(action="api_key.delete").exists()


def test_key_list_is_newest_first(admin: APIClient) -> None:
    ids = [make(admin)["id"] for _ in range(3)]
    assert [row["id"] for row in admin.get(PATH).json()] == ids[::-1]
