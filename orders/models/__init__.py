"""Orders and the money that belongs to them."""

from orders.models.attention import AttentionEntry
from orders.models.checks import Check
from orders.models.credit import CreditAccount, CreditEntry
from orders.models.customers import CustomerStats
from orders.models.disputes import Dispute
from orders.models.ledger import LedgerEntry
from orders.models.orders import Order, OrderLine, OrderQuerySet
from orders.models.payments import Payment, PaymentLink, Refund

__all__ = [
    "AttentionEntry",
    "Check",
    "CreditAccount",
    "CreditEntry",
    "CustomerStats",
    "Dispute",
    "LedgerEntry",
    "Order",
    "OrderLine",
    "OrderQuerySet",
    "Payment",
    "PaymentLink",
    "Refund",
]
