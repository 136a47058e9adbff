"""Stripe's API under /v1: customers, payment methods, intents, charges, refunds, links, events."""

from sandbox.stripe_api.front import routes

__all__ = ["routes"]
