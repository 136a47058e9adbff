"""Routes of the warehouse."""

from orders.enums import OrderStatus
from tests.api.callers import STAFF
from tests.api.route import THEIRS, Call, Count, Route
from tests.api.world import World


def active_orders(world: World) -> Call:
    filters = {"status": "active", "q": "LLD", "sort": "created_at", "dir": "asc"}
    return Call(query=filters, given=world.order_in(OrderStatus.CONFIRMED))


ROUTES = (
    Route(
        "GET",
        "api/shipping/orders",
        STAFF,
        active_orders,
        counts=(Count(2, lambda _: Call(query={"status": "all"})),),
        whose=THEIRS,
    ),
    Route(
        "GET",
        "api/shipping/orders/<order_number:order_number>",
        STAFF,
        lambda world: Call(world.order.number),
        counts=(Count(2),),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/shipping/orders/<order_number:order_number>/confirm",
        STAFF,
        lambda world: Call(world.order.number),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/shipping/orders/<order_number:order_number>/ship",
        STAFF,
        lambda world: Call(
            world.order_in(OrderStatus.PACKED).number, body={"tracking_number": "9400", "carrier": "USPS"}
        ),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/shipping/orders/<order_number:order_number>/deliver",
        STAFF,
        lambda world: Call(world.order_in(OrderStatus.SHIPPED).number),
        whose=THEIRS,
    ),
    Route(
        "GET",
        "api/shipping/orders/<order_number:order_number>/packing-slip",
        STAFF,
        lambda world: Call(world.order.number),
        counts=(Count(2),),
        whose=THEIRS,
    ),
)
