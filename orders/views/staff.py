"""Orders, as staff work on them."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import signed_in
from lld.core.access import CASHIERS, MANAGERS, SELLERS, STAFF
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import IF_MATCH, Success
from lld.core.api.views import ApiView, json_text
from orders import selectors
from orders.enums import OrderStatus, PaymentMethod, PaymentStatus
from orders.models import Order
from orders.serializers import items as contents
from orders.serializers import staff as lists
from orders.serializers import staff_detail as detail
from orders.serializers import staff_steps as steps
from orders.serializers.money import ReasonInput
from orders.serializers.orders import OrderConflict
from orders.serializers.placing import delivery_columns
from orders.services import editing, entering, item_editing, payments, progress, refund_delivery
from orders.services.entering import ManualOrder


class StaffOrders(ApiView):
    access = {"GET": STAFF, "POST": SELLERS}

    @extend_schema(
        operation_id="staff_orders_list", parameters=[lists.StaffOrdersQuery], responses=lists.StaffOrderPage
    )
    def get(self, request: Request) -> HttpResponse:
        """Orders, newest first. Sales representatives see their own, the warehouse no sums."""
        return json_text(selectors.staff_orders_json(signed_in(request), **self.query(lists.StaffOrdersQuery)))

    @extend_schema(
        operation_id="staff_orders_enter",
        request=lists.EnterOrder,
        responses={201: lists.EnteredAnswer, 409: OrderConflict},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Enter an order. What only admin and manager may set is refused to others."""
        body = self.body(lists.EnterOrder)
        entry = ManualOrder(
            items=body["items"],
            delivery=delivery_columns(body),
            payment_method=PaymentMethod(body["payment_method"]),
            payment_status=PaymentStatus(body["payment_status"]) if body["payment_status"] else None,
            status=OrderStatus(body["status"]),
            discount=body["discount_amount"],
            delivery_fee=body["delivery_fee"],
            number=body["order_number"],
            created_at=body["created_at"],
            sales_rep_id=body["sales_rep_id"],
            customer_id=body["customer_id"],
            upsert_customer=body["upsert_customer"],
            special_notes=body["special_notes"],
            staff_notes=body["staff_notes"],
            assigned_to=body["assigned_to"],
        )
        order = entering.enter_order(entry, by=signed_in(request), actor=self.actor)
        return Response(
            lists.EnteredAnswer({"success": True, "order": order}, context={"user": request.user}).data, status=201
        )


class OrderView(ApiView):
    """One order, for whoever may see it. A stale `If-Match` is answered with the order as it is now."""

    def visible(self, order_id: int) -> Order:
        return selectors.order_visible_to(signed_in(self.request), order_id)

    def permitted(self, order_id: int) -> int:
        """The same id, for a service that locks the order itself."""
        return selectors.order_id_visible_to(signed_in(self.request), order_id)

    def shown(self, order: Order) -> dict[str, Any]:
        return dict(detail.StaffOrderDetail(order, context={"user": self.request.user}).data)

    def current(self, object_id: int) -> dict[str, Any]:
        return self.shown(self.visible(object_id))


class StaffOrder(OrderView):
    access = {"GET": STAFF, "DELETE": MANAGERS}

    @extend_schema(operation_id="staff_orders_get", responses=detail.OrderDetailAnswer)
    def get(self, request: Request, order_id: int) -> Response:
        """Everything of one order, and what may be done with it."""
        return Response({"order": self.shown(self.visible(order_id))})

    @extend_schema(
        operation_id="staff_orders_delete",
        parameters=[IF_MATCH, steps.DeleteQuery],
        responses={200: Success, 409: detail.StaffOrderConflict},
    )
    def delete(self, request: Request, order_id: int) -> Response:
        """Delete an order that was neither paid nor shipped. It is kept for the books."""
        progress.delete_order(
            order_id, actor=self.actor, expected_version=self.expected_version(), **self.query(steps.DeleteQuery)
        )
        return Response({"success": True})


class OrderStatusView(OrderView):
    access = {"PUT": STAFF}

    @extend_schema(
        operation_id="staff_orders_status",
        parameters=[IF_MATCH],
        request=steps.StatusChange,
        responses={200: steps.StatusAnswer, 409: detail.StaffOrderConflict},
    )
    def put(self, request: Request, order_id: int) -> Response:
        """Move an order. Cancelling returns the stock and refunds what was paid."""
        body = self.body(steps.StatusChange)
        order = progress.change_status(
            self.permitted(order_id),
            OrderStatus(body["status"]),
            actor=self.actor,
            staff_notes=body.get("staff_notes"),
            assigned_to=body.get("assigned_to"),
            reason=body["reason"],
            expected_version=self.expected_version(),
        )
        answer: dict[str, Any] = {"success": True, "order": order}
        if order.status == OrderStatus.CANCELLED and (outcome := refund_delivery.carry_out_refunds(order.pk)):
            order.refresh_from_db()
            answer["refund"] = outcome
        return Response(steps.StatusAnswer(answer, context={"user": request.user}).data)


