"""Who orders when, and what they like: regulars in cycles of their own, and others who came only a few times."""

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import ceil

from catalog.models import Product
from demo.catalogue import Article
from demo.people import DemoCustomer
from demo.world import World
from lld.core.clock import business_zone

# Orders by weekday: most before the weekend, none on Sundays.
WEEKDAYS = (14, 15, 16, 20, 22, 8, 0)
# Days by which a visit moves to a likelier weekday.
SHIFTS = range(-3, 4)


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer about to order some of what they usually buy."""

    at: datetime
    customer: DemoCustomer
    favourites: list[Product]


class Shop:
    """What is for sale, drawn by popularity."""

    def __init__(self, articles: list[Article], dice: random.Random) -> None:
        on_sale = [article for article in articles if article.product.in_stock]
        self._products = [article.product for article in on_sale]
        self._weights = list(accumulate(article.popularity for article in on_sale))
        self._dice = dice

    def draw(self, count: int) -> list[Product]:
        """At most `count` different products, and at least one."""
        total = self._weights[-1]
        drawn = {bisect(self._weights, self._dice.random() * total) for _ in range(count)}
        return [self._products[place] for place in sorted(drawn)]


def plan_visits(world: World, customers: list[DemoCustomer], articles: list[Article], count: int) -> list[Visit]:
    """About `count` visits, oldest first."""
    dice = world.dice("visits")
    shop = Shop(articles, dice)
    visits = []
    for customer, most, cycle in _plans(customers, count, dice):
        favourites = shop.draw(dice.randint(5, 14))
        moment = customer.joined + timedelta(days=-SHIFTS[0])
        for _ in range(most):
            if moment >= customer.until:
                break
            at = max(_opening_hours(moment, world.now, dice), customer.joined)
            visits.append(Visit(at, customer, favourites))
            moment += timedelta(days=cycle * dice.uniform(0.7, 1.3))
    visits.sort(key=lambda visit: (visit.at, visit.customer.id))
    return visits


def _plans(
    customers: list[DemoCustomer], count: int, dice: random.Random
) -> Iterator[tuple[DemoCustomer, int, float]]:
    """Customers with the most orders that they place, and the days between two.

    As many are regulars, the first of the customers among them, as `count` allows; the others come one to three
    times. Where `count` asks for more than all of them as regulars place, they come more often.
    """
    shuffled = [customers[0], *dice.sample(customers[1:], len(customers) - 1)]
    regularly = [ceil((customer.until - customer.joined) / timedelta(days=customer.cycle)) for customer in shuffled]
    seldom = [min(most, dice.randint(1, 3), count // len(customers)) for most in regularly]
    pace = max(count / sum(regularly), 1)
    spare = count - sum(seldom)
    for customer, many, few in zip(shuffled, regularly, seldom, strict=True):
        is_regular = many - few <= spare
        if is_regular:
            spare -= many - few
        yield customer, round(many * pace) if is_regular else few, customer.cycle / pace


def _opening_hours(moment: datetime, now: datetime, dice: random.Random) -> datetime:
    """A day around that one, as weekdays are liked, between seven and nineteen at the warehouse, and past."""
    local = moment.astimezone(business_zone())
    local = local.replace(hour=dice.randint(7, 18), minute=dice.randint(0, 59), second=dice.randint(0, 59))
    days = [day for shift in SHIFTS if (day := local + timedelta(days=shift)) <= now]
    return dice.choices(days, [WEEKDAYS[day.weekday()] for day in days])[0].astimezone(now.tzinfo)
