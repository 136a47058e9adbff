"""Payment links through the SDK, the control API and the hosted page."""

import pytest
import requests
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.links import ITEM, LINK


def test_link_is_paid_once(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)
    assert link.url == f"{sandbox.base_url}/pay/{link.id}"

    session = sandbox.pay_link(link.id)
    assert (session["payment_status"], session["amount_total"]) == ("paid", 2500)
    assert session["metadata"] == {"order": "LLD-2"}
    intent = api.v1.payment_intents.retrieve(session["payment_intent"])
    assert (intent.status, intent.metadata.to_dict()) == ("succeeded", {"order": "LLD-2"})

    assert "error" in sandbox.pay_link(link.id)
    assert api.v1.payment_links.retrieve(link.id).active is False
    assert len(sandbox.ledger(kind="charge")) == 1
    kinds = [delivery["event"] for delivery in sandbox.wait_for_deliveries()]
    assert kinds.index("payment_intent.succeeded") < kinds.index("checkout.session.completed")


def test_inactive_link_takes_no_money(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)

    api.v1.payment_links.update(link.id, {"active": False})
    assert sandbox.pay_link(link.id)["error"]["message"] == LINK["inactive_message"]
    assert sandbox.ledger(kind="charge") == []
    assert [item.id for item in api.v1.payment_links.list({"active": False}).data] == [link.id]

    api.v1.payment_links.update(link.id, {"active": True})
    assert sandbox.pay_link(link.id)["payment_status"] == "paid"


@pytest.mark.parametrize("quantity", [0, -1])
def test_quantity_must_be_positive(api: stripe.StripeClient, quantity: int) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_links.create({"line_items": [{**ITEM, "quantity": quantity}]})


def test_line_items_come_when_asked_for(api: stripe.StripeClient) -> None:
    link = api.v1.payment_links.create({**LINK, "expand": ["line_items"]})
    assert link.line_items.data[0].amount_total == 2500
    assert "line_items" not in api.v1.payment_links.retrieve(link.id)
    assert api.v1.payment_links.line_items.list(link.id).data[0].quantity == 2


def test_hosted_page_pays(api: stripe.StripeClient, sandbox: SandboxClient, session: requests.Session) -> None:
    link = api.v1.payment_links.create(LINK)

    page = session.get(link.url)
    assert "$25.00" in page.text
    assert "&lt;b&gt;LLD-2" in page.text
    assert "<b>LLD-2" not in page.text

    declined = session.post(link.url, data={"payment_method": "pm_card_chargeDeclined"})
    assert declined.status_code == 402
    assert "was declined" in declined.text

    paid = session.post(link.url, data={"payment_method": "pm_card_visa"})
    assert "<h1>Paid</h1>" in paid.text

    again = session.post(link.url, data={"payment_method": "pm_card_visa"})
    assert "Ask &lt;i&gt;us&lt;/i&gt; for a new link." in again.text
    assert len(sandbox.ledger(kind="charge")) == 1
    assert session.get(f"{sandbox.base_url}/pay/plink_unknown").status_code == 404


def test_redirect_follows_the_payment(api: stripe.StripeClient, session: requests.Session) -> None:
    url = "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}"
    link = api.v1.payment_links.create({**LINK, "after_completion": {"type": "redirect", "redirect": {"url": url}}})
    answer = session.post(link.url, allow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://shop.example/thanks?session=cs_test_")
