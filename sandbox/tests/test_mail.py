"""The mail server."""

import smtplib

import pytest

from sandbox.testing import SandboxClient
from sandbox.tests.mails import new_mail, send_mail


def test_mail_is_kept_with_its_parts(sandbox: SandboxClient) -> None:
    mail = new_mail(html="<p>Thank you</p>")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="invoice.pdf")

    send_mail(sandbox, mail)

    [kept] = sandbox.mail()
    assert kept["recipients"] == ["cook@example.com"]
    assert kept["text"] == "Thank you – gracias.\n"
    assert kept["html"] == "<p>Thank you</p>\n"
    assert kept["attachments"] == [{"name": "invoice.pdf", "type": "application/pdf", "bytes": 8}]
    [entry] = sandbox.ledger("smtp", "mail")
    assert (entry["subject"], entry["message_id"]) == ("Order LLD-1 confirmed", "<order-1@example.com>")


def test_encoded_and_broken_headers_are_kept(sandbox: SandboxClient) -> None:
    send_mail(
        sandbox, new_mail("Pedido confirmado: delantal, tamaño único, para la cocina del señor Muñoz – gracias")
    )

    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        raw = b'From: <<>>@@\r\nTo: "\r\nSubject: =?none?q?=FF?=\r\n\r\nHello\r\n'
        smtp.sendmail("shop@example.com", ["cook@example.com"], raw)

    broken, encoded = sandbox.mail()
    assert encoded["subject"] == "Pedido confirmado: delantal, tamaño único, para la cocina del señor Muñoz – gracias"
    assert (broken["from"], broken["subject"], broken["text"]) == ("<<>>@@", "=?none?q?=FF?=", "Hello\n")


def test_any_login_is_accepted(sandbox: SandboxClient) -> None:
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        smtp.login("user", "password")
        smtp.send_message(new_mail())
    assert len(sandbox.mail()) == 1


@pytest.mark.parametrize(("fault", "code"), [("reject_451", 451), ("reject_550", 550)])
def test_mail_server_refuses_on_request(sandbox: SandboxClient, fault: str, code: int) -> None:
    sandbox.fault("smtp", fault, path="cook@")

    with pytest.raises(smtplib.SMTPDataError) as caught:
        send_mail(sandbox, new_mail())
    assert caught.value.smtp_code == code
    assert sandbox.ledger() == []

    send_mail(sandbox, new_mail())
    assert len(sandbox.mail()) == 1


def test_mail_server_drops_the_connection_after_taking_the_mail(sandbox: SandboxClient) -> None:
    sandbox.fault("smtp", "drop_after_data")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send_mail(sandbox, new_mail())
    assert len(sandbox.ledger("smtp", "mail")) == 1
