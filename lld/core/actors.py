"""Who did it: the author of a change, as services, ledgers and the audit log record it."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["customer", "staff", "api_key", "guest", "system"]


@dataclass(frozen=True)
class Actor:
    """`id` is the row of the user or key; None for guests and the system. `role` is set for staff only."""

    kind: ActorKind
    id: int | None = None
    label: str = ""
    role: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.label or self.id}" if self.kind not in {"guest", "system"} else self.kind


SYSTEM = Actor("system")
GUEST = Actor("guest")


def is_one_of(by: Actor, roles: Set[str]) -> bool:
    """Whether a rule that is for these roles is for who asks: the program itself may do anything."""
    return by == SYSTEM or by.role in roles
