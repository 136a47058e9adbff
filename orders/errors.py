"""Refusals that only orders know."""

from lld.core.errors import Conflict, ErrorCode
from orders.models import Order


class IllegalTransition(Conflict):
    """409: the status machine does not go there."""

    code = ErrorCode.ILLEGAL_TRANSITION

    def __init__(self, order: Order, target: str) -> None:
        super().__init__(f"An order that is {order.status} cannot become {target}.", extra={"status": order.status})


class OnHold(Conflict):
    """409: the order waits for payment or for a manager."""

    code = ErrorCode.ON_HOLD

    def __init__(self, order: Order) -> None:
        super().__init__(
            "The order is on hold: it needs payment, or release by a manager.",
            extra={"hold_reasons": list(order.hold_reasons)},
        )


class StaleVersion(Conflict):
    """409: someone changed the order since the caller read it. Views add the order as it is now."""

    code = ErrorCode.VERSION_CONFLICT

    def __init__(self, order: Order) -> None:
        super().__init__("Someone else has changed this order. Look at it again.", extra={"version": order.version})
        self.order = order
