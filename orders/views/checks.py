"""Checks: pictures come in, and staff look at them."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from lld.core.access import CASHIERS, PUBLIC
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import UPLOAD_ERRORS, VENDOR_ERRORS, Done, ErrorSerializer
from lld.core.api.uploads import LARGEST_FORM, UploadView, picture
from lld.core.api.views import ApiView
from lld.core.errors import NotFound, raise_if
from lld.core.images import MOST_BYTES
from lld.core.throttles import TEN_MINUTES, spend_address_try, spend_try
from lld.gateways import files
from lld.gateways.bulkhead import FILE_READS
from orders import rules, selectors, tokens
from orders.serializers import checks as shapes
from orders.services import checks

# Seen by whom it was made for, and kept by nobody on the way.
PRIVATE = "private, no-store"
WAIT_SECONDS = 0.5


class UploadCheckView(UploadView):
    access = {"POST": PUBLIC}
    largest_form = LARGEST_FORM + MOST_BYTES

    @extend_schema(
        operation_id="payments_upload_check",
        request={"multipart/form-data": shapes.UploadCheck},
        responses={
            200: shapes.CheckUploaded,
            401: ErrorSerializer,
            403: ErrorSerializer,
            404: ErrorSerializer,
            409: ErrorSerializer,
            **UPLOAD_ERRORS,
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Send pictures of a check, as its customer, by a link that we sent, or as staff, who decide on it."""
        self._spend_try(request.user)
        body = self.body(shapes.UploadCheck)
        number = self._order_number(request.user, body["order_number"], body["token"])
        check = checks.upload_check(number, front=body["check_front"], back=body.get("check_back"), actor=self.actor)
        answer = {
            "success": True,
            "message": "Thank you. We look at the check, and tell you when the order is paid.",
            "front_filename": check.front.removeprefix(checks.FOLDER),
            "back_filename": check.back.removeprefix(checks.FOLDER) or None,
        }
        return Response(shapes.CheckUploaded(answer).data)

    def _spend_try(self, user: Any) -> None:
        """An office scans the checks of a day from one address: its people are counted each."""
        if isinstance(user, User) and not user.is_customer:
            spend_try("staff-upload-check", str(user.pk), limit=120, seconds=TEN_MINUTES)
        else:
            spend_address_try("upload-check", self.client_address, limit=30, seconds=TEN_MINUTES)

    def _order_number(self, user: Any, number: str, token: str) -> str:
        """NotAuthenticated for a stranger without a link for this order; Forbidden to staff who take no money."""
        if tokens.may_upload(token, number):
            return number
        if not isinstance(user, User):
            raise NotAuthenticated
        if not user.is_customer:
            raise_if(rules.why_not_send_check(self.actor))
            return selectors.order_number_visible_to(user, number).number
        if not selectors.orders_of(user).filter(number=number).exists():
            raise NotAuthenticated
        return number


class CheckPictureView(ApiView):
    """A picture of an order's newest check."""

    side = "front"
    access = {"GET": CASHIERS}

    @extend_schema(
        operation_id="staff_checks_front",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 404: ErrorSerializer, **VENDOR_ERRORS},
    )
    def get(self, request: Request, order_number: str) -> HttpResponseBase:
        """The front of an order's newest check."""
        return self.shown(order_number)

    def shown(self, order_number: str) -> HttpResponseBase:
        check = selectors.newest_check(order_number)
        name = getattr(check, self.side)
        with FILE_READS.place(wait_seconds=WAIT_SECONDS):
            content = files.read(name) if name else None
        if content is None:
            raise NotFound("There is no such picture.")
        shown = picture(content, f'"{name}"', PRIVATE)
        shown["X-Check-Id"] = str(check.pk)
        return shown


class CheckBackView(CheckPictureView):
    side = "back"

    @extend_schema(
        operation_id="staff_checks_back",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, 404: ErrorSerializer, **VENDOR_ERRORS},
    )
    def get(self, request: Request, order_number: str) -> HttpResponseBase:
        """The back of an order's newest check."""
        return self.shown(order_number)


class ApproveCheckView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_checks_approve",
        request=shapes.ApproveCheck,
        responses={200: shapes.CheckApproved, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, order_number: str) -> Response:
        """Take a check's money. An order that waited for it is confirmed."""
        written = checks.Written(**self.body(shapes.ApproveCheck))
        order, others = checks.approve_check(order_number, written, actor=self.actor)
        warning = f" A check with this number was taken for {', '.join(others)}, too." if others else ""
        owed = f" {order.balance} is still owed." if order.balance > 0 else ""
        message = f"The check for order {order.number} is taken.{owed}{warning}"
        return Response({"success": True, "message": message, "also_used_for": others})


class RejectCheckView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_checks_reject",
        request=shapes.RejectCheck,
        responses={200: Done, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, order_number: str) -> Response:
        """Send a check back. The order waits for money again."""
        order = checks.reject_check(order_number, actor=self.actor, **self.body(shapes.RejectCheck))
        return Response({"success": True, "message": f"The check for order {order.number} is rejected."})
