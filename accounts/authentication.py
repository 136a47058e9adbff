"""The three ways in (a staff token, an API key, a session with its CSRF token), and who came in by them."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError

from accounts import selectors
from accounts.models import ApiKey, User
from accounts.services import key_uses
from accounts.services.mailed_links import VERIFICATION_LASTS
from accounts.tokens import StaffToken, hash_api_key
from lld.core.errors import ErrorCode, Forbidden

REALM = "lld"
MAKER = "account_made_here"


class StaffTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, StaffToken] | None:
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            token = StaffToken(raw.strip().encode())  # type: ignore[arg-type]  # the stubs want a token object
        except TokenError as error:
            raise AuthenticationFailed("The token is not valid or has expired.") from error
        user_id, version = token.get("user_id"), token.get("ver")
        if not isinstance(user_id, int) or not isinstance(version, int):
            raise AuthenticationFailed("The token is not valid or has expired.")
        user = selectors.staff_of_token(user_id=user_id, version=version, jti=token["jti"])
        if user is None:
            raise AuthenticationFailed("The token has been ended.")
        return user, token

    def valid_token(self, request: Request) -> StaffToken | None:
        """The token of the request, or None when there is none that still counts."""
        try:
            found = self.authenticate(request)
        except AuthenticationFailed:
            return None
        return found[1] if found else None

    def authenticate_header(self, request: Request) -> str:
        return f'Bearer realm="{REALM}"'


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key: <raw key>`."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        raw = request.headers.get("X-API-Key", "")
        if not raw:
            return None
        key = ApiKey.objects.filter(key_hash=hash_api_key(raw)).first()
        if key is None or not key.is_usable(timezone.now()):
            raise AuthenticationFailed("The API key is not valid.")
        key_uses.count_use(key)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return f'ApiKey realm="{REALM}"'


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; what changes something needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise Forbidden("The CSRF token is missing or wrong.", code=ErrorCode.CSRF_FAILED) from error

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge DRF would answer 403 to strangers.
        return f'Session realm="{REALM}"'


def signed_in(request: Request) -> User:
    """Who is signed in, where the view's access lets nobody else in."""
    if not isinstance(request.user, User):
        raise TypeError("only for views that need a sign-in")
    return request.user


def signed_in_customer(request: Request) -> User | None:
    """The customer behind a request; None for guests and for staff, who are nobody's customer."""
    user = request.user
    return user if isinstance(user, User) and user.is_customer else None


def remember_maker(response: Response, user: User) -> None:
    """Let the browser that makes an account show that it did, when its owner opens the mailed link there."""
    response.set_signed_cookie(
        MAKER,
        str(user.pk),
        salt=MAKER,
        max_age=VERIFICATION_LASTS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def account_made_in(request: Request) -> int | None:
    """The account that the browser of this request made, if it did."""
    made = request._request.get_signed_cookie(MAKER, default="", salt=MAKER, max_age=VERIFICATION_LASTS)
    return int(made) if made else None
