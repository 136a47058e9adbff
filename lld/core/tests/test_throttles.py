"""Tries are counted exactly, by everyone together."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lld.core.errors import Throttled
from lld.core.throttles import _key, forgive, spend_try, valkey


def passes(subject: str, *, name: str = "door", limit: int = 3, seconds: int = 60) -> bool:
    try:
        spend_try(name, subject, limit=limit, seconds=seconds)
    except Throttled:
        return False
    return True


def test_limit_is_exact_among_fifty_threads() -> None:
    with ThreadPoolExecutor(50) as threads:
        results = list(threads.map(lambda _: passes("ana", limit=37), range(400)))
    assert results.count(True) == 37


def test_window_does_not_move_and_retry_after_is_told() -> None:
    for _ in range(3):
        assert passes("ana")

    key = _key("door", "ana")
    valkey().expire(key, 20)
    with pytest.raises(Throttled) as stopped:
        spend_try("door", "ana", limit=3, seconds=60)
    assert 0 < stopped.value.retry_after <= 20
    assert not passes("ana")
    assert 0 < valkey().ttl(key) <= 20


def test_window_ends() -> None:
    assert [passes("ana", limit=1) for _ in range(2)] == [True, False]

    key = _key("door", "ana")
    valkey().pexpire(key, 1)
    while valkey().exists(key):
        pass
    assert passes("ana", limit=1)


def test_subjects_and_doors_are_counted_apart() -> None:
    for _ in range(4):
        passes("ana")
    assert not passes("ana")
    assert passes("bob")
    assert passes("ana", name="gate")

    forgive("door", "bob")
    assert not passes("ana")

    forgive("door", "ana")
    assert passes("ana")


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [(1, "a minute"), (60, "a minute"), (61, "2 minutes"), (720, "12 minutes"), (3601, "2 hours")],
)
def test_wait_is_told_as_people_say_it(seconds: int, wait: str) -> None:
    spend_try("door", wait, limit=1, seconds=seconds)
    with pytest.raises(Throttled, match=f"Too many tries, again in {wait}."):
        spend_try("door", wait, limit=1, seconds=seconds)
