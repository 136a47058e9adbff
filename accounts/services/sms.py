"""Consent to texts, and what became of those that we sent."""

from django.db import transaction
from django.utils import timezone

from accounts import consent, selectors
from accounts.enums import SmsStatus
from accounts.models import SmsConsent, SmsDelivery
from lld.core import idempotency, outbox


@transaction.atomic
def record_opt_in(*, phone: str, first_name: str, last_name: str, email: str, address: str) -> None:
    """Record a consent word for word, and confirm it by text unless the phone had consented before.

    `address` is where it came from, or "".
    """
    before = selectors.newest_consent(phone)
    SmsConsent.objects.create(
        phone=phone,
        consented=True,
        first_name=first_name,
        last_name=last_name,
        email=email,
        text_version=consent.VERSION,
        source="opt-in form",
        address=address or None,
    )
    if before is None or not before.consented:
        # By what they follow: of several forms sent at once one is confirmed.
        key = f"sms-optin:{phone}:{before.pk if before else 0}"
        outbox.enqueue("sms", key=key, payload={"to": phone, "body": consent.CONFIRMATION})
    idempotency.seal()


def record_status(*, message_sid: str, status: SmsStatus, phone: str, error_code: str, error_message: str) -> bool:
    """Keep the furthest status of a text. False for a report that is old news: they come twice, and in any order."""
    news = {"status": status, "rank": status.rank, "error_code": error_code, "error_message": error_message}
    _, is_first = SmsDelivery.objects.get_or_create(message_sid=message_sid, defaults={"phone": phone, **news})
    if is_first:
        return True
    earlier = SmsDelivery.objects.filter(message_sid=message_sid, rank__lt=status.rank)
    return bool(earlier.update(**news, updated_at=timezone.now()))
