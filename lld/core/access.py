"""Who may call a route: the vocabulary in which every view declares its callers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """What a member of staff may do, from most to least."""

    ADMIN = "admin", "Admin"
    MANAGER = "manager", "Manager"
    STAFF = "staff", "Staff"
    SALES_REP = "sales_rep", "Sales representative"
    WAREHOUSE = "warehouse", "Warehouse"


class Scope(StrEnum):
    """What an API key may do."""

    VOICE = "voice"
    QUEUE = "queue"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    RENEWALS = "renewals"
    NOTIFICATIONS = "notifications"
    DIAGNOSTICS = "diagnostics"


SCOPES = [(scope.value, scope.value) for scope in Scope]
DEFAULT_SCOPES = (Scope.VOICE, Scope.QUEUE, Scope.CATALOG_READ, Scope.CATALOG_WRITE)


@dataclass(frozen=True)
class Access:
    """A set of callers. Combine with `|`: `STAFF | api_key(Scope.VOICE)`."""

    anyone: bool = False
    customers: bool = False
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    def __or__(self, other: "Access") -> "Access":
        return Access(
            anyone=self.anyone or other.anyone,
            customers=self.customers or other.customers,
            roles=self.roles | other.roles,
            scopes=self.scopes | other.scopes,
        )


def staff(*roles: Role) -> Access:
    """Signed-in staff of these roles."""
    return Access(roles=frozenset(roles))


def api_key(scope: Scope) -> Access:
    """Automations whose key carries the scope."""
    return Access(scopes=frozenset({scope}))


# The groups of roles by which rules tell who may do what.
MANAGING = frozenset({Role.ADMIN, Role.MANAGER})
TAKING_MONEY = MANAGING | {Role.STAFF}
SELLING = TAKING_MONEY | {Role.SALES_REP}
COUNTING = TAKING_MONEY | {Role.WAREHOUSE}

PUBLIC = Access(anyone=True)
CUSTOMERS = Access(customers=True)
STAFF = staff(*Role)
ADMINS = staff(Role.ADMIN)
MANAGERS = staff(*MANAGING)
CASHIERS = staff(*TAKING_MONEY)
SELLERS = staff(*SELLING)
COUNTERS = staff(*COUNTING)


def parse_scopes(words: Iterable[str]) -> tuple[Scope, ...]:
    """Scopes by name, in order and without repeats. ValueError names the first unknown one."""
    return tuple(dict.fromkeys(Scope(word) for word in words))
