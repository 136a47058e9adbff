"""Notes the limits that it runs under."""

from django.db import migrations

LIMITS = """
SELECT '{}' AS migration, current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
       current_setting('idle_in_transaction_session_timeout') AS idle
"""


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.RunSQL(f"CREATE TABLE test_limits AS {LIMITS.format('atomic')}", "DROP TABLE test_limits")
    ]
