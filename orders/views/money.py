"""An order's money, as staff move it by hand."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core.access import CASHIERS, MANAGERS
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import IF_MATCH, ErrorSerializer
from lld.core.api.views import ApiView
from orders import selectors
from orders.enums import PaymentMethod, RefundDestination
from orders.models import Refund
from orders.serializers import money as shapes
from orders.serializers import staff_detail as detail
from orders.services import (
    bouncing,
    credit,
    giving_back,
    refund_delivery,
    refunds,
    set_aside,
    voiding,
    withdrawing,
    writing_off,
)
from orders.views.staff import OrderView


class RefundOrderView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_refund",
        parameters=[IF_MATCH],
        request=shapes.RefundInput,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Give back a sum, or what lines cost. The order costs that much less, so that it is not owed again."""
        body = self.body(shapes.RefundInput)
        giving_back.refund_order(
            self.permitted(order_id),
            actor=self.actor,
            reason=body["reason"],
            amount=body.get("amount"),
            lines=[giving_back.Returned(**line) for line in body.get("lines", ())],
            to=RefundDestination.CREDIT if body["to"] == "credit" else None,
            restock=body["restock"],
            expected_version=self.expected_version(),
        )
        refund_delivery.carry_out_due_refunds(order_id)
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class AdjustOrderView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_adjust",
        parameters=[IF_MATCH],
        request=shapes.AdjustInput,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Change what an order costs, below zero for goodwill."""
        body = self.body(shapes.AdjustInput)
        giving_back.adjust_order(
            self.permitted(order_id),
            body["amount"],
            actor=self.actor,
            reason=body["reason"],
            expected_version=self.expected_version(),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class WriteOffView(OrderView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_orders_write_off",
        parameters=[IF_MATCH],
        request=shapes.WriteOffInput,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Give up what is owed for goods that have gone."""
        writing_off.write_off_order(
            self.permitted(order_id),
            actor=self.actor,
            expected_version=self.expected_version(),
            **self.body(shapes.WriteOffInput),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class ReinstateView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_reinstate",
        parameters=[IF_MATCH],
        request=shapes.ReasonInput,
        responses={200: detail.OrderChangedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Owe again what was written off, so that it can be paid."""
        writing_off.reinstate_order(
            self.permitted(order_id),
            actor=self.actor,
            expected_version=self.expected_version(),
            **self.body(shapes.ReasonInput),
        )
        return Response({"success": True, "order": self.shown(self.visible(order_id))})


class ApplyCreditView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_orders_apply_credit",
        parameters=[IF_MATCH],
        request=shapes.ApplyCreditInput,
        responses={200: shapes.CreditAppliedAnswer, 409: detail.StaffOrderConflict},
    )
    @idempotent
    def post(self, request: Request, order_id: int) -> Response:
        """Pay an order's balance, or a part of it, from its customer's store credit."""
        order, entry = credit.apply_credit(
            self.permitted(order_id),
            self.body(shapes.ApplyCreditInput)["amount"],
            actor=self.actor,
            expected_version=self.expected_version(),
        )
        answer = {
            "success": True,
            "credit_applied": order.credit_applied,
            "new_order_total": order.balance,
            "credit_balance": entry.balance_after,
            "transaction": entry,
        }
        return Response(shapes.CreditAppliedAnswer(answer).data)


class CustomerCreditView(ApiView):
    access = {"GET": CASHIERS}

    @extend_schema(operation_id="staff_users_credit", responses={200: shapes.CreditShape, 404: ErrorSerializer})
    def get(self, request: Request, user_id: int) -> Response:
        """A customer's store credit, and what explains it."""
        customer = selectors.customer_with_profile(user_id)
        answer = {
            "user_id": customer.pk,
            "username": customer.username,
            "company_name": customer.profile.company_name,
            "credit_balance": selectors.credit_balance(customer),
            "history": selectors.credit_history(customer),
        }
        return Response(shapes.CreditShape(answer).data)


class IssueCreditView(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_users_issue_credit",
        request=shapes.IssueCreditInput,
        responses={200: shapes.CreditIssuedAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, user_id: int) -> Response:
        """Give a customer store credit, or take some off."""
        body = self.body(shapes.IssueCreditInput)
        customer = selectors.customer_with_profile(user_id)
        entry = credit.issue_credit(customer, body["amount"], actor=self.actor, note=body["note"])
        answer = {"success": True, "credit_balance": entry.balance_after, "transaction": entry}
        return Response(shapes.CreditIssuedAnswer(answer).data)


class ApplyPaymentView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_payments_apply",
        request=shapes.ApplyPaymentInput,
        responses={200: detail.OrderChangedAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Put set-aside money to an order. What that does not owe goes back."""
        order = set_aside.apply_payment(payment_id, actor=self.actor, **self.body(shapes.ApplyPaymentInput))
        refund_delivery.carry_out_due_refunds(order.pk)
        return Response({"success": True, "order": self.shown(self.visible(order.pk))})


class ReturnPaymentView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_payments_return",
        request=shapes.ReasonInput,
        responses={200: shapes.RefundAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Give set-aside money back, the way it came."""
        refund = set_aside.return_payment(payment_id, actor=self.actor, **self.body(shapes.ReasonInput))
        return _answer(refund_delivery.carry_out_refund(refund.pk))


class BouncedView(OrderView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_payments_bounced",
        request=shapes.ReasonInput,
        responses={200: detail.OrderChangedAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Record that the bank sent a check back. Its order owes the sum again, and is held."""
        order = bouncing.bounce_payment(payment_id, actor=self.actor, **self.body(shapes.ReasonInput))
        return Response({"success": True, "order": self.shown(self.visible(order.pk))})


class VoidView(OrderView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_payments_void",
        request=shapes.ReasonInput,
        responses={200: detail.OrderChangedAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Take back a payment that was recorded by hand, by mistake. Its order owes the sum again."""
        order = voiding.void_payment(payment_id, actor=self.actor, **self.body(shapes.ReasonInput))
        return Response({"success": True, "order": self.shown(self.visible(order.pk))})


class RetryRefundView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_refunds_retry",
        request=None,
        responses={200: shapes.RefundAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, refund_id: int) -> Response:
        """Send a refund that failed to Stripe again."""
        refunds.retry_refund(selectors.refund(refund_id).pk, actor=self.actor)
        return _answer(refund_delivery.carry_out_refund(refund_id))


class HandedOutView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_refunds_handed_out",
        request=shapes.HandedOutInput,
        responses={200: shapes.RefundAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, refund_id: int) -> Response:
        """Record that a refund was given back by hand, or as store credit."""
        body: dict[str, Any] = self.body(shapes.HandedOutInput)
        how = PaymentMethod(body["method"])
        refund = refund_delivery.hand_out_refund(
            selectors.refund(refund_id).pk, how=how, actor=self.actor, note=body["note"]
        )
        return _answer(refund)


class WithdrawRefundView(ApiView):
    access = {"POST": CASHIERS}

    @extend_schema(
        operation_id="staff_refunds_withdraw",
        request=shapes.ReasonInput,
        responses={200: shapes.RefundAnswer, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request, refund_id: int) -> Response:
        """Take back a refund that failed or waits for a hand. What it lowered the order by is owed again."""
        reason = self.body(shapes.ReasonInput)["reason"]
        refund = selectors.refund(refund_id)
        return _answer(withdrawing.withdraw_refund(refund.pk, actor=self.actor, reason=reason))


def _answer(refund: Refund) -> Response:
    return Response(shapes.RefundAnswer({"success": True, "refund": refund}).data)
