"""Orders and the money that belongs to them."""

from orders.models.attention import AttentionEntry
from orders.models.credit import CreditAccount, CreditEntry
from orders.models.customers import CustomerStats
from orders.models.orders import Order, OrderLine, OrderQuerySet
from orders.models.payments import Payment, PaymentLink, Refund

__all__ = [
    "AttentionEntry",
    "CreditAccount",
    "CreditEntry",
    "CustomerStats",
    "Order",
    "OrderLine",
    "OrderQuerySet",
    "Payment",
    "PaymentLink",
    "Refund",
]
