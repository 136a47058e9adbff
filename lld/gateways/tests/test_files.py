"""Files in a bucket, by the real SDK, and in a folder."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from django.core.files.storage import default_storage

from lld.core.errors import GatewayError, GatewayTimeout
from lld.gateways import files, storages
from lld.settings.environment import read_environment
from lld.settings.files import file_storage
from sandbox.testing import SandboxClient

NAME, JPEG = "images/0123.jpg", "image/jpeg"
SECRET = "a-secret-of-the-bucket"
ACTS: dict[str, Callable[[], Any]] = {
    "save": lambda: files.save(NAME, b"jpeg", JPEG),
    "read": lambda: files.read(NAME),
    "delete": lambda: files.delete(NAME),
}


@pytest.fixture
def bucket(sandbox: SandboxClient, setup: Callable[..., None], settings: Any) -> Callable[..., None]:
    """The bucket that the sandbox plays, as the settings make it from the environment."""

    def use(endpoint: str = sandbox.r2_endpoint_url, key: str = "r2-test-sandbox") -> None:
        setup(
            R2_ENDPOINT_URL=endpoint,
            R2_ACCESS_KEY_ID=key,
            R2_SECRET_ACCESS_KEY=SECRET,
            R2_BUCKET_NAME="lld",
        )
        settings.STORAGES = {**settings.STORAGES, "default": file_storage(read_environment())}

    use()
    return use


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.STORAGES = {**settings.STORAGES, "default": file_storage(read_environment())}
    return tmp_path


@pytest.mark.parametrize("where", ["bucket", "folder"])
def test_file_is_saved_read_and_deleted(where: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(where)
    assert files.read(NAME) is None

    files.save(NAME, b"jpeg" * 1000, JPEG)
    files.save(NAME, b"jpeg" * 1000, JPEG)
    assert files.read(NAME) == b"jpeg" * 1000

    files.delete(NAME)
    files.delete(NAME)
    assert files.read(NAME) is None


def test_file_is_put_once_without_checksums(bucket: Any, sandbox: SandboxClient) -> None:
    files.save(NAME, b"jpeg", JPEG)
    files.save(NAME, b"jpeg", JPEG)
    [put] = sandbox.ledger("r2", "put")
    assert (put["id"], put["bytes"], put["content_type"]) == (f"lld/{NAME}", 4, JPEG)
    assert sandbox.ledger("r2", "invalid_request") == []


def test_threads_read_the_vendors_description_once(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    storages._vendor_descriptions.cache_clear()
    read: list[str] = []
    load = JSONFileLoader.load_file
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: (read.append(path), load(self, path))[1])

    for _ in range(3):
        thread = threading.Thread(target=files.read, args=(NAME,))
        thread.start()
        thread.join()

    assert read
    assert len(read) == len(set(read))


def test_control_sandbox_refuses_the_sdks_own_checksums(sandbox: SandboxClient) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=sandbox.r2_endpoint_url,
        aws_access_key_id="r2-test-sandbox",
        aws_secret_access_key=SECRET,
        region_name="auto",
    )

    with pytest.raises(client.exceptions.ClientError, match="NotImplemented"):
        client.put_object(Bucket="lld", Key=NAME, Body=b"jpeg")

    assert len(sandbox.ledger("r2", "invalid_request")) == 1
    sandbox.reset()


@pytest.mark.parametrize(
    ("fault", "unknown"), [("status_429", False), ("status_500", True), ("reset_before_effect", True)]
)
@pytest.mark.parametrize("act", ["save", "read", "delete"])
def test_vendor_failure_is_a_gateway_error(
    bucket: Any, sandbox: SandboxClient, fault: str, unknown: bool, act: str
) -> None:
    sandbox.fault("r2", fault, times=None)
    with pytest.raises(GatewayError) as failed:
        ACTS[act]()
    assert (failed.value.permanent, failed.value.unknown) == (False, unknown)
    assert NAME not in failed.value.sentence


def test_lost_answer_is_retried(bucket: Any, sandbox: SandboxClient) -> None:
    sandbox.fault("r2", "reset_after_effect", method="PUT")
    files.save(NAME, b"jpeg", JPEG)
    sandbox.fault("r2", "status_500", method="GET")
    assert files.read(NAME) == b"jpeg"


def test_hung_vendor_times_out(bucket: Any, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storages, "TIMEOUT", (1, 0.2))
    bucket()
    sandbox.fault("r2", "hang", seconds=20, times=None)

    with pytest.raises(GatewayTimeout) as silent:
        files.read(NAME)

    assert silent.value.unknown


def test_unreachable_bucket_has_done_nothing(bucket: Any) -> None:
    bucket("http://127.0.0.1:1/r2")
    with pytest.raises(GatewayError) as failed:
        files.save(NAME, b"jpeg", JPEG)
    assert (failed.value.permanent, failed.value.unknown) == (False, False)


@pytest.mark.parametrize("act", ["save", "read", "delete"])
def test_wrong_key_is_not_permanent(bucket: Any, act: str) -> None:
    bucket(key="revoked")
    with pytest.raises(GatewayError) as failed:
        ACTS[act]()
    assert (failed.value.permanent, failed.value.unknown) == (False, False)


def test_missing_bucket_is_an_error_not_a_missing_file(bucket: Any, sandbox: SandboxClient) -> None:
    bucket(f"{sandbox.r2_endpoint_url}-of-nobody")
    with pytest.raises(GatewayError) as failed:
        files.read(NAME)
    assert not failed.value.permanent


def test_secret_is_not_logged(bucket: Any, sandbox: SandboxClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        files.save(NAME, b"jpeg", JPEG)
    assert SECRET not in caplog.text


def test_unwritable_folder_is_not_permanent(folder: Path) -> None:
    (folder / "images").write_text("not a folder")
    with pytest.raises(GatewayError) as failed:
        files.save(NAME, b"jpeg", JPEG)
    assert not failed.value.permanent


def test_file_is_there_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", out_of_space)

    with pytest.raises(GatewayError):
        files.save(NAME, b"jpeg", JPEG)

    assert list((folder / "images").iterdir()) == []
    assert not default_storage.exists(NAME)
