"""What staff do about orders and their money, here."""

from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Q

from lld.core.actors import SYSTEM
from orders.enums import OrderStatus, PaymentMethod, PaymentState, PaymentStatus, RefundDestination, RefundState
from orders.models import AttentionEntry, CreditAccount, OrderLine
from orders.services import (
    attention,
    checks,
    credit,
    editing,
    giving_back,
    item_editing,
    links,
    payments,
    progress,
    refund_delivery,
    refunds,
    set_aside,
    writing_off,
)
from orders.services.checks import Written
from orders.services.giving_back import Returned
from orders.services.quoting import Item
from tests.soak.world import NotNow, Play, one_of

FORWARD = [
    OrderStatus.CONFIRMED,
    OrderStatus.CONFIRMED,
    OrderStatus.PACKED,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
]
IN_HAND = [PaymentMethod.CASH, PaymentMethod.CASH, PaymentMethod.CHECK, PaymentMethod.OTHER]


def part_of(amount: Decimal, dice: Random) -> Decimal:
    """A sum of up to this much, often all of it."""
    if amount <= 0:
        raise NotNow
    return amount if dice.random() < 0.5 else Decimal(dice.randint(1, int(amount * 100))) / 100


def make_link(play: Play, dice: Random) -> None:
    links.create_link(play.order(dice).number, actor=SYSTEM, expires_in_hours=dice.choice([1, 72]))


def take_money(play: Play, dice: Random) -> None:
    order = play.order(dice)
    received = part_of(order.balance, dice) + (dice.choice([0, 0, 7]))
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=dice.choice(IN_HAND), received=received)


def _order_with_check(play: Play, dice: Random) -> Any:
    return one_of([order for order in play.orders if order.payment_status == PaymentStatus.CHECK_REVIEW], dice)


def approve_check(play: Play, dice: Random) -> None:
    order = _order_with_check(play, dice)
    written = Written(amount=Decimal(dice.choice([0, 0, 0, 3])), number=str(play.seed))
    checks.approve_check(order.number, written, actor=SYSTEM)


def reject_check(play: Play, dice: Random) -> None:
    checks.reject_check(_order_with_check(play, dice).number, actor=SYSTEM, reason="not signed")


def apply_credit(play: Play, dice: Random) -> None:
    order = play.order(dice)
    account = CreditAccount.objects.filter(customer=play.customer).first() if play.customer else None
    if account is None:
        raise NotNow
    credit.apply_credit(order.pk, part_of(min(order.balance, account.balance), dice), actor=SYSTEM)


def refund_sum(play: Play, dice: Random) -> None:
    order = play.order(dice)
    most = order.amount_paid + order.credit_applied - order.amount_refunded - order.charged_back
    to = dice.choice([None, None, None, RefundDestination.CREDIT, RefundDestination.HAND])
    giving_back.refund_order(order.pk, amount=part_of(most, dice), to=to, actor=SYSTEM, reason="late")
    refund_delivery.carry_out_due_refunds(order.pk)


def refund_lines(play: Play, dice: Random) -> None:
    order = play.order(dice)
    if not order.amount_paid + order.credit_applied:
        raise NotNow
    line = dice.choice(OrderLine.objects.filter(order=order.pk))
    part = Returned(line.pk, dice.randint(1, line.quantity))
    giving_back.refund_order(order.pk, lines=[part], restock=dice.random() < 0.5, actor=SYSTEM, reason="came broken")
    refund_delivery.carry_out_due_refunds(order.pk)


def adjust(play: Play, dice: Random) -> None:
    order = play.order(dice)
    amount = part_of(order.total_amount, dice) * dice.choice([-1, -1, 1])
    giving_back.adjust_order(order.pk, amount, actor=SYSTEM, reason="goodwill")


def one_refund(play: Play, dice: Random, *states: RefundState) -> Any:
    return one_of([refund for refund in play.refunds if refund.state in states], dice)


def retry_refund(play: Play, dice: Random) -> None:
    refund = one_refund(play, dice, RefundState.FAILED)
    refunds.retry_refund(refund.pk, actor=SYSTEM)
    refund_delivery.carry_out_refund(refund.pk)


def hand_out_refund(play: Play, dice: Random) -> None:
    refund = one_refund(play, dice, RefundState.FAILED, RefundState.MANUAL)
    how = dice.choice([PaymentMethod.CASH, PaymentMethod.CHECK, PaymentMethod.STORE_CREDIT])
    refund_delivery.hand_out_refund(refund.pk, how=how, actor=SYSTEM)


def _set_aside(play: Play, dice: Random) -> int:
    return one_of([payment.pk for payment in play.payments if payment.state == PaymentState.UNAPPLIED], dice)


def apply_set_aside(play: Play, dice: Random) -> None:
    number = play.order(dice).number if dice.random() < 0.6 else ""
    order = set_aside.apply_payment(_set_aside(play, dice), order_number=number, actor=SYSTEM)
    refund_delivery.carry_out_due_refunds(order.pk)


def return_set_aside(play: Play, dice: Random) -> None:
    refund = set_aside.return_payment(_set_aside(play, dice), actor=SYSTEM, reason="not ours")
    refund_delivery.carry_out_refund(refund.pk)


def resolve(play: Play, dice: Random) -> None:
    about = Q(payment__in=[payment.pk for payment in play.payments]) | Q(
        order__in=[order.pk for order in play.orders]
    )
    entry = one_of(AttentionEntry.objects.filter(about, resolved_at=None).order_by("pk"), dice)
    attention.resolve_attention(entry.pk, actor=SYSTEM, by=play.world.manager)


def edit_items(play: Play, dice: Random) -> None:
    """Some lines grow, shrink or go, perhaps one comes; sometimes only looked at."""
    order = play.order(dice)
    if order.status not in {OrderStatus.PENDING, OrderStatus.CONFIRMED}:
        raise NotNow
    lines = OrderLine.objects.filter(order=order.pk).order_by("position")
    items = [Item(max(line.quantity + dice.choice([-2, -1, 0, 1, 3, 12]), 0), line.product_id) for line in lines]
    items.append(Item(dice.randint(0, 2), dice.choice(play.world.products).pk))
    kept = [item for item in items if item.quantity]
    if not kept:
        raise NotNow
    item_editing.edit_items(order.pk, kept, actor=SYSTEM, dry_run=dice.random() < 0.1)


def write_off(play: Play, dice: Random) -> None:
    order = play.order(dice)
    if order.status not in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        raise NotNow
    writing_off.write_off_order(order.pk, amount=part_of(order.balance, dice), actor=SYSTEM, reason="broke")


def reinstate(play: Play, dice: Random) -> None:
    order = play.order(dice)
    if not order.written_off:
        raise NotNow
    writing_off.reinstate_order(order.pk, actor=SYSTEM, reason="paid after all")


def unship(play: Play, dice: Random) -> None:
    order = play.order(dice)
    if order.status != OrderStatus.SHIPPED:
        raise NotNow
    progress.unship_order(order.pk, actor=SYSTEM, reason="still here")


def advance(play: Play, dice: Random) -> None:
    progress.advance_order(play.order(dice).pk, dice.choice(FORWARD), actor=SYSTEM)


def release(play: Play, dice: Random) -> None:
    editing.release_hold(play.order(dice).pk, actor=SYSTEM, by=play.world.manager, reason="known")


def cancel(play: Play, dice: Random) -> None:
    order = play.order(dice)
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_refunds(order.pk)


def delete(play: Play, dice: Random) -> None:
    order = play.order(dice)
    progress.delete_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_due_refunds(order.pk)
