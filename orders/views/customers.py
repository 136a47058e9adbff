"""Ordering, as customers and guests do it."""

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import consent
from accounts.authentication import SessionAuthentication, remember_maker, signed_in, signed_in_customer
from accounts.selectors import phone_of_session
from lld.core.access import CUSTOMERS, PUBLIC
from lld.core.api.idempotency import idempotent
from lld.core.api.paging import CURSOR_HEADER, NEXT_CURSOR
from lld.core.api.views import ApiView, json_text
from lld.core.errors import InvalidInput, NotFound
from lld.core.phones import normalise_phone
from lld.core.throttles import TEN_MINUTES, spend_address_try
from lld.gateways.configuration import optional
from orders import selectors
from orders.enums import CHECKOUT_METHODS, PaymentMethod
from orders.serializers import customers as shapes
from orders.serializers.orders import OrderConflict
from orders.serializers.placing import ItemsInput, delivery_columns
from orders.services import placement, quoting, reordering, terms
from orders.services.accounts import create_account
from orders.services.placement import Placement


class Config(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="config", responses=shapes.ConfigAnswer)
    def get(self, request: Request) -> Response:
        """What a storefront needs to know before anyone signs in."""
        answer = {
            "stripe_publishable_key": optional("STRIPE_PUBLISHABLE_KEY"),
            "currency": settings.CURRENCY,
            "time_zone": settings.BUSINESS_TIME_ZONE,
            "delivery_fee": settings.DELIVERY_FEE,
            "delivery_free_from": settings.DELIVERY_FREE_FROM,
            "payment_methods": [{"value": method.value, "label": method.label} for method in CHECKOUT_METHODS],
            "sms_consent_text": consent.TEXT,
            "sms_consent_version": consent.VERSION,
            "version": settings.VERSION,
        }
        return Response(shapes.ConfigAnswer(answer).data)


class QuoteOrder(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(operation_id="orders_quote", request=ItemsInput, responses=shapes.QuoteAnswer)
    def post(self, request: Request) -> Response:
        """What these items would cost now, and why. Creates nothing."""
        quote = quoting.quote_items(self.body(ItemsInput)["items"])
        outlook = terms.assess_terms(signed_in_customer(request), quote.totals.total)
        answer = {"lines": quote.lines, "totals": quote.totals, "terms": outlook}
        return Response(shapes.QuoteAnswer(answer).data)


class Orders(ApiView):
    access = {"GET": CUSTOMERS, "POST": PUBLIC}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(
        operation_id="orders_list", parameters=[shapes.OrdersQuery, NEXT_CURSOR], responses=shapes.OrderRow(many=True)
    )
    def get(self, request: Request) -> HttpResponse:
        """The signed-in customer's orders, newest first."""
        window = self.query(shapes.OrdersQuery)["window"]
        found = selectors.customer_orders_json(signed_in(request), window)
        answer = json_text(found.rows)
        if found.next_cursor:
            answer[CURSOR_HEADER] = found.next_cursor
        return answer

    @extend_schema(
        operation_id="orders_place",
        request=shapes.PlaceOrder,
        responses={201: shapes.PlacedAnswer, 409: OrderConflict},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Place an order, as a customer or as a guest. Prices are ours, whatever was sent."""
        spend_address_try("place-order", self.client_address, limit=200, seconds=TEN_MINUTES)
        body = self.body(shapes.PlaceOrder)
        customer = signed_in_customer(request)
        order = placement.place_order(
            Placement(
                items=body["items"],
                delivery=delivery_columns(body),
                payment_method=PaymentMethod(body["payment_method"]),
                customer_id=customer.pk if customer else None,
                expected_total=body["expected_total"],
                address=self.client_address,
                extra={"special_notes": body["special_notes"], "billing_address": body["billing_address"]},
            ),
            actor=self.actor,
        )
        message = (
            "Your order was received. It goes out once it is paid, or once we have approved terms for you."
            if order.terms_hold
            else "Your order was received."
        )
        answer = {"success": True, "message": message, "order": order}
        return Response(shapes.PlacedAnswer(answer).data, status=201)


class OrderByNumber(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(operation_id="orders_get", responses=shapes.OrderAnswer)
    def get(self, request: Request, order_number: str) -> Response:
        """One order: all of it for its owner, the tracking facts for anyone else with its number."""
        customer = signed_in_customer(request)
        try:
            if customer is not None:
                order = selectors.order_of_customer(customer, order_number)
                return Response({"order": shapes.OwnOrder(order).data})
            return Response({"order": shapes.TrackedOrder(selectors.order_by_number(order_number)).data})
        except NotFound:
            # Guessing numbers costs tries; looking at one's own does not.
            spend_address_try("order-number", self.client_address, limit=60, seconds=TEN_MINUTES)
            raise


class OrdersByPhone(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(
        operation_id="orders_by_phone",
        parameters=[
            OpenApiParameter(
                "phone_session_token", str, description="Proof of the phone; a header X-Phone-Session too."
            ),
            OpenApiParameter("X-Phone-Session", str, OpenApiParameter.HEADER, description="Proof of the phone."),
        ],
        responses=shapes.PhoneOrder(many=True),
    )
    def get(self, request: Request, phone: str) -> Response:
        """Recent orders of a phone number: those of guests, one's own, or all for whoever proves to hold it."""
        spend_address_try("orders-by-phone", self.client_address, limit=30, seconds=TEN_MINUTES)
        try:
            number = normalise_phone(phone)
        except ValueError as error:
            raise InvalidInput("Enter a phone number.", fields={"phone": ["Enter a phone number."]}) from error
        token = request.query_params.get("phone_session_token") or request.headers.get("X-Phone-Session", "")
        holder = bool(token) and phone_of_session(token) == number
        customer = signed_in_customer(request)
        orders = selectors.orders_by_phone(number, holder=holder, customer=customer)
        context = {"named": lambda order: holder or (customer is not None and order.customer_id == customer.pk)}
        return Response(shapes.PhoneOrder(orders, many=True, context=context).data)


class Reorder(ApiView):
    access = {"POST": CUSTOMERS}
    authentication_classes = (SessionAuthentication,)

    @extend_schema(operation_id="orders_reorder", request=None, responses=shapes.ReorderAnswer)
    def post(self, request: Request, order_number: str) -> Response:
        """The items of an earlier order at today's prices and stock. Creates nothing."""
        order = selectors.order_of_customer(signed_in(request), order_number)
        return Response(shapes.ReorderAnswer({"success": True, "items": reordering.reorder_lines(order)}).data)


class CreateAccountView(ApiView):
    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="orders_create_account", request=shapes.CreateAccount, responses={201: shapes.NewAccountAnswer}
    )
    def post(self, request: Request) -> Response:
        """Make an account from a checkout. It can sign in once its address is confirmed.

        By the mailed link: opened in the same browser it confirms the address and with it this password, elsewhere it
        leads to a page that sets one. Then the orders that carry the address are the account's.
        """
        spend_address_try("create-account", self.client_address, limit=20, seconds=TEN_MINUTES)
        body = self.body(shapes.CreateAccount)
        user = create_account(
            delivery=delivery_columns(body),
            email=body["email"],
            password=body["password"],
            order_number=body["order_number"],
            phone_session_token=body["phone_session_token"],
        )
        answer = {"success": True, "message": "Please confirm your e-mail address.", "user": user}
        response = Response(shapes.NewAccountAnswer(answer).data, status=201)
        remember_maker(response, user)
        return response
