"""How often the doors of accounts may be tried, each limit once.

The doors spend the tries: views, and the console's sign-in. An address is theirs to know, and whoever is stopped must
be stopped before anything is looked up. Always the address first: one that is stopped must not use up the tries of
other people's accounts. Throttled beyond a limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from accounts.enums import Recovery
from accounts.errors import EmailNotVerified, PhoneNotVerified
from lld.core.phones import is_phone, normalise_phone
from lld.core.throttles import forgive, forgive_subject, spend_address_try, spend_subject_try, spend_try

QUARTER, HOUR, DAY = 900, 3600, 86_400
TRIES, TRIES_FROM_ANYWHERE, ADDRESS_TRIES = 10, 50, 100


@contextmanager
def signing_in(kind: Literal["customer", "staff"], username: str, address: str) -> Iterator[None]:
    """One try at the password of a name; within, it is compared. The right one forgives the wrong ones before it."""
    name = username.strip().lower()
    spend_address_try("sign-in-address", address, limit=ADDRESS_TRIES, seconds=QUARTER)
    spend_subject_try(f"sign-in-{kind}", name, address, limit=TRIES, everywhere=TRIES_FROM_ANYWHERE, seconds=QUARTER)
    try:
        yield
    except (EmailNotVerified, PhoneNotVerified):
        # The password was right.
        forgive_subject(f"sign-in-{kind}", name, address)
        raise
    forgive_subject(f"sign-in-{kind}", name, address)


@contextmanager
def changing_password(user_id: int) -> Iterator[None]:
    """One try at one's present password; the right one forgives the wrong ones before it."""
    spend_try("change-password", str(user_id), limit=10, seconds=QUARTER)
    yield
    forgive("change-password", str(user_id))


def spend_recovery(wanted: Recovery, subject: str, address: str) -> None:
    """By address and by subject: sooner for one address, so that a stranger cannot keep the owner out."""
    # In one spelling: each of several would have a count of its own.
    subject = subject.strip().lower()
    # The console and the API are two doors to one account.
    wanted = Recovery.STAFF_PASSWORD if wanted == Recovery.CONSOLE_PASSWORD else wanted
    counted = normalise_phone(subject) if is_phone(subject) else subject
    spend_address_try("recovery-address", address, limit=30, seconds=HOUR)
    spend_subject_try(f"recovery-{wanted}", counted, address, limit=5, everywhere=20, seconds=HOUR)


def spend_opt_in(phone: str, address: str) -> None:
    spend_address_try("sms-optin-address", address, limit=30, seconds=DAY)
    spend_subject_try("sms-optin", phone, address, limit=5, everywhere=20, seconds=DAY)


def spend_registration(address: str) -> None:
    spend_address_try("register", address, limit=30, seconds=HOUR)


def spend_contact_change(user_id: int, address: str) -> None:
    """Each new address is mailed to, whoever's it is, and a taken one is told apart."""
    spend_address_try("change-contact-address", address, limit=30, seconds=HOUR)
    spend_try("change-contact", str(user_id), limit=10, seconds=HOUR)


def spend_reset(address: str) -> None:
    """For links that set a new password."""
    spend_address_try("reset-password", address, limit=60, seconds=QUARTER)


def spend_code(address: str) -> None:
    """For codes that were texted."""
    spend_address_try("verify-code", address, limit=60, seconds=QUARTER)


def spend_phone_session(address: str) -> None:
    """For tokens that prove a phone, whatever they are spent on."""
    spend_address_try("phone-session", address, limit=60, seconds=QUARTER)


def spend_address_change(user_id: int) -> None:
    """For mails that ask a member of staff to confirm a new address."""
    spend_try("update-email", str(user_id), limit=5, seconds=HOUR)


def spend_address_confirmation(address: str) -> None:
    spend_address_try("confirm-email", address, limit=60, seconds=QUARTER)
