"""Paying an order, for whoever may: guests, customers, staff and the voice agent."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in, signed_in_customer
from accounts.models import User
from lld.core.access import CUSTOMERS, PUBLIC, SELLERS, Scope, api_key
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import VENDOR_ERRORS, ErrorSerializer
from lld.core.api.views import ApiView
from lld.core.errors import GatewayBusy, GatewayError
from lld.core.refusals import error_body
from lld.core.throttles import TEN_MINUTES, spend_address_try
from orders import selectors
from orders.enums import PaymentStatus
from orders.models import Order
from orders.serializers import payments as shapes
from orders.services import intents, links, payments


class CreateIntentView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()
    secrets = frozenset({"client_secret"})

    def with_secrets(self, answer: dict[str, Any]) -> dict[str, Any]:
        secret = intents.read_client_secret(answer["payment_intent_id"])
        return {"success": True, "client_secret": secret, "payment_intent_id": answer["payment_intent_id"]}

    @extend_schema(
        operation_id="payments_create_intent",
        request=shapes.CreateIntent,
        responses={200: shapes.IntentAnswer, 400: shapes.IntentRefused, 404: ErrorSerializer, **VENDOR_ERRORS},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a card payment for an order's balance. Asking again returns the same one."""
        spend_address_try("create-intent", self.client_address, limit=60, seconds=TEN_MINUTES)
        intent = intents.open_intent(**self.body(shapes.CreateIntent))
        answer = {"success": True, "client_secret": intent.client_secret, "payment_intent_id": intent.id}
        return Response(shapes.IntentAnswer(answer).data)


class ConfirmPaymentView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="payments_confirm",
        request=shapes.ConfirmPayment,
        responses={200: shapes.ConfirmedAnswer, 404: ErrorSerializer, **VENDOR_ERRORS},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record a payment that Stripe confirms for exactly this order and balance."""
        spend_address_try("confirm-payment", self.client_address, limit=60, seconds=TEN_MINUTES)
        body = self.body(shapes.ConfirmPayment)
        order = payments.confirm_intent(order_number=body["order_number"], intent_id=body["payment_intent_id"])
        under_way = order.payment_status == PaymentStatus.PROCESSING
        how = "is being paid by your bank, which takes some days" if under_way else "is paid"
        return Response({"success": True, "message": f"Order {order.number} {how}. Thank you."})


class CreateLinkView(ApiView):
    access = {"POST": SELLERS | CUSTOMERS | api_key(Scope.VOICE)}

    @extend_schema(
        operation_id="payments_create_link",
        request=shapes.CreateLink,
        responses={201: shapes.LinkAnswer, 404: ErrorSerializer, 502: shapes.LinkFailed, 504: shapes.LinkFailed},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a page on which an order's balance can be paid, with an end."""
        body = self.body(shapes.CreateLink)
        order = self._order(request, body["order_number"])
        try:
            link = links.create_link(order.number, actor=self.actor, expires_in_hours=body["expires_in_hours"])
        except GatewayBusy:
            # Stripe was not asked: our own page would fare no better, and a repeat in some seconds will.
            raise
        except GatewayError as error:
            extra = {
                "order_number": order.number,
                "amount": order.balance,
                "fallback_url": links.make_fallback_url(order.number),
            }
            return Response(error_body(error.code, error.sentence, **extra), status=error.status)
        answer = {
            "success": True,
            "payment_url": link.url,
            "order_number": order.number,
            "amount": link.amount,
            "expires_at": link.expires_at,
        }
        return Response(shapes.LinkAnswer(answer).data, status=201)

    def _order(self, request: Request, number: str) -> Order:
        if isinstance(request.user, User):
            own = signed_in_customer(request)
            if own is not None:
                return selectors.order_of_customer(own, number)
            return selectors.order_number_visible_to(signed_in(request), number)
        return selectors.order_by_number(number)
