"""Production: behind a TLS proxy, nothing simulated."""

import sys

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.redis import RedisIntegration

from lld.settings.base import *  # noqa: F403
from lld.settings.base import ENV

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^api/v1/health$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if ENV.media_root:
    MEDIA_ROOT = ENV.media_root

_simulated = [
    name.upper()
    for name in (
        "stripe_api_base",
        "easypost_api_base",
        "twilio_api_base",
        "openai_base_url",
        "r2_endpoint_url",
    )
    if (url := getattr(ENV, name)) is not None and url.host in {"127.0.0.1", "localhost", "::1"}
]
if _simulated:
    sys.exit(f"{_simulated[0]} points at this machine; production does not run against the sandbox.")

if ENV.sentry_dsn:
    sentry_sdk.init(
        dsn=ENV.sentry_dsn.get_secret_value(),
        send_default_pii=False,
        include_local_variables=False,
        # Not all that it finds installed: that of OpenAI imports the SDK into every process, and reports failures
        # that we deal with, in words that may quote a customer.
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration(), RedisIntegration()],
    )
