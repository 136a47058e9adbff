"""Who people and programs are. Customers and staff share one table; a role makes a member of staff."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.enums import AuthProvider, CodePurpose, Language, PaymentTerms, SmsStatus, TokenPurpose
from lld.core.access import Role
from lld.core.actors import Actor
from lld.core.columns import MoneyColumn

MOST_GUESSES = 5

# What the console shows a role and lets it change, by app or by model. An admin sees and changes everything.
_PEOPLE = frozenset(
    {"accounts.user", "accounts.customerprofile", "accounts.smsconsent", "accounts.smsdelivery", "accounts.donotcall"}
)
_CONSOLE_SEES: dict[str, frozenset[str]] = {
    Role.MANAGER: _PEOPLE | {"catalog", "orders", "shipping"},
    Role.STAFF: _PEOPLE | {"catalog", "orders", "shipping"},
    Role.SALES_REP: _PEOPLE | {"catalog", "orders.order"},
    Role.WAREHOUSE: frozenset({"catalog", "orders.order", "shipping"}),
}
_CONSOLE_CHANGES: dict[str, frozenset[str]] = {
    Role.MANAGER: frozenset({"accounts.customerprofile", "catalog", "orders", "shipping"}),
    Role.STAFF: frozenset({"orders"}),
    Role.WAREHOUSE: frozenset({"orders.order"}),
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
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=10, choices=Role, blank=True)
    auth_provider = models.CharField(max_length=10, choices=AuthProvider, default=AuthProvider.EMAIL)
    email_verified = models.BooleanField(default=False)
    phone_verified = models.BooleanField(default=False)
    phone_recovers = models.BooleanField(default=True, help_text="A code sent to the phone opens the account.")
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
            GinIndex(OpClass(Upper("username"), name="gin_trgm_ops"), name="user_username_trgm"),
            GinIndex(OpClass(Upper("first_name"), name="gin_trgm_ops"), name="user_first_name_trgm"),
            GinIndex(OpClass(Upper("last_name"), name="gin_trgm_ops"), name="user_last_name_trgm"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="user_email_trgm"),
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


class CustomerProfile(models.Model):
    """What we know of a customer beyond how to reach them, and the terms they buy on."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    company_name = models.CharField(max_length=200, blank=True)
    phone2 = models.CharField(max_length=20, blank=True)
    shipping_address = models.CharField(max_length=500, blank=True)
    billing_address = models.CharField(max_length=500, blank=True)
    business_type = models.CharField(max_length=80, blank=True)
    business_ein = models.CharField(max_length=20, blank=True)
    resale_certificate = models.CharField(max_length=80, blank=True)
    state_of_operation = models.CharField(max_length=2, blank=True)
    preferred_language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    approved_for_terms = models.BooleanField(default=False)
    payment_terms = models.CharField(max_length=10, choices=PaymentTerms, default=PaymentTerms.NET30)
    credit_limit = MoneyColumn(default=Decimal("0.00"))
    stripe_customer_id = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(credit_limit__gte=0), name="customer_credit_limit_not_negative"),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass(Upper("company_name"), name="gin_trgm_ops"), name="customer_company_trgm"),
        ]

    def __str__(self) -> str:
        return self.company_name or str(self.user)


class StaffProfile(models.Model):
    """What only staff have."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="staff_profile")
    commission_rate = models.DecimalField(
        max_digits=5, decimal_places=4, default=Decimal("0.05"), help_text="Share of subtotal less discount."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(commission_rate__gte=0, commission_rate__lte=1), name="staff_commission_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class AccountToken(models.Model):
    """A link sent by mail: single use, stored as a hash, void once a newer one is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="account_tokens")
    purpose = models.CharField(max_length=20, choices=TokenPurpose)
    token_hash = models.CharField(max_length=64, unique=True)
    new_email = models.EmailField(max_length=254, blank=True, help_text="The address that the link confirms.")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "purpose"], name="account_token_newest_only"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user_id}"


class PhoneCode(models.Model):
    """A code sent to a phone: single use, stored as a keyed hash, void once a newer one is made.

    A row is made for phones of nobody, too, with a hash that no code has: guessing costs the same everywhere.
    """

    phone = models.CharField(max_length=20, unique=True, help_text="E.164")
    purpose = models.CharField(max_length=20, choices=CodePurpose)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, help_text="Whose phone the code confirms.")
    is_decoy = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64)
    guesses = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(guesses__lte=MOST_GUESSES), name="phone_code_guesses_end"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code {self.pk}"


class PhoneSession(models.Model):
    """Proof that the caller holds a phone: opened by a code, stored as a hash, short-lived."""

    phone = models.CharField(max_length=20)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"phone session {self.pk}"


class RevokedStaffToken(models.Model):
    """A staff token that was signed out before it expired."""

    jti = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti


class ApiKey(models.Model):
    """An automation's credential. Only a keyed hash is stored; the raw key is shown once."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=20)
    key_hash = models.CharField(max_length=64, unique=True)
    key_preview = models.CharField(max_length=40)
    description = models.CharField(max_length=500, blank=True)
    scopes = ArrayField(models.CharField(max_length=20))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)
    use_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(is_active=True) ^ Q(revoked_at__isnull=False), name="api_key_revoked"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_usable(self, now: datetime) -> bool:
        return self.is_active and (self.expires_at is None or self.expires_at > now)


class SmsConsent(models.Model):
    """What a person agreed to, word for word, and when. The newest row of a phone counts."""

    phone = models.CharField(max_length=20)
    consented = models.BooleanField()
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    text_version = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "SMS consent"
        verbose_name_plural = "SMS consents"
        indexes: ClassVar = [models.Index(F("phone"), F("created_at").desc(), name="sms_consent_newest")]

    def __str__(self) -> str:
        return f"{self.phone} {'yes' if self.consented else 'no'}"


class SmsDelivery(models.Model):
    """What became of a text, as Twilio reports it. Reports come in any order; `rank` only ever rises."""

    message_sid = models.CharField(max_length=34, unique=True)
    status = models.CharField(max_length=20, choices=SmsStatus)
    rank = models.PositiveSmallIntegerField(help_text="How far along the status is.")
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    error_code = models.CharField(max_length=10, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "SMS delivery"
        verbose_name_plural = "SMS deliveries"

    def __str__(self) -> str:
        return f"{self.message_sid} {self.status}"


class DoNotCall(models.Model):
    """A phone number that nobody calls. One flag a number, for every list."""

    phone = models.CharField(max_length=20, primary_key=True)
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "number not to call"
        verbose_name_plural = "numbers not to call"

    def __str__(self) -> str:
        return self.phone
