"""Lists of Stripe's objects."""

import stripe

from sandbox.tests.stripe_api.intents import open_intent
from sandbox.tests.stripe_api.links import LINK


def test_lists_page_newest_first(api: stripe.StripeClient) -> None:
    ids = [open_intent(api).id for _ in range(5)][::-1]

    first = api.v1.payment_intents.list({"limit": 2})
    assert ([item.id for item in first.data], first.has_more) == (ids[:2], True)
    assert [item.id for item in first.auto_paging_iter()] == ids

    before = api.v1.payment_intents.list({"limit": 2, "ending_before": ids[3]})
    assert [item.id for item in before.data] == ids[1:3]
    assert api.v1.payment_intents.list({"created": {"gt": first.data[0].created + 5}}).data == []


def test_list_goes_on_after_one_that_it_no_longer_wants(api: stripe.StripeClient) -> None:
    links = [api.v1.payment_links.create(LINK).id for _ in range(3)][::-1]
    page = api.v1.payment_links.list({"active": True, "limit": 2})
    api.v1.payment_links.update(page.data[-1].id, {"active": False})
    assert [link.id for link in page.auto_paging_iter()] == links
