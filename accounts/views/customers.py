"""Customers' own accounts: signing up, changing, giving up."""

from typing import Any

from django.contrib.auth import logout, update_session_auth_hash
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors, tries
from accounts.authentication import SessionAuthentication, signed_in, signed_in_customer
from accounts.enums import Recovery
from accounts.models import User
from accounts.serializers import customers as shapes
from accounts.serializers.recovery import MailAnswer, ResendVerification
from accounts.serializers.sessions import CustomerAccount, CustomerMe
from accounts.services import customers, recovery
from lld.core.access import CUSTOMERS, PUBLIC
from lld.core.api.schema import IF_MATCH, ErrorSerializer, Message
from lld.core.api.views import ApiView
from lld.core.errors import NotFound


class RegisterView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="register", request=shapes.Register, responses={201: shapes.Registered, 409: shapes.Taken}
    )
    def post(self, request: Request) -> Response:
        """Make an account. It can sign in once its address, or without one its phone, is confirmed."""
        get_token(request._request)
        body = self.body(shapes.Register)
        tries.spend_registration(self.client_address)
        user = customers.register_customer(**body)
        by_mail = bool(user.email)
        answer = {
            "message": f"Please confirm your {'e-mail address' if by_mail else 'phone'}.",
            "email_verification_required": by_mail,
            "phone_verification_required": not by_mail,
            "user": user,
        }
        return Response(shapes.Registered(answer).data, status=201)


class ResendVerificationView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(
        operation_id="resend_verification",
        request=ResendVerification,
        responses={200: MailAnswer, 401: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the link, or the code, again: to the signed-in customer, or to whom `identifier` names.

        A signed-in customer whose address is confirmed gets a code that confirms the phone.
        """
        body = self.body(ResendVerification)
        customer = signed_in_customer(request)
        identifier = customer.username if customer else body["identifier"]
        if not identifier:
            raise NotAuthenticated
        wanted = Recovery.PHONE_PROOF if customer and customer.may_sign_in else Recovery.VERIFICATION
        tries.spend_recovery(wanted, identifier, self.client_address)
        recovery.request_recovery(wanted, identifier)
        answer = {"message": "If the account waits for it, it is on its way.", "email_sent": True}
        return Response(MailAnswer(answer).data)


class OwnUser(ApiView):
    access = {"GET": CUSTOMERS}

    @extend_schema(operation_id="users_list", responses=CustomerMe)
    def get(self, request: Request) -> Response:
        """The signed-in customer: nobody sees another's account."""
        return Response(CustomerMe({"user": request.user}).data)


class UserView(ApiView):
    """One's own account by its id; every other id is nobody's."""

    access = {"GET": CUSTOMERS, "PUT": CUSTOMERS, "DELETE": CUSTOMERS}

    def own(self, user_id: int) -> User:
        user = signed_in(self.request)
        if user.pk != user_id:
            raise NotFound("There is no such account.")
        return user

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(CustomerAccount(selectors.customers().get(pk=object_id)).data)

    @extend_schema(operation_id="users_get", responses=CustomerMe)
    def get(self, request: Request, user_id: int) -> Response:
        """The signed-in customer."""
        return Response(CustomerMe({"user": self.own(user_id)}).data)

    @extend_schema(
        operation_id="users_change",
        parameters=[IF_MATCH],
        request=shapes.ChangeProfile,
        responses={200: CustomerMe, 409: shapes.AccountConflict},
    )
    def put(self, request: Request, user_id: int) -> Response:
        """Change one's own account. Whatever else is sent (roles, terms, credit) changes nothing."""
        user = self.own(user_id)
        changes = self.body(shapes.ChangeProfile)
        if any(changes.get(name, now) != now for name, now in (("email", user.email), ("phone", user.phone))):
            tries.spend_contact_change(user_id, self.client_address)
        user = customers.change_profile(
            user_id, actor=self.actor, expected_version=self.expected_version(), **changes
        )
        return Response(CustomerMe({"user": user}).data)

    @extend_schema(operation_id="users_delete", responses={204: None})
    def delete(self, request: Request, user_id: int) -> Response:
        """Give one's account up. Orders stay, with the addresses that they were sent to."""
        self.own(user_id)
        customers.delete_account(user_id, actor=self.actor)
        logout(request._request)
        return Response(status=204)


class ChangePasswordView(ApiView):
    access = {"POST": CUSTOMERS}

    @extend_schema(operation_id="change_password", request=shapes.ChangePassword, responses=Message)
    def post(self, request: Request) -> Response:
        """One's own password. Every other session ends, and a mail tells of it."""
        body = self.body(shapes.ChangePassword)
        user_id = signed_in(request).pk
        with tries.changing_password(user_id):
            user = customers.change_password(
                user_id, current=body["current_password"], new=body["new_password"], actor=self.actor
            )
        update_session_auth_hash(request._request, user)
        return Response({"message": "Your password is changed."})
