"""Stripe's API under /v1: customers, payment methods, intents, charges, refunds, links, events."""

from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.stripe_api import control, front


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    return [*front.routes(sandbox), *control.routes(sandbox)]
