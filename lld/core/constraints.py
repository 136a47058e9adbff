"""Which rule of the database a write broke."""

from django.db import IntegrityError
from psycopg import errors as pg


def violated_constraint(error: IntegrityError) -> str:
    """The constraint's name, or "" when the database did not say."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, pg.Error) else ""
