"""What becomes of accounts, for apps above to react to."""

from dataclasses import dataclass
from typing import ClassVar

from lld.core.events import Event


@dataclass(frozen=True)
class AddressProven(Event):
    """Whoever signs in to the account `user_id` has its mailbox, and chose its password."""

    user_id: int
    version: int
    name: ClassVar[str] = "account.address_proven"

    @property
    def key(self) -> str:
        return f"{self.user_id}:{self.version}"
