"""Refusals that only the catalogue knows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from lld.core.errors import Conflict, ErrorCode


@dataclass(frozen=True)
class Shortage:
    """A line that cannot be promised. `available` is None when the product is not for sale at all."""

    product_id: int
    sku: str
    name: str
    asked: int
    available: int | None


class OutOfStock(Conflict):
    """409 with `lines`: every line that is short, not only the first."""

    code = ErrorCode.OUT_OF_STOCK

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        parts = [
            f"{line.sku} ({line.available} of {line.asked} available)"
            if line.available is not None
            else f"{line.sku} (not available)"
            for line in shortages
        ]
        super().__init__(
            f"Not enough stock: {', '.join(parts)}.", extra={"lines": [asdict(line) for line in shortages]}
        )
