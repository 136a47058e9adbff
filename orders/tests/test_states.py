"""No state without a way out: each is over, or is left by a service that is named here and in the papers."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from orders.enums import CheckState, DisputeState, LinkState, OrderStatus, PaymentState, RefundState
from orders.services import (
    checks,
    disputes,
    intents,
    lapsing,
    links,
    payments,
    progress,
    refund_delivery,
    refunds,
    set_aside,
    withdrawing,
)

PAPER = Path(__file__).resolve().parents[2] / "docs" / "architecture" / "orders.md"

# Nothing waits any more.
OVER: tuple[Callable[..., Any], ...] = ()
WAYS_OUT: dict[type[Enum], dict[Any, tuple[Callable[..., Any], ...]]] = {
    PaymentState: {
        PaymentState.CREATING: (intents.open_intent, intents.check_payment),
        PaymentState.OPEN: (payments.apply_intent, payments.confirm_intent, intents.check_payment),
        PaymentState.PROCESSING: (payments.apply_intent, intents.check_payment),
        PaymentState.UNAPPLIED: (set_aside.apply_payment, set_aside.return_payment, progress.cancel_order),
        PaymentState.SUCCEEDED: OVER,
        PaymentState.FAILED: OVER,
        PaymentState.CANCELLED: OVER,
    },
    RefundState: {
        RefundState.REQUESTED: (refund_delivery.carry_out_refund,),
        RefundState.PENDING: (refund_delivery.carry_out_refund, refunds.record_refund),
        RefundState.FAILED: (refunds.retry_refund, refund_delivery.hand_out_refund, withdrawing.withdraw_refund),
        RefundState.MANUAL: (refund_delivery.hand_out_refund, withdrawing.withdraw_refund),
        RefundState.SUCCEEDED: OVER,
        RefundState.WITHDRAWN: OVER,
    },
    LinkState: {
        LinkState.CREATING: (links.take_down_link,),
        LinkState.ACTIVE: (links.take_down_link,),
        LinkState.EXPIRED: OVER,
        LinkState.FAILED: OVER,
    },
    CheckState: {
        CheckState.REVIEW: (checks.approve_check, checks.reject_check, checks.upload_check),
        CheckState.APPROVED: OVER,
        CheckState.REJECTED: OVER,
        CheckState.REPLACED: OVER,
    },
    DisputeState: {
        DisputeState.INQUIRY: (disputes.apply_dispute,),
        DisputeState.OPEN: (disputes.apply_dispute,),
        DisputeState.WON: OVER,
        DisputeState.LOST: OVER,
    },
    OrderStatus: {
        OrderStatus.PENDING: (progress.advance_order, progress.cancel_order, lapsing.lapse_order),
        OrderStatus.CONFIRMED: (progress.advance_order, progress.cancel_order),
        OrderStatus.PACKED: (progress.advance_order, progress.cancel_order),
        OrderStatus.SHIPPED: (progress.deliver_order,),
        OrderStatus.DELIVERED: OVER,
        OrderStatus.CANCELLED: OVER,
    },
}


@pytest.mark.parametrize("states", WAYS_OUT, ids=lambda states: states.__name__)
def test_every_state_is_over_or_left_by_a_service(states: type[Enum]) -> None:
    assert set(WAYS_OUT[states]) == set(states)


@pytest.mark.parametrize("states", WAYS_OUT, ids=lambda states: states.__name__)
def test_every_state_is_in_the_papers(states: type[Enum]) -> None:
    paper = PAPER.read_text()

    assert [state.value for state in states if f"`{state.value}`" not in paper] == []
