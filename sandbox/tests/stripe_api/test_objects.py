"""Lists of Stripe's objects."""

import stripe

from sandbox.tests.stripe_api.intents import open_intent


def test_lists_page_newest_first(api: stripe.StripeClient) -> None:
    ids = [open_intent(api).id for _ in range(5)][::-1]

    first = api.v1.payment_intents.list({"limit": 2})
    assert ([item.id for item in first.data], first.has_more) == (ids[:2], True)
    assert [item.id for item in first.auto_paging_iter()] == ids

    before = api.v1.payment_intents.list({"limit": 2, "ending_before": ids[3]})
    assert [item.id for item in before.data] == ids[1:3]
    assert api.v1.payment_intents.list({"created": {"gt": first.data[0].created + 5}}).data == []
