"""Fill an empty database with a believable wholesaler: the same seed makes the same one."""

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Product
from orders.models import Order, OrderLine
from staffportal.demo.catalogue import load_products, read_catalogue
from staffportal.demo.logins import DEMO_PASSWORD
from staffportal.demo.orders import load_orders
from staffportal.demo.people import invent_customers, load_customers, load_staff
from staffportal.demo.world import World


class Command(BaseCommand):
    help = "Fill an empty database with demo data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=400)
        parser.add_argument("--products", type=int, default=None, help="The whole catalogue when left out.")
        parser.add_argument("--orders", type=int, default=3000, help="About as many.")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--now", type=datetime.fromisoformat, default=None, help="Where the history ends.")
        parser.add_argument("--if-empty", action="store_true", help="Do nothing when there is data.")

    def handle(self, *args: Any, **options: Any) -> None:
        if Product.objects.exists() or User.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is data already; seed_demo fills only an empty database.")
        began = time.monotonic()
        world = World(options["seed"], options["now"] or timezone.now())
        products = read_catalogue(options["products"])
        with transaction.atomic():
            load_staff(world, DEMO_PASSWORD)
            customers = invent_customers(world, options["customers"])
            load_customers(world, customers, DEMO_PASSWORD)
            # Orders come before the products they name: only then is it known how much they took.
            load_orders(world, customers, products, options["orders"])
            load_products(world, products)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        self.stdout.write(
            f"{len(products)} products, {len(customers)} customers, {Order.objects.count()} orders with "
            f"{OrderLine.objects.count()} lines in {time.monotonic() - began:.1f} s."
        )
