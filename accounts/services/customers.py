"""Accounts of customers."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import AuthProvider, TokenPurpose
from accounts.models import AccountToken, CustomerProfile, PhoneSession, User
from accounts.services.staff import check_password_strength
from accounts.tokens import hash_secret, new_secret
from lld.core import mail
from lld.core.errors import Conflict, ErrorCode

VERIFICATION_LASTS = timedelta(hours=48)
PHONE_SESSION_LASTS = timedelta(minutes=15)


@transaction.atomic
def create_account_at_checkout(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    phone: str,
    company_name: str,
    shipping_address: str,
) -> User:
    """An unverified account whose username is its address; the mail with the link is on its way.

    Conflict when the address or the phone already has an account.
    """
    user = User(username=email, email=email, phone=phone, first_name=first_name, last_name=last_name)
    check_password_strength(password, user=user, shortest=6)
    user.password = make_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict("There is an account with this e-mail or phone already.", code=ErrorCode.DUPLICATE) from error
    CustomerProfile.objects.create(
        user=user, company_name=company_name, shipping_address=shipping_address, billing_address=shipping_address
    )
    send_verification(user)
    return user


@transaction.atomic
def create_contact(
    *, email: str, phone: str, first_name: str, last_name: str, company_name: str, shipping_address: str
) -> User:
    """A customer that staff know and who cannot sign in."""
    user = User(
        email=email,
        phone=phone,
        first_name=first_name,
        last_name=last_name,
        auth_provider=AuthProvider.IMPORTED,
    )
    user.set_unusable_password()
    user.save()
    CustomerProfile.objects.create(
        user=user, company_name=company_name, shipping_address=shipping_address, billing_address=shipping_address
    )
    return user


@transaction.atomic
def send_verification(user: User) -> None:
    """Make a new link, which voids the older one, and mail it."""
    secret = new_secret()
    token, _ = AccountToken.objects.update_or_create(
        user=user,
        purpose=TokenPurpose.VERIFY_EMAIL,
        defaults={"token_hash": hash_secret(secret), "expires_at": timezone.now() + VERIFICATION_LASTS},
    )
    link = f"{settings.PUBLIC_URL}/api/auth/verify-email/{secret}"
    mail.send_later(
        "accounts/verify_email",
        key=f"verify-email:{token.token_hash[:24]}",
        to=user.email,
        context={"name": user.first_name or user.email, "link": link},
        sensitive=True,
    )


@transaction.atomic
def verify_email(secret: str) -> str:
    """Spend a link: `success`, `expired` or `invalid`."""
    token = (
        AccountToken.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(purpose=TokenPurpose.VERIFY_EMAIL, token_hash=hash_secret(secret))
        .first()
    )
    if token is None:
        return "invalid"
    if token.expires_at <= timezone.now():
        return "expired"
    User.objects.filter(pk=token.user_id).update(email_verified=True)
    token.delete()
    return "success"


@transaction.atomic
def open_phone_session(phone: str) -> str:
    """The token that proves for a while that its holder holds this phone."""
    secret = new_secret()
    PhoneSession.objects.create(
        phone=phone, token_hash=hash_secret(secret), expires_at=timezone.now() + PHONE_SESSION_LASTS
    )
    return secret
