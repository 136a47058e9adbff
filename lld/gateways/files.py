"""Uploaded files, in the bucket or folder that the settings name. Nothing else reads or writes them."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from lld.core.errors import GatewayError, GatewayTimeout

VENDOR = "The file store"
# What mends itself, or is our own set-up, such as a bucket that is not there, and will be mended.
PASSING = {401, 403, 404, 408, 409, 429}


class StoredFile(ContentFile):  # type: ignore[type-arg]  # not generic at run time
    def __init__(self, content: bytes, content_type: str) -> None:
        super().__init__(content)
        self.content_type = content_type


def save(name: str, content: bytes, content_type: str) -> None:
    """Keep a file under a name that tells its content: one that is there already stays. GatewayError otherwise."""
    with _errors():
        if not default_storage.exists(name):
            default_storage.save(name, StoredFile(content, content_type))


def read(name: str) -> bytes | None:
    """The whole file; None when there is none. GatewayError when that cannot be told."""
    try:
        with _errors(), default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def delete(name: str) -> None:
    """Forget a file. One that is not there is no error; GatewayError otherwise."""
    with _errors():
        default_storage.delete(name)


@contextmanager
def _errors() -> Iterator[None]:
    """FileNotFoundError for a file that is not there, whatever the store."""
    try:
        yield
    except FileNotFoundError:
        raise
    except ClientError as error:
        raise _refused(error) from error
    except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError) as error:
        raise GatewayError(VENDOR, f"{VENDOR} cannot be reached.") from error
    except ReadTimeoutError as error:
        raise GatewayTimeout(VENDOR) from error
    except BotoCoreError as error:
        raise GatewayError(VENDOR, f"The connection to {VENDOR.lower()} broke.", unknown=True) from error
    except OSError as error:
        raise GatewayError(VENDOR, f"{VENDOR} failed ({type(error).__name__}).") from error


def _refused(error: ClientError) -> Exception:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 500)
    code = str(error.response.get("Error", {}).get("Code") or status)
    if code == "NoSuchKey":
        return FileNotFoundError()
    return GatewayError(
        VENDOR,
        f"{VENDOR} refused the request ({code}).",
        permanent=400 <= status < 500 and status not in PASSING,
        unknown=status >= 500,
        vendor_code=code,
    )
