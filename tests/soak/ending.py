"""How a batch ends: no trouble any more, banks decide, time goes by, and `reconcile` finishes all it can."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from io import StringIO
from unittest.mock import patch

from django.db import connection
from time_machine import escape_hatch

from orders.management.commands.reconcile import Command
from orders.services import stripe_events
from tests.soak.world import LONGEST, Play, World

# What a row says, whatever becomes of it at vendors; the order of the columns is the table's.
_STANDS = """
SELECT md5(concat(
    (SELECT string_agg(o::text, '' ORDER BY id) FROM orders_order o),
    (SELECT string_agg(p::text, '' ORDER BY id) FROM orders_payment p),
    (SELECT string_agg(r::text, '' ORDER BY id) FROM orders_refund r),
    (SELECT string_agg(l::text, '' ORDER BY id) FROM orders_paymentlink l),
    (SELECT string_agg(d::text, '' ORDER BY id) FROM orders_dispute d),
    (SELECT string_agg(a::text, '' ORDER BY id) FROM orders_attentionentry a),
    (SELECT count(*) FROM orders_ledgerentry)))
"""


def end(world: World, plays: Sequence[Play]) -> list[str]:
    """Brings everything to its end; what `reconcile` could not finish, in its own words."""
    world.fate.forget()
    world.clock.move_to(world.began + LONGEST + timedelta(days=1))
    reconcile(world)
    while decide(world, plays):
        reconcile(world)
    world.wait(timedelta(days=4))
    complaints = reconcile(world)
    before = standing()
    complaints += reconcile(world)
    return complaints if standing() == before else [*complaints, "Another reconcile changed something."]


def reconcile(world: World) -> list[str]:
    """What it complains of. Stripe is asked for the events since the last time only: the older ones were heard."""
    complaints = StringIO()
    since, world.reconciled = world.reconciled, escape_hatch.datetime.datetime.now(UTC) - timedelta(seconds=2)
    catch_up = stripe_events.catch_up
    with patch.object(stripe_events, "catch_up", lambda **_: catch_up(since=since)):
        Command(stdout=StringIO(), stderr=complaints).handle()
    return complaints.getvalue().splitlines()


def decide(world: World, plays: Sequence[Play]) -> bool:
    """Banks take their time, but in the end they decide; whether there was something to decide."""
    for play in plays:
        play.look()
    owners = {payment.intent_id: play for play in plays for payment in play.payments}
    decided = False
    for kind, status, settle in (
        ("payment_intent", "processing", world.sandbox.settle_intent),
        ("refund", "pending", world.sandbox.settle_refund),
    ):
        for found in world.sandbox.objects(kind)[0]:
            play = owners.get(found["id"] if kind == "payment_intent" else found["payment_intent"])
            if found["status"] == status and play is not None:
                settle(found["id"], play.fortune.choice(["succeeded", "failed"]), deliver=False)
                decided = True
    return decided


def standing() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_STANDS)
        return str(cursor.fetchone()[0])
