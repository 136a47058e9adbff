"""Every route of the API, one row each, in one file per app: what the suites of this folder's neighbours walk."""

from tests.api import accounts, catalog, core, orders, shipping, staffportal
from tests.api.route import Route

ROUTES: tuple[Route, ...] = (
    *core.ROUTES,
    *accounts.ROUTES,
    *catalog.ROUTES,
    *orders.ROUTES,
    *shipping.ROUTES,
    *staffportal.ROUTES,
)
