"""Refusals that only orders know."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lld.core.errors import Conflict, ErrorCode


class IllegalTransition(Conflict):
    """409: the status machine does not go there."""

    code = ErrorCode.ILLEGAL_TRANSITION

    def __init__(self, status: str, target: str) -> None:
        super().__init__(f"An order that is {status} cannot become {target}.", extra={"status": status})


class PriceChanged(Conflict):
    """409: what is ordered costs another sum than the caller expects. `quote` is today's."""

    code = ErrorCode.PRICE_CHANGED

    def __init__(self, quote: Mapping[str, Any]) -> None:
        sentence = f"The order costs {quote['total_amount']} today. Nothing was ordered; look at it again."
        super().__init__(sentence, extra={"quote": dict(quote)})


class TooManyOpenOrders(Conflict):
    """409: a guest has as many unpaid orders as a guest may."""

    code = ErrorCode.TOO_MANY_OPEN_ORDERS

    def __init__(self) -> None:
        super().__init__("You have unpaid orders with us. Pay one of them, sign in, or call us; then order again.")


class PaymentRequired(Conflict):
    """409: the order is neither paid, nor on terms, nor released."""

    code = ErrorCode.PAYMENT_REQUIRED

    def __init__(self, balance: Decimal | None) -> None:
        """Without a balance for who sees no sums."""
        super().__init__(
            f"{balance or 'Money'} is still owed: the order goes out once it is paid, or released by a manager.",
            extra={} if balance is None else {"balance": balance},
        )


class OnHold(Conflict):
    """409: the order waits for payment or for a manager."""

    code = ErrorCode.ON_HOLD

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "The order is on hold: it needs payment, or release by a manager.",
            extra={"hold_reasons": list(reasons)},
        )
