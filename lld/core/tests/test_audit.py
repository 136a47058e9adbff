"""Rows of the audit log."""

from decimal import Decimal

import pytest
from django.db import transaction

from lld.core import audit
from lld.core.actors import SYSTEM, Actor
from lld.core.models import AuditEntry


@pytest.mark.django_db
def test_audit_row_says_who_what_before_and_after() -> None:
    target = AuditEntry(pk=12)
    actor = Actor("staff", 7, "ana" * 100, "admin")

    written = audit.record(
        "test.change",
        actor=actor,
        target=target,
        before={"limit": Decimal("10.50"), "on": True},
        after={"limit": Decimal("20.00"), "on": None},
        reason="x" * 600,
    )

    row = AuditEntry.objects.get()
    assert row == written
    assert (row.actor_kind, row.actor_id, len(row.actor_label)) == ("staff", 7, 150)
    assert (row.action, row.object_type, row.object_id) == ("test.change", "core.auditentry", "12")
    assert (row.before, row.after) == ({"limit": "10.50", "on": True}, {"limit": "20.00", "on": None})
    assert len(row.reason) == 500


@pytest.mark.django_db
def test_audit_row_is_rolled_back_with_the_change() -> None:
    with transaction.atomic():
        audit.record("test", actor=SYSTEM, target=AuditEntry(pk=1))
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
