"""The OpenAPI document."""

from drf_spectacular.types import OpenApiTypes

from lld.settings.api_subjects import TAGS
from lld.version import VERSION

SPECTACULAR_SETTINGS = {
    "TITLE": "LLD back office API",
    "DESCRIPTION": (
        "JSON API of the storefront, the staff portal, the voice agent and automations.\n\n"
        "Errors always have the shape of `Error`; `code` is stable, `error` is a sentence for a person. "
        "Money is a number with two digits, times are ISO 8601 in UTC. POST requests that create or move "
        "something accept an `Idempotency-Key` header."
    ),
    "VERSION": VERSION,
    # 3.0 knows neither `const` nor a schema beside a reference.
    "OAS_VERSION": "3.1.0",
    "SERVERS": [
        {"url": "/", "description": "Where this document was read."},
        {"url": "http://127.0.0.1:8000", "description": "What `make run` starts."},
    ],
    "TAGS": TAGS,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/",
    "PATH_CONVERTER_OVERRIDES": {"order_number": OpenApiTypes.STR},
    "SORT_OPERATIONS": True,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "staffToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `token` of POST /api/staff/login or /api/shipping/login.",
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "sessionid",
                "description": "Set by POST /api/login, and by POST /api/staff/login with `session`.",
            },
            "csrf": {
                "type": "apiKey",
                "in": "header",
                "name": "X-CSRFToken",
                "description": (
                    "With a session, whatever may change something sends the value of the cookie `csrftoken`, which "
                    "comes with the session. Without it: 403 `csrf_failed`."
                ),
            },
            "apiKey": {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "The `raw_key` of POST /api/admin/keys.",
            },
        }
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "lld.core.api.schema.close_bodies",
        "lld.core.api.examples.add_examples",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Speaker": "catalog.enums.Speaker",
        "BarcodeUnit": "catalog.enums.BarcodeUnit",
        "OrderStatus": "orders.enums.OrderStatus",
        "OrderStatusTarget": "orders.enums.TARGETS",
        "ShippingFilter": "shipping.selectors.FILTERS",
        "PaymentStatus": "orders.enums.PaymentStatus",
        "PaymentMethod": "orders.enums.PaymentMethod",
        "CheckoutMethod": "orders.enums.CHECKOUT_CHOICES",
        "InHandMethod": "orders.enums.IN_HAND_CHOICES",
        "PaymentState": "orders.enums.PaymentState",
        "RefundState": "orders.enums.RefundState",
        "RefundDestination": "orders.enums.RefundDestination",
        "RefundTo": "orders.serializers.money.REFUND_TO",
        "HandOutMethod": "orders.enums.HAND_OUT_CHOICES",
        "CreditReason": "orders.enums.CreditReason",
        "LedgerEntryKind": "orders.enums.EntryKind",
        "AttentionKind": "orders.enums.AttentionKind",
        "OrderSource": "orders.enums.OrderSource",
        "EnteredPaymentStatus": "orders.serializers.staff.ENTERED_STATUSES",
        "HoldReason": "orders.enums.HoldReason",
        "Role": "lld.core.access.Role",
        "Scope": "lld.core.access.SCOPES",
        "ProductIdentifier": "catalog.serializers.keys.IDENTIFIERS",
        "CodePurpose": "accounts.enums.CodePurpose",
        "DuplicateField": "accounts.serializers.customers.UNIQUE_FIELDS",
        "SecretPresence": "staffportal.serializers.mail.PRESENCE",
        "HealthStatus": "lld.core.health.STATES",
        "ErrorCode": "lld.core.errors.ERROR_CODES",
    },
}
