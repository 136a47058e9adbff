import catalog.models
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_category_vector'),
    ]

    operations = [
        # Room in every page for one more row: where a changed stock stays in its page, no index is written.
        # The new column rewrites the table, and so makes the room.
        migrations.RunSQL(
            "ALTER TABLE catalog_product SET (fillfactor = 85)",
            "ALTER TABLE catalog_product RESET (fillfactor)",
        ),
        migrations.RemoveIndex(
            model_name='product',
            name='product_vector',
        ),
        migrations.RemoveIndex(
            model_name='product',
            name='product_words',
        ),
        # What generates a column cannot be altered.
        migrations.RemoveField(
            model_name='product',
            name='words',
        ),
        migrations.AddField(
            model_name='product',
            name='words',
            field=models.GeneratedField(db_persist=True, expression=catalog.models.Spaced(catalog.models.Plain('name', 'brand', 'sku'), catalog.models.SkuLetters('sku')), output_field=models.TextField()),
        ),
        migrations.AddIndex(
            model_name='product',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('words', name='gin_trgm_ops'), gin_pending_list_limit=64, name='product_words'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=django.contrib.postgres.indexes.GinIndex(gin_pending_list_limit=64, fields=['vector'], name='product_vector'),
        ),
    ]
