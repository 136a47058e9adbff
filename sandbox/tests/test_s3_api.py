"""The bucket, through the real SDK."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from sandbox.testing import SandboxClient


@pytest.fixture
def s3(sandbox: SandboxClient) -> Iterator[Any]:
    config = Config(
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 1},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = boto3.client(
        "s3",
        endpoint_url=sandbox.r2_endpoint_url,
        aws_access_key_id="id",
        aws_secret_access_key="secret",
        region_name="auto",
        config=config,
    )
    yield client
    client.close()


def test_object_is_put_read_and_deleted(s3: Any, sandbox: SandboxClient) -> None:
    put = s3.put_object(Bucket="lld", Key="images/a b.jpg", Body=b"\xff\xd8", ContentType="image/jpeg")

    got = s3.get_object(Bucket="lld", Key="images/a b.jpg")
    assert (got["Body"].read(), got["ContentType"], got["ETag"]) == (b"\xff\xd8", "image/jpeg", put["ETag"])

    head = s3.head_object(Bucket="lld", Key="images/a b.jpg")
    assert (head["ContentLength"], head["ETag"]) == (2, put["ETag"])

    s3.delete_object(Bucket="lld", Key="images/a b.jpg")
    s3.delete_object(Bucket="lld", Key="images/a b.jpg")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="lld", Key="images/a b.jpg")
    with pytest.raises(s3.exceptions.ClientError, match="404"):
        s3.head_object(Bucket="lld", Key="images/a b.jpg")
    assert [(row["kind"], row["id"]) for row in sandbox.ledger("r2")] == [
        ("put", "lld/images/a b.jpg"),
        ("delete", "lld/images/a b.jpg"),
        ("delete", "lld/images/a b.jpg"),
    ]


def test_buckets_are_kept_apart(s3: Any) -> None:
    s3.put_object(Bucket="one", Key="k", Body=b"1")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="two", Key="k")


def test_unsigned_requests_are_denied(sandbox: SandboxClient, session: requests.Session) -> None:
    for method in ("PUT", "GET", "DELETE"):
        refused = session.request(method, f"{sandbox.r2_endpoint_url}/lld/k", data=b"x")
        assert (refused.status_code, "<Code>AccessDenied</Code>" in refused.text) == (403, True)
    assert sandbox.ledger("r2") == []


def test_oversized_object_is_refused(s3: Any, sandbox: SandboxClient) -> None:
    with pytest.raises(s3.exceptions.ClientError, match="EntityTooLarge"):
        s3.put_object(Bucket="lld", Key="k", Body=b"0" * (16 * 1024 * 1024 + 1))
    assert sandbox.ledger("r2") == []


def test_status_500_after_effect_keeps_the_object(s3: Any, sandbox: SandboxClient) -> None:
    sandbox.fault("r2", "status_500_after_effect", method="PUT")
    with pytest.raises(s3.exceptions.ClientError, match="InternalError"):
        s3.put_object(Bucket="lld", Key="k", Body=b"1")
    assert s3.get_object(Bucket="lld", Key="k")["Body"].read() == b"1"
