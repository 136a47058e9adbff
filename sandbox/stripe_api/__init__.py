"""Stripe's API under /v1: customers, payment methods, intents, charges, refunds, disputes, links, events."""

from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.stripe_api import control, events, front


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    sandbox.callbacks.sign_with("stripe", lambda url, body: events.sign(sandbox.settings.stripe_webhook_secret, body))
    return [*front.routes(sandbox), *control.routes(sandbox)]
