"""Columns of models that carry a house rule."""

from typing import Any

from django.db import models


class MoneyColumn(models.DecimalField):  # type: ignore[type-arg]  # not generic at run time
    """Dollars and cents, up to ten thousand millions."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 12)
        options.setdefault("decimal_places", 2)
        super().__init__(*args, **options)
