"""What an answer is written in: what the caller prefers, where there is a choice, and else what there is."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class NeverRefuses(DefaultContentNegotiation):
    """The first renderer where `Accept` or `format` name none that there is.

    Browsers ask for HTML, some libraries send an empty header: nobody is helped by a 406 in place of the answer.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        known = list(renderers)
        try:
            renderer, media_type = super().select_renderer(request, known, format_suffix)
        except (NotAcceptable, Http404):
            return known[0], str(known[0].media_type)
        return renderer, str(media_type)
