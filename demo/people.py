"""The demo's staff and customers."""

import random
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from accounts import consent
from accounts.enums import AuthProvider, Language
from accounts.models import CustomerProfile, SmsConsent, StaffProfile, User
from demo import names
from demo.loading import continue_ids, copy_models
from demo.logins import DEMO_PASSWORD
from demo.world import HISTORY, World
from lld.core.access import Role

STAFF = (
    ("admin", Role.ADMIN, "Dana", "Whitfield"),
    ("manager", Role.MANAGER, "Oscar", "Delgado"),
    ("staff", Role.STAFF, "Priya", "Nair"),
    ("rep", Role.SALES_REP, "Tomasz", "Kowalski"),
    ("rep2", Role.SALES_REP, "Grace", "Liu"),
    ("rep3", Role.SALES_REP, "Marcus", "Johnson"),
    ("rep4", Role.SALES_REP, "Elena", "Papadakis"),
    ("warehouse", Role.WAREHOUSE, "Hector", "Ramirez"),
)
REPS = [pk for pk, (_, role, _, _) in enumerate(STAFF, start=1) if role == Role.SALES_REP]
COMMISSION = Decimal("0.0500")
AREA_CODES = ("312", "773", "708", "847")
LIMITS = (300, 500, 800, 1200, 2000, 4000, 8000)
BUSINESSES = ("restaurant", "restaurant", "restaurant", "cafe", "bakery", "bar", "catering", "food truck", "school")
LANGUAGES = (70, 18, 8, 4)
# The first customers are those of `logins.py`.
LOGINS = 2
# Days between two orders of a regular.
CYCLES = (7, 60)


@dataclass(frozen=True)
class DemoCustomer:
    """A customer and their ways. `cycle`: days between orders; `until`: when they stop coming."""

    id: int
    first_name: str
    last_name: str
    company: str
    street: str
    place: names.Place
    phone: str
    email: str
    username: str | None
    on_terms: bool
    credit_limit: Decimal
    pays_late: bool
    rep_id: int
    joined: datetime
    cycle: float
    until: datetime

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> str:
        return f"{self.street}, {self.place.city}, {self.place.state} {self.place.zip_code}"


def load_staff(world: World) -> None:
    """One of every role and more representatives, all with the demo password."""
    password = make_password(DEMO_PASSWORD)
    copy_models(
        [
            User(
                pk=pk,
                password=password,
                username=username,
                email=f"{username}@lld.example",
                first_name=first_name,
                last_name=last_name,
                role=role,
                auth_provider=AuthProvider.STAFF,
                email_verified=True,
                created_at=world.start,
                updated_at=world.start,
            )
            for pk, (username, role, first_name, last_name) in enumerate(STAFF, start=1)
        ]
    )
    copy_models([StaffProfile(user_id=pk, commission_rate=COMMISSION) for pk in range(1, len(STAFF) + 1)])


def invent_customers(world: World, count: int) -> list[DemoCustomer]:
    """The two demo logins first; then as many as are missing to `count`."""
    dice = world.dice("people")
    customers = [_customer(world, dice, index) for index in range(max(count, LOGINS))]
    customers[0] = replace(
        customers[0],
        first_name="Rosa",
        last_name="Medina",
        email="customer@restaurants.example",
        username="customer",
        on_terms=True,
        credit_limit=Decimal("5000.00"),
        pays_late=False,
        joined=world.start,
        cycle=9,
        until=world.now,
    )
    joined = world.now - timedelta(days=2)
    customers[1] = replace(
        customers[1],
        first_name="Sam",
        last_name="Okafor",
        email="newcomer@restaurants.example",
        username="newcomer",
        on_terms=False,
        credit_limit=Decimal("0.00"),
        joined=joined,
        until=joined,
    )
    return customers


