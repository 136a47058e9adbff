"""How long vendors may keep a web request, and that nobody else is hurried."""

import threading

from lld.core import vendor_time


def test_background_work_is_not_hurried() -> None:
    assert vendor_time.seconds_left() is None


def test_calls_of_one_request_share_its_time() -> None:
    with vendor_time.allow(60):
        first, second = vendor_time.seconds_left(), vendor_time.seconds_left()

    assert first is not None
    assert second is not None
    assert 0 < second < first <= 60
    assert vendor_time.seconds_left() is None


def test_time_of_one_thread_is_not_anothers() -> None:
    seen: list[float | None] = []
    with vendor_time.allow(60):
        other = threading.Thread(target=lambda: seen.append(vendor_time.seconds_left()))
        other.start()
        other.join()
    assert seen == [None]
