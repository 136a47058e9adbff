"""One line of JSON an event, whatever is in it; readable lines show no variables."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from lld.settings.logs import configure_logs


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[str]]]:
    """What was logged in between; restores the configuration of the suite."""

    def logged() -> list[str]:
        return capsys.readouterr().err.splitlines()

    handlers = logging.root.handlers[:]
    yield logged
    configure_logs(level="WARNING", json=True)
    # The handler just made writes to this test's captured stream.
    logging.root.handlers[:] = handlers


def fail_with(secret: str) -> None:
    amount = secret
    raise KeyError(f"no {len(amount)}")


def log_a_failure() -> None:
    try:
        fail_with("hunter2")
    except KeyError:
        structlog.get_logger("test").exception("failed")


def test_event_is_one_json_object_a_line(lines: Callable[[], list[str]]) -> None:
    configure_logs(level="INFO", json=True)

    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger("test").info("happened", text='new\nline "quoted" é')
        logging.getLogger("other").warning("plain %s", "words\nand more")
        log_a_failure()

    first, second, third = (json.loads(line) for line in lines())
    assert (first["event"], first["text"], first["level"]) == ("happened", 'new\nline "quoted" é', "info")
    assert (second["event"], second["logger"]) == ("plain words\nand more", "other")
    assert "KeyError" in third["exception"]
    assert {entry["request_id"] for entry in (first, second, third)} == {"abc"}
    assert all(entry["timestamp"].endswith("Z") for entry in (first, second, third))


def test_readable_lines_show_where_and_no_variables(lines: Callable[[], list[str]]) -> None:
    configure_logs(level="INFO", json=False)
    log_a_failure()
    text = "\n".join(lines())
    assert "in fail_with" in text
    assert "hunter2" not in text.replace('fail_with("hunter2")', "")


@pytest.mark.parametrize("name", ["stripe", "twilio", "urllib3", "urllib3.connectionpool", "django.request"])
def test_libraries_that_log_addresses_are_quiet(lines: Any, name: str) -> None:
    configure_logs(level="DEBUG", json=True)
    logging.getLogger(name).info("GET /api/webhooks/1/token")
    assert lines() == []
    assert logging.getLogger("lld").isEnabledFor(logging.DEBUG)
