"""What may be done with an order now, by whom, and why not: each question is answered here, once.

A rule returns the refusal, or None where nothing speaks against it. Services raise it under the order's lock; the
API's `allowed` and the console's buttons show its sentence. `by` is whoever asks; the program itself may do anything.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from lld.core.access import MANAGING, SELLING, TAKING_MONEY, Role
from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden, InvalidInput
from lld.core.money import ZERO, rounded
from orders.enums import (
    CANCELLABLE,
    PROGRESS,
    OrderSource,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
    RefundState,
    may_move,
)
from orders.errors import IllegalTransition, OnHold, PaymentRequired, TooManyOpenOrders
from orders.models import AttentionEntry, CreditAccount, Order, Payment, Refund

# What Stripe takes by card, in dollars.
SMALLEST, LARGEST = Decimal("0.50"), Decimal("999999.99")
# From where the warehouse sends a parcel off, and from where it arrives: it skips no step, as the office may.
SHIPS_FROM = frozenset({OrderStatus.CONFIRMED, OrderStatus.PACKED})
DELIVERS_FROM = frozenset({OrderStatus.SHIPPED})
_EDITABLE = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED})
# What the program announces before it cancels, and how long a check may be in the post.
LAST_DAY = timedelta(days=1)
CHECKS_ARRIVE_IN = timedelta(days=14)
# Nothing is under way, and nobody is looking at a check.
NOTHING_COMES = frozenset({PaymentStatus.UNPAID, PaymentStatus.FAILED})
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED})


@dataclass(frozen=True)
class Permission:
    """One thing to do, whether it may be done, and a sentence that says why not."""

    name: str
    allowed: bool
    reason: str | None


def transitions(order: Order, by: Actor) -> list[Permission]:
    """Every status that an order can be moved to, and what speaks against it now."""
    moves = [_permission(target, why_not_advance(order, target)) for target in PROGRESS[1:]]
    return [*moves, _permission(OrderStatus.CANCELLED, why_not_cancel(order, by))]


def actions(order: Order, by: Actor) -> list[Permission]:
    """Everything else that staff do with an order, and what speaks against it now."""
    return [
        _permission("edit_address", why_not_readdress(order)),
        _permission("edit_items", why_not_edit_items(order, by)),
        _permission("mark_paid", why_not_record_payment(order, by)),
        _permission("create_payment_link", why_not_pay_by_card(order)),
        _permission("refund", why_not_refund(order, by)),
        _permission("adjust", why_not_adjust(order, by)),
        _permission("apply_credit", why_not_apply_credit(order, by)),
        _permission("unship", why_not_unship(order, by)),
        _permission("write_off", why_not_write_off(order, by)),
        _permission("reinstate", why_not_reinstate(order, by)),
        _permission("release_hold", why_not_release(order, by)),
        _permission("keep", why_not_keep(order, by)),
        _permission("delete", why_not_delete(order, by)),
    ]


def why_not_advance(
    order: Order, target: OrderStatus, *, only_from: Set[OrderStatus] = frozenset(PROGRESS)
) -> DomainError | None:
    """IllegalTransition backwards, to where it is, or from elsewhere than `only_from`; OnHold, PaymentRequired."""
    if target == OrderStatus.CANCELLED or order.status not in only_from or not may_move(order.status, target):
        return IllegalTransition(order.status, target)
    if order.terms_hold:
        return OnHold(order.hold_reasons)
    return None if may_go_unpaid(order) else PaymentRequired(order.balance)


def may_go_unpaid(order: Order) -> bool:
    """Whether what is owed does not keep it here: on terms, released, or an approved customer's bank is at it."""
    if order.status not in CANCELLABLE or order.balance <= 0:
        return True
    if order.payment_method == PaymentMethod.NET30 or order.hold_released_at is not None:
        return True
    profile = getattr(order.customer, "profile", None) if order.payment_status == PaymentStatus.PROCESSING else None
    return profile is not None and profile.approved_for_terms


