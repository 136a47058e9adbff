"""Who a guest is, as far as that can be known, and how much we promise one of them."""

from lld.core.addresses import subscriber
from lld.core.errors import raise_if
from orders import locks, rules, selectors


def find_marks(*, address: str, phone: str, email: str) -> list[str]:
    """What a guest is known by: who shares one of these with another is the same guest.

    `address` is the one on the network, `phone` E.164; what is empty marks nobody.
    """
    marks = {"network": subscriber(address), "phone": phone, "email": _mailbox(email)}
    return [f"{kind}:{value}" for kind, value in marks.items() if value]


def check_open_orders(marks: list[str]) -> None:
    """TooManyOpenOrders for a guest who has too many. Until the transaction ends nobody places another for them."""
    locks.lock_guest(marks)
    raise_if(rules.why_not_order_as_guest(selectors.count_open_orders(marks)))


def _mailbox(email: str) -> str:
    """Where its mails arrive: in any case, and ana+1@… with ana@…, which cost nothing to make up.

    What single providers do beyond that, such as Gmail with dots, is theirs: the address on the network counts too.
    """
    local, at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"
