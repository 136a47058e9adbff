"""The warehouse's screens."""

from typing import Any

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.authentication import signed_in
from lld.core.access import STAFF
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import IF_MATCH
from lld.core.api.views import ApiView, json_text
from orders.enums import OrderStatus
from orders.services import progress
from shipping import selectors
from shipping import serializers as shapes


class ShippingOrders(ApiView):
    access = {"GET": STAFF}

    @extend_schema(
        operation_id="shipping_orders_list", parameters=[shapes.ShippingQuery], responses=shapes.ShippingOrders
    )
    def get(self, request: Request) -> HttpResponse:
        """Orders that need the warehouse, oldest first unless sorted otherwise; at most 500. Reps see their own."""
        query = self.query(shapes.ShippingQuery)
        return json_text(
            selectors.shipping_orders_json(
                signed_in(request),
                status=query["status"],
                q=query["q"],
                sort=query["sort"],
                descending=query["dir"] == "desc",
            )
        )


class ShippingOrderDetail(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="shipping_orders_get", responses=shapes.ShippingOrderAnswer)
    def get(self, request: Request, order_number: str) -> HttpResponse:
        """One order."""
        return json_text(f'{{"order":{selectors.shipping_order_json(signed_in(request), order_number)}}}')


class PackingSlipView(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="shipping_packing_slip", responses=shapes.PackingSlip)
    def get(self, request: Request, order_number: str) -> HttpResponse:
        """What goes into the parcel: no prices, and nothing that only concerns us."""
        return json_text(f'{{"slip":{selectors.packing_slip_json(signed_in(request), order_number)}}}')


class WarehouseStep(ApiView):
    """A step of one order, answered with the order as it is then."""

    def current(self, object_id: int) -> dict[str, Any]:
        number = self.kwargs["order_number"]
        found: dict[str, Any] = orjson.loads(selectors.shipping_order_json(signed_in(self.request), number))
        return found

    def permitted(self, number: str) -> int:
        """The order's id, if it is the caller's to see. NotFound otherwise."""
        return selectors.order_id(signed_in(self.request), number)

    def done(self, number: str) -> HttpResponse:
        order = selectors.shipping_order_json(signed_in(self.request), number)
        return json_text(f'{{"success":true,"order":{order}}}')


class ConfirmOrder(WarehouseStep):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="shipping_confirm",
        parameters=[IF_MATCH],
        request=None,
        responses={200: shapes.ShippingOrderDone, 409: shapes.ShippingConflict},
    )
    @idempotent
    def post(self, request: Request, order_number: str) -> HttpResponse:
        """Picked and ready: pending becomes confirmed."""
        progress.advance_order(
            self.permitted(order_number),
            OrderStatus.CONFIRMED,
            actor=self.actor,
            picked=True,
            expected_version=self.expected_version(),
        )
        return self.done(order_number)


class ShipOrder(WarehouseStep):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="shipping_ship",
        parameters=[IF_MATCH],
        request=shapes.Ship,
        responses={200: shapes.ShippingOrderDone, 409: shapes.ShippingConflict},
    )
    @idempotent
    def post(self, request: Request, order_number: str) -> HttpResponse:
        """Gone: confirmed or packed becomes shipped, and the customer is told."""
        body = self.body(shapes.Ship)
        progress.ship_order(
            self.permitted(order_number),
            actor=self.actor,
            tracking_number=body.get("tracking_number"),
            carrier=body.get("carrier"),
            expected_version=self.expected_version(),
        )
        return self.done(order_number)


class DeliverOrder(WarehouseStep):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="shipping_deliver",
        parameters=[IF_MATCH],
        request=None,
        responses={200: shapes.ShippingOrderDone, 409: shapes.ShippingConflict},
    )
    @idempotent
    def post(self, request: Request, order_number: str) -> HttpResponse:
        """Arrived."""
        progress.deliver_order(
            self.permitted(order_number), actor=self.actor, expected_version=self.expected_version()
        )
        return self.done(order_number)
