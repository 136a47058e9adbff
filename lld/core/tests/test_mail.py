"""Mails that are sent later."""

import pytest
from django.db import transaction

from lld.core import mail
from sandbox.testing import SandboxClient


@pytest.mark.django_db(transaction=True)
def test_mail_is_stored_once_and_only_with_an_address(sandbox: SandboxClient) -> None:
    context = {"name": "Ana", "link": "http://x.test"}

    for to in ("ana@cafe.test", "ana@cafe.test", ""):
        with transaction.atomic():
            mail.send_later("accounts/verify_email", key="once", to=to, context=context)

    [sent] = sandbox.mail()
    assert "\n" not in sent["subject"]
    assert "http://x.test" in sent["text"]
    assert "http://x.test" in sent["html"]