def load_customers(world: World, customers: list[DemoCustomer]) -> None:
    """Accounts, profiles, and the consent of every third to text messages."""
    dice = world.dice("profiles")
    usable = make_password(DEMO_PASSWORD)
    # Nobody signs in as the others: one hash apiece would take hours.
    unusable = UNUSABLE_PASSWORD_PREFIX + "0" * 40
    passwords = [usable] * LOGINS + [unusable] * (len(customers) - LOGINS)
    copy_models([_user(customer, password) for customer, password in zip(customers, passwords, strict=True)])
    copy_models([_profile(dice, customer) for customer in customers])
    copy_models([_consent(customer) for customer in customers[::3]])
    continue_ids(User)


def _user(customer: DemoCustomer, password: str) -> User:
    return User(
        pk=customer.id,
        password=password,
        username=customer.username,
        email=customer.email,
        phone=customer.phone,
        first_name=customer.first_name,
        last_name=customer.last_name,
        auth_provider=AuthProvider.EMAIL if customer.username else AuthProvider.IMPORTED,
        email_verified=customer.username is not None,
        created_at=customer.joined,
        updated_at=customer.joined,
    )


def _profile(dice: random.Random, customer: DemoCustomer) -> CustomerProfile:
    return CustomerProfile(
        user_id=customer.id,
        company_name=customer.company,
        shipping_address=customer.address,
        billing_address=customer.address,
        business_type=dice.choice(BUSINESSES),
        state_of_operation=customer.place.state,
        preferred_language=dice.choices(Language.values, weights=LANGUAGES)[0],
        approved_for_terms=customer.on_terms,
        credit_limit=customer.credit_limit,
    )


def _consent(customer: DemoCustomer) -> SmsConsent:
    return SmsConsent(
        phone=customer.phone,
        consented=True,
        first_name=customer.first_name,
        last_name=customer.last_name,
        email=customer.email,
        text_version=consent.VERSION,
        source="demo",
        created_at=customer.joined,
    )


def _customer(world: World, dice: random.Random, index: int) -> DemoCustomer:
    people, cuisine = dice.choice(names.PEOPLE), dice.choice(names.CUISINES)
    first_name, last_name = dice.choice(people.first_names), dice.choice(people.last_names)
    in_city = dice.random() < 0.75
    street = dice.choice(names.CHICAGO_STREETS if in_city else names.SUBURB_STREETS)
    on_terms = dice.random() < 0.7
    company = dice.choice(cuisine.patterns).format(dice.choice(cuisine.stems))
    handle = f"{_ascii(first_name)}.{_ascii(last_name)}{index}"
    # A quarter were customers before the history begins; the others came in the course of it.
    joined = world.start + timedelta(days=max(dice.uniform(-250, HISTORY.days - 30), dice.uniform(0, 40)))
    has_left = dice.random() < 0.25
    return DemoCustomer(
        id=len(STAFF) + 1 + index,
        first_name=first_name,
        last_name=last_name,
        company=f"{company}, {street.name.split(' ', 1)[-1]}",
        street=f"{dice.randint(street.lowest, street.highest)} {street.name}",
        place=dice.choice(names.CHICAGO_PLACES if in_city else names.SUBURB_PLACES),
        phone=_phone(index),
        email=f"{handle}@restaurants.example",
        username=handle if dice.random() < 0.5 else None,
        on_terms=on_terms,
        credit_limit=Decimal(dice.choice(LIMITS) if on_terms else 0),
        pays_late=dice.random() < 0.12,
        rep_id=dice.choice(REPS),
        joined=joined,
        cycle=dice.uniform(*CYCLES),
        until=joined + (world.now - joined) * dice.random() if has_left else world.now,
    )


def _phone(index: int) -> str:
    """Numbers of the Chicago area from the exchange 555 on, which has few real ones."""
    line, area = divmod(index, len(AREA_CODES))
    exchange, line = divmod(line, 10_000)
    return f"+1{AREA_CODES[area]}{555 + exchange}{line:04}"


# Letters that no decomposition takes the stroke from.
_STROKES = str.maketrans("łŁđĐ", "lLdD")


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum()).lower()
