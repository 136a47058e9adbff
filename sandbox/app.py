"""The HTTP program: every vendor's routes, the control API and the pages."""

from starlette.applications import Starlette

from sandbox import control, discord_api, pages, stripe_api, twilio_api
from sandbox.context import Sandbox

# A vendor is a module with `routes(sandbox)`.
VENDORS = (stripe_api, twilio_api, discord_api)


def build_app(sandbox: Sandbox) -> Starlette:
    routes = [*control.routes(sandbox), *pages.routes(sandbox)]
    for vendor in VENDORS:
        routes += vendor.routes(sandbox)
    return Starlette(routes=routes)
