"""Products are listed as a dictionary has them, whatever the database's locale."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

from lld.core.folding import dictionary_order


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0006_search_of_a_busy_shop"), ("core", "0003_folding")]

    operations = [
        AddIndexConcurrently(
            "product",
            models.Index(
                dictionary_order("name"), F("id"), condition=Q(is_active=True), name="product_public_order"
            ),
        ),
        AddIndexConcurrently(
            "product", models.Index(F("category"), dictionary_order("name"), F("id"), name="product_category_order")
        ),
        RemoveIndexConcurrently("product", "product_public_list"),
        RemoveIndexConcurrently("product", "product_category_list"),
    ]
