"""Fill an empty database with a believable wholesaler: the same seed makes the same one."""

import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Product
from demo.catalogue import load_products, read_catalogue
from demo.orders import load_orders
from demo.people import invent_customers, load_customers, load_staff
from demo.world import World
from orders.models import Order, OrderLine


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text} is not a whole number above zero")
    return int(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Fill an empty database with demo data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=_count, default=400)
        parser.add_argument("--products", type=_count, default=None, help="The whole catalogue when left out.")
        parser.add_argument("--orders", type=_count, default=5000, help="About as many.")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--now", type=_moment, default=None, help="Where the history ends.")
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when there is data.")

    def handle(self, *args: Any, **options: Any) -> None:
        if Product.objects.exists() or User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is data already; seed_demo fills only an empty database.")
        began = time.monotonic()
        world = World(options["seed"], options["now"] or timezone.now())
        try:
            articles = read_catalogue(world, options["products"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        customers = invent_customers(world, options["customers"])
        with transaction.atomic():
            load_staff(world)
            load_customers(world, customers)
            # Orders come before the products they name: only then is it known how much they took.
            load_orders(world, customers, articles, options["orders"])
            load_products(world, articles)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.stdout.write(
            f"{len(articles)} products, {len(customers)} customers, {Order.objects.count()} orders with "
            f"{OrderLine.objects.count()} lines in {time.monotonic() - began:.1f} s."
        )
