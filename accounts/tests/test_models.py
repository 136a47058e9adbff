"""The database is the last guard: rows that no code of ours should make cannot be made."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from accounts.enums import AuthProvider
from accounts.models import AccountToken, ApiKey, CustomerProfile, RevokedStaffToken, StaffProfile, User
from lld.core.access import Role
from lld.core.constraints import violated_constraint
from tests.factories import CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db

EMAIL, STAFF, IMPORTED = AuthProvider.EMAIL, AuthProvider.STAFF, AuthProvider.IMPORTED


def insert(**columns: Any) -> User:
    [user] = User.objects.bulk_create([User(**{"username": f"u{User.objects.count()}", "password": "x", **columns})])
    return user


def broken(write: Callable[[], Any]) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return violated_constraint(error.value)


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        ({"username": "Ana"}, {"username": "aNA"}, "user_username_unique"),
        ({"username": "Ana"}, {"username": "ANA", "role": "staff", "auth_provider": STAFF}, "user_username_unique"),
        ({"email": "Ana@cafe.test"}, {"email": "ana@CAFE.test"}, "user_customer_email_unique"),
        ({"phone": "+13125550147"}, {"phone": "+13125550147"}, "user_customer_phone_unique"),
        (
            {"email": "ana@lld.test", "role": "admin", "auth_provider": STAFF},
            {"email": "ANA@lld.test", "role": "staff", "auth_provider": STAFF},
            "user_staff_email_unique",
        ),
    ],
)
def test_duplicate_user_is_refused(first: dict[str, Any], second: dict[str, Any], constraint: str) -> None:
    insert(**first)
    assert broken(lambda: insert(**second)) == constraint


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        (
            {"email": "ana@cafe.test", "phone": "+13125550147"},
            {"email": "ana@cafe.test", "phone": "+13125550147", "username": None, "auth_provider": IMPORTED},
        ),
        ({"username": None, "auth_provider": IMPORTED}, {"username": None, "auth_provider": IMPORTED}),
        ({"email": "ana@lld.test"}, {"email": "ana@lld.test", "role": "staff", "auth_provider": STAFF}),
    ],
)
def test_shared_columns_are_allowed(first: dict[str, Any], second: dict[str, Any]) -> None:
    insert(**first)
    insert(**second)
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"role": Role.ADMIN, "auth_provider": EMAIL}, "user_role_matches_provider"),
        ({"role": Role.ADMIN, "auth_provider": IMPORTED}, "user_role_matches_provider"),
        ({"role": "", "auth_provider": STAFF}, "user_role_matches_provider"),
        ({"username": None, "auth_provider": EMAIL}, "user_only_imported_without_username"),
        (
            {"username": None, "role": Role.STAFF, "auth_provider": STAFF},
            "user_only_imported_without_username",
        ),
    ],
)
def test_contradictory_user_is_refused(columns: dict[str, Any], constraint: str) -> None:
    assert broken(lambda: insert(**columns)) == constraint


def test_customer_role_cannot_be_set_alone() -> None:
    customer = CustomerFactory()
    change = User.objects.filter(pk=customer.pk)
    assert broken(lambda: change.update(role=Role.ADMIN)) == "user_role_matches_provider"


def test_credit_limit_and_commission_rate_are_bounded() -> None:
    CustomerFactory()
    StaffFactory()
    limits = CustomerProfile.objects.all()
    shares = StaffProfile.objects.all()

    assert broken(lambda: limits.update(credit_limit="-0.01")) == "customer_credit_limit_not_negative"
    for share in ("-0.0001", "1.0001"):
        assert broken(lambda share=share: shares.update(commission_rate=share)) == "staff_commission_is_a_share"

    with pytest.raises(DataError), transaction.atomic():
        limits.update(credit_limit="99999999999.00")


def test_account_token_is_unique_by_purpose_and_hash() -> None:
    one, other = CustomerFactory(), CustomerFactory()
    later = timezone.now() + timedelta(hours=1)

    def make(user: User, purpose: str, token_hash: str) -> None:
        AccountToken.objects.create(user=user, purpose=purpose, token_hash=token_hash, expires_at=later)

    make(one, "verify_email", "a")
    make(one, "reset_password", "b")
    make(other, "verify_email", "c")

    assert broken(lambda: make(one, "verify_email", "d")) == "account_token_newest_only"
    assert "token_hash" in broken(lambda: make(other, "reset_password", "a"))

    RevokedStaffToken.objects.create(jti="j", expires_at=later)
    assert "jti" in broken(lambda: RevokedStaffToken.objects.create(jti="j", expires_at=later))


def test_api_key_cannot_be_both_active_and_revoked() -> None:
    columns = {"name": "n8n", "prefix": "lld", "scopes": []}
    ApiKey.objects.create(key_hash="a", **columns)
    assert broken(lambda: ApiKey.objects.update(is_active=False)) == "api_key_revoked"
    assert broken(lambda: ApiKey.objects.update(revoked_at=timezone.now())) == "api_key_revoked"
    assert "key_hash" in broken(lambda: ApiKey.objects.create(key_hash="a", **columns))
