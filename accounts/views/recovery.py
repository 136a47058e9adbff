"""The ways back into an account. Answers say the same, whoever is named."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tries
from accounts.enums import Recovery
from accounts.serializers import recovery as shapes
from accounts.services import phones, recovery
from lld.core.access import PUBLIC
from lld.core.api.schema import ErrorSerializer, Message
from lld.core.api.views import ApiView
from lld.gateways import twilio

MAIL_ANSWER = {"message": "If there is such an account, a mail is on its way.", "email_sent": True}


class ForgotPassword(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()
    wanted: ClassVar[Recovery] = Recovery.CUSTOMER_PASSWORD

    @extend_schema(
        operation_id="customer_forgot_password",
        request=shapes.ForgotPassword,
        responses=shapes.ForgotPasswordAnswer,
    )
    def post(self, request: Request) -> Response:
        """Have a link mailed that sets a new password."""
        identifier = self.body(shapes.ForgotPassword)["identifier"]
        tries.spend_recovery(self.wanted, identifier, self.client_address)
        secret = recovery.request_recovery(self.wanted, identifier)
        return Response(MAIL_ANSWER | ({"debug_token": secret} if secret else {}))


@extend_schema_view(post=extend_schema(operation_id="auth_forgot_password"))
class ForgotPasswordAlias(ForgotPassword):
    """The same under another address."""


@extend_schema_view(post=extend_schema(operation_id="staff_forgot_password"))
class StaffForgotPassword(ForgotPassword):
    wanted = Recovery.STAFF_PASSWORD


class ForgotUsername(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()
    wanted: ClassVar[Recovery] = Recovery.CUSTOMER_USERNAME

    @extend_schema(
        operation_id="customer_forgot_username",
        request=shapes.ForgotUsername,
        responses=shapes.ForgotUsernameAnswer,
    )
    def post(self, request: Request) -> Response:
        """Have one's username mailed."""
        email = self.body(shapes.ForgotUsername)["email"]
        tries.spend_recovery(self.wanted, email, self.client_address)
        username = recovery.request_recovery(self.wanted, email)
        return Response(MAIL_ANSWER | ({"debug_username": username} if username else {}))


@extend_schema_view(post=extend_schema(operation_id="auth_forgot_username"))
class ForgotUsernameAlias(ForgotUsername):
    """The same under another address."""


@extend_schema_view(post=extend_schema(operation_id="staff_forgot_username"))
class StaffForgotUsername(ForgotUsername):
    wanted = Recovery.STAFF_USERNAME


class ResetPassword(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()
    staff: ClassVar[bool] = False

    @extend_schema(operation_id="customer_reset_password", request=shapes.ResetPassword, responses=Message)
    def post(self, request: Request) -> Response:
        """Set a new password by a mailed link, once. Every session of the account ends."""
        body = self.body(shapes.ResetPassword)
        tries.spend_reset(self.client_address)
        recovery.reset_password(body["token"], body["password"], staff=self.staff, actor=self.actor)
        return Response({"message": "Your password is changed. Sign in with the new one."})


@extend_schema_view(post=extend_schema(operation_id="staff_reset_password"))
class StaffResetPassword(ResetPassword):
    staff = True


class SendCode(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="phone_send_code", request=shapes.SendCode, responses=shapes.SendCodeAnswer)
    def post(self, request: Request) -> Response:
        """Have a six-digit code texted to one's phone."""
        phone = self.body(shapes.SendCode)["phone"]
        twilio.check_configured()
        tries.spend_recovery(Recovery.PHONE_CODE, phone, self.client_address)
        code = recovery.request_recovery(Recovery.PHONE_CODE, phone)
        answer: dict[str, Any] = {
            "message": "If an account has this phone, a code is on its way.",
            "sms_sent": True,
        }
        return Response(answer | ({"debug_otp": code} if code else {}))


class VerifyCode(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="phone_verify_code", request=shapes.VerifyCode, responses=shapes.VerifyCodeAnswer)
    def post(self, request: Request) -> Response:
        """Trade the code for a token that proves the phone. Five guesses, then the code is void."""
        body = self.body(shapes.VerifyCode)
        tries.spend_code(self.client_address)
        token = phones.verify_code(**body)
        message = "The code is right." if token else "Your phone is confirmed."
        return Response({"message": message, "phone_session_token": token})


class LookUpUsername(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="phone_lookup_username",
        request=shapes.LookUpUsername,
        responses={200: shapes.LookUpUsernameAnswer, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """The masked username of the account with the proven phone. Spends the token."""
        body = self.body(shapes.LookUpUsername)
        tries.spend_phone_session(self.client_address)
        return Response({"username": phones.spend_session_for_username(body["phone_session_token"])})


class ResetByPhone(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="phone_reset_password",
        request=shapes.ResetByPhone,
        responses={200: Message, 404: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Set a new password for the account with the proven phone. Spends the token."""
        body = self.body(shapes.ResetByPhone)
        tries.spend_phone_session(self.client_address)
        user = phones.spend_session_for_password(body["phone_session_token"], body["password"], actor=self.actor)
        then = "Sign in with the new one." if user.may_sign_in else "Confirm your e-mail address, then sign in."
        return Response({"message": f"Your password is changed. {then}"})
