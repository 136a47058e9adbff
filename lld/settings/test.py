"""The test suite: real PostgreSQL and Valkey; tasks run eagerly unless a test starts a worker."""

import os

_DEFAULTS = {
    "SECRET_KEY": "test-secret-key-of-sufficient-length-0123456789",
    "FIELD_ENCRYPTION_KEY": "test-field-key-of-sufficient-length-0123456789",
    "PUBLIC_URL": "http://testserver",
    "FRONTEND_URL": "http://storefront.test",
    "DATABASE_URL": "postgresql://lld@127.0.0.1/lld",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "STRIPE_API_KEY": "sk_test_sandbox",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
    "STRIPE_WEBHOOK_SECRET": "whsec_test",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "test-token",
    "TWILIO_FROM": "+13125550100",
    "OPENAI_API_KEY": "sk-test-sandbox",
    "SMTP_HOST": "127.0.0.1",
    "LOG_LEVEL": "WARNING",
}
for _name, _value in _DEFAULTS.items():
    os.environ.setdefault(_name, _value)

from lld.settings.base import *  # noqa: E402, F403
from lld.settings.base import CACHES, INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "demo"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Tests place many orders from one address; those of the limit set their own.
GUEST_OPEN_ORDERS = 1_000
# The cost of argon2 is measured once, by the test of the hasher; everywhere else it is only time.
PASSWORD_HASHERS = [
    "tests.hashers.ComposedMD5",
    "accounts.hashers.ComposedArgon2",
]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CACHES["default"]["KEY_PREFIX"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files come from the applications' folders: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
