"""What vendors tell us about orders."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core.access import PUBLIC
from lld.core.api.schema import Success
from lld.core.api.views import ApiView
from lld.core.queue import announce
from lld.gateways import stripe
from orders.services import stripe_events
from orders.tasks import process_stripe_event


class StripeWebhook(ApiView):
    """Called by Stripe, which signs what it sends."""

    access = {"POST": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="webhooks_stripe", request=None, responses=Success)
    def post(self, request: Request) -> Response:
        """Store a signed event and answer; a task does the work. One that we have no use for is only answered."""
        event = stripe.verify_event(request._request.body, request.headers.get("Stripe-Signature", ""))
        stored = stripe_events.store_event(event) if event else None
        if stored is not None:
            announce(process_stripe_event, stored)
        return Response({"success": True})
