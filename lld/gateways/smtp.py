"""Mail by SMTP, through Django's backend. A repeat carries the same Message-ID."""

import base64
import hashlib
import smtplib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, TypedDict

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from lld.core.errors import GatewayError
from lld.gateways.configuration import need, optional

VENDOR = "The mail server"
MOST_SHOWN = 500
# Of RFC 5321: service ready; requested action completed.
READY, DONE = 220, 250


def send_message(key: str, payload: Mapping[str, Any]) -> str:
    """Send `to, subject, text, html` and return the Message-ID. GatewayError when the server would not take it."""
    need("SMTP_HOST")
    backend = EmailBackend()
    message = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload["text"],
        to=[payload["to"]],
        headers={"Message-ID": message_id(key)},
        connection=backend,
    )
    message.attach_alternative(payload["html"], "text/html")
    try:
        message.send()
    except UnicodeError as error:
        # A host that is no name: the mail is good, and leaves once the setting is.
        raise GatewayError(VENDOR, "The mail server has no such name.") from error
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
    finally:
        # After a refused sign-in Django leaves the line open.
        with suppress(smtplib.SMTPException, OSError):
            backend.close()
    return message_id(key)


def message_id(key: str) -> str:
    """Stable for a key, so that a mail program shows a repeat once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


class Configuration(TypedDict):
    SMTP_HOST: str
    SMTP_PORT: int
    SMTP_USER: str | None
    SMTP_PASSWORD: str


def configuration() -> Configuration:
    """How mail is set up, by the names of the environment; of the password only whether it is set."""
    return {
        "SMTP_HOST": need("SMTP_HOST"),
        "SMTP_PORT": settings.EMAIL_PORT,
        "SMTP_USER": optional("SMTP_USER"),
        "SMTP_PASSWORD": "set" if optional("SMTP_PASSWORD") else "not set",
    }


@dataclass
class Probe:
    """How far a conversation with the mail server got: each step holds the server's answer once it was reached."""

    success: bool = False
    ehlo: str | None = None
    starttls: str | None = None
    login: str | None = None
    error: str | None = None
    error_type: str | None = None
    smtp_user: str | None = None


def probe() -> Probe:
    """Connect, greet, encrypt and sign in as mails do, and send nothing. NotConfigured without a server."""
    host, user = need("SMTP_HOST"), optional("SMTP_USER")
    password = need("SMTP_PASSWORD") if user else ""
    found = Probe(smtp_user=user)
    server = smtplib.SMTP(timeout=settings.EMAIL_TIMEOUT)
    try:
        _converse(server, host, password, found)
    # ValueError: a host that is no name, a challenge that is no base64.
    except (smtplib.SMTPException, OSError, ValueError) as error:
        found.error, found.error_type = _reason(error), type(error).__name__
    else:
        found.success = True
    finally:
        # What the server says to the farewell tells nothing.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
    return _without_secrets(found, user or "", password)


def _converse(server: smtplib.SMTP, host: str, password: str, found: Probe) -> None:
    code, text = server.connect(host, settings.EMAIL_PORT)
    if code != READY:
        raise smtplib.SMTPConnectError(code, text)
    server._host = host  # type: ignore[attr-defined]  # what starttls checks the certificate against
    found.ehlo = _greet(server)
    if settings.EMAIL_USE_TLS:
        # The same certificate check as when mail is sent.
        found.starttls = _said(server.starttls(context=EmailBackend().ssl_context))
        _greet(server)
    if found.smtp_user:
        found.login = _said(server.login(found.smtp_user, password))


def _greet(server: smtplib.SMTP) -> str:
    code, text = server.ehlo()
    if code != DONE:
        raise smtplib.SMTPHeloError(code, text)
    return _said((code, text))


def _said(answer: tuple[int, bytes]) -> str:
    code, text = answer
    return _text(code, text)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        # Not str(): it writes the server's bytes with escapes, and a password in them would not be known again.
        return _text(error.smtp_code, error.smtp_error)
    return str(error)


def _text(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {words.partition(chr(10))[0]}"


def _without_secrets(found: Probe, user: str, password: str) -> Probe:
    """A server may repeat what it heard, and what it heard holds the password in one of these spellings."""
    spellings = [password, _base64(password), _base64(f"\0{user}\0{password}")] if password else []
    for step in ("ehlo", "starttls", "login", "error"):
        said = getattr(found, step)
        for spelling in spellings if said else ():
            said = said.replace(spelling, "***")
        setattr(found, step, said and said[:MOST_SHOWN])
    return found


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
