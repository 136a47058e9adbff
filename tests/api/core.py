"""Routes that are of no app."""

from tests.api.callers import EVERYONE
from tests.api.route import NO_ROWS, Call, Route

ROUTES = (Route("GET", "api/v1/health", EVERYONE, lambda _: Call(), counts=NO_ROWS),)
