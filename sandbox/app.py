"""The HTTP program: every vendor's routes, the control API and the pages."""

from starlette.applications import Starlette

from sandbox import control, discord_api, openai_api, pages, s3_api, stripe_api, twilio_api
from sandbox.context import Sandbox

# A vendor is a module with `routes(sandbox)`.
VENDORS = (stripe_api, twilio_api, discord_api, openai_api, s3_api)


def build_app(sandbox: Sandbox) -> Starlette:
    routes = [*control.routes(sandbox), *pages.routes(sandbox)]
    for vendor in VENDORS:
        routes += vendor.routes(sandbox)
    return Starlette(routes=routes)
