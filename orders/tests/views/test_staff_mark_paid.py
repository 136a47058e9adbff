"""Money in hand, and what a cancellation owes."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from lld.core.models import AuditEntry
from orders.enums import OrderStatus
from orders.models import CreditAccount, CreditEntry, Order, Payment, Refund
from orders.services import intents, payments, progress, refund_delivery
from sandbox.testing import SandboxClient
from tests.factories import CANCELLING, CustomerFactory, as_staff, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def mark(order: Order, client: Any = None, **body: Any) -> Any:
    return (client or as_staff(Role.STAFF)).post(f"/api/staff/orders/{order.pk}/mark-paid", body)


@pytest.mark.parametrize("amount", [None, 0, 0.0, "0"])
def test_missing_amount_pays_the_balance(amount: Any) -> None:
    order = place(payment_method="check")

    answer = mark(order, **({} if amount is None else {"amount_received": amount}))

    assert answer.json()["order"]["balance"] == 0.0
    assert answer.json()["overpayment_credited"] == 0.0
    order.refresh_from_db()
    assert (order.payment_status, order.amount_paid, order.paid_at is not None) == ("paid", order.total_amount, True)


@pytest.mark.parametrize("method", ["cash", "check", "credit_card", "ach", "other"])
def test_every_manual_payment_method_is_taken(method: str) -> None:
    order = place(payment_method="check")
    assert mark(order, payment_method=method).json()["order"]["payment_method"] == method
    assert Payment.objects.get().method == method


@pytest.mark.parametrize("method", ["net30", "store_credit", "bitcoin", "", None, 5])
def test_invalid_payment_method_is_named(method: Any) -> None:
    order = place(payment_method="check")
    answer = mark(order, payment_method=method)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["payment_method"])
    assert not Payment.objects.exists()


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.WAREHOUSE])
def test_mark_paid_is_refused_to_sales_rep_and_warehouse(role: Role) -> None:
    client = as_staff(role)
    order = place(payment_method="check", sales_rep=client.user)
    assert mark(order, client).status_code == 403
    assert not Payment.objects.exists()


def begin_transfer(order: Order, sandbox: SandboxClient) -> str:
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)
    return intent.id


def test_cash_is_taken_while_a_strangers_transfer_is_under_way_which_then_goes_back(sandbox: SandboxClient) -> None:
    order = place(payment_method="credit_card")
    intent_id = begin_transfer(order, sandbox)

    answer = mark(order)

    assert answer.status_code == 200, answer.content
    assert answer.json()["order"]["payment_status"] == "paid"
    assert answer.json()["under_way"] == 45.0
    sandbox.settle_intent(intent_id, "succeeded", deliver=False)
    payments.apply_intent(intent_id)
    refund_delivery.carry_out_due_refunds(order.pk)
    order.refresh_from_db()
    assert (order.payment_status, order.balance, order.amount_paid) == ("paid", 0, 45)
    transfer = order.payments.get(intent_id=intent_id)
    assert (transfer.state, transfer.given_back) == ("unapplied", 45)


def test_transfer_that_fails_after_cash_was_taken_changes_nothing(sandbox: SandboxClient) -> None:
    order = place(payment_method="credit_card")
    intent_id = begin_transfer(order, sandbox)
    assert mark(order).status_code == 200

    sandbox.settle_intent(intent_id, "failed", deliver=False)
    payments.apply_intent(intent_id)

    order.refresh_from_db()
    assert (order.payment_status, order.balance) == ("paid", 0)


def test_customer_does_not_pay_again_while_a_transfer_is_under_way(sandbox: SandboxClient) -> None:
    order = place(payment_method="credit_card")
    begin_transfer(order, sandbox)

    with pytest.raises(Conflict, match="under way"):
        intents.open_intent(amount=order.balance, order_number=order.number)


def test_parts_add_up_to_paid() -> None:
    order = place(customer=CustomerFactory())

    for amount, balance, status in [(0.01, 44.99, "unpaid"), (44.98, 0.01, "unpaid"), (0.01, 0.0, "paid")]:
        shown = mark(order, amount_received=amount).json()["order"]
        assert (shown["balance"], shown["payment_status"]) == (balance, status)

    assert mark(order, amount_received=1).json()["code"] == "nothing_due"
    order.refresh_from_db()
    assert (order.terms_hold, order.amount_paid, Payment.objects.count()) == (False, Decimal("45.00"), 3)
    assert not CreditEntry.objects.exists()


def test_surplus_over_the_rest_is_credited_and_audited() -> None:
    customer = CustomerFactory()
    order = place(customer=customer)
    mark(order, amount_received=40)

    answer = mark(order, amount_received=100, payment_method="check", note="check 114").json()

    assert (answer["overpayment_credited"], answer["order"]["balance"]) == (95.0, 0.0)
    entry = CreditEntry.objects.get()
    assert (entry.amount, entry.balance_after, entry.reason, entry.order) == (
        Decimal("95.00"),
        Decimal("95.00"),
        "overpayment",
        order,
    )
    assert CreditAccount.objects.get(customer=customer).balance == Decimal("95.00")
    order.refresh_from_db()
    assert order.amount_paid == order.total_amount
    audit = AuditEntry.objects.filter(action="order.mark_paid").latest("pk")
    assert (audit.reason, audit.after["received"], audit.after["credited"]) == ("check 114", "100.00", "95.00")


def test_guest_surplus_is_refused_whole() -> None:
    order = place(payment_method="check")
    answer = mark(order, amount_received=45.01)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["amount_received"])
    order.refresh_from_db()
    assert (order.amount_paid, order.payment_status, Payment.objects.count()) == (0, "unpaid", 0)


def test_idempotency_key_records_one_payment() -> None:
    order = place(customer=CustomerFactory())
    client = as_staff(Role.STAFF)

    answers = [
        client.post(
            f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 20}, HTTP_IDEMPOTENCY_KEY="receipt-7"
        )
        for _ in range(2)
    ]

    assert answers[0].content == answers[1].content
    assert Payment.objects.count() == 1


def test_cancelled_order_takes_no_money() -> None:
    order = progress.cancel_order(place(payment_method="check").pk, actor=SYSTEM)
    answer = mark(order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_locked")
    assert not Payment.objects.exists()


@pytest.mark.parametrize("status", [OrderStatus.CONFIRMED, OrderStatus.PACKED])
def test_cancelling_refunds_exactly_what_was_paid(status: OrderStatus) -> None:
    order = place(payment_method="check")
    mark(order, amount_received=20)
    mark(order, amount_received=5, payment_method="check")
    progress.advance_order(order.pk, status, actor=SYSTEM)

    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", CANCELLING).json()

    assert answer["refund"] == {"refund_id": None, "amount": 25.0, "status": "manual", "error": None}
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [Decimal("5.00"), Decimal("20.00")]


def test_cancelling_an_unpaid_order_refunds_nothing() -> None:
    order = place(payment_method="check")
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", CANCELLING).json()
    assert "refund" not in answer
    assert not Refund.objects.exists()


def test_amount_under_a_cent_is_refused() -> None:
    order = place(payment_method="check")
    answer = as_staff().post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 0.004})
    assert "amount_received" in answer.json()["fields"]
    order.refresh_from_db()
    assert order.amount_paid == 0


def test_part_then_rest_then_nothing_due() -> None:
    order = place(payment_method="check")

    part = mark(order, amount_received=20, payment_method="check").json()["order"]
    assert (part["payment_status"], part["balance"]) == ("unpaid", 25.0)

    rest = mark(order).json()["order"]
    assert (rest["payment_status"], rest["balance"], rest["payment_method"]) == ("paid", 0.0, "cash")

    again = mark(order)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_due")
    assert Payment.objects.count() == 2


def test_surplus_is_credited_to_a_customer_not_a_guest() -> None:
    customer = CustomerFactory()

    answer = mark(place(customer=customer), amount_received=50.01).json()
    assert answer["overpayment_credited"] == 5.01
    assert CreditAccount.objects.get(customer=customer).balance == Decimal("5.01")

    guest = mark(place(), amount_received=50)
    assert (guest.status_code, list(guest.json()["fields"])) == (400, ["amount_received"])


@pytest.mark.parametrize("amount", [-1, "abc", True, 1e12, "NaN", [1]])
def test_invalid_amount_is_named(amount: Any) -> None:
    assert "amount_received" in mark(place(), amount_received=amount).json()["fields"]


def test_cash_refund_is_manual() -> None:
    order = place(payment_method="check")
    mark(order)
    staff = as_staff(Role.MANAGER)

    refund = staff.put(f"/api/staff/orders/{order.pk}/status", CANCELLING).json()["refund"]

    assert (refund["status"], refund["amount"], refund["refund_id"]) == ("manual", 45.0, None)
    assert staff.get(f"/api/staff/orders/{order.pk}").json()["order"]["refunds"][0]["state"] == "manual"
    assert order.attention.get().kind == "manual_refund"
