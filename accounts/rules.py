"""Which people staff see."""

from lld.core.access import MANAGING, SELLING, Role
from lld.core.actors import Actor, is_one_of


def sees_staff(by: Actor) -> bool:
    return is_one_of(by, MANAGING)


def sees_customers(by: Actor) -> bool:
    return is_one_of(by, SELLING)


def sees_only_own(by: Actor) -> bool:
    """Whether of customers, and of their orders, only those are seen that are a representative's own."""
    return by.role == Role.SALES_REP