class MarkPaidView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_mark_paid",
        parameters=[IF_MATCH],
        request=steps.MarkPaid,
        responses={200: steps.MarkPaidAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Record money in hand. A surplus becomes the customer's store credit.

        While a bank transfer is under way, too (`under_way`): when it arrives and the order owes nothing any more, it
        goes back by itself.
        """
        body = self.body(steps.MarkPaid)
        order, credited = payments.record_manual_payment(
            self.permitted(order_id),
            actor=self.actor,
            method=PaymentMethod(body["payment_method"]),
            received=body["amount_received"],
            note=body["note"],
            expected_version=self.expected_version(),
        )
        coming = selectors.sum_under_way(order)
        answer = {"success": True, "order": order, "overpayment_credited": credited, "under_way": coming}
        return Response(steps.MarkPaidAnswer(answer).data)


class NotesView(OrderView):
    access = {"PUT": STAFF}

    @extend_schema(
        operation_id="staff_orders_notes",
        parameters=[IF_MATCH],
        request=steps.NotesChange,
        responses={200: steps.NotesAnswer, 409: detail.StaffOrderConflict},
    )
    def put(self, request: Request, order_id: int) -> Response:
        """Change notes and assignment; a new tracking number ships the order."""
        order = editing.change_notes(
            self.permitted(order_id),
            actor=self.actor,
            expected_version=self.expected_version(),
            **self.body(steps.NotesChange),
        )
        return Response(steps.NotesAnswer({"success": True, "order": order}).data)


class AddressView(OrderView):
    access = {"PUT": STAFF}

    @extend_schema(
        operation_id="staff_orders_address",
        parameters=[IF_MATCH],
        request=steps.AddressChange,
        responses={200: steps.AddressAnswer, 409: detail.StaffOrderConflict},
    )
    def put(self, request: Request, order_id: int) -> Response:
        """Change where an order goes, until it has gone."""
        body = self.body(steps.AddressChange, partial=True)
        order, updated = editing.change_delivery(
            self.permitted(order_id),
            delivery_columns(body),
            actor=self.actor,
            expected_version=self.expected_version(),
        )
        answer = {"success": True, "order": order, "updated_fields": updated}
        return Response(steps.AddressAnswer(answer, context={"user": request.user}).data)


class ItemsView(OrderView):
    access = {"PUT": SELLERS}

    @extend_schema(
        operation_id="staff_orders_items",
        parameters=[IF_MATCH],
        request=contents.EditItemsInput,
        responses={200: contents.EditItemsAnswer, 409: detail.StaffOrderConflict},
    )
    def put(self, request: Request, order_id: int) -> Response:
        """Change what is in an order, pending or confirmed. Stock, totals, terms and payment links follow."""
        body = self.body(contents.EditItemsInput)
        edit = item_editing.edit_items(
            self.permitted(order_id),
            body["items"],
            actor=self.actor,
            reason=body["reason"],
            expected_version=self.expected_version(),
            dry_run=body["dry_run"],
        )
        answer = {"success": True, "dry_run": body["dry_run"], "edit": edit, "order": self.visible(order_id)}
        return Response(contents.EditItemsAnswer(answer, context={"user": request.user}).data)


class UnshipView(OrderView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_orders_unship",
        parameters=[IF_MATCH],
        request=ReasonInput,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Back to packed, when it was shipped by mistake. The customer is told."""
        progress.unship_order(
            self.permitted(order_id),
            actor=self.actor,
            expected_version=self.expected_version(),
            **self.body(ReasonInput),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class ReleaseHoldView(OrderView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_orders_release_hold",
        parameters=[IF_MATCH],
        request=steps.ReleaseHold,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Let an order on hold go out unpaid. The reason is kept."""
        editing.release_hold(
            self.permitted(order_id),
            actor=self.actor,
            by=signed_in(request),
            reason=self.body(steps.ReleaseHold)["reason"],
            expected_version=self.expected_version(),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class KeepView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_keep",
        parameters=[IF_MATCH],
        request=steps.KeepOrder,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Wait for the money of an order that would lapse, for as long as it takes. The reason is kept."""
        editing.keep_order(
            self.permitted(order_id),
            actor=self.actor,
            reason=self.body(steps.KeepOrder)["reason"],
            expected_version=self.expected_version(),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})
