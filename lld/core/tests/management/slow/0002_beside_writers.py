"""An index built beside the writers."""

from importlib import import_module

from django.db import migrations

LIMITS = import_module("lld.core.tests.management.slow.0001_atomic").LIMITS


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("demo", "0001_atomic")]
    operations = [
        migrations.RunSQL(f"INSERT INTO test_limits {LIMITS.format('not atomic')}", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY test_limits_index ON test_limits (statement)",
            "DROP INDEX CONCURRENTLY test_limits_index",
        ),
    ]
