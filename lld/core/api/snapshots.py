"""Answers that are the same for all: built once a revision, kept for seconds, not sent again to who has them."""

import gzip
import hashlib
import re
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date

from lld.core.revisions import Revised

SECONDS = 5
WORTH_ZIPPING = 256 * 1024
# As Django's own middleware reads the header, but for who says that gzip is not wanted.
_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
_LOCKS = tuple(threading.Lock() for _ in range(16))


class Snapshot(NamedTuple):
    """The JSON text of an answer, and since when it is like that: the time of the change, or later."""

    revision: int
    body: bytes
    etag: str
    since: int
    zipped: bytes | None


def keep(name: str, revised: Revised, build: Callable[[], str]) -> Snapshot:
    """The snapshot called `name`, built anew after a change or after SECONDS; by one thread, others wait."""
    key = f"snapshot:{hashlib.sha256(name.encode()).hexdigest()}"
    found = _kept(key, revised.number)
    if found is None:
        with _LOCKS[hash(key) % len(_LOCKS)]:
            found = _kept(key, revised.number)
            if found is None:
                found = _take(revised, build().encode(), caches["process"].get(f"{key}:last"))
                caches["process"].set(key, found, SECONDS)
                caches["process"].set(f"{key}:last", (found.etag, found.since), 3600)
    return found


def answer(request: HttpRequest, snapshot: Snapshot) -> HttpResponseBase:
    """200 with the snapshot, or 304 to who has it by ETag or Last-Modified."""
    zipped = snapshot.zipped if _ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")) else None
    response = HttpResponse(zipped or snapshot.body, content_type="application/json")
    if zipped:
        response["Content-Encoding"] = "gzip"
    if snapshot.zipped:
        patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = snapshot.etag
    response["Last-Modified"] = http_date(snapshot.since)
    response["Cache-Control"] = "public, no-cache"
    if "If-Match" in request.headers or "If-Unmodified-Since" in request.headers:
        # They are for changes; Django would answer 412 without a word.
        return response
    return get_conditional_response(request, snapshot.etag, snapshot.since, response) or response


def _kept(key: str, revision: int) -> Snapshot | None:
    found: Snapshot | None = caches["process"].get(key)
    return found if found is not None and found.revision == revision else None


def _take(revised: Revised, body: bytes, last: tuple[str, int] | None) -> Snapshot:
    # Weak, since the same text may go out zipped.
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    known, before = last or ("", 0)
    since = revised.at or before or int(time.time())
    if known and known != etag:
        # No two texts have one time, even within the second that is all HTTP tells apart.
        since = max(since, before + 1)
    zipped = gzip.compress(body, 1, mtime=0) if len(body) > WORTH_ZIPPING else None
    return Snapshot(revised.number, body, etag, since, zipped)
