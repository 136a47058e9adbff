"""Django's two storages of ours: a bucket of R2 or any S3, and a folder."""

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

# Seconds to connect and to wait for each piece of an answer, and how often it is tried: a bucket that hangs holds a
# thread for some 11 seconds. How many threads it may hold for visitors is FILE_READS' business.
TIMEOUT, TRIES = (3, 5), 2


@cache
def _client_config(connect: float, read: float, tries: int) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=connect,
        read_timeout=read,
        retries={"total_max_attempts": tries, "mode": "standard"},
        # R2 refuses the checksums that boto3 adds on its own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@cache
def _vendor_descriptions() -> Loader:
    return create_loader()


class Bucket(S3Storage):  # type: ignore[misc]  # the library has no types
    """Files of a few megabytes, each in one request: the library would take three."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=_client_config(*TIMEOUT, TRIES), **options)

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # not generic at run time
        kind = getattr(content, "content_type", None) or self.default_content_type
        self._client.put_object(Bucket=self.bucket_name, Key=name, Body=content.read(), ContentType=kind)
        return name

    def _open(self, name: str, mode: str = "rb") -> ContentFile:  # type: ignore[type-arg]  # as above
        answer = self._client.get_object(Bucket=self.bucket_name, Key=name)
        return ContentFile(answer["Body"].read(), name=name)

    def _create_session(self) -> boto3.Session:
        """One a thread, as boto3 wants it, but all read the megabytes of the vendor's API from the disk once."""
        session = botocore.session.get_session()
        session.register_component("data_loader", _vendor_descriptions())
        return boto3.Session(self.access_key, self.secret_key, self.security_token, botocore_session=session)

    @property
    def _client(self) -> Any:
        return self.connection.meta.client


class Folder(FileSystemStorage):
    """MEDIA_ROOT. A file is there whole or not at all, whenever a process ends."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # as above
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
        return name
