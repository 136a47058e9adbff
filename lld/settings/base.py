"""Settings shared by every way of running. What varies comes from `environment`."""

from datetime import timedelta
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from lld.settings.console import UNFOLD as UNFOLD
from lld.settings.environment import read_environment
from lld.settings.files import file_storage
from lld.settings.logs import configure_logs
from lld.settings.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE
from lld.settings.schedule import CELERY_TASK_DEFAULT_QUEUE as CELERY_TASK_DEFAULT_QUEUE
from lld.settings.schedule import CELERY_TASK_QUEUES as CELERY_TASK_QUEUES
from lld.settings.schema import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from lld.version import VERSION as VERSION

ENV = read_environment()
BASE_DIR = Path(__file__).resolve().parent.parent.parent

SECRET_KEY = ENV.secret_key.get_secret_value()
DEBUG = False
EXPOSE_DEBUG_TOKENS = ENV.expose_debug_tokens
PUBLIC_URL = str(ENV.public_url).rstrip("/")
FRONTEND_URL = str(ENV.frontend_url).rstrip("/")
ALLOWED_HOSTS = [ENV.public_url.host or "", *ENV.allowed_hosts]
TRUSTED_PROXIES = ENV.proxy_networks

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "lld.core",
    "lld.gateways",
    "accounts",
    "catalog",
    "orders",
    "shipping",
    "staffportal",
]

MIDDLEWARE = [
    "lld.core.middleware.RequestLogMiddleware",
    "lld.core.middleware.VendorTimeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lld.core.middleware.RefuseNulMiddleware",
    "lld.core.middleware.ConsoleTimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "lld.core.middleware.RefuseChunksMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "lld.urls"
WSGI_APPLICATION = "lld.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "lld" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_database = conninfo_to_dict(ENV.database_url)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.pop("dbname"),
        "USER": _database.pop("user", ""),
        "PASSWORD": _database.pop("password", ""),
        "HOST": _database.pop("host", ""),
        "PORT": _database.pop("port", ""),
        "CONN_MAX_AGE": 60,
        # A check would cost every request a round trip; without it a restart of PostgreSQL costs each thread one 503.
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            **_database,
            # At once, what goes through lld.core.prepared; Django's own cursors write values into the text.
            "prepare_threshold": 0,
            "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
        },
    }
}

REDIS_URL = ENV.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "lld",
    },
    # Values that may be seconds old and are read on every request of a hot list.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}

AUTH_USER_MODEL = "accounts.User"
# The username is unique whatever its case, by a constraint that this check does not look for.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
PASSWORD_HASHERS = ["accounts.hashers.ComposedArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lld.core.api.refused_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, FRONTEND_URL, *ENV.cors_origins]
CORS_ALLOWED_ORIGINS = sorted({FRONTEND_URL, *ENV.cors_origins})
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "x-api-key",
    "x-csrftoken",
    "x-phone-session",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["Retry-After", "X-Request-ID", "ETag", "Idempotent-Replayed", "X-Next-Cursor"]
CORS_URLS_REGEX = r"^/api/"
STAFF_TOKEN_LIFETIME = timedelta(hours=12)
# By how much the clocks of two machines may differ: what was signed counts this much longer, and earlier.
CLOCK_LEEWAY = timedelta(seconds=30)
SIMPLE_JWT = {"LEEWAY": CLOCK_LEEWAY}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.StaffTokenAuthentication",
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["lld.core.api.permissions.DeclaredAccess"],
    "DEFAULT_PARSER_CLASSES": ["lld.core.api.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["lld.core.api.json.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "lld.core.api.negotiation.NeverRefuses",
    "DEFAULT_SCHEMA_CLASS": "lld.core.api.schema.DeclaredSchema",
    "EXCEPTION_HANDLER": "lld.core.api.exceptions.handle",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
BUSINESS_TIME_ZONE = ENV.business_time_zone

# Where the world sees product images: the bucket's public address, else ours (catalog.views.images).
MEDIA_URL = f"{str(ENV.r2_public_url or f'{PUBLIC_URL}/media').rstrip('/')}/"
STATIC_URL = "/static/"
STATIC_ROOT = ENV.static_root or str(BASE_DIR / "static-root")
STORAGES = {
    "default": file_storage(ENV),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task whose worker died is delivered again after this long; longer than any task may run.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = BUSINESS_TIME_ZONE

EMAIL_HOST = ENV.smtp_host
EMAIL_PORT = ENV.smtp_port
EMAIL_HOST_USER = ENV.smtp_user or ""
EMAIL_HOST_PASSWORD = ENV.smtp_password.get_secret_value() if ENV.smtp_password else ""
EMAIL_USE_TLS = ENV.smtp_encrypts
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.mail_from

SMS_COUNTRIES = ENV.sms_countries

CURRENCY = "usd"
DELIVERY_FEE = ENV.delivery_fee
DELIVERY_FREE_FROM = ENV.delivery_free_from
SALES_TAX_RATE = ENV.sales_tax_rate
UNPAID_ORDER_HOURS = ENV.unpaid_order_hours
CHECKS_TO = ENV.checks_to or ""
# How many unpaid orders a guest may have at a time.
GUEST_OPEN_ORDERS = 3
DISCOUNT_LIMITS = {"sales_rep": ENV.discount_limit_sales_rep, "staff": ENV.discount_limit_staff}

configure_logs(level=ENV.log_level, json=True)
LOGGING_CONFIG = None
