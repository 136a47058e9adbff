"""What people read in the console: words and names, and only buttons that can do something."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import InvalidInput
from orders.enums import AttentionKind, DisputeState, PaymentMethod
from orders.models import AttentionEntry, Dispute, Order, Payment, Refund
from orders.services import attention, bouncing, giving_back, payments, progress
from orders.services.attention import raise_attention
from orders.services.giving_back import Returned
from orders.tests.situations import approved_order
from tests.factories import as_console, place

pytestmark = pytest.mark.django_db


def bounced() -> Order:
    order = approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    return bouncing.bounce_payment(order.payments.get().pk, actor=SYSTEM, reason="No funds")


def page(client: Client, order: Order) -> str:
    return client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_rows_are_named_in_words() -> None:
    order = bounced()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal(45))
    giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal(5))

    assert [str(payment) for payment in Payment.objects.order_by("pk")] == [
        "45.00 by check, bounced",
        "45.00 by cash, succeeded",
    ]
    assert str(Refund.objects.get()) == "5.00, to be handed out by staff"
    assert str(AttentionEntry.objects.order_by("pk")[0]).startswith("A bank has taken a payment back: A check over")
    assert str(order.ledger.order_by("pk")[0]) == "Goods, delivery and tax +45.00"


def test_bounced_check_is_shown_as_such() -> None:
    order, client = bounced(), as_console(Role.STAFF)

    assert "Bounced" in client.get(reverse("admin:orders_payment_changelist")).content.decode()
    assert "Bounced" in page(client, order)


def test_reason_of_a_dispute_is_shown_in_words() -> None:
    payment = bounced().payments.get()
    row = Dispute.objects.create(
        payment=payment, dispute_id="du_1", state=DisputeState.OPEN, amount=1, reason="product_not_received"
    )
    client = as_console(Role.STAFF)

    for address in (
        reverse("admin:orders_dispute_changelist"),
        reverse("admin:orders_dispute_change", args=[row.pk]),
    ):
        shown = client.get(address).content.decode()
        assert "Product not received" in shown
        assert "product_not_received" not in shown


def test_goods_that_cannot_come_back_are_named() -> None:
    order = approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    line = order.lines.get()

    with pytest.raises(InvalidInput) as refused:
        giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", lines=[Returned(line.pk, 4)])

    told = f"{line.product_name} ({line.product_sku}) has 2 to give back, not 4."
    assert refused.value.sentence == told


def test_order_says_why_it_is_held_and_is_released_only_then() -> None:
    client, held, unpaid = as_console(Role.MANAGER), place(), place(payment_method="check", released=False)

    assert "Not approved for terms" in page(client, held)
    for order, here, elsewhere in ((held, "release_hold", "let_out"), (unpaid, "let_out", "release_hold")):
        shown = page(client, order)
        assert reverse(f"admin:orders_order_{here}", args=[order.pk]) in shown
        assert reverse(f"admin:orders_order_{elsewhere}", args=[order.pk]) not in shown


@pytest.mark.parametrize("cancel", [False, True])
def test_refund_is_offered_while_something_is_left(cancel: bool) -> None:
    client, order = as_console(Role.STAFF), approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    button = reverse("admin:orders_order_refund", args=[order.pk])
    assert button in page(client, order)

    if cancel:
        progress.cancel_order(order.pk, actor=SYSTEM, reason="Closed")
    else:
        giving_back.refund_order(order.pk, actor=SYSTEM, reason="Spoilt", amount=Decimal(45))

    assert button not in page(client, order)


def test_what_is_open_stands_before_what_was_dealt_with() -> None:
    client = as_console(Role.STAFF)
    for key in ("first", "second", "third"):
        raise_attention(approved_order(), AttentionKind.LATE_PAYMENT, key, key=key)
    newest = AttentionEntry.objects.get(key="third")
    attention.resolve_attention(newest.pk, actor=SYSTEM, by=client.user)
    address = reverse("admin:orders_attentionentry_changelist")

    def found(**asked: str) -> list[str]:
        return [entry.key for entry in client.get(address, asked).context["cl"].result_list]

    assert found() == ["second", "first", "third"]
    assert found(state="open") == ["second", "first"]
    assert found(state="dealt_with") == ["third"]
