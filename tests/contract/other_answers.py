"""What else than its row's answer an operation may say, where that is more than a sentence, for the API document."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple
from unittest import mock

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from lld.core import vendor_time
from tests.api.route import Call
from tests.api.world import World
from tests.factories import PASSWORD, CustomerFactory, ProductFactory, order_body
from tests.pictures import upload
from tests.servers import sandbox_client

STALE = {"HTTP_IF_MATCH": '"99"'}


class Other(NamedTuple):
    """`headers` are those of the test client; `meanwhile` is what is wrong with the world."""

    operation: str
    by: str
    call: Callable[[World], Call]
    headers: dict[str, str] = {}
    meanwhile: Callable[[], AbstractContextManager[Any]] = nullcontext


@contextmanager
def stripe_fault(kind: str) -> Iterator[None]:
    sandbox_client.fault("stripe", kind, path="/v1/payment_links", times=None)
    with mock.patch.object(vendor_time, "REQUEST_SECONDS", 0.5):
        yield
    sandbox_client.clear_faults()


def valkey_down() -> AbstractContextManager[Any]:
    dead = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), retries=0))
    return mock.patch("lld.core.health.valkey", return_value=dead)


def new_link(world: World) -> Call:
    return Call(body={"order_number": world.order.number})


def wrong_amount(world: World) -> Call:
    return Call(body={"order_number": world.order.number, "amount": 1})


def same_picture(world: World) -> Call:
    return Call(world.product.pk, body={"image": upload()}, given=world.pictures)


def sign_in_unverified(_: World) -> Call:
    customer = CustomerFactory(email_verified=False)
    return Call(body={"username": customer.username, "password": PASSWORD})


OTHER_ANSWERS = (
    Other("health", "anonymous", lambda _: Call(), meanwhile=valkey_down),
    Other("login", "anonymous", sign_in_unverified),
    Other("orders_place", "anonymous", lambda _: Call(body=order_body((ProductFactory(stock_quantity=1), 2)))),
    Other("payments_create_intent", "anonymous", wrong_amount),
    Other("payments_create_link", "manager", new_link, meanwhile=lambda: stripe_fault("status_500")),
    Other("payments_create_link", "manager", new_link, meanwhile=lambda: stripe_fault("hang")),
    Other("shipping_confirm", "manager", lambda world: Call(world.held_order.number)),
    Other("staff_orders_notes", "manager", lambda w: Call(w.order.pk, body={"staff_notes": "Call"}), STALE),
    Other("staff_products_images_add", "manager", same_picture),
    Other("staff_products_change", "manager", lambda w: Call(w.product.pk, body={"brand": "Vollrath"}), STALE),
)


def saved_rows(_: World) -> Call:
    kept, taken_off = ProductFactory(), ProductFactory()
    rows = [{"id": kept.pk, "version": kept.version, "unit_price": 12.5}, {"id": taken_off.pk, "in_stock": False}]
    return Call(body={"products": rows})


def updated_rows(_: World) -> Call:
    return Call(
        body={"products": [{"sku": ProductFactory().sku, "unit_price": 12.5}, {"sku": "NONE", "brand": "Winco"}]}
    )


# In place of rows whose calls are wrong on purpose.
SHOWN_INSTEAD = {"staff_products_bulk_save": saved_rows, "v1_products_bulk_update": updated_rows}
