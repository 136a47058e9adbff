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


def test_one_revision_is_built_once_and_the_next_one_at_once() -> None:
    build = Builder("one", "two")
    assert snapshots.keep("list", revised(1), build).body == b"one"
    assert snapshots.keep("list", revised(1), build).body == b"one"
    assert build.built == 1
    assert snapshots.keep("list", revised(2), build).body == b"two"


def test_what_no_revision_counts_shows_after_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "SECONDS", 0.05)
    build = Builder("one", "two")
    snapshots.keep("list", revised(1), build)
    time.sleep(0.06)
    assert snapshots.keep("list", revised(1), build).body == b"two"


def test_lists_of_other_names_are_others() -> None:
    assert (
        snapshots.keep("a", revised(1), Builder("one")).body != snapshots.keep("b", revised(1), Builder("two")).body
    )


def test_many_who_ask_at_once_wait_for_one_who_builds() -> None:
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


def test_who_has_it_is_told_so_and_gets_what_changed() -> None:
    build = Builder("one", "one", "two")
    first = snapshots.answer(asked(), snapshots.keep("list", revised(1), build))
    assert (first.status_code, first.content) == (200, b"one")
    etag = first["ETag"]
    again = snapshots.answer(asked(If_None_Match=etag), snapshots.keep("list", revised(2), build))
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == etag
    changed = snapshots.answer(asked(If_None_Match=etag), snapshots.keep("list", revised(3), build))
    assert (changed.status_code, changed.content) == (200, b"two")


def test_last_modified_counts_for_who_sends_no_etag() -> None:
    snapshot = snapshots.keep("list", revised(1), Builder("one"))
    assert snapshots.answer(asked(), snapshot)["Last-Modified"] == http_date(1010)
    assert snapshots.answer(asked(If_Modified_Since=http_date(1010)), snapshot).status_code == 304
    assert snapshots.answer(asked(If_Modified_Since=http_date(1009)), snapshot).status_code == 200
    # An ETag says more than a time.
    other: dict[str, Any] = {"If_None_Match": '"other"', "If_Modified_Since": http_date(1010)}
    assert snapshots.answer(asked(**other), snapshot).status_code == 200


def test_two_texts_of_one_second_have_two_times() -> None:
    build, second = Builder("one", "two"), 1000
    times = [snapshots.keep("list", Revised(number, second), build).since for number in (1, 2)]
    assert times == [1000, 1001]


def test_a_text_is_as_old_as_the_last_change_of_anything_it_might_show() -> None:
    """Another process may have sent another text between two changes that end where they began."""
    build = Builder("one", "one", "two")
    assert [snapshots.keep("list", revised(number), build).since for number in (1, 2, 3)] == [1010, 1020, 1030]


def test_conditions_of_changes_mean_nothing_to_a_list() -> None:
    snapshot = snapshots.keep("list", revised(1), Builder("one"))
    for headers in ({"If_Match": '"other"'}, {"If_Unmodified_Since": http_date(1)}):
        assert snapshots.answer(asked(**headers), snapshot).status_code == 200


def test_a_catalogue_that_never_changed_is_as_old_as_its_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots.time, "time", lambda: 5000.5)
    assert snapshots.keep("list", Revised(0, 0), Builder("one")).since == 5000


def test_long_answers_are_zipped_for_who_can_read_that() -> None:
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
