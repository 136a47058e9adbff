"""Refusals that only orders know."""

from collections.abc import Sequence

from lld.core.errors import Conflict, ErrorCode


class IllegalTransition(Conflict):
    """409: the status machine does not go there."""

    code = ErrorCode.ILLEGAL_TRANSITION

    def __init__(self, status: str, target: str) -> None:
        super().__init__(f"An order that is {status} cannot become {target}.", extra={"status": status})


class OnHold(Conflict):
    """409: the order waits for payment or for a manager."""

    code = ErrorCode.ON_HOLD

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "The order is on hold: it needs payment, or release by a manager.",
            extra={"hold_reasons": list(reasons)},
        )
