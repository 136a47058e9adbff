"""`make run`: everything on this machine, plain HTTP on the loopback address."""

from lld.settings.base import *  # noqa: F403
from lld.settings.base import BASE_DIR, ENV, INSTALLED_APPS  # named again for the type checker
from lld.settings.logs import configure_logs

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
DEBUG = ENV.debug
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", ENV.public_url.host or "", *ENV.allowed_hosts]
MEDIA_ROOT = ENV.media_root or str(BASE_DIR / ".lld" / "media")

configure_logs(level=ENV.log_level, json=False)
