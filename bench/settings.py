"""The product's own settings, with the compared views beside its routes."""

from lld.settings.local import *  # noqa: F403
from lld.settings.logs import configure_logs

ROOT_URLCONF = "bench.urls"

# As in production: local mode's readable lines cost more than JSON.
configure_logs(level="INFO", json=True)
