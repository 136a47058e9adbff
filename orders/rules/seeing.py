"""What staff see of an order. Which ones they see, says `accounts.rules`."""

from lld.core.access import SELLING
from lld.core.actors import Actor, is_one_of

# Sums, and what tells of them. Of an order's lines: PRICES.
SUMS = (
    "subtotal",
    "discount_amount",
    "delivery_fee",
    "tax_amount",
    "total_amount",
    "credit_applied",
    "amount_paid",
    "amount_refunded",
    "adjustment_amount",
    "going_back",
    "charged_back",
    "written_off",
    "balance",
)
PRICES = ("unit_price", "is_bulk_price", "line_total")
# How a customer is reached, beyond what a parcel needs.
CONTACTS = ("delivery_email",)


def sees_money(by: Actor) -> bool:
    """Whether an order is shown with what it costs and whose account it is: packing needs neither."""
    return is_one_of(by, SELLING)
