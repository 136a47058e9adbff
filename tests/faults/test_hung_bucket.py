"""A bucket that hangs holds a few threads of the shop, and the others serve what needs no file."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.services.images import store_upload
from catalog.views import images
from lld.gateways import storages
from lld.gateways.bulkhead import Bulkhead
from lld.settings.environment import read_environment
from lld.settings.files import file_storage
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16  # as many as a web process has
PLACES = 4
HUNG_SECONDS = 3


@pytest.fixture
def address(
    sandbox: SandboxClient, setup: Callable[..., None], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Of a picture in a bucket that nobody but us can read, and that hangs from now on."""
    setup(
        R2_ENDPOINT_URL=sandbox.r2_endpoint_url,
        R2_ACCESS_KEY_ID="r2-test-sandbox",
        R2_SECRET_ACCESS_KEY="secret",
        R2_BUCKET_NAME="lld",
    )
    monkeypatch.setattr(storages, "TIMEOUT", (HUNG_SECONDS, HUNG_SECONDS))
    monkeypatch.setattr(storages, "TRIES", 1)
    settings.STORAGES = {**settings.STORAGES, "default": file_storage(read_environment())}
    name = store_upload(picture()).name
    sandbox.fault("r2", "hang", times=None, seconds=20)
    return f"/media/images/{name}.jpg"


def ask_all_at_once(address: str) -> tuple[Counter[int], list[float]]:
    """Sixteen ask for the picture: what they are answered, and after how many seconds each thread is free."""
    start = time.monotonic()
    freed = []

    def ask(number: int) -> int:
        answer = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}").get(address)
        freed.append(time.monotonic() - start)
        return int(answer.status_code)

    statuses = Counter(storm(THREADS, ask))
    return statuses, sorted(freed)


def test_hung_bucket_holds_four_threads(address: str) -> None:
    statuses, freed = ask_all_at_once(address)
    assert statuses == {503: THREADS - PLACES, 504: PLACES}
    assert all(seconds < HUNG_SECONDS for seconds in freed[: THREADS - PLACES])


def test_control_without_bulkhead_all_threads_hang(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the test above would miss if the bucket's hanging did not hold threads."""
    monkeypatch.setattr(images, "FILE_READS", Bulkhead(THREADS))
    statuses, freed = ask_all_at_once(address)
    assert statuses == {504: THREADS}
    assert min(freed) >= HUNG_SECONDS
