"""Who calls: anonymous, a customer, the five roles, and `key:<scope>`.

Written by hand, apart from the views, so that a slip in one shows against the other. A staff session counts as its
role; a customer's session as customer.
"""

from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from tests.factories import as_customer, as_key, as_staff

CUSTOMER = frozenset({"customer"})
STAFF = frozenset({"admin", "manager", "staff", "sales_rep", "warehouse"})
CASHIERS = frozenset({"admin", "manager", "staff"})
REPS = frozenset({"sales_rep"})
SELLERS = frozenset({"admin", "manager", "staff", "sales_rep"})
COUNTING = frozenset({"admin", "manager", "staff", "warehouse"})
MANAGING = frozenset({"admin", "manager"})
ADMIN = frozenset({"admin"})

VOICE = frozenset({"key:voice"})
CATALOG_READ = frozenset({"key:catalog:read"})
CATALOG_WRITE = frozenset({"key:catalog:write"})
OTHER_KEYS = frozenset({"key:queue", "key:renewals", "key:notifications", "key:diagnostics"})

EVERYONE = frozenset({"anonymous"}) | CUSTOMER | STAFF | VOICE | CATALOG_READ | CATALOG_WRITE | OTHER_KEYS


def client_of(caller: str) -> APIClient:
    if caller == "anonymous":
        return APIClient(enforce_csrf_checks=True)
    if caller == "customer":
        return as_customer()
    if caller.startswith("key:"):
        return as_key(Scope(caller.removeprefix("key:")))
    return as_staff(Role(caller))
