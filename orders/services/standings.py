"""An order's money in the words of its mails: what came, what left, what is still to pay, how money goes back."""

from dataclasses import dataclass
from decimal import Decimal

from lld.core.money import ZERO
from orders import rules
from orders.enums import OrderStatus, PaymentMethod, RefundDestination, RefundState
from orders.models import Order, Refund

BANKS_TAKE = "usually within 5 to 10 business days"


@dataclass(frozen=True)
class Standing:
    """How an order stands: sums with their names, what a bank transfer is bringing, and what is to pay besides."""

    sums: list[tuple[str, str]]
    under_way: Decimal
    to_pay: Decimal
    is_cancelled: bool


def read_standing(order: Order) -> Standing:
    """Of a locked order whose money is derived."""
    named = [
        ("Total", order.total_amount),
        ("From your store credit", -order.credit_applied),
        ("Paid", -order.amount_paid),
        ("Given back to you", order.amount_refunded),
        ("On its way back to you", order.going_back),
        ("Taken back by your bank", order.charged_back),
    ]
    under_way = rules.sum_transfers(order)
    sums = [(name, _dollars(amount)) for name, amount in named if amount or name == "Total"]
    return Standing(
        sums, under_way, max(order.balance - under_way, ZERO), is_cancelled=order.status == OrderStatus.CANCELLED
    )


def say_way_back(refund: Refund) -> str:
    """A sentence for the customer: how much goes back, by which way, and when it is there."""
    method = PaymentMethod(refund.payment.method)
    if refund.destination == RefundDestination.CREDIT:
        return f"${refund.amount} is store credit of yours now."
    if refund.destination == RefundDestination.STRIPE:
        whence = "bank account" if method == PaymentMethod.ACH else "card"
        return f"${refund.amount} goes back to the {whence} that it came from, {BANKS_TAKE}."
    if refund.state == RefundState.SUCCEEDED:
        return f"${refund.amount} was handed back to you."
    return f"${refund.amount} that came as {name_in_sentence(method)} we hand back to you, and call you about it."


def name_in_sentence(method: PaymentMethod) -> str:
    return method.label[0].lower() + method.label[1:]


def _dollars(amount: Decimal) -> str:
    return f"−${-amount}" if amount < 0 else f"${amount}"
