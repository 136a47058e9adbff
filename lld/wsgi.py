"""The web application as granian serves it."""

import os
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lld.settings.production")

# More than any view takes, so that what is cut off here is refused there.
MOST_UNMEASURED = 16 * 1024 * 1024
_CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, after what it makes too much or too little of has been put right."""
    _forget_charset(environ)
    _measure_body(environ)
    return _django(environ, start_response)


def _forget_charset(environ: dict[str, Any]) -> None:
    """Everything here is UTF-8.

    Django decodes addresses by the charset that a caller names, before any of our code, and some that Python knows
    (hex, zlib) are no charsets at all and end in a crash.
    """
    kind = environ.get("CONTENT_TYPE")
    if kind and "charset" in kind.lower():
        environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)


def _measure_body(environ: dict[str, Any]) -> None:
    """A body that comes in chunks has no length, and Django would take it for empty."""
    if environ.get("CONTENT_LENGTH") or "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    body = environ["wsgi.input"].read(MOST_UNMEASURED)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
