"""What must not go into production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_files_last(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Pictures in a folder that nobody has named would end with the next release."""
    if settings.STORAGES["default"]["BACKEND"] != "lld.gateways.storages.Folder" or settings.MEDIA_ROOT:
        return []
    return [
        Error(
            "Uploaded files have no place that outlives a release: set up R2, or name a folder in MEDIA_ROOT.",
            id="catalog.E001",
        )
    ]
