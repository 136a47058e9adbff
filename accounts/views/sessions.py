"""Signing in and out, and who one is."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tries
from accounts.authentication import SessionAuthentication, StaffTokenAuthentication, account_made_in, signed_in
from accounts.models import User
from accounts.serializers.sessions import (
    CustomerMe,
    CustomerSignedIn,
    SignIn,
    SignInRefused,
    StaffMe,
    StaffSignedIn,
    StaffSignIn,
    WarehouseAccount,
    WarehouseSignedIn,
)
from accounts.services import customers, sign_in
from lld.core.access import CUSTOMERS, PUBLIC, STAFF
from lld.core.api.schema import ErrorSerializer, Message, Success
from lld.core.api.views import ApiView

BACKEND = "accounts.backends.RoleBackend"


class Login(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="login",
        request=SignIn,
        responses={200: CustomerSignedIn, 401: ErrorSerializer, 403: SignInRefused},
    )
    def post(self, request: Request) -> Response:
        """Sign a customer in. The session comes as a cookie, and the CSRF token with it."""
        body = self.body(SignIn)
        with tries.signing_in("customer", body["username"], self.client_address):
            user = sign_in.verify_customer(**body)
        login(request._request, user, backend=BACKEND)
        return Response(CustomerSignedIn({"message": "You are signed in.", "user": user}).data)


class Logout(ApiView):
    access = {"POST": CUSTOMERS}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(operation_id="logout", request=None, responses=Message)
    def post(self, request: Request) -> Response:
        """End the customer's session."""
        logout(request._request)
        return Response({"message": "You are signed out."})


class Me(ApiView):
    access = {"GET": CUSTOMERS}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # The cookie is set for strangers too: the form that follows the 401 needs it.
        get_token(request._request)
        super().initial(request, *args, **kwargs)

    @extend_schema(operation_id="me", responses=CustomerMe)
    def get(self, request: Request) -> Response:
        """The signed-in customer."""
        return Response(CustomerMe({"user": request.user}).data)


class VerifyEmail(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    def head(self, request: Request, token: str) -> HttpResponse:
        """Programs that look at links before people do must not use them up."""
        return HttpResponse()

    @extend_schema(
        operation_id="verify_email",
        parameters=[
            OpenApiParameter("Location", OpenApiTypes.URI, OpenApiParameter.HEADER, required=True, response=[302])
        ],
        responses={
            302: OpenApiResponse(
                description="To the storefront with `email_verified`, or to its page that sets a password."
            )
        },
    )
    def get(self, request: Request, token: str) -> HttpResponseRedirect:
        """Spend the link of a verification mail: success (also again), expired or invalid.

        The link of an account from a checkout, opened elsewhere than in the browser that made it, leads to the page
        that sets a password (`/reset-password?token=`), with which the address is confirmed.
        """
        word = customers.verify_email(token, made_here=account_made_in(request))
        if word == "set_password":
            return HttpResponseRedirect(f"{settings.FRONTEND_URL}/reset-password?token={token}")
        return HttpResponseRedirect(f"{settings.FRONTEND_URL}/?email_verified={word}")


class StaffLogin(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="staff_login", request=StaffSignIn, responses={200: StaffSignedIn, 401: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """Sign a member of staff in: a Bearer token, and with `session` a cookie session as well."""
        body = self.body(StaffSignIn)
        with_session = body.pop("session")
        with tries.signing_in("staff", body["username"], self.client_address):
            user = sign_in.verify_staff(**body)
        if with_session:
            login(request._request, user, backend=BACKEND)
        answer = {"success": True, "staff": user, "token": sign_in.issue_staff_token(user)}
        return Response(StaffSignedIn(answer).data)


class StaffLogout(ApiView):
    """Public: someone whose token has ended is signed out already."""

    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="staff_logout", request=None, responses=Success)
    def post(self, request: Request) -> Response:
        """End the token that was sent, and a staff session if there is one."""
        token = StaffTokenAuthentication().valid_token(request)
        # Not request.user, which is nobody in a view that authenticates no one.
        member = get_user(request._request)
        has_session = isinstance(member, User) and not member.is_customer
        if token is not None:
            sign_in.revoke_staff_token(token)
        elif has_session:
            # Another site can make a browser send the cookie, but not the token's header.
            SessionAuthentication().enforce_csrf(request)
        if has_session:
            logout(request._request)
        return Response({"success": True})


class StaffMeView(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="staff_me", responses=StaffMe)
    def get(self, request: Request) -> Response:
        """The signed-in member of staff."""
        return Response(StaffMe({"staff": request.user}).data)


class ShippingLogin(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="shipping_login", request=SignIn, responses={200: WarehouseSignedIn, 401: ErrorSerializer}
    )
    def post(self, request: Request) -> Response:
        """Sign a member of staff in at the warehouse's screens."""
        body = self.body(SignIn)
        with tries.signing_in("staff", body["username"], self.client_address):
            user = sign_in.verify_staff(**body)
        answer = {"success": True, "staff": user, "token": sign_in.issue_staff_token(user)}
        return Response(WarehouseSignedIn(answer).data)


@extend_schema_view(post=extend_schema(operation_id="shipping_logout"))
class ShippingLogout(StaffLogout):
    """The same door out."""


class ShippingMe(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="shipping_me", responses=WarehouseAccount)
    def get(self, request: Request) -> Response:
        """The signed-in member of staff, as the warehouse's screens need it."""
        return Response(WarehouseAccount(signed_in(request)).data)
