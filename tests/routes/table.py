"""Who may call what: written by hand, apart from the views, so that a slip in one shows against the other.

A row is a method and a route, the callers that get through, and what makes the call harmless to try. Callers are
anonymous, customer, the five roles, and `key:<scope>`. Everyone not named is refused with 401 or 403 and leaves no
trace. A staff session counts as its role; a customer's session as customer.
"""

ANYONE = frozenset({"anonymous", "customer", "admin", "manager", "staff", "sales_rep", "warehouse"})
KEYS = frozenset(
    {
        "key:voice",
        "key:queue",
        "key:catalog:read",
        "key:catalog:write",
        "key:renewals",
        "key:notifications",
        "key:diagnostics",
    }
)
CALLERS = ANYONE | KEYS

EVERYONE = CALLERS
CUSTOMER = frozenset({"customer"})
STAFF = frozenset({"admin", "manager", "staff", "sales_rep", "warehouse"})
ADMIN = frozenset({"admin"})
MANAGING = frozenset({"admin", "manager"})
CASHIERS = frozenset({"admin", "manager", "staff"})

ROUTES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "api/v1/health"): EVERYONE,
    ("GET", "api/config"): EVERYONE,
    # Accounts
    ("POST", "api/login"): EVERYONE,
    ("POST", "api/logout"): CUSTOMER,
    ("GET", "api/me"): CUSTOMER,
    ("GET", "api/auth/verify-email/<str:token>"): EVERYONE,
    ("POST", "api/staff/login"): EVERYONE,
    ("POST", "api/staff/logout"): EVERYONE,
    ("GET", "api/staff/me"): STAFF,
    ("POST", "api/register"): EVERYONE,
    ("GET", "api/users"): CUSTOMER,
    ("GET", "api/users/<int:user_id>"): CUSTOMER,
    ("PUT", "api/users/<int:user_id>"): CUSTOMER,
    ("DELETE", "api/users/<int:user_id>"): CUSTOMER,
    ("POST", "api/auth/resend-verification"): EVERYONE,
    ("POST", "api/auth/change-password"): CUSTOMER,
    ("POST", "api/auth/forgot-password"): EVERYONE,
    ("POST", "api/auth/forgot-username"): EVERYONE,
    ("POST", "api/auth/reset-password"): EVERYONE,
    ("POST", "api/auth/phone/send-code"): EVERYONE,
    ("POST", "api/auth/phone/verify-code"): EVERYONE,
    ("POST", "api/auth/phone/lookup-username"): EVERYONE,
    ("POST", "api/auth/phone/reset-password"): EVERYONE,
    ("POST", "api/customer/forgot-password"): EVERYONE,
    ("POST", "api/customer/forgot-username"): EVERYONE,
    ("POST", "api/staff/forgot-password"): EVERYONE,
    ("POST", "api/staff/forgot-username"): EVERYONE,
    ("POST", "api/staff/reset-password"): EVERYONE,
    ("GET", "api/staff/profile"): STAFF,
    ("POST", "api/staff/profile/change-password"): STAFF,
    ("POST", "api/staff/profile/update-email"): STAFF,
    ("POST", "api/staff/confirm-email"): EVERYONE,
    ("POST", "api/shipping/login"): EVERYONE,
    ("POST", "api/shipping/logout"): EVERYONE,
    ("GET", "api/shipping/me"): STAFF,
    ("GET", "api/admin/keys"): ADMIN,
    ("POST", "api/admin/keys"): ADMIN,
    ("POST", "api/admin/keys/verify"): ADMIN,
    ("DELETE", "api/admin/keys/<int:key_id>"): ADMIN,
    ("POST", "api/admin/keys/<int:key_id>/activate"): ADMIN,
    ("POST", "api/admin/keys/<int:key_id>/revoke"): ADMIN,
    ("POST", "api/sms-optin"): EVERYONE,
    ("POST", "api/sms/status-callback"): EVERYONE,
    ("GET", "api/staff/users"): STAFF,
    ("POST", "api/staff/users"): ADMIN,
    ("PUT", "api/staff/users/<int:user_id>"): ADMIN,
    ("DELETE", "api/staff/users/<int:user_id>"): ADMIN,
    ("GET", "api/staff/team"): MANAGING,
    ("GET", "api/staff/website-users"): STAFF,
    ("POST", "api/staff/test-email"): MANAGING,
    ("POST", "api/staff/smtp-debug"): ADMIN,
    # Catalogue
    ("GET", "api/categories"): EVERYONE,
    ("GET", "api/products"): EVERYONE,
    ("GET", "api/products/suggest"): EVERYONE,
    ("GET", "api/products/sales-catalog"): EVERYONE,
    ("GET", "api/products/<int:product_id>"): EVERYONE,
    ("GET", "api/products/<int:product_id>/thumbnail"): EVERYONE,
    ("GET", "api/products/sku/<str:sku>"): EVERYONE,
    ("GET", "media/images/<str:name>.jpg"): EVERYONE,
    ("GET", "media/thumbnails/<str:name>.jpg"): EVERYONE,
    ("POST", "api/search/ai"): EVERYONE,
    ("POST", "api/chat"): EVERYONE,
    ("POST", "api/chat/session"): EVERYONE,
    ("POST", "api/admin/categories"): MANAGING,
    ("POST", "api/admin/products"): MANAGING,
    ("GET", "api/v1/categories"): frozenset({"key:catalog:read"}),
    ("GET", "api/v1/products"): frozenset({"key:catalog:read"}),
    ("GET", "api/v1/products/<str:identifier>"): frozenset({"key:catalog:read"}),
    ("PATCH", "api/v1/products/<str:identifier>/inventory"): frozenset({"key:catalog:write"}),
    ("PATCH", "api/v1/products/<str:identifier>/price"): frozenset({"key:catalog:write"}),
    ("PUT", "api/v1/products/<str:identifier>"): frozenset({"key:catalog:write"}),
    ("POST", "api/v1/products/bulk-update"): frozenset({"key:catalog:write"}),
    ("POST", "api/v1/products/<str:identifier>/image"): frozenset({"key:catalog:write"}),
    ("GET", "api/staff/products"): STAFF,
    ("POST", "api/staff/products"): MANAGING,
    ("POST", "api/staff/products/bulk-save"): MANAGING,
    ("PUT", "api/staff/products/<int:product_id>"): MANAGING,
    ("DELETE", "api/staff/products/<int:product_id>"): MANAGING,
    ("POST", "api/staff/products/upload-image"): STAFF,
    ("POST", "api/staff/products/<int:product_id>/image"): STAFF,
    ("DELETE", "api/staff/products/<int:product_id>/image"): STAFF,
    ("GET", "api/staff/products/<int:product_id>/images"): STAFF,
    ("POST", "api/staff/products/<int:product_id>/images"): STAFF,
    ("POST", "api/staff/products/<int:product_id>/images/reorder"): STAFF,
    ("DELETE", "api/staff/products/<int:product_id>/images/<int:image_id>"): STAFF,
    ("POST", "api/staff/products/<int:product_id>/images/<int:image_id>/set-primary"): STAFF,
    ("GET", "api/staff/categories"): STAFF,
    ("POST", "api/staff/categories"): STAFF,
    ("GET", "api/staff/inventory"): STAFF,
    ("PUT", "api/staff/inventory/<int:product_id>"): STAFF,
    # Orders and payments
    ("GET", "api/orders"): CUSTOMER,
    ("POST", "api/orders"): EVERYONE,
    ("POST", "api/orders/quote"): EVERYONE,
    ("POST", "api/orders/create-account"): EVERYONE,
    ("GET", "api/orders/by-phone/<str:phone>"): EVERYONE,
    ("GET", "api/orders/<order_number:order_number>"): EVERYONE,
    ("POST", "api/orders/<order_number:order_number>/reorder"): CUSTOMER,
    ("POST", "api/payments/create-intent"): EVERYONE,
    ("POST", "api/payments/confirm"): EVERYONE,
    ("POST", "api/payments/create-link"): STAFF | CUSTOMER | {"key:voice"},
    ("POST", "api/webhooks/stripe"): EVERYONE,
    # Staff
    ("GET", "api/staff/orders"): STAFF,
    ("POST", "api/staff/orders"): STAFF,
    ("GET", "api/staff/orders/<int:order_id>"): STAFF,
    ("DELETE", "api/staff/orders/<int:order_id>"): MANAGING,
    ("PUT", "api/staff/orders/<int:order_id>/status"): STAFF,
    ("POST", "api/staff/orders/<int:order_id>/mark-paid"): CASHIERS,
    ("PUT", "api/staff/orders/<int:order_id>/notes"): STAFF,
    ("PUT", "api/staff/orders/<int:order_id>/address"): STAFF,
    ("POST", "api/staff/orders/<int:order_id>/release-hold"): MANAGING,
    # Warehouse
    ("GET", "api/shipping/orders"): STAFF,
    ("GET", "api/shipping/orders/<order_number:order_number>"): STAFF,
    ("POST", "api/shipping/orders/<order_number:order_number>/confirm"): STAFF,
    ("POST", "api/shipping/orders/<order_number:order_number>/ship"): STAFF,
    ("POST", "api/shipping/orders/<order_number:order_number>/deliver"): STAFF,
    ("GET", "api/shipping/orders/<order_number:order_number>/packing-slip"): STAFF,
}

# Addresses that are not views of the API: the console guards itself, the others show nothing of anyone.
OTHER_ROUTES = frozenset({"", "admin/", "api/schema", "api/docs"})
