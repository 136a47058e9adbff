"""What rules share: who asks, and what is missing."""

from collections.abc import Set

from lld.core.actors import SYSTEM, Actor
from lld.core.errors import DomainError, InvalidInput


def is_one_of(by: Actor, roles: Set[str]) -> bool:
    return by == SYSTEM or by.role in roles


def reason_missing(sentence: str) -> DomainError:
    return InvalidInput(sentence, fields={"reason": [sentence]})
