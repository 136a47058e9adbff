"""All moves, and how often each is tried. One more is a function and a line here."""

from collections.abc import Callable
from random import Random

from tests.soak import customers, outside, staff
from tests.soak.world import Play

Move = Callable[[Play, Random], None]

_WEIGHTS: dict[Move, int] = {
    customers.place: 3,
    customers.open_intent: 4,
    customers.open_intent_at_checkout: 2,
    customers.pay_by_card: 24,
    customers.pay_by_bank: 12,
    customers.pay_in_vain: 2,
    customers.confirm: 8,
    customers.open_page: 4,
    customers.pay_on_page: 14,
    customers.send_check: 1,
    customers.get_credit: 1,
    staff.make_link: 2,
    staff.take_money: 3,
    staff.approve_check: 8,
    staff.reject_check: 4,
    staff.apply_credit: 8,
    staff.refund_sum: 12,
    staff.refund_lines: 4,
    staff.adjust: 2,
    staff.retry_refund: 14,
    staff.hand_out_refund: 14,
    staff.apply_set_aside: 16,
    staff.return_set_aside: 14,
    staff.resolve: 6,
    staff.edit_items: 3,
    staff.write_off: 10,
    staff.reinstate: 12,
    staff.unship: 3,
    staff.advance: 5,
    staff.release: 2,
    staff.cancel: 8,
    staff.delete: 1,
    outside.settle_transfer: 14,
    outside.return_transfer: 6,
    outside.dispute: 8,
    outside.contest: 3,
    outside.decide_dispute: 14,
    outside.refund_in_dashboard: 14,
    outside.settle_refund: 16,
    outside.hear: 14,
    outside.work: 6,
    outside.wait: 5,
}
# Most sequences begin with money coming in; what happens to it is what is looked for.
OPENINGS: list[tuple[Move, ...]] = [
    (customers.place,),
    (customers.place, customers.open_intent, customers.pay_by_card),
    (customers.place, customers.open_intent, customers.pay_by_card, customers.confirm),
    (customers.place, customers.open_intent, customers.pay_by_card, outside.hear),
    (customers.place, customers.open_intent, customers.pay_by_bank, customers.confirm),
    (customers.place, customers.open_intent, customers.pay_by_bank, outside.hear),
    (customers.place, customers.open_intent_at_checkout, customers.pay_by_card),
    (customers.place, customers.open_intent_at_checkout, customers.pay_by_bank, customers.confirm),
    (customers.place, staff.make_link, customers.open_page, customers.pay_on_page),
    (customers.place, staff.make_link, customers.pay_on_page, outside.hear),
    (customers.place, staff.take_money),
    (customers.place, customers.get_credit, staff.apply_credit),
    (customers.place, customers.send_check, staff.approve_check),
    # From here on, into corners that chance alone seldom finds.
    (customers.place, customers.open_intent_at_checkout, customers.pay_by_card, outside.wait, outside.work),
    (customers.place, customers.open_intent, customers.pay_by_card, outside.refund_in_dashboard, outside.hear),
    (customers.place, customers.open_intent, customers.pay_by_bank, outside.hear, staff.cancel),
    (customers.place, customers.open_intent, customers.pay_by_bank, outside.hear, staff.edit_items),
    (customers.place, customers.open_intent, customers.pay_by_card, customers.confirm, outside.dispute, outside.hear),
    (customers.place, customers.open_intent, customers.pay_by_card, customers.confirm, staff.refund_sum),
    (customers.place, customers.open_intent, customers.pay_by_card, customers.confirm, staff.cancel),
    (customers.place, staff.make_link, customers.open_page, staff.take_money, customers.pay_on_page),
    (customers.place, staff.take_money, staff.cancel, staff.hand_out_refund),
    (customers.place, customers.place, customers.open_intent_at_checkout, customers.pay_by_card, outside.work),
]
MOVES = {move.__name__: move for move in _WEIGHTS}
WEIGHTS = list(_WEIGHTS.values())
