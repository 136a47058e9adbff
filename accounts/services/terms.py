"""The terms that a customer buys on."""

from decimal import Decimal

from django.db import transaction

from accounts import locks
from accounts.enums import PaymentTerms
from accounts.models import CustomerProfile
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, NotFound


@transaction.atomic
def set_terms(
    user_id: int, *, actor: Actor, approved_for_terms: bool, payment_terms: PaymentTerms, credit_limit: Decimal
) -> CustomerProfile:
    """Approve a customer for terms up to a limit, or end it. Orders on hold stay there until they are released."""
    if credit_limit < 0:
        sentence = "The credit limit cannot be negative."
        raise InvalidInput(sentence, fields={"credit_limit": [sentence]})
    profile = locks.lock_profile(user_id)
    if profile is None:
        raise NotFound("There is no such customer.")
    wanted = {
        "approved_for_terms": approved_for_terms,
        "payment_terms": payment_terms,
        "credit_limit": credit_limit,
    }
    before = {name: getattr(profile, name) for name, value in wanted.items() if getattr(profile, name) != value}
    if before:
        for name in before:
            setattr(profile, name, wanted[name])
        profile.save(update_fields=list(before))
        after = {name: wanted[name] for name in before}
        audit.record("customer.terms", actor=actor, target=profile.user, before=before, after=after)
    return profile
