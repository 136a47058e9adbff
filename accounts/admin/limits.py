"""Limits of tries, as the console tells of them: in the form, with the status and the header that the API has."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.http import HttpResponse

from lld.core.errors import Throttled


@contextmanager
def told(form: Any) -> Iterator[None]:
    """What is refused within is a complaint of the form."""
    try:
        yield
    except Throttled as error:
        form.retry_after = error.retry_after
        raise forms.ValidationError(error.sentence, code=str(error.code)) from error


def limited(answer: Any) -> HttpResponse:
    """The page of a form, 429 where the form was refused for too many tries."""
    shown: HttpResponse = answer
    form = (getattr(answer, "context_data", None) or {}).get("form")
    retry_after = getattr(form, "retry_after", None)
    if retry_after is not None:
        shown.status_code = Throttled.status
        shown["Retry-After"] = str(retry_after)
    return shown
