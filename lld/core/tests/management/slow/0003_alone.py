"""Needs the table for itself."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("demo", "0002_beside_writers")]
    operations = [migrations.RunSQL("ALTER TABLE test_limits ADD COLUMN more text", migrations.RunSQL.noop)]
