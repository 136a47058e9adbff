"""The HTTP program: every vendor's routes, the control API and the pages.

A further vendor is one package and one line of `VENDORS`. Its ``routes(sandbox)`` gives what the product calls, made
as `faults.answer` wants it so that faults work, and what tests order of it, under ``/_sandbox/<vendor>/`` and made by
`control_routes`. It keeps its state in `Sandbox.store`, which a reset empties, and its effects in `Sandbox.ledger`;
what it sends back goes through `Sandbox.callbacks`. Only a key to be checked (`settings`) and a section on the page
(`pages`) stand elsewhere.
"""

from starlette.applications import Starlette

from sandbox import control, discord_api, mail, openai_api, pages, s3_api, stripe_api, twilio_api
from sandbox.context import Sandbox

VENDORS = (stripe_api, twilio_api, discord_api, openai_api, s3_api, mail)


def build_app(sandbox: Sandbox) -> Starlette:
    routes = [*control.routes(sandbox), *pages.routes(sandbox)]
    for vendor in VENDORS:
        routes += vendor.routes(sandbox)
    return Starlette(routes=routes)
