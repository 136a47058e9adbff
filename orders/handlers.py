"""What orders do about events of accounts and their own, after the change that caused them is committed."""

from accounts.events import AddressProven
from orders.events import DemandsChanged
from orders.services import accounts, intents, links


def take_down_demands(event: DemandsChanged) -> None:
    """End at Stripe what asks for a sum that is no longer owed."""
    for payment_id in intents.find_due_checks(order_id=event.order_id):
        intents.check_payment(payment_id)
    for link_id in links.find_spent_links(order_id=event.order_id):
        links.take_down_link(link_id)


def link_guest_orders(event: AddressProven) -> None:
    """Give the owner of an address what was ordered with it before."""
    accounts.link_guest_orders(event.user_id)
