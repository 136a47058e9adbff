"""What keeps an order here, by the API that asks for it to leave; and what lapses."""

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders import rules, selectors
from orders.enums import OrderSource, OrderStatus, PaymentMethod, PaymentState
from orders.models import Order, Payment
from orders.services import checks, credit, editing, intents, payments, progress, set_aside, writing_off
from orders.services.accounts import create_account, link_guest_orders
from orders.tests.situations import strange
from sandbox.testing import SandboxClient
from tests.factories import DELIVERY, PASSWORD, CustomerFactory, StaffFactory, as_staff, place
from tests.pictures import picture
from tests.servers import sandbox_client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def confirm(order: Order) -> Any:
    return as_staff(Role.STAFF).put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"})


@pytest.mark.parametrize("method", ["credit_card", "ach", "check"])
def test_unpaid_order_does_not_leave_pending(method: str) -> None:
    order = place(payment_method=method, released=False)

    answer = confirm(order)

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_required")
    assert answer.json()["balance"] == 45.0
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    assert confirm(order).status_code == 200


def test_manager_releases_an_unpaid_order_of_any_method() -> None:
    order = place(payment_method="check", released=False)
    path = f"/api/staff/orders/{order.pk}/release-hold"

    assert as_staff(Role.STAFF).post(path, {"reason": "known"}).status_code == 403
    assert as_staff(Role.MANAGER).post(path, {"reason": "known"}).status_code == 200
    assert confirm(order).status_code == 200


@pytest.mark.parametrize(("approved", "status"), [(True, 200), (False, 409)])
def test_transfer_under_way_is_money_for_approved_customers_only(
    sandbox: SandboxClient, approved: bool, status: int
) -> None:
    customer = CustomerFactory(terms=5000) if approved else CustomerFactory()
    order = place(payment_method="ach", customer=customer, released=False)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)

    assert confirm(order).status_code == status


