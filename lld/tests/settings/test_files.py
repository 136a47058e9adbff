"""Where files go is said whole, or the start ends with a sentence."""

import pytest

from lld.settings.files import file_storage
from lld.tests.settings.environments import check, read

R2 = {
    "R2_ACCOUNT_ID": "abc",
    "R2_ACCESS_KEY_ID": "id",
    "R2_SECRET_ACCESS_KEY": "hunter2",
    "R2_BUCKET_NAME": "lld",
}


def test_bucket_is_read_from_r2_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = file_storage(read(monkeypatch, **R2))
    assert storage["BACKEND"] == "lld.gateways.storages.Bucket"
    assert storage["OPTIONS"]["endpoint_url"] == "https://abc.r2.cloudflarestorage.com"
    elsewhere = {**R2, "R2_ACCOUNT_ID": "", "R2_ENDPOINT_URL": "https://s3.lld.test/"}
    assert file_storage(read(monkeypatch, **elsewhere))["OPTIONS"]["endpoint_url"] == "https://s3.lld.test"


def test_folder_is_used_without_r2(monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_storage(read(monkeypatch)) == {"BACKEND": "lld.gateways.storages.Folder"}


@pytest.mark.parametrize("name", sorted(R2))
def test_bucket_with_a_missing_variable_ends_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SystemExit) as end:
        file_storage(read(monkeypatch, **{**R2, name: ""}))
    assert str(end.value.code).startswith(f"Environment variable {name} is missing, and R2_")
    assert "hunter2" not in str(end.value.code)


def test_bucket_with_public_url_alone_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="R2_ACCOUNT_ID is missing, and R2_PUBLIC_URL is set"):
        file_storage(read(monkeypatch, R2_PUBLIC_URL="https://img.lld.test"))


def test_production_needs_files_that_last() -> None:
    lost = check(MEDIA_ROOT="")
    assert lost.returncode == 1
    assert "catalog.E001" in lost.stderr
    kept = check(MEDIA_ROOT="", **R2)
    assert kept.returncode == 0, kept.stderr


def test_production_does_not_start_with_half_a_bucket() -> None:
    half = check(**{**R2, "R2_BUCKET_NAME": ""})
    assert half.stderr.strip() == (
        "Environment variable R2_BUCKET_NAME is missing, and R2_ACCOUNT_ID is set: "
        "files in R2 need both; .env.example describes them."
    )
