"""People are found by folded words and by the end of their phone; four indexes make place for one."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Reverse

from accounts.models.searching import company_words, person_words


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0005_phone_extensions"), ("core", "0003_folding")]

    operations = [
        AddIndexConcurrently(
            "user",
            GinIndex(OpClass(person_words(), name="gin_trgm_ops"), name="user_words", gin_pending_list_limit=512),
        ),
        AddIndexConcurrently(
            "user", models.Index(OpClass(Reverse("phone"), name="text_pattern_ops"), name="user_phone_end")
        ),
        AddIndexConcurrently(
            "customerprofile",
            GinIndex(OpClass(company_words(), name="gin_trgm_ops"), name="customer_company", gin_pending_list_limit=512),
        ),
        AddIndexConcurrently(
            "customerprofile",
            models.Index(OpClass(Reverse("phone2"), name="text_pattern_ops"), name="customer_phone2_end"),
        ),
        RemoveIndexConcurrently("user", "user_username_trgm"),
        RemoveIndexConcurrently("user", "user_first_name_trgm"),
        RemoveIndexConcurrently("user", "user_last_name_trgm"),
        RemoveIndexConcurrently("user", "user_email_trgm"),
        RemoveIndexConcurrently("customerprofile", "customer_company_trgm"),
    ]
