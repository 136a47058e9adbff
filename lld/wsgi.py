"""The web application as granian serves it."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lld.settings.production")

_CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, which is told of no charset: everything here is UTF-8.

    It decodes addresses by the charset that a caller names, before any of our code, and some that Python knows (hex,
    zlib) are no charsets at all and end in a crash.
    """
    kind = environ.get("CONTENT_TYPE")
    if kind and "charset" in kind.lower():
        environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)
    return _django(environ, start_response)
