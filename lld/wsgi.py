"""The web application as granian serves it."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lld.settings.production")

_BOUNDARY = re.compile(r";\s*boundary=(\"[^\"]*\"|[^;\"\s]+)", re.IGNORECASE)
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, which sees no more of a Content-Type than the kind and the boundary."""
    if kind := environ.get("CONTENT_TYPE"):
        environ["CONTENT_TYPE"] = _bare(kind)
    return _django(environ, start_response)


def _bare(kind: str) -> str:
    """Everything here is UTF-8, whatever charset a caller names.

    Django would decode addresses by it, before any of our code, and some charsets that Python knows (hex, zlib), like
    parameters in the form of RFC 2231, end in a crash there.
    """
    boundary = _BOUNDARY.search(kind)
    return kind.partition(";")[0].strip() + (f"; boundary={boundary[1]}" if boundary else "")
