"""One key by which names are found and put in order."""

from django.db import migrations

# unaccent makes every apostrophe and quote ' or ".
FUNCTION = """
CREATE FUNCTION core_folded(source text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(unaccent('unaccent', source), $$'"`´$$, ''));
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_message_expiry")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION core_folded")]
