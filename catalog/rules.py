"""What may be done with the catalogue, by whom, and why not; and who sees what of it."""

from collections.abc import Collection

from lld.core.access import COUNTING, MANAGING, TAKING_MONEY
from lld.core.actors import Actor, is_one_of
from lld.core.errors import DomainError, Forbidden

PRICES = ("unit_price", "bulk_price", "bulk_quantity")
COSTS = ("cost_per_item",)


def sees_costs(by: Actor) -> bool:
    return is_one_of(by, TAKING_MONEY)


def why_not_publish(changed: Collection[str], by: Actor) -> DomainError | None:
    """Forbidden to staff below manager where a price is among what is changed. What a key may, its scopes say."""
    named = [name for name in PRICES if name in changed]
    if not named or by.kind == "api_key" or is_one_of(by, MANAGING):
        return None
    return Forbidden(f"Only admin and manager publish prices: leave out {', '.join(named)}.")


def why_not_count(by: Actor) -> DomainError | None:
    """Forbidden to who does not handle the goods."""
    return None if is_one_of(by, COUNTING) else Forbidden("Your role does not count the stock.")


def why_not_manage(by: Actor) -> DomainError | None:
    """Forbidden to who makes no categories and products."""
    if by.kind == "api_key" or is_one_of(by, MANAGING):
        return None
    return Forbidden("Only admin and manager make categories and products.")
