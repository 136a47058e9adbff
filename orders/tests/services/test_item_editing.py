"""Lines of a placed order: prices, stock, totals, terms and what is asked for follow them."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.errors import OutOfStock
from catalog.models import Product, StockMovement
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, Forbidden, InvalidInput
from lld.core.models import AuditEntry, OutboxMessage
from lld.core.money import ZERO
from orders.enums import EntryKind, OrderStatus, PaymentMethod, PaymentState
from orders.errors import PaymentRequired
from orders.models import Order, Payment, PaymentLink
from orders.services import (
    editing,
    giving_back,
    intents,
    item_editing,
    links,
    payments,
    progress,
    quoting,
    refund_delivery,
)
from orders.services.giving_back import Returned
from orders.services.item_editing import Edit
from orders.services.quoting import Item
from orders.tests.situations import order_in
from sandbox.testing import SandboxClient
from tests.factories import (
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    card_order,
    counted,
    figures,
    paid_by_card,
    place,
    priced,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def edit(order: Order, *lines: tuple[Product, int], **options: Any) -> Edit:
    items = [Item(quantity, product.pk) for product, quantity in lines]
    return item_editing.edit_items(order.pk, items, **{"actor": SYSTEM, **options})


def contents(order: Order) -> list[tuple[int, int, Decimal]]:
    return [(line.product_id, line.quantity, line.unit_price) for line in order.lines.all()]


def test_more_less_new_and_left_out() -> None:
    kept, gone, new = (priced(price) for price in ("10.00", "5.00", "3.00"))
    order = place((kept, 2), (gone, 1))

    change = edit(order, (new, 4), (kept, 3))

    order.refresh_from_db()
    assert contents(order) == [(new.pk, 4, Decimal("3.00")), (kept.pk, 3, Decimal("10.00"))]
    assert (order.item_count, order.subtotal, order.total_amount) == (2, Decimal(42), Decimal(67))
    assert [(entry.kind, entry.amount) for entry in order.ledger.all()] == [
        (EntryKind.CHARGE, Decimal(50)),
        (EntryKind.EDIT, Decimal(17)),
    ]
    assert (change.before["balance"], change.after["balance"]) == (Decimal(50), Decimal(67))
    assert {(row.line.product_id, row.quantity_before, row.quantity) for row in change.lines} == {
        (kept.pk, 2, 3),
        (gone.pk, 1, 0),
        (new.pk, 0, 4),
    }


def test_a_line_keeps_its_price_and_a_new_one_has_todays() -> None:
    product = ProductFactory(unit_price="10.00")
    order = place((product, 2))
    Product.objects.filter(pk=product.pk).update(unit_price="99.00")

    edit(order, (product, 3))

    assert contents(order) == [(product.pk, 3, Decimal("10.00"))]


def test_the_bulk_price_begins_and_ends_with_the_quantity() -> None:
    product = ProductFactory(unit_price="10.00", bulk_price="8.00", bulk_quantity=5)
    order = place((product, 4))

    edit(order, (product, 5))
    assert contents(order) == [(product.pk, 5, Decimal("8.00"))]
    assert order.lines.get().is_bulk_price

    edit(order, (product, 4))
    assert contents(order) == [(product.pk, 4, Decimal("10.00"))]


def test_stock_of_a_pending_order_is_promised_and_released() -> None:
    kept, gone, new = counted(10), counted(10), counted(10)
    order = place((kept, 4), (gone, 2))

    edit(order, (kept, 1), (new, 3))

    assert [figures(product) for product in (kept, gone, new)] == [(10, 1), (10, 0), (10, 3)]
    progress.cancel_order(order.pk, actor=SYSTEM)
    assert [figures(product) for product in (kept, gone, new)] == [(10, 0)] * 3


def test_stock_of_a_confirmed_order_is_taken_and_put_back() -> None:
    kept, gone, new = counted(10), counted(10), counted(10)
    order = place((kept, 4), (gone, 2), payment_method="check")
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)

    edit(order, (kept, 6), (new, 3))

    assert [figures(product) for product in (kept, gone, new)] == [(4, 0), (10, 0), (7, 0)]
    progress.cancel_order(order.pk, actor=SYSTEM)
    assert [figures(product) for product in (kept, gone, new)] == [(10, 0)] * 3


def test_what_is_not_there_is_refused_and_all_stays() -> None:
    scarce = counted(5)
    order = place((scarce, 5))

    with pytest.raises(OutOfStock):
        edit(order, (scarce, 6))

    assert (figures(scarce), order.lines.get().quantity) == ((5, 5), 5)


def test_a_product_that_is_not_sold_any_more_may_stay_or_shrink_but_not_grow() -> None:
    product = ProductFactory()
    order = place((product, 3))
    Product.objects.filter(pk=product.pk).update(is_active=False)

    edit(order, (product, 2))

    with pytest.raises(OutOfStock):
        edit(order, (product, 3))
    with pytest.raises(InvalidInput):
        edit(place(), (product, 1))


def test_dry_run_says_it_all_and_leaves_all() -> None:
    product, new = counted(10), counted(10)
    order = place((product, 2))
    before = Order.objects.values().get(pk=order.pk)
    mails, movements = OutboxMessage.objects.count(), StockMovement.objects.count()

    change = edit(order, (product, 1), (new, 1), dry_run=True)

    assert change.after["item_count"] == 2
    assert Order.objects.values().get(pk=order.pk) == before
    assert (figures(product), figures(new)) == ((10, 2), (10, 0))
    assert (OutboxMessage.objects.count(), StockMovement.objects.count()) == (mails, movements)
    assert not AuditEntry.objects.filter(action="order.items").exists()


def test_the_same_lines_again_change_nothing() -> None:
    product = ProductFactory()
    order = place((product, 2))

    edit(order, (product, 2))

    assert Order.objects.get(pk=order.pk).version == order.version
    assert not OutboxMessage.objects.filter(key__startswith="order_changed").exists()


def test_the_discount_keeps_its_share_and_the_delivery_fee_the_house_rule() -> None:
    product = ProductFactory(unit_price="100.00")
    order = place((product, 4), discount=Decimal("40.00"))
    assert order.delivery_fee == ZERO

    edit(order, (product, 2))
    order.refresh_from_db()
    assert (order.discount_amount, order.delivery_fee, order.total_amount) == (Decimal(20), Decimal(25), Decimal(205))

    edit(order, (product, 10))
    order.refresh_from_db()
    assert (order.discount_amount, order.delivery_fee, order.total_amount) == (Decimal(20), ZERO, Decimal(980))


def test_a_delivery_fee_that_staff_set_stays() -> None:
    product = ProductFactory(unit_price="100.00")
    order = place((product, 1), delivery_fee=Decimal("7.00"))

    edit(order, (product, 9))

    order.refresh_from_db()
    assert (order.delivery_fee, order.total_amount) == (Decimal(7), Decimal(907))


def test_what_was_paid_beyond_it_is_owed_back(sandbox: SandboxClient) -> None:
    product = ProductFactory(unit_price="10.00")
    order = paid_by_card(sandbox, card_order((product, 3)))

    edit(order, (product, 1))

    order.refresh_from_db()
    assert (order.balance, order.payment_status) == (Decimal(-20), "paid")
    mail = OutboxMessage.objects.get(key__startswith="order_changed")
    assert "You have paid $20.00 more" in str(mail.payload)

    giving_back.refund_order(order.pk, actor=SYSTEM, reason="Edited", amount=Decimal(20))
    order.refresh_from_db()
    assert (order.total_amount, order.adjustment_amount) == (Decimal(35), ZERO)


def test_intents_and_links_for_the_old_sum_end(sandbox: SandboxClient) -> None:
    product = ProductFactory(unit_price="10.00")
    order = card_order((product, 3))
    intents.open_intent(amount=order.balance, order_number=order.number)
    links.create_link(order.number, actor=SYSTEM)

    edit(order, (product, 1))

    assert Payment.objects.get().state == PaymentState.CANCELLED
    assert PaymentLink.objects.get().expires_at <= timezone.now()


def test_a_paid_and_confirmed_order_that_grew_does_not_go_out_unpaid(sandbox: SandboxClient) -> None:
    product = ProductFactory(unit_price="10.00")
    order = paid_by_card(sandbox, card_order((product, 3), released=False))
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    edit(order, (product, 9))

    with pytest.raises(PaymentRequired):
        progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)

    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)


def test_a_release_was_for_the_sum_of_then() -> None:
    product = ProductFactory(unit_price="10.00")
    order = place((product, 1), payment_method="check", released=False)
    editing.release_hold(order.pk, actor=SYSTEM, by=StaffFactory(role=Role.MANAGER), reason="Known")

    edit(order, (product, 1), (ProductFactory(), 1))

    with pytest.raises(PaymentRequired):
        progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.CONFIRMED])
def test_an_order_on_terms_that_outgrows_the_limit_is_held_until_it_fits_again(status: OrderStatus) -> None:
    product = ProductFactory(unit_price="100.00")
    order = place((product, 4), customer=CustomerFactory(terms=Decimal("500.00")))
    assert not order.terms_hold
    if status != OrderStatus.PENDING:
        progress.advance_order(order.pk, status, actor=SYSTEM)

    edit(order, (product, 6))
    order.refresh_from_db()
    assert (order.terms_hold, order.hold_reasons) == (True, ["over_limit"])

    edit(order, (product, 5))
    order.refresh_from_db()
    assert (order.terms_hold, order.hold_reasons) == (False, [])


def test_a_transfer_under_way_for_the_smaller_sum_is_a_part_payment(sandbox: SandboxClient) -> None:
    product = ProductFactory(unit_price="10.00")
    order = card_order((product, 3))
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)
    edit(order, (product, 4))

    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)

    order.refresh_from_db()
    assert (order.amount_paid, order.balance, order.payment_status) == (Decimal(55), Decimal(10), "unpaid")


@pytest.mark.parametrize("status", ["packed", "shipped", "delivered", "cancelled"])
def test_once_packed_it_stays(status: str) -> None:
    with pytest.raises(Conflict):
        edit(order_in(status), (ProductFactory(), 1))


def test_not_less_than_the_money_was_given_back_for() -> None:
    product = ProductFactory(unit_price="10.00")
    order = place((product, 3), payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    giving_back.refund_order(
        order.pk, actor=SYSTEM, reason="Dented", lines=[Returned(order.lines.get().pk, 2)], restock=True
    )

    with pytest.raises(InvalidInput, match="given back for 2"):
        edit(order, (product, 1))
    edit(order, (product, 2))


def test_not_less_than_it_was_lowered_by() -> None:
    product = ProductFactory(unit_price="10.00")
    order = place((product, 5))
    giving_back.adjust_order(order.pk, Decimal(-60), actor=SYSTEM, reason="Late")

    with pytest.raises(InvalidInput, match="lowered by 60"):
        edit(order, (product, 1))


def test_who_may(sandbox: SandboxClient) -> None:
    product = ProductFactory(unit_price="10.00")
    pending, paid = card_order((product, 3)), paid_by_card(sandbox, card_order((product, 3)))
    rep, warehouse = (StaffFactory(role=role).as_actor() for role in (Role.SALES_REP, Role.WAREHOUSE))

    edit(pending, (product, 2), actor=rep)

    for order, by in ((paid, rep), (pending, warehouse)):
        with pytest.raises(Forbidden):
            edit(order, (product, 1), actor=by)


def test_a_small_transfer_under_way_does_not_let_a_large_order_out(sandbox: SandboxClient) -> None:
    product = priced("10.00")
    customer = CustomerFactory(terms=Decimal("500.00"))
    order = place((product, 3), payment_method="ach", customer=customer, released=False)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)
    edit(order, (product, 900))

    with pytest.raises(PaymentRequired):
        progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)

    edit(order, (product, 3))
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)


def test_money_that_is_going_back_pays_for_nothing_more() -> None:
    product = priced("10.00")
    order = place((product, 5), payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    giving_back.refund_order(order.pk, actor=SYSTEM, reason="Late", amount=Decimal(20))

    edit(order, (product, 6))

    order.refresh_from_db()
    assert (order.balance, order.payment_status, order.paid_at) == (Decimal("10.00"), "unpaid", None)


def test_staff_do_not_lower_it_beyond_their_share_by_leaving_out() -> None:
    product = priced("100.00")
    order = place((product, 10), payment_method="check")
    staff = StaffFactory(role=Role.STAFF).as_actor()
    giving_back.adjust_order(order.pk, Decimal(-200), actor=staff, reason="Late")

    with pytest.raises(Forbidden):
        edit(order, (product, 3), actor=staff)
    edit(order, (product, 3), actor=StaffFactory(role=Role.MANAGER).as_actor())


def test_a_break_that_moved_meanwhile_does_not_raise_the_price() -> None:
    product = ProductFactory(unit_price="10.00", bulk_price="8.00", bulk_quantity=10)
    order = place((product, 20))
    Product.objects.filter(pk=product.pk).update(bulk_quantity=50)

    edit(order, (product, 21))

    assert contents(order) == [(product.pk, 21, Decimal("8.00"))]


def test_what_came_back_in_part_keeps_its_price() -> None:
    product = ProductFactory(unit_price="10.00", bulk_price="8.00", bulk_quantity=10)
    order = place((product, 10), payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    _, [refund] = giving_back.refund_order(
        order.pk, actor=SYSTEM, reason="Dented", lines=[Returned(order.lines.get().pk, 4)]
    )
    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    edit(order, (product, 9))

    assert contents(order) == [(product.pk, 9, Decimal("8.00"))]


def test_a_fee_that_staff_entered_as_none_stays_none() -> None:
    product = priced("100.00")
    order = place((product, 4), delivery_fee=ZERO, source="staff")

    edit(order, (product, 2))

    order.refresh_from_db()
    assert order.total_amount == Decimal(200)


def test_a_product_that_is_deleted_meanwhile_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    product, gone = priced("10.00"), priced("10.00")
    order = place((product, 1))
    resolve = quoting.resolve_items

    def delete_after(items: Any, **options: Any) -> dict[int, int]:
        asked = resolve(items, **options)
        Product.objects.filter(pk=gone.pk).delete()
        return asked

    monkeypatch.setattr(quoting, "resolve_items", delete_after)

    for lines in ([(product, 1), (gone, 1)], [(product, 2), (gone, 1)]):
        with pytest.raises(InvalidInput):
            edit(order, *lines)


def test_more_than_an_order_comes_to_is_refused_before_it_is_written() -> None:
    product = priced("500.00")
    order = place((product, 1))

    with pytest.raises(InvalidInput):
        item_editing.edit_items(order.pk, [Item(100_000, product.pk)] * 200, actor=SYSTEM)
