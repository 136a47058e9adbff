"""What a link that we send lets its holder do with one order."""

from datetime import timedelta

from django.conf import settings
from django.core import signing

# As long as an order waits for a check in the post.
UPLOAD_LASTS = timedelta(days=14)
_SALT = "orders.upload_check"


def make_upload_token(order_number: str) -> str:
    """Lets whoever holds it send pictures of a check for this order, for `UPLOAD_LASTS`."""
    return signing.dumps(order_number, salt=_SALT)


def may_upload(token: str, order_number: str) -> bool:
    """Whether a token is for this order, and not too old."""
    try:
        return bool(signing.loads(token, salt=_SALT, max_age=UPLOAD_LASTS + settings.CLOCK_LEEWAY) == order_number)
    except signing.BadSignature:
        return False
