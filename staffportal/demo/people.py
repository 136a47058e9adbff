"""The demo's staff and customers."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password

from accounts import consent
from accounts.enums import AuthProvider, Language, PaymentTerms
from accounts.models import CustomerProfile, SmsConsent, StaffProfile, User
from lld.core.access import Role
from staffportal.demo import names
from staffportal.demo.loading import continue_ids, copy_rows
from staffportal.demo.world import World

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
COMMISSION = Decimal("0.0500")
AREA_CODES = ("312", "773", "708", "847")
LIMITS = (500, 1000, 1500, 2500, 4000, 6000, 10000)
BUSINESSES = ("restaurant", "restaurant", "restaurant", "cafe", "bakery", "bar", "catering", "food truck", "school")


@dataclass(frozen=True)
class DemoCustomer:
    """A customer of the demo: what the order generator needs."""

    id: int
    name: str
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
    joined: datetime
    orders: bool = True

    @property
    def address(self) -> str:
        return f"{self.street}, {self.place.city}, {self.place.state} {self.place.zip_code}"


def staff_ids(role: Role) -> list[int]:
    return [number for number, member in enumerate(STAFF, start=1) if member[1] == role]


def load_staff(world: World, password: str) -> None:
    """One of every role and more representatives, all with the demo password."""
    hashed = make_password(password)
    copy_rows(
        User,
        _USER_COLUMNS,
        (
            _user(pk, username, f"{username}@lld.example", "", (first, last), role, hashed, True, world.start)
            for pk, (username, role, first, last) in enumerate(STAFF, start=1)
        ),
    )
    copy_rows(StaffProfile, ("user_id", "commission_rate"), ((pk, COMMISSION) for pk in range(1, len(STAFF) + 1)))


def invent_customers(world: World, count: int) -> list[DemoCustomer]:
    """The two demo logins, then as many as are missing to `count`."""
    dice = world.dice("people")
    first = len(STAFF) + 1
    customers = [_customer(world, dice, first + index, index) for index in range(max(count, 2))]
    login = {"first_name": "Rosa", "last_name": "Medina", "name": "Rosa Medina"}
    customers[0] = _known(customers[0], username="customer", on_terms=True, limit=Decimal("5000.00"), **login)
    newcomer = {"first_name": "Sam", "last_name": "Okafor", "name": "Sam Okafor"}
    customers[1] = _known(customers[1], username="newcomer", on_terms=False, limit=Decimal("0.00"), **newcomer)
    return customers


def load_customers(world: World, customers: list[DemoCustomer], password: str) -> None:
    hashed = make_password(password)
    # Nobody signs in as the others: one hash apiece would take hours.
    unusable = UNUSABLE_PASSWORD_PREFIX + "0" * 40
    logins = {"customer", "newcomer"}
    copy_rows(
        User,
        _USER_COLUMNS,
        (
            _user(
                customer.id,
                customer.username,
                customer.email,
                customer.phone,
                (customer.first_name, customer.last_name),
                "",
                hashed if customer.username in logins else unusable,
                customer.username is not None,
                customer.joined,
            )
            for customer in customers
        ),
    )
    dice = world.dice("profiles")
    copy_rows(CustomerProfile, _PROFILE_COLUMNS, (_profile(dice, customer) for customer in customers))
    copy_rows(SmsConsent, _CONSENT_COLUMNS, _consents(customers))
    continue_ids(User)


_USER_COLUMNS = (
    "id", "password", "last_login", "username", "email", "phone", "first_name", "last_name", "role", "auth_provider",
    "email_verified", "is_active", "token_version", "version", "created_at", "updated_at",
)  # fmt: skip
_PROFILE_COLUMNS = (
    "user_id", "company_name", "phone2", "shipping_address", "billing_address", "business_type", "business_ein",
    "resale_certificate", "state_of_operation", "preferred_language", "approved_for_terms", "payment_terms",
    "credit_limit", "stripe_customer_id",
)  # fmt: skip
_CONSENT_COLUMNS = (
    "phone", "consented", "first_name", "last_name", "email", "text_version", "source", "address", "created_at",
)  # fmt: skip


def _user(
    pk: int,
    username: str | None,
    email: str,
    phone: str,
    name: tuple[str, str],
    role: str,
    password: str,
    verified: bool,
    joined: datetime,
) -> tuple[Any, ...]:
    provider = AuthProvider.STAFF if role else AuthProvider.EMAIL if username else AuthProvider.IMPORTED
    return (pk, password, None, username, email, phone, *name, role, provider, verified, True, 1, 1, joined, joined)


def _customer(world: World, dice: random.Random, pk: int, index: int) -> DemoCustomer:
    people, cuisine = dice.choice(names.PEOPLE), dice.choice(names.CUISINES)
    first, last = dice.choice(people.first_names), dice.choice(people.last_names)
    in_city = dice.random() < 0.75
    street = dice.choice(names.CHICAGO_STREETS if in_city else names.SUBURB_STREETS)
    company = f"{dice.choice(cuisine.patterns).format(dice.choice(cuisine.stems))}, {street.name.split(' ', 1)[-1]}"
    on_terms = dice.random() < 0.7
    handle = f"{_ascii(first)}.{_ascii(last)}{index}"
    return DemoCustomer(
        id=pk,
        name=f"{first} {last}",
        first_name=first,
        last_name=last,
        company=company,
        street=f"{dice.randint(street.lowest, street.highest)} {street.name}",
        place=dice.choice(names.CHICAGO_PLACES if in_city else names.SUBURB_PLACES),
        phone=f"+1{AREA_CODES[index % 4]}{555 + index // 40_000}{index // 4 % 10_000:04}",
        email=f"{handle}@restaurants.example",
        username=handle if dice.random() < 0.5 else None,
        on_terms=on_terms,
        credit_limit=Decimal(dice.choice(LIMITS) if on_terms else 0),
        joined=world.start + timedelta(days=dice.random() ** 1.6 * 650),
    )


def _known(customer: DemoCustomer, *, username: str, on_terms: bool, limit: Decimal, **named: str) -> DemoCustomer:
    facts = {
        **customer.__dict__,
        **named,
        "username": username,
        "email": f"{username}@restaurants.example",
        "on_terms": on_terms,
        "credit_limit": limit,
        "orders": on_terms,
    }
    return DemoCustomer(**facts)


def _profile(dice: random.Random, customer: DemoCustomer) -> tuple[Any, ...]:
    language = dice.choices(Language.values, weights=(70, 18, 8, 4))[0]
    return (
        customer.id, customer.company, "", customer.address, customer.address, dice.choice(BUSINESSES), "", "",
        customer.place.state, language, customer.on_terms, PaymentTerms.NET30, customer.credit_limit, "",
    )  # fmt: skip


def _consents(customers: list[DemoCustomer]) -> Iterator[tuple[Any, ...]]:
    for customer in customers:
        if customer.id % 3 == 0:
            yield (
                customer.phone, True, customer.first_name, customer.last_name, customer.email, consent.VERSION,
                "demo", None, customer.joined,
            )  # fmt: skip


# Letters that no decomposition takes the stroke from.
_STROKES = str.maketrans("łŁđĐ", "lLdD")


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum()).lower()
