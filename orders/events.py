"""What becomes of orders, for apps above to react to. Money and status are read from the order, not from here."""

from dataclasses import dataclass
from typing import ClassVar

from lld.core.events import Event


@dataclass(frozen=True)
class OrderEvent(Event):
    """`order_id` is its row, `number` what people call it."""

    order_id: int
    number: str

    @property
    def key(self) -> str:
        return self.number


@dataclass(frozen=True)
class OrderPlaced(OrderEvent):
    """Pending, its stock promised."""

    name: ClassVar[str] = "order.placed"


@dataclass(frozen=True)
class OrderAdvanced(OrderEvent):
    """It has come to `status`, perhaps past others. It may go back to packed, and be shipped again."""

    status: str
    version: int
    name: ClassVar[str] = "order.advanced"

    @property
    def key(self) -> str:
        return f"{self.number}:{self.status}:{self.version}"


@dataclass(frozen=True)
class OrderPaid(OrderEvent):
    """Nothing is owed any more, since this entry of its ledger. It may owe again, and be paid again."""

    entry_id: int
    name: ClassVar[str] = "order.paid"

    @property
    def key(self) -> str:
        return f"{self.number}:{self.entry_id}"


@dataclass(frozen=True)
class OrderCancelled(OrderEvent):
    """Its stock is given back, and what was paid is owed back."""

    name: ClassVar[str] = "order.cancelled"


@dataclass(frozen=True)
class DemandsChanged(OrderEvent):
    """Intents or links that ask for a sum which is no longer owed are to be taken down at Stripe."""

    version: int
    name: ClassVar[str] = "order.demands_changed"

    @property
    def key(self) -> str:
        return f"{self.number}:{self.version}"
