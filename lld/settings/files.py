"""Where uploaded files are kept: in a bucket of R2, or in a folder."""

import sys
from typing import Any

from lld.settings.environment import Environment

NEEDED = ("r2_access_key_id", "r2_secret_access_key", "r2_bucket_name")


def file_storage(environment: Environment) -> dict[str, Any]:
    """The default storage. Ends the process with one sentence when R2 is set up by half."""
    given = [name for name in Environment.model_fields if name.startswith("r2_") and getattr(environment, name)]
    if not given:
        return {"BACKEND": "lld.gateways.storages.Folder"}
    missing = [name for name in NEEDED if name not in given]
    if not {"r2_account_id", "r2_endpoint_url"} & set(given):
        missing.insert(0, "r2_account_id")
    if missing:
        sys.exit(
            f"Environment variable {missing[0].upper()} is missing, and {given[0].upper()} is set: "
            "files in R2 need both; .env.example describes them."
        )
    return {"BACKEND": "lld.gateways.storages.Bucket", "OPTIONS": _options(environment)}


def _options(environment: Environment) -> dict[str, Any]:
    secret = environment.r2_secret_access_key
    return {
        "access_key": environment.r2_access_key_id,
        "secret_key": secret.get_secret_value() if secret else None,
        "bucket_name": environment.r2_bucket_name,
        "endpoint_url": str(
            environment.r2_endpoint_url or f"https://{environment.r2_account_id}.r2.cloudflarestorage.com"
        ).rstrip("/"),
        "region_name": "auto",
        "default_acl": None,
    }
