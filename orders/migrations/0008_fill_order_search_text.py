"""Orders from before get the text that they are found by, some at a time: others go on ordering meanwhile."""

from django.db import migrations

AT_A_TIME = 5_000

# The trigger writes it.
FILL = "UPDATE orders_order SET searched = '' WHERE id > %s AND id <= %s AND searched = ''"


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM orders_order")
        (last,) = cursor.fetchone()
        for start in range(0, last, AT_A_TIME):
            cursor.execute(FILL, [start, start + AT_A_TIME])


class Migration(migrations.Migration):
    # Each part commits by itself. Begun anew, it goes on where it was.
    atomic = False

    dependencies = [("orders", "0007_order_search_text")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
