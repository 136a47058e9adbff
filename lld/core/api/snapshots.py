"""Answers that are the same for all: built once a revision, kept for seconds, not sent again to who has them."""

import gzip
import hashlib
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date

SECONDS = 5
WORTH_ZIPPING = 256 * 1024
_LOCKS = tuple(threading.Lock() for _ in range(16))


class Snapshot(NamedTuple):
    """The JSON text of an answer. `since` is when this process first had exactly this text."""

    revision: int
    body: bytes
    etag: str
    since: int
    zipped: bytes | None


def keep(name: str, revision: int, build: Callable[[], str]) -> Snapshot:
    """The snapshot called `name`, built anew for a new `revision` or after SECONDS; by one thread, others wait."""
    key = f"snapshot:{hashlib.sha256(name.encode()).hexdigest()}"
    found = _kept(key, revision)
    if found is None:
        with _LOCKS[hash(key) % len(_LOCKS)]:
            found = _kept(key, revision)
            if found is None:
                found = _take(revision, build().encode(), caches["process"].get(f"{key}:last"))
                caches["process"].set(key, found, SECONDS)
                caches["process"].set(f"{key}:last", (found.etag, found.since), 3600)
    return found


def answer(request: HttpRequest, snapshot: Snapshot) -> HttpResponseBase:
    """200 with the snapshot, or 304 to who has it by ETag or Last-Modified."""
    zipped = snapshot.zipped if "gzip" in request.headers.get("Accept-Encoding", "") else None
    response = HttpResponse(zipped or snapshot.body, content_type="application/json")
    if zipped:
        response["Content-Encoding"] = "gzip"
    if snapshot.zipped:
        patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = snapshot.etag
    response["Last-Modified"] = http_date(snapshot.since)
    response["Cache-Control"] = "public, no-cache"
    return get_conditional_response(request, snapshot.etag, snapshot.since, response) or response


def _kept(key: str, revision: int) -> Snapshot | None:
    found: Snapshot | None = caches["process"].get(key)
    return found if found is not None and found.revision == revision else None


def _take(revision: int, body: bytes, last: tuple[str, int] | None) -> Snapshot:
    # Weak, since the same text may go out zipped.
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    since = last[1] if last and last[0] == etag else int(time.time())
    zipped = gzip.compress(body, 1, mtime=0) if len(body) > WORTH_ZIPPING else None
    return Snapshot(revision, body, etag, since, zipped)
