"""What orders do themselves about their events, after the change that caused them is committed."""

from orders.events import DemandsChanged
from orders.services import intents, links


def take_down_demands(event: DemandsChanged) -> None:
    """End at Stripe what asks for a sum that is no longer owed."""
    for payment_id in intents.find_due_checks(order_id=event.order_id):
        intents.check_payment(payment_id)
    for link_id in links.find_spent_links(order_id=event.order_id):
        links.take_down_link(link_id)
