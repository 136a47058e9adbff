"""Answers that are kept for seconds and not sent twice to who has them."""

import gzip
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.http import http_date

from lld.core.api import snapshots
from lld.core.revisions import Revised


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    caches["process"].clear()
    yield
    caches["process"].clear()


def asked(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def revised(number: int) -> Revised:
    """The change of that number, ten seconds after the one before."""
    return Revised(number, 1000 + 10 * number)


class Builder:
    """Counts how often it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.built = list(texts), 0

    def __call__(self) -> str:
        self.built += 1
        return self.texts[min(self.built, len(self.texts)) - 1]


def test_revision_is_built_once_and_the_next_at_once() -> None:
    build = Builder("one", "two")
    assert snapshots.keep("list", revised(1), build).body == b"one"
    assert snapshots.keep("list", revised(1), build).body == b"one"
    assert build.built == 1
    assert snapshots.keep("list", revised(2), build).body == b"two"


def test_uncounted_change_shows_after_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SECONDS", 0.05)
    build = Builder("one", "two")
    snapshots.keep("list", revised(1), build)
    time.sleep(0.06)
    assert snapshots.keep("list", revised(1), build).body == b"two"


def test_lists_of_two_names_are_kept_apart() -> None:
    assert (
        snapshots.keep("a", revised(1), Builder("one")).body != snapshots.keep("b", revised(1), Builder("two")).body
    )


def test_simultaneous_requests_build_once() -> None:
    built, bodies = [], []

    def slow() -> str:
        built.append(1)
        time.sleep(0.1)
        return "text"

    def ask() -> None:
        bodies.append(snapshots.keep("list", revised(1), slow).body)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(built), set(bodies), len(bodies)) == (1, {b"text"}, 8)


def test_etag_gets_304_until_the_text_changes() -> None:
    build = Builder("one", "one", "two")

    first = snapshots.answer(asked(), snapshots.keep("list", revised(1), build))
    assert (first.status_code, first.content) == (200, b"one")

    etag = first["ETag"]
    again = snapshots.answer(asked(If_None_Match=etag), snapshots.keep("list", revised(2), build))
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag

    changed = snapshots.answer(asked(If_None_Match=etag), snapshots.keep("list", revised(3), build))
    assert (changed.status_code, changed.content) == (200, b"two")


def test_last_modified_counts_where_no_etag_is_sent() -> None:
    snapshot = snapshots.keep("list", revised(1), Builder("one"))

    assert snapshots.answer(asked(), snapshot)["Last-Modified"] == http_date(1010)
    assert snapshots.answer(asked(If_Modified_Since=http_date(1010)), snapshot).status_code == 304
    assert snapshots.answer(asked(If_Modified_Since=http_date(1009)), snapshot).status_code == 200

    # An ETag says more than a time.
    other: dict[str, Any] = {"If_None_Match": '"other"', "If_Modified_Since": http_date(1010)}
    assert snapshots.answer(asked(**other), snapshot).status_code == 200


def test_last_modified_differs_for_texts_of_one_second() -> None:
    build, second = Builder("one", "two"), 1000
    times = [snapshots.keep("list", Revised(number, second), build).since for number in (1, 2)]
    assert times == [1000, 1001]


def test_last_modified_is_the_last_revision() -> None:
    """Another process may have sent another text between two changes that end where they began."""
    build = Builder("one", "one", "two")
    assert [snapshots.keep("list", revised(number), build).since for number in (1, 2, 3)] == [1010, 1020, 1030]


def test_if_match_and_if_unmodified_since_are_ignored() -> None:
    snapshot = snapshots.keep("list", revised(1), Builder("one"))
    for headers in ({"If_Match": '"other"'}, {"If_Unmodified_Since": http_date(1)}):
        assert snapshots.answer(asked(**headers), snapshot).status_code == 200


def test_last_modified_without_revision_is_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots.time, "time", lambda: 5000.5)
    assert snapshots.keep("list", Revised(0, 0), Builder("one")).since == 5000


def test_long_answers_are_gzipped_where_accepted() -> None:
    text = "name" * snapshots.WORTH_ZIPPING
    snapshot = snapshots.keep("list", revised(1), Builder(text))

    zipped = snapshots.answer(asked(Accept_Encoding="gzip, br"), snapshot)
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content).decode() == text
    assert not snapshots.answer(asked(Accept_Encoding="br, gzip;q=0"), snapshot).has_header("Content-Encoding")

    plain = snapshots.answer(asked(), snapshot)
    assert plain.content.decode() == text
    assert zipped["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert zipped["ETag"] == plain["ETag"]
