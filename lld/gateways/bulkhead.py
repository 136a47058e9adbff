"""How many threads of a web process may wait for a vendor."""

from lld.core.bulkhead import Bulkhead

# A quarter of the 16 threads that each web process is started with (Dockerfile, lld.stack.runner): more would let
# one slow model take the shop down, and fewer would refuse customers while most threads idle.
MODEL_CALLS = Bulkhead(4)
# A picture is read in milliseconds. Of a bucket that hangs, four threads wait, and the others serve the shop.
FILE_READS = Bulkhead(4)
