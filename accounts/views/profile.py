"""A member of staff's own account."""

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tries
from accounts.authentication import signed_in
from accounts.serializers import staff as shapes
from accounts.serializers.customers import Taken
from accounts.services import sign_in, staff
from accounts.tokens import StaffToken
from lld.core.access import PUBLIC, STAFF
from lld.core.api.views import ApiView


class Profile(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="staff_profile", responses=shapes.StaffMember)
    def get(self, request: Request) -> Response:
        """One's own account."""
        return Response(shapes.StaffMember(signed_in(request)).data)


class ChangeOwnPassword(ApiView):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="staff_change_password", request=shapes.ChangeOwnPassword, responses=shapes.PasswordChanged
    )
    def post(self, request: Request) -> Response:
        """One's own password. Every token and every other session ends; the caller gets a new one."""
        body = self.body(shapes.ChangeOwnPassword)
        user_id = signed_in(request).pk
        with tries.changing_password(user_id):
            user = staff.change_own_password(
                user_id, current=body["current_password"], new=body["new_password"], actor=self.actor
            )
        token = None
        if isinstance(request.auth, StaffToken):
            token = sign_in.issue_staff_token(user)
        else:
            update_session_auth_hash(request._request, user)
        return Response({"message": "Your password is changed.", "token": token})


class UpdateEmail(ApiView):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="staff_update_email",
        request=shapes.UpdateEmail,
        responses={200: shapes.EmailAskedFor, 409: Taken},
    )
    def post(self, request: Request) -> Response:
        """Ask for another address. It counts once the link mailed to it is followed; the old address is told."""
        new_email = self.body(shapes.UpdateEmail)["new_email"]
        user_id = signed_in(request).pk
        tries.spend_address_change(user_id)
        staff.ask_for_address(user_id, new_email, actor=self.actor)
        message = "Follow the link that was mailed to the new address."
        return Response({"success": True, "email": new_email, "message": message})


class ConfirmEmail(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="staff_confirm_email",
        request=shapes.ConfirmEmail,
        responses={200: shapes.EmailConfirmed, 409: Taken},
    )
    def post(self, request: Request) -> Response:
        """Make the address that the link was mailed to one's own."""
        body = self.body(shapes.ConfirmEmail)
        tries.spend_address_confirmation(self.client_address)
        user = staff.confirm_address(body["token"], actor=self.actor)
        return Response({"success": True, "email": user.email})
