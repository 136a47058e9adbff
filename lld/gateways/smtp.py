"""Mail by SMTP, through Django's backend. A repeat carries the same Message-ID."""

import hashlib
import smtplib
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from lld.core.errors import GatewayError
from lld.gateways.configuration import need

VENDOR = "The mail server"


def send_message(key: str, payload: Mapping[str, Any]) -> str:
    """Send `to, subject, text, html` and return the Message-ID. GatewayError when the server would not take it."""
    need("SMTP_HOST")
    message = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload["text"],
        to=[payload["to"]],
        headers={"Message-ID": message_id(key)},
        connection=EmailBackend(),
    )
    message.attach_alternative(payload["html"], "text/html")
    try:
        message.send()
    except ValueError as error:
        # Django refuses line breaks in headers, and two addresses in one.
        raise GatewayError(VENDOR, "No mail can have such a subject or address.", permanent=True) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise GatewayError(
            VENDOR, "The address was refused.", permanent=all(code >= 500 for code in codes)
        ) from error
    except smtplib.SMTPResponseException as error:
        raise GatewayError(
            VENDOR, f"The mail server answered {error.smtp_code}.", permanent=error.smtp_code >= 550
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise GatewayError(VENDOR, f"The mail server failed: {type(error).__name__}.", unknown=True) from error
    return message_id(key)


def message_id(key: str) -> str:
    """Stable for a key, so that a mail program shows a repeat once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
