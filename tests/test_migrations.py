"""No migration makes the shop wait: squawk reads the SQL of each, beside two rules on what may be together.

Tables are taken for large unless an exception says why one is not.
"""

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import F, Q
from django.db.models.functions import Random

from orders.models import Order

# Concurrent operations refuse to be looked at within a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

PROJECT = Path(__file__).resolve().parents[1]

# The last of each app that is excused: there is no production database yet whose tables would be large.
BEFORE_PRODUCTION = {
    "accounts": "0002_recovery_and_phones",
    "catalog": "0006_search_of_a_busy_shop",
    "core": "0002_message_expiry",
    "orders": "0004_disputes",
}
# Later ones, as ("orders.0042_name", "rule"): why the table is small, or what makes it safe.
EXCUSED = {
    ("orders.0007_order_search_text", "ban-drop-default"): "A trigger fills the column, whichever release inserts.",
    ("orders.0012_going_back", "ban-drop-generated-expression"): "A trigger keeps it, whichever release writes.",
}

ROWS = re.compile(r"\s*(UPDATE|DELETE|INSERT|WITH)\b", re.IGNORECASE)
FOR_ITSELF = re.compile(r"\s*ALTER TABLE (?!.* VALIDATE CONSTRAINT )", re.IGNORECASE)
NOTHING: set[str] = set()


def our_migrations() -> dict[str, migrations.Migration]:
    found = MigrationLoader(connection).disk_migrations.values()
    ours = [one for one in found if (PROJECT / one.__module__.partition(".")[0]).is_dir()]
    return {f"{one.app_label}.{one.name}": one for one in ours}


def refusals(planned: migrations.Migration, state: ProjectState) -> set[str]:
    """The names of the rules that a migration breaks, which is applied to a database in this state."""
    with connection.schema_editor(collect_sql=True, atomic=planned.atomic) as editor:
        planned.apply(state, editor, collect_sql=True)
    statements: list[str] = editor.collected_sql
    return _squawk("\n".join(statements), planned.atomic) | set(_our_rules(planned, statements))


def _squawk(sql: str, in_transaction: bool) -> set[str]:
    program = shutil.which("squawk", path=sysconfig.get_path("scripts"))
    assert program is not None, "squawk is missing: make installs it"
    command = [program, "--reporter", "json", "--stdin-filepath", "migration.sql"]
    command += ["--assume-in-transaction"] if in_transaction else []
    read = subprocess.run(command, input=sql, capture_output=True, text=True, cwd=PROJECT)
    return {found["rule_name"] for found in json.loads(read.stdout)}


def _our_rules(planned: migrations.Migration, statements: list[str]) -> Iterator[str]:
    operations = planned.operations
    by_hand = any(isinstance(operation, migrations.RunPython) for operation in operations)
    moves_rows = by_hand or any(ROWS.match(statement) for statement in statements)
    for_itself = any(FOR_ITSELF.match(statement) for statement in statements)
    if planned.atomic and moves_rows and (for_itself or (by_hand and len(operations) > 1)):
        yield "rows-moved-under-lock"
    if not planned.atomic and for_itself:
        yield "lock-without-limit"


def test_migrations_do_not_block_large_tables() -> None:
    loader = MigrationLoader(connection)
    found = {
        (name, rule)
        for name, one in our_migrations().items()
        if one.name > BEFORE_PRODUCTION.get(one.app_label, "")
        for rule in refusals(one, loader.project_state((one.app_label, one.name), at_end=False))
    }
    assert sorted(found - EXCUSED.keys()) == []
    assert sorted(EXCUSED.keys() - found) == [], "These exceptions are no longer needed."


def test_excused_migrations_are_there() -> None:
    names = {f"{app}.{name}" for app, name in BEFORE_PRODUCTION.items()}
    assert names <= our_migrations().keys()


def migration(*operations: Any, atomic: bool = True) -> migrations.Migration:
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    return kind("9999_change", "orders")


def change(*operations: Any, atomic: bool = True) -> set[str]:
    """What a migration of orders that does this today would be refused for."""
    return refusals(migration(*operations, atomic=atomic), MigrationLoader(connection).project_state())


def add(column: Any) -> migrations.AddField:
    return migrations.AddField("order", "extra", column)


INDEX = models.Index(fields=["delivery_name"], name="order_by_name")
CHECKED = models.CheckConstraint(condition=Q(total_amount__gte=-1), name="order_total_sane")
MONEY = models.DecimalField(max_digits=12, decimal_places=2)
DOUBLED = models.GeneratedField(expression=F("total_amount") * 2, output_field=MONEY, db_persist=True)


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        (migrations.AddIndex("order", INDEX), "require-concurrent-index-creation"),
        (migrations.RemoveIndex("order", Order._meta.indexes[0].name), "require-concurrent-index-deletion"),
        (migrations.AddConstraint("order", CHECKED), "constraint-missing-not-valid"),
        (add(models.FloatField(db_default=Random())), "adding-field-with-default"),
        (add(DOUBLED), "adding-field-with-default"),
        (add(models.IntegerField(default=0)), "ban-drop-default"),
        (add(models.IntegerField(null=True, unique=True)), "disallowed-unique-constraint"),
        (add(models.ForeignKey("catalog.Product", models.PROTECT, null=True)), "adding-foreign-key-constraint"),
        (migrations.AlterField("order", "delivery_name", models.TextField()), "changing-column-type"),
        (migrations.RemoveField("order", "delivery_name"), "ban-drop-column"),
        (migrations.RenameField("order", "delivery_name", "name_of_customer"), "renaming-column"),
        (migrations.RunSQL("CREATE INDEX i ON orders_order (id)"), "require-concurrent-index-creation"),
    ],
)
def test_blocking_operation_is_refused(operation: Any, rule: str) -> None:
    assert rule in change(operation)


def test_rows_are_not_moved_under_a_lock() -> None:
    column = add(models.IntegerField(null=True))
    fill = migrations.RunSQL("UPDATE orders_order SET version = version")
    by_hand = migrations.RunPython(migrations.RunPython.noop)

    assert change(column, fill) == change(column, by_hand) == {"rows-moved-under-lock"}
    assert change(fill) == change(by_hand) == NOTHING


def test_lock_without_a_limit_is_refused() -> None:
    assert change(add(models.IntegerField(null=True)), atomic=False) == {"lock-without-limit"}


def test_harmless_operations_pass() -> None:
    assert change(add(models.IntegerField(null=True))) == NOTHING
    assert change(add(models.IntegerField(db_default=0))) == NOTHING
    assert change(AddIndexConcurrently("order", INDEX), atomic=False) == NOTHING
    assert change(AddConstraintNotValid("order", CHECKED)) == NOTHING


def test_fresh_table_may_have_anything() -> None:
    columns = [("id", models.BigAutoField(primary_key=True)), ("delivery_name", models.CharField(max_length=9))]
    unique = models.UniqueConstraint("delivery_name", name="one_a_name")
    table = migrations.CreateModel("Thing", columns, options={"indexes": [INDEX]})
    assert change(table, migrations.AddConstraint("thing", unique)) == NOTHING


def test_constraint_is_validated_in_a_migration_of_its_own() -> None:
    state = MigrationLoader(connection).project_state()
    add_it, validate_it = AddConstraintNotValid("order", CHECKED), ValidateConstraint("order", CHECKED.name)
    assert "constraint-missing-not-valid" in change(add_it, validate_it)

    migration(add_it).mutate_state(state, preserve=False)
    assert refusals(migration(validate_it), state) == NOTHING
