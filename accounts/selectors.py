"""Reads of accounts."""

from typing import Any

from django.db.models import Case, Exists, Q, QuerySet, Value, When
from django.db.models.functions import Lower, Reverse
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.enums import AuthProvider
from accounts.models import ApiKey, CustomerProfile, PhoneSession, RevokedStaffToken, SmsConsent, User
from accounts.models.searching import company_words, person_words
from accounts.tokens import hash_secret
from lld.core.access import Role
from lld.core.folding import Folded, dictionary_order
from lld.core.phones import phone_digits

MOST_WORDS = 8
# Less of a phone says nothing.
SHORTEST_END = 4


def customers() -> QuerySet[User]:
    return User.objects.filter(role="", deleted_at=None)


def customers_of(rep_id: int) -> QuerySet[User]:
    """Those who have bought from a sales representative."""
    # By name: orders stand above accounts.
    theirs = User.objects.filter(orders__sales_rep=rep_id, orders__deleted_at=None)
    return customers().filter(pk__in=theirs.values("pk"))


def staff_members() -> QuerySet[User]:
    return User.objects.filter(deleted_at=None).exclude(role="")


def team() -> QuerySet[User]:
    """Every member of staff, active or not, those with most to say first."""
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(Role)]
    return staff_members().order_by(Case(*ranks, default=Value(len(Role))), dictionary_order("username"), "pk")


def api_keys() -> QuerySet[ApiKey]:
    """Every key, newest first."""
    return ApiKey.objects.select_related("created_by", "revoked_by").order_by("-created_at", "-pk")


def find_for_sign_in(name: str, *, staff: bool) -> User | None:
    """The one account of that kind with this username, else with this address, whatever the case.

    Not `iexact`: it compares in upper case, where ſ and ı are S and I, so that a guesser would have many spellings
    of one name, each with its own count of tries. The indexes are in lower case, too.
    """
    accounts = staff_members() if staff else customers().exclude(username=None)
    wanted = Lower(Value(name))
    by_name = accounts.alias(lowered=Lower("username")).filter(lowered=wanted).first()
    if by_name is not None or "@" not in name:
        return by_name
    return _only(accounts.alias(lowered=Lower("email")).filter(lowered=wanted))


def find_by_email(email: str, *, staff: bool) -> User | None:
    """The one account of that kind that can sign in and has this address, whatever the case."""
    accounts = staff_members() if staff else customers().exclude(username=None)
    return _only(accounts.alias(lowered=Lower("email")).filter(lowered=Lower(Value(email))))


def registered_by_phone(phone: str) -> User | None:
    """The one customer with this phone (E.164) who can sign in, and get back in by it."""
    if not phone:
        # Many have none.
        return None
    registered = customers().filter(auth_provider=AuthProvider.EMAIL, is_active=True, phone_recovers=True)
    return registered.filter(phone=phone).first()


def is_customers_phone(phone: str) -> bool:
    """Whether it is a customer's whom a code sent there helps: to get back in, or to see their orders."""
    return customers().filter(phone=phone, is_active=True, phone_recovers=True).exists()


def _only(accounts: QuerySet[User]) -> User | None:
    found = list(accounts[:2])
    return found[0] if len(found) == 1 else None


def staff_of_token(*, user_id: int, version: int, jti: str) -> User | None:
    """The active member of staff whom a verified token names, unless it was ended."""
    return (
        staff_members()
        .filter(pk=user_id, token_version=version, is_active=True)
        .exclude(Exists(RevokedStaffToken.objects.filter(jti=jti)))
        .first()
    )


def phone_of_session(token: str) -> str | None:
    """The phone that a phone session token proves, while it lasts."""
    session = PhoneSession.objects.filter(token_hash=hash_secret(token), expires_at__gt=timezone.now()).first()
    return session.phone if session else None


def newest_consent(phone: str) -> SmsConsent | None:
    """What the phone's holder said last; earlier words do not count."""
    return SmsConsent.objects.filter(phone=phone).order_by("-created_at", "-pk").first()


def has_sms_consent(phone: str) -> bool:
    newest = newest_consent(phone)
    return newest is not None and newest.consented


def customer_matching(*, email: str, phone: str, phone_extension: str = "") -> User | None:
    """The oldest active customer with this address or, failing that, this phone; registered ones first.

    An address or phone that someone signed up with and never confirmed names nobody: it may be another person's.
    """
    if not email and not phone:
        return None
    entered_by_us = ~Q(auth_provider=AuthProvider.EMAIL)
    match = Q(lowered=Lower(Value(email))) & (Q(email_verified=True) | entered_by_us) if email else Q(pk=None)
    if phone:
        match |= Q(phone=phone, phone_extension=phone_extension) & (Q(phone_verified=True) | entered_by_us)
    found = list(customers().alias(lowered=Lower("email")).filter(match, is_active=True).order_by("pk")[:20])
    found.sort(key=lambda user: (not _has_address(user, email), user.username is None, user.pk))
    return found[0] if found else None


def _has_address(user: User, email: str) -> bool:
    confirmed = user.email_verified or user.auth_provider != AuthProvider.EMAIL
    return bool(email) and confirmed and user.email.lower() == email.lower()


def people_matching(people: QuerySet[User], search: str) -> QuerySet[User]:
    """Of `people` those that `search` finds, without regard to case, accents and apostrophes.

    Every word in the username, a name, the address or the company; or all of it is the end of a phone.
    """
    words = list(dict.fromkeys(search.split()))[:MOST_WORDS]
    # A word of quotes alone leaves nothing to compare, which everyone has.
    named = User.objects.order_by().filter(~Exact(Folded(Value("".join(words))), Value("")))
    for word in words:
        named = named.filter(pk__in=_with_word(word))
    # Keys from each table by its own indexes: an OR across a join would read both whole.
    return people.filter(pk__in=named.values("pk").union(*_with_phone(phone_digits(search))))


def _with_word(word: str) -> QuerySet[User, Any]:
    wanted = Folded(Value(word))
    people = User.objects.order_by().alias(words=person_words()).filter(words__contains=wanted).values("pk")
    companies = CustomerProfile.objects.order_by().alias(words=company_words()).filter(words__contains=wanted)
    return people.union(companies.values("pk"))


def _with_phone(digits: str) -> list[QuerySet[Any, Any]]:
    if len(digits) < SHORTEST_END:
        return []
    first = User.objects.order_by().alias(end=Reverse("phone"))
    second = CustomerProfile.objects.order_by().alias(end=Reverse("phone2"))
    return [rows.filter(end__startswith=digits[::-1]).values("pk") for rows in (first, second)]
