"""A mail to see whether mail works."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from lld.core import idempotency, mail
from lld.core.actors import Actor
from lld.core.errors import InvalidInput
from lld.gateways import smtp


@transaction.atomic
def send_test_mail(*, to: str, actor: Actor) -> str:
    """Queue it, to SMTP_USER unless `to` is given, and return the address.

    NotConfigured without a mail server; InvalidInput where SMTP_USER is no address either.
    """
    recipient = smtp.configuration()["SMTP_USER"] or ""
    recipient = to or recipient
    try:
        validate_email(recipient)
    except ValidationError as error:
        sentence = "Give an address: SMTP_USER is none."
        raise InvalidInput(sentence, fields={"to": [sentence]}) from error
    key = f"test-mail:{uuid.uuid4()}"
    mail.send_later("staffportal/test_mail", key=key, to=recipient, context={"sender": actor.label})
    idempotency.seal()
    return recipient
