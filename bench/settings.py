"""The product's own settings, with the compared views beside its routes."""

from lld.settings.local import *  # noqa: F403
from lld.settings.logs import configure_logs

ROOT_URLCONF = "bench.urls"

configure_logs(level="ERROR", json=True)
