"""What a row about a route says."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.callers import CASHIERS, EVERYONE, REPS, SELLERS, STAFF
from tests.api.world import World

_PLACE = re.compile(r"<[^>]+>")


class Call:
    """One call, but for its method and route.

    `at` are the values of the route's parts in angle brackets, in their order; `given` is what has to be there
    besides: that it was made is enough. A body with a file is sent as a form. `sent_by` sends the body where a
    client alone cannot: it gets the client and the body.
    """

    def __init__(
        self,
        *at: Any,
        body: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        given: Any = None,
        sent_by: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.at, self.body, self.query, self.sent_by = at, body, query or {}, sent_by
        files = [value for value in (body or {}).values() if isinstance(value, SimpleUploadedFile)]
        self.sent_as = "multipart" if files else "json"

    def send(self, client: Any, method: str, route: str, *, without: Collection[str] = ()) -> Any:
        """The answer to the call, or to the call without some fields of its body. May be sent again."""
        body = self.body and {name: _rewound(value) for name, value in self.body.items() if name not in without}
        if self.sent_by:
            return self.sent_by(client, body)
        values = iter(self.at)
        path = _PLACE.sub(lambda _: str(next(values)), route)
        query = f"?{urlencode(self.query)}" if self.query else ""
        return getattr(client, method.lower())(f"/{path.lstrip('/')}{query}", body, format=self.sent_as)


MakeCall = Callable[[World], Call]


@dataclass(frozen=True)
class Count:
    """How many queries an answer costs: to the route's own call without its query string, unless `call` is given.

    `by` is the caller, if not the least powerful one who may.
    """

    queries: int
    call: MakeCall | None = None
    by: str = ""


@dataclass(frozen=True)
class Documented:
    """A call as the contract has it. `by` is the caller, if not the least powerful one whom the contract names."""

    call: MakeCall
    by: str = ""


@dataclass(frozen=True)
class Whose:
    """Which callers of a row get through to what is another's, and to what is nobody's yet.

    Another's is an order of another customer and representative; nobody's is a guest's, without a representative.
    Other callers are told that it is not there, and their lists do not have it.
    """

    another: frozenset[str]
    nobodys: frozenset[str]


# What is no one person's: products, settings.
SHARED = Whose(EVERYONE, EVERYONE)
# Whatever is another's is not there.
NOBODY_ELSES = Whose(frozenset(), frozenset())
# Customers see their own, representatives theirs, the rest of staff every one.
THEIRS = Whose(STAFF - REPS, STAFF - REPS)


@dataclass(frozen=True)
class Shows:
    """Which callers find costs, what an order comes to, and how a customer is written to, in an answer about own."""

    cost: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    contact: frozenset[str] = frozenset()


# Staff's whole view of an order: the warehouse sees no sums, representatives no costs.
ORDER = Shows(cost=CASHIERS, money=SELLERS, contact=SELLERS)
COSTED = Shows(cost=CASHIERS)
OWN_CONTACT = Shows(contact=EVERYONE)


# In place of counts: what is answered comes from no rows that could become many.
NO_ROWS: tuple[Count, ...] = ()


@dataclass(frozen=True)
class Route:
    """One method of one route, as the URL configuration spells it.

    `callers` get through; everyone else is refused and leaves no trace. `call` would have an effect if it got
    through, and sends every field and parameter that the contract documents. `documented` are the contract's
    calls, one for each of its rows, where `call` cannot be that. `counts` says what reading costs.
    `whose` and `shows` say of whose objects, and which of their fields, who among the callers learns: by default of
    nobody's but their own, and none of the guarded ones.
    """

    method: str
    path: str
    callers: frozenset[str]
    call: MakeCall
    documented: tuple[Documented, ...] = ()
    counts: tuple[Count, ...] | None = None
    whose: Whose | None = None
    shows: Shows = Shows()

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def send(self, client: Any, world: World) -> Any:
        return self.call(world).send(client, self.method, self.path)


def _rewound(value: Any) -> Any:
    if isinstance(value, SimpleUploadedFile):
        value.seek(0)
    return value