def why_not_unship(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; IllegalTransition unless it is shipped, and not delivered yet."""
    if not _is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager take back that an order was shipped.")
    return None if order.status == OrderStatus.SHIPPED else IllegalTransition(order.status, OrderStatus.PACKED)


def why_not_cancel(order: Order, by: Actor) -> DomainError | None:
    """IllegalTransition once it was shipped, or when it was cancelled before; Forbidden to who gives no money back.

    Reps and the warehouse cancel what nothing has come in for; a rep, only before it is packed.
    """
    if not may_move(order.status, OrderStatus.CANCELLED):
        return IllegalTransition(order.status, OrderStatus.CANCELLED)
    if _is_one_of(by, TAKING_MONEY):
        return None
    if has_money_in(order):
        return Forbidden("Your role does not give money back, and some has come in for this order.")
    if by.role == Role.SALES_REP and order.status == OrderStatus.PACKED:
        return Forbidden("The order is packed: ask the warehouse or the office to cancel it.")
    return None


def has_money_in(order: Order) -> bool:
    """Whether cancelling it gives something back, now or when it arrives: money, also set aside, or credit."""
    if order.amount_paid or order.credit_applied or order.payment_status == PaymentStatus.PROCESSING:
        return True
    return Payment.objects.filter(order=order, state=PaymentState.UNAPPLIED).exists()


def why_not_cancel_unexplained(order: Order, by: Actor, reason: str) -> DomainError | None:
    """InvalidInput without a reason where money has come in."""
    if reason.strip() or by == SYSTEM or not has_money_in(order):
        return None
    return _reason_missing("Money has come in for this order: say why it is cancelled.")


def why_not_several_unexplained(count: int, reason: str) -> DomainError | None:
    """InvalidInput without a reason for what changes several orders at once."""
    if reason.strip() or count < 2:
        return None
    return _reason_missing(f"Say why {count} orders are changed at once.")


def why_not_readdress(order: Order) -> DomainError | None:
    """Conflict once it has gone, or will not go."""
    if order.status not in _OVER:
        return None
    return Conflict(f"The order is {order.status}; its address stays as it is.", code=ErrorCode.ORDER_LOCKED)


def why_not_edit_items(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who sells nothing; Conflict once packed.

    Reps edit what is pending and nothing has come in for: the rest moves money.
    """
    if not _is_one_of(by, SELLING):
        return Forbidden("Your role does not change what is ordered.")
    if order.status not in _EDITABLE:
        return Conflict(f"The order is {order.status}; what is in it stays.", code=ErrorCode.ORDER_LOCKED)
    if _is_one_of(by, TAKING_MONEY):
        return None
    if order.status != OrderStatus.PENDING or has_money_in(order):
        return Forbidden("Once confirmed or paid, an order is changed by the office.")
    return None


def why_not_pay(order: Order) -> DomainError | None:
    """Conflict unless it waits for money."""
    if order.status == OrderStatus.CANCELLED:
        return Conflict("The order is cancelled.", code=ErrorCode.ORDER_LOCKED)
    if order.balance <= 0:
        return Conflict("Nothing is owed on this order.", code=ErrorCode.NOTHING_DUE)
    if order.payment_status == PaymentStatus.PROCESSING:
        return Conflict("A payment for this order is under way.", code=ErrorCode.CONFLICT)
    return None


def why_not_pay_by_card(order: Order) -> DomainError | None:
    """The same for a payment intent or a payment link; Conflict, too, for a balance that cards do not take."""
    why_not = why_not_pay(order)
    if why_not is None and order.balance < SMALLEST:
        return Conflict(f"Cards take no less than {SMALLEST}.", code=ErrorCode.CONFLICT)
    return why_not


def why_not_record_payment(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless the order waits for some."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    return why_not_pay(order)


def why_not_release(order: Order, by: Actor) -> DomainError | None:
    """Conflict when nothing keeps it; Forbidden to all but managers."""
    if not order.terms_hold and may_go_unpaid(order):
        return Conflict("The order is not on hold.", code=ErrorCode.NOT_ON_HOLD)
    return None if _is_one_of(by, MANAGING) else Forbidden("Only admin and manager release holds.")


def why_not_order_as_guest(open_orders: int) -> DomainError | None:
    """TooManyOpenOrders for a guest who has as many unpaid ones as a guest may."""
    return TooManyOpenOrders() if open_orders >= settings.GUEST_OPEN_ORDERS else None


def is_unanswered(order: Order) -> bool:
    """Whether nothing came for it yet, and nobody has vouched for it."""
    vouched = order.hold_released_at is not None or order.kept_at is not None
    came = order.amount_paid or order.credit_applied or order.payment_status == PaymentStatus.PAID
    return order.status == OrderStatus.PENDING and order.deleted_at is None and not came and not vouched


def lapses(order: Order) -> bool:
    """Whether it is a promise to a stranger, which the program takes back unless money comes.

    An order from the web of a guest, also of one who has made an account since, or one on hold.
    `selectors.promises_to_strangers` says the same to the database.
    """
    strange = order.customer_id is None or order.guest_marks is not None or order.terms_hold
    if order.source != OrderSource.WEB or not strange or not is_unanswered(order):
        return False
    return order.payment_status in NOTHING_COMES and not _has_set_aside(order)


def lapses_at(order: Order) -> datetime | None:
    """When the program cancels it at the earliest: a day after it has announced that. None for never."""
    if not lapses(order):
        return None
    term = unpaid_term(by_check=order.payment_method == PaymentMethod.CHECK)
    return max(order.created_at + term, (order.lapse_notice_at or timezone.now()) + LAST_DAY)


def has_void_notice(order: Order) -> bool:
    """Whether its last day was announced, and something came or a person spoke: should it lapse yet, then anew."""
    return order.status == OrderStatus.PENDING and order.lapse_notice_at is not None and not lapses(order)


def unpaid_term(*, by_check: bool) -> timedelta:
    """How long an order that lapses waits for money."""
    return CHECKS_ARRIVE_IN if by_check else timedelta(hours=settings.UNPAID_ORDER_HOURS)


def why_not_keep(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict for what does not lapse."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not decide how long we wait for money.")
    return None if lapses(order) else Conflict("The order does not lapse.", code=ErrorCode.CONFLICT)


def why_not_delete(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict once money or credit came in, or it was shipped."""
    if not _is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager delete orders.")
    if order.amount_paid or order.credit_applied or order.shipped_at is not None:
        return Conflict("An order that was paid or shipped cannot be deleted.", code=ErrorCode.ORDER_LOCKED)
    return None


def why_not_refund(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict when nothing is left of what came in."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if order.amount_paid + order.credit_applied <= order.amount_refunded + order.charged_back:
        return Conflict("Nothing is left that could go back.", code=ErrorCode.NOTHING_DUE)
    return None


def why_not_adjust(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict once cancelled."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not change what is owed.")
    if order.status == OrderStatus.CANCELLED:
        return Conflict("The order is cancelled.", code=ErrorCode.ORDER_LOCKED)
    return None


def why_not_write_off(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict for what has not gone out, and when nothing is owed."""
    if not _is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager write off what is owed.")
    if order.status not in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        return Conflict("Goods that have not gone out are no bad debt: adjust or cancel.", code=ErrorCode.CONFLICT)
    return why_not_pay(order)


def why_not_reinstate(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict when nothing is written off."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    return None if order.written_off else Conflict("Nothing is written off.", code=ErrorCode.NOTHING_DUE)


def why_not_lower(by: Actor, *, subtotal: Decimal, lowered: Decimal) -> DomainError | None:
    """Forbidden where an order is `lowered`, by discount and adjustments in all, beyond the role's share of it."""
    limit = settings.DISCOUNT_LIMITS.get(by.role, ZERO if by.role == Role.WAREHOUSE else None)
    if limit is None or lowered <= (most := rounded(subtotal * limit)):
        return None
    return Forbidden(f"Your role may lower what this order costs by up to {most} in all.")


def why_not_enter(
    by: Actor,
    *,
    number: str,
    created_at: datetime | None,
    status: str,
    payment_status: str | None,
    sales_rep_id: int | None,
) -> DomainError | None:
    """Forbidden to all but managers for what only they set on an order that they enter."""
    if _is_one_of(by, MANAGING):
        return None
    reserved = {
        "order_number": bool(number),
        "created_at": created_at is not None,
        "status": status != OrderStatus.PENDING,
        "payment_status": payment_status not in {None, PaymentStatus.UNPAID},
        "sales_rep_id": sales_rep_id not in {None, by.id},
    }
    refused = [name for name, given in reserved.items() if given]
    return Forbidden(f"Only admin and manager may set {', '.join(refused)}.") if refused else None


def why_not_apply_credit(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict for a guest, without credit, or when nothing is owed."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    if order.customer_id is None:
        return Conflict("A guest has no store credit.", code=ErrorCode.CONFLICT)
    why_not = why_not_pay(order)
    if why_not is None and not CreditAccount.objects.filter(customer=order.customer_id, balance__gt=0).exists():
        return Conflict("The customer has no store credit.", code=ErrorCode.NOTHING_DUE)
    return why_not


def why_not_apply_payment(payment: Payment, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless something is left of money set aside."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    if payment.state != PaymentState.UNAPPLIED:
        return Conflict("This payment is not set aside.", code=ErrorCode.CONFLICT)
    if not payment.left:
        return Conflict("All of this payment goes back already.", code=ErrorCode.NOTHING_DUE)
    return None


def why_not_bounce(payment: Payment, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless it is a check that was taken, and has not bounced before."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    is_taken = payment.state == PaymentState.SUCCEEDED and payment.intent_id is None
    if payment.method != PaymentMethod.CHECK or not is_taken:
        return Conflict("Only a check that was taken bounces.", code=ErrorCode.CONFLICT)
    if payment.charged_back:
        return Conflict("This check has bounced before.", code=ErrorCode.CONFLICT)
    return None


def why_not_send_check(by: Actor) -> DomainError | None:
    """Forbidden to staff who take no money."""
    return None if _is_one_of(by, TAKING_MONEY) else Forbidden("Your role does not take money.")


def why_not_decide_check(by: Actor) -> DomainError | None:
    """Forbidden to who takes no money."""
    return None if _is_one_of(by, TAKING_MONEY) else Forbidden("Your role does not take money.")


def why_not_retry_refund(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it failed at Stripe."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state != RefundState.FAILED:
        return Conflict(f"The refund is {refund.state}; only one that failed is sent again.", code=ErrorCode.CONFLICT)
    return _why_not_twice(refund)


def why_not_hand_out(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it failed or waits for a hand."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state not in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict(f"The refund is {refund.state}; it is not handed out.", code=ErrorCode.CONFLICT)
    return _why_not_twice(refund)


def _why_not_twice(refund: Refund) -> DomainError | None:
    """Conflict while the payer's bank has what would go back: until a dispute of it is won."""
    payment = refund.payment
    if payment.given_back + payment.charged_back <= payment.amount:
        return None
    return Conflict("The payer's bank has taken this money back: wait for its decision.", code=ErrorCode.CONFLICT)


def why_not_withdraw(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it waits for a person; or once cancelled."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state not in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict(f"The refund is {refund.state}, and waits for nobody.", code=ErrorCode.CONFLICT)
    order, payment = refund.order, refund.payment
    kept = payment.amount - payment.charged_back - payment.given_back + refund.amount
    is_booked = payment.state == PaymentState.SUCCEEDED
    if order is not None and order.status == OrderStatus.CANCELLED and is_booked and kept > 0:
        return Conflict("The order is cancelled: what it brought goes back.", code=ErrorCode.ORDER_LOCKED)
    return None


def ways_of_payment(payment: Payment, by: Actor) -> list[Permission]:
    """What staff do about a payment, and what speaks against it now."""
    why_not = why_not_apply_payment(payment, by)
    return [
        _permission("apply_payment", why_not),
        _permission("return_payment", why_not),
        _permission("bounce_payment", why_not_bounce(payment, by)),
    ]


def ways_of_refund(refund: Refund, by: Actor) -> list[Permission]:
    """What staff do about a refund, and what speaks against it now."""
    return [
        _permission("retry_refund", why_not_retry_refund(refund, by)),
        _permission("hand_out_refund", why_not_hand_out(refund, by)),
        _permission("withdraw_refund", why_not_withdraw(refund, by)),
    ]


def ways_out(entry: AttentionEntry, by: Actor) -> list[Permission]:
    """What can be done about a matter, and what speaks against it now."""
    ways: list[Permission] = []
    if entry.payment is not None:
        ways += ways_of_payment(entry.payment, by)
    if entry.refund is not None:
        ways += ways_of_refund(entry.refund, by)
    return [*ways, _permission("resolve", why_not_resolve(entry))]


def why_not_resolve(entry: AttentionEntry) -> DomainError | None:
    """Conflict while money is set aside or not given back: it is the money that has to move first."""
    payment, refund = entry.payment, entry.refund
    if payment is not None and payment.state == PaymentState.UNAPPLIED and payment.left:
        return Conflict("The money is still set aside: apply it, or give it back.", code=ErrorCode.CONFLICT)
    if refund is not None and refund.state in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict("The money has not gone back yet: send it again, or hand it out.", code=ErrorCode.CONFLICT)
    return None


def _is_one_of(by: Actor, roles: Set[str]) -> bool:
    return by == SYSTEM or by.role in roles


def _reason_missing(sentence: str) -> DomainError:
    return InvalidInput(sentence, fields={"reason": [sentence]})


def _has_set_aside(order: Order) -> bool:
    """Whether money waits for a person to say what it is for."""
    back = F("given_back") + F("charged_back")
    return Payment.objects.filter(order=order, state=PaymentState.UNAPPLIED, amount__gt=back).exists()


def _permission(name: str, why_not: DomainError | None) -> Permission:
    return Permission(name, why_not is None, why_not.sentence if why_not else None)