def test_transfer_under_way_is_held_to_the_terms_of_who_pays(sandbox: SandboxClient) -> None:
    customer = CustomerFactory(terms=50)
    other = place(payment_method="check", customer=customer, released=False)
    order = transferred(sandbox, customer)
    move = next(step for step in rules.transitions(order, StaffFactory().as_actor()) if step.name == "confirmed")

    answer = confirm(order)

    assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
    assert answer.json()["hold_reasons"] == ["over_limit"]
    assert (move.allowed, move.reason) == (False, answer.json()["error"])
    payments.record_manual_payment(other.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    assert confirm(order).status_code == 200


def test_transfer_under_way_is_released_by_a_manager(sandbox: SandboxClient) -> None:
    order = transferred(sandbox, CustomerFactory(terms=40))
    assert confirm(order).status_code == 409

    path = f"/api/staff/orders/{order.pk}/release-hold"
    assert as_staff(Role.MANAGER).post(path, {"reason": "known"}).status_code == 200

    assert confirm(order).status_code == 200


def test_transfer_under_way_waits_for_overdue_and_bad_debt(sandbox: SandboxClient) -> None:
    customer = CustomerFactory(terms=5000)
    late = place(customer=customer)
    progress.advance_order(late.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    order = transferred(sandbox, customer)
    Order.objects.filter(pk=late.pk).update(due_on="2020-01-01")
    assert confirm(order).json()["hold_reasons"] == ["overdue"]

    writing_off.write_off_order(late.pk, actor=SYSTEM, reason="Bankrupt")
    assert confirm(order).json()["hold_reasons"] == ["overdue"]

    writing_off.reinstate_order(late.pk, actor=SYSTEM, reason="Paid after all")
    payments.record_manual_payment(late.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    assert confirm(order).status_code == 200


def transferred(sandbox: SandboxClient, customer: User) -> Order:
    """An order of 45.00 whose bank transfer is under way."""
    order = place(payment_method="ach", customer=customer, released=False)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    return payments.confirm_intent(order_number=order.number, intent_id=intent.id)


def test_transfer_of_a_checkout_is_bound_to_its_order_when_confirmed(sandbox: SandboxClient) -> None:
    """Paid before the order was there; a card cannot pay it meanwhile, and the money finds it days later."""
    intent = intents.open_intent(amount=place().balance)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    order = place(payment_method="ach", released=False)

    payments.confirm_intent(order_number=order.number, intent_id=intent.id)

    order.refresh_from_db()
    assert (order.payment_status, order.payments.get().intent_id) == ("processing", intent.id)
    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert (order.payment_status, order.balance) == ("paid", 0)


def of_customer(**options: Any) -> Order:
    return strange(customer=CustomerFactory(), **options)


def entered(**options: Any) -> Order:
    return strange(source=OrderSource.STAFF, entered_by=StaffFactory(), **options)


def linked() -> Order:
    """A guest's, who made an account since, and proved its address."""
    order = strange()
    create_account(delivery=DELIVERY, email=DELIVERY["delivery_email"], password=PASSWORD, order_number=order.number)
    user = User.objects.get(email=DELIVERY["delivery_email"])
    User.objects.filter(pk=user.pk).update(email_verified=True, password_unproven=False)
    link_guest_orders(user.pk)
    order.refresh_from_db()
    assert order.customer_id is not None
    return order


def paid_in_part() -> Order:
    order = strange()
    cash = PaymentMethod.CASH
    return payments.record_manual_payment(order.pk, actor=SYSTEM, method=cash, received=Decimal(5))[0]


def under_way() -> Order:
    order = strange()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox_client.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    return payments.confirm_intent(order_number=order.number, intent_id=intent.id)


def bounced() -> Order:
    order = under_way()
    intent_id = str(order.payments.get().intent_id)
    sandbox_client.settle_intent(intent_id, "failed", deliver=False)
    payments.apply_intent(intent_id)
    return order


def checked() -> Order:
    order = strange()
    checks.upload_check(order.number, front=io.BytesIO(picture()), back=None, actor=SYSTEM)
    return order


def rejected() -> Order:
    return checks.reject_check(checked().number, actor=SYSTEM)


def credited_in_part() -> Order:
    customer = CustomerFactory()
    credit.issue_credit(customer, Decimal(5), actor=SYSTEM)
    order = strange(customer=customer, payment_method=PaymentMethod.NET30)
    return credit.apply_credit(order.pk, Decimal(5), actor=SYSTEM)[0]


def with_money_set_aside() -> Order:
    order = strange()
    unapplied = PaymentState.UNAPPLIED
    Payment.objects.create(order=order, method=PaymentMethod.CASH, state=unapplied, amount=Decimal(5))
    return order


def with_money_returned() -> Order:
    order = with_money_set_aside()
    set_aside.return_payment(order.payments.get().pk, actor=SYSTEM, reason="Not ours")
    return order


def released() -> Order:
    return editing.release_hold(strange().pk, actor=SYSTEM, by=StaffFactory(), reason="known")


def deleted() -> Order:
    order = strange()
    progress.delete_order(order.pk, actor=SYSTEM)
    return order


LAPSES: dict[str, tuple[Callable[[], Order], bool]] = {
    "guest by card": (strange, True),
    "guest by check": (lambda: strange(payment_method="check"), True),
    "guest on hold": (lambda: strange(payment_method="net30"), True),
    "guest who made an account since": (linked, True),
    "customer by card": (of_customer, False),
    "customer on hold": (lambda: of_customer(payment_method="net30"), True),
    "customer on terms": (lambda: strange(customer=CustomerFactory(terms=5000), payment_method="net30"), False),
    "entered by staff": (entered, False),
    "entered by staff, on hold": (lambda: entered(payment_method="net30"), False),
    "by voice, on hold": (lambda: of_customer(payment_method="net30", source=OrderSource.VOICE), False),
    "paid": (lambda: payments.record_manual_payment(strange().pk, actor=SYSTEM, method=PaymentMethod.CASH)[0], False),
    "paid in part": (paid_in_part, False),
    "credited in part, on hold": (credited_in_part, False),
    "transfer under way": (under_way, False),
    "transfer that failed": (bounced, True),
    "check in review": (checked, False),
    "check that was rejected": (rejected, True),
    "money set aside": (with_money_set_aside, False),
    "money set aside and returned": (with_money_returned, True),
    "released": (released, False),
    "kept": (lambda: editing.keep_order(strange().pk, actor=SYSTEM, reason="known"), False),
    "cancelled": (lambda: progress.cancel_order(strange().pk, actor=SYSTEM), False),
    "deleted": (deleted, False),
    "confirmed": (lambda: progress.advance_order(released().pk, OrderStatus.CONFIRMED, actor=SYSTEM), False),
}


@pytest.mark.parametrize("situation", LAPSES)
def test_promises_to_strangers_lapse_by_the_rule_and_by_the_database(
    situation: str, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    make, does = LAPSES[situation]

    order = Order.objects.get(pk=make().pk)

    assert rules.lapses(order) is does
    assert (rules.lapses_at(order) is not None) is does
    assert selectors.promises_to_strangers().filter(pk=order.pk).exists() is does


@pytest.mark.parametrize("situation", LAPSES)
def test_guest_is_known_for_as_long_as_the_order_may_lapse(situation: str, tmp_path: Path, settings: Any) -> None:
    """Also while money is under way, since it may fail; for no longer, since nobody needs to know."""
    settings.MEDIA_ROOT = str(tmp_path)
    make, does = LAPSES[situation]
    waits = {"transfer under way", "check in review", "money set aside"}

    order = Order.objects.get(pk=make().pk)

    of_guest = order.customer_id is None or situation == "guest who made an account since"
    assert (order.guest_marks is not None) is (of_guest and order.source == "web" and (does or situation in waits))
