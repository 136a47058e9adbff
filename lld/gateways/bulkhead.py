"""How many threads of a web process may wait for a vendor."""

from collections.abc import Iterator
from contextlib import contextmanager

from lld.core import vendor_time
from lld.core.bulkhead import Bulkhead
from lld.core.errors import GatewayBusy

# A quarter of the 16 threads that each web process is started with (Dockerfile, lld.stack.runner): more would let
# one slow model take the shop down, and fewer would refuse customers while most threads idle.
MODEL_CALLS = Bulkhead(4)
# A picture is read in milliseconds. Of a bucket that hangs, four threads wait, and the others serve the shop.
FILE_READS = Bulkhead(4)
# Three such vendors may hang on one day, and a quarter of the threads still serves.
STRIPE_CALLS = Bulkhead(4)


@contextmanager
def for_requests(vendor: str, calls: Bulkhead) -> Iterator[None]:
    """One call of `vendor`: on behalf of a web request it takes one of the places, in the background none.

    GatewayBusy, before anything is sent, when there is no place or no time left.
    """
    left = vendor_time.seconds_left()
    if left is None:
        yield
        return
    if left <= 0:
        raise GatewayBusy(vendor)
    with calls.place(refusal=GatewayBusy(vendor)):
        yield
