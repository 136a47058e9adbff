"""What of people is searched, as expressions that indexes and selectors share."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, Reverse

from lld.core.folding import Folded


def person_words() -> Folded:
    return Folded(Coalesce("username", Value("")), "first_name", "last_name", "email")


def company_words() -> Folded:
    return Folded("company_name")


USER_INDEXES = (
    # In kB: every search reads what has been put off.
    GinIndex(OpClass(person_words(), name="gin_trgm_ops"), name="user_words", gin_pending_list_limit=512),
    # People know a phone by its end.
    models.Index(OpClass(Reverse("phone"), name="text_pattern_ops"), name="user_phone_end"),
)
PROFILE_INDEXES = (
    GinIndex(OpClass(company_words(), name="gin_trgm_ops"), name="customer_company", gin_pending_list_limit=512),
    models.Index(OpClass(Reverse("phone2"), name="text_pattern_ops"), name="customer_phone2_end"),
)
