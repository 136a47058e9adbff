"""``python -m lld.stack run``."""

import sys

from lld.stack.runner import run

if sys.argv[1:] != ["run"]:
    sys.exit("usage: python -m lld.stack run")
sys.exit(run())
