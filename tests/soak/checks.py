"""Which sequences broke a rule: of our books, of Stripe's against ours, of what is derived."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from orders import locks
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.services import ledger
from tests.soak.books import RULES
from tests.soak.world import Play, World

_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


@dataclass(frozen=True)
class Violation:
    """`seed` is None for what belongs to no one sequence."""

    seed: int | None
    rule: str
    detail: str


def find_violations(world: World, plays: Sequence[Play]) -> list[Violation]:
    owners = Owners(plays)
    return [*_of_books(owners), *_of_stripe(world, owners), *_of_derived(plays)]


class Owners:
    """Whose an order or a payment is."""

    def __init__(self, plays: Sequence[Play]) -> None:
        self._orders = dict(Order.objects.values_list("pk", "delivery_name"))
        self._payments = {
            pk: (order, email) for pk, order, email in Payment.objects.values_list("pk", "order", "payer_email")
        }
        self.intents = {intent: play.seed for play in plays for intent in play.intents}

    def of(self, order_id: int | None, payment_id: int | None) -> int | None:
        email = ""
        if order_id is None and payment_id is not None:
            order_id, email = self._payments[payment_id]
        if order_id is not None:
            return int(self._orders[order_id].split()[-1])
        return int(email.split("@")[0]) if email else None


def _of_books(owners: Owners) -> Iterator[Violation]:
    with connection.cursor() as cursor:
        for rule, query in RULES.items():
            cursor.execute(query)
            for order_id, payment_id, detail in cursor.fetchall():
                yield Violation(owners.of(order_id, payment_id), rule, detail)


def _of_derived(plays: Sequence[Play]) -> Iterator[Violation]:
    """What follows from the ledger has followed; looked at for some, as it takes as long as a move."""
    for play in plays[:: 1 if len(plays) == 1 else 4]:
        for order in play.orders:
            with transaction.atomic():
                locked = locks.lock_order_even_deleted(order.pk)
                version = locked.version
                ledger.derive_money(locked)
                transaction.set_rollback(True)
            if locked.version != version:
                yield Violation(
                    play.seed, "What follows from the ledger is derived", f"{order.number} {order.status}"
                )


def _of_stripe(world: World, owners: Owners) -> Iterator[Violation]:
    failed = {entry["id"] for entry in world.sandbox.ledger("stripe", "refund_failed")}
    theirs, ours = stripes_net(world), our_net(failed)
    for intent in theirs.keys() | ours.keys():
        payment_id, net = ours.get(intent, (None, Decimal(0)))
        if theirs[intent] != net:
            seed = owners.of(None, payment_id) if payment_id else owners.intents.get(intent)
            yield Violation(seed, "Stripe has of each payment what we say", f"{intent}: {theirs[intent]}, not {net}")
    left_open = _of_closed_pages(world)
    for intent in world.sandbox.objects("payment_intent")[0]:
        known = ours.get(intent["id"], (None,))[0]
        if intent["status"] not in _OPEN or intent["id"] in left_open:
            continue
        if known or intent["id"] in owners.intents:
            seed = owners.of(None, known) if known else owners.intents[intent["id"]]
            rule = "Nobody can pay any more what is not waited for"
            yield Violation(seed, rule, f"{intent['id']} {intent['status']}")


def _of_closed_pages(world: World) -> set[str]:
    """Intents of Checkout's pages that took a transfer: it failed, but they take nothing else."""
    pages, _ = world.sandbox.objects("checkout.session")
    return {page["payment_intent"] for page in pages if page["status"] != "open"}


def stripes_net(world: World) -> Counter[str]:
    """What Stripe has of each intent: what it took, less what it gave back and what banks took."""
    net: Counter[str] = Counter()
    refunds: dict[str, str] = {}
    for entry in world.sandbox.ledger("stripe"):
        amount, intent = Decimal(entry.get("amount") or 0) / 100, entry.get("payment_intent", "")
        match entry["kind"]:
            case "charge":
                net[intent] += amount
            case "refund":
                refunds[entry["id"]] = intent
                net[intent] -= amount
            case "refund_failed":
                net[refunds[entry["id"]]] += amount
            case "dispute":
                net[intent] -= amount
            case "dispute_closed" if entry["outcome"] == "won":
                net[intent] += amount
    return net


def our_net(failed: Set[str]) -> dict[str, tuple[int, Decimal]]:
    """The same by our books: every payment that an intent is known of, and what is left of it at Stripe.

    `failed`: Stripe's refunds that did not arrive after all.
    """
    net = {
        intent: (pk, (amount if state in {"succeeded", "unapplied"} else Decimal(0)) - charged_back)
        for pk, intent, state, amount, charged_back in Payment.objects.exclude(intent_id=None).values_list(
            "pk", "intent_id", "state", "amount", "charged_back"
        )
    }
    sent = Refund.objects.filter(destination="stripe", state__in=["succeeded", "pending"])
    for intent, amount in sent.values_list("payment__intent_id", "amount"):
        pk, left = net[intent]
        net[intent] = (pk, left - amount)
    for intent, twice in given_back_twice(failed):
        pk, left = net[intent]
        net[intent] = (pk, left - twice)
    return net


def given_back_twice(failed: Set[str]) -> Iterator[tuple[str, Decimal]]:
    """What was given back in the dashboard although it had been given back another way: a person was told."""
    adopted = dict(Refund.objects.filter(key__startswith="stripe:").values_list("refund_id", "amount"))
    told = AttentionEntry.objects.filter(key__startswith="adopted:").select_related("payment")
    for entry in told:
        refund_id = entry.key.removeprefix("adopted:")
        missing = (entry.amount or 0) - adopted.get(refund_id, Decimal(0))
        if missing and refund_id not in failed and entry.payment is not None:
            yield str(entry.payment.intent_id), missing
