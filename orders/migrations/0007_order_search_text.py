"""An order keeps the text that it is found by.

A trigger writes it: adding a generated column would rewrite every order at once, and let nobody order meanwhile.
"""

from django.db import migrations, models

# unaccent makes every apostrophe and quote ' or ". They go before the catalogue makes blanks of them: O’Brien is typed
# obrien.
FUNCTIONS = """
CREATE FUNCTION orders_plain(source text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN catalog_plain(translate(unaccent('unaccent', source), $$'"`´$$, ''));

CREATE FUNCTION orders_keep_searched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.searched := orders_plain(concat_ws(' ', NEW.delivery_name, NEW.delivery_company, NEW.delivery_email))
                    || ' ' || lower(replace(NEW.number, '-', ''));
    RETURN NEW;
END $$;
"""
NO_FUNCTIONS = "DROP FUNCTION orders_keep_searched; DROP FUNCTION orders_plain"

# Also of itself, so that setting it to anything makes it right.
TRIGGER = """
CREATE TRIGGER order_searched BEFORE INSERT
    OR UPDATE OF number, delivery_name, delivery_company, delivery_email, searched ON orders_order
   FOR EACH ROW EXECUTE FUNCTION orders_keep_searched()
"""
NO_TRIGGER = "DROP TRIGGER order_searched ON orders_order"


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_lapsing_indexes"), ("catalog", "0003_search"), ("core", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.AddField(
            "order",
            "searched",
            models.TextField(
                default="", editable=False, help_text="Number, name, company and e-mail, plain; kept by a trigger."
            ),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
