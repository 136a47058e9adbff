"""Who people are. Customers and staff share one table; a role makes a member of staff."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.enums import AuthProvider
from accounts.models.searching import USER_INDEXES
from lld.core.access import Role
from lld.core.actors import Actor

# What the console shows a role and lets it change, by app or by model. An admin sees and changes everything.
_PEOPLE = frozenset(
    {"accounts.user", "accounts.customerprofile", "accounts.smsconsent", "accounts.smsdelivery", "accounts.donotcall"}
)
# Products and their stock. Chats are of customers.
_SHELVES = frozenset(
    f"catalog.{model}"
    for model in ("product", "category", "barcode", "image", "productimage", "stockmovement", "revision")
)
_ORDERS = frozenset({"orders.order", "orders.orderline"})
_CONSOLE_SEES: dict[str, frozenset[str]] = {
    Role.MANAGER: _PEOPLE | {"catalog", "orders", "shipping"},
    Role.STAFF: _PEOPLE | {"catalog", "orders", "shipping"},
    Role.SALES_REP: _SHELVES | _ORDERS | {"accounts.user", "accounts.customerprofile", "accounts.donotcall"},
    Role.WAREHOUSE: _SHELVES | _ORDERS | {"shipping"},
}
_CONSOLE_CHANGES: dict[str, frozenset[str]] = {
    Role.MANAGER: frozenset({"accounts.customerprofile", "catalog", "orders", "shipping"}),
    Role.STAFF: frozenset({"orders"}),
}
# Who signed up themselves, and has not left.
_REGISTERED = Q(auth_provider=AuthProvider.EMAIL, deleted_at=None)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A customer (role empty) or a member of staff. An imported contact has no username and cannot sign in."""

    username = models.CharField(max_length=254, null=True, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    phone_extension = models.CharField(max_length=10, blank=True, default="", db_default="")
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=10, choices=Role, blank=True)
    auth_provider = models.CharField(max_length=10, choices=AuthProvider, default=AuthProvider.EMAIL)
    email_verified = models.BooleanField(default=False)
    phone_verified = models.BooleanField(default=False)
    phone_recovers = models.BooleanField(default=True, help_text="A code sent to the phone opens the account.")
    password_unproven = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Chosen at a checkout, perhaps by somebody who does not have the address.",
    )
    is_active = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="The account is gone; its documents stay.")
    token_version = models.PositiveIntegerField(default=1, help_text="Raising it ends every token and session.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email="") & Q(auth_provider=AuthProvider.EMAIL),
                name="user_customer_email_unique",
            ),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email="") & ~Q(role=""), name="user_staff_email_unique"
            ),
            models.UniqueConstraint(
                fields=["phone"],
                # A phone that opens no account keeps nobody else from having it.
                condition=~Q(phone="") & Q(auth_provider=AuthProvider.EMAIL, phone_recovers=True),
                name="user_customer_phone_unique",
            ),
            models.CheckConstraint(
                condition=Q(role="") ^ Q(auth_provider=AuthProvider.STAFF), name="user_role_matches_provider"
            ),
            models.CheckConstraint(
                condition=Q(username__isnull=False) | Q(auth_provider=AuthProvider.IMPORTED),
                name="user_only_imported_without_username",
            ),
            # Or an account could be named like another one's address, and sign-in would find the wrong one.
            models.CheckConstraint(
                condition=~Q(username__contains="@") | Q(username=None) | Q(Exact(Lower("username"), Lower("email"))),
                name="user_username_like_an_address_is_the_address",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_active=False), name="user_deleted_is_not_active"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["phone"], name="user_phone"),
            models.Index(Lower("email"), name="user_email"),
            models.Index(fields=["role", "-created_at"], name="user_role_newest"),
            models.Index(
                F("created_at").desc(), F("id").desc(), condition=_REGISTERED, name="user_registered_newest"
            ),
            *USER_INDEXES,
        ]

    def __str__(self) -> str:
        return self.username or self.email or self.phone or f"user {self.pk}"

    @property
    def may_sign_in(self) -> bool:
        """Whether what the account can be reached by was proven: the address or, where there is none, the phone."""
        return self.email_verified if self.email else self.phone_verified

    @property
    def is_customer(self) -> bool:
        return not self.role

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name or str(self)

    def as_actor(self) -> Actor:
        # Ledgers and the audit log outlive a customer's account: they know customers by number only.
        return (
            Actor("customer", self.pk)
            if self.is_customer
            else Actor("staff", self.pk, self.username or "", self.role)
        )

    def get_session_auth_hash(self) -> str:
        """Ends sessions on a new password and whenever tokens are ended."""
        return salted_hmac("accounts.session", f"{self.password}{self.token_version}", algorithm="sha256").hexdigest()

    # What the console asks.
    @property
    def is_staff(self) -> bool:
        return bool(self.role)

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        if not self.is_active or not self.role:
            return False
        app, _, action = permission.partition(".")
        verb, _, model = action.partition("_")
        granted = (_CONSOLE_SEES if verb == "view" else _CONSOLE_CHANGES).get(self.role, frozenset())
        return self.is_superuser or not granted.isdisjoint({app, f"{app}.{model}"})

    def has_perms(self, permissions: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app: str) -> bool:
        if not self.is_active or not self.role:
            return False
        seen = _CONSOLE_SEES.get(self.role, frozenset())
        return self.is_superuser or any(entry.partition(".")[0] == app for entry in seen)
