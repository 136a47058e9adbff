"""Mails, as tests write and send them."""

import smtplib
from email.message import EmailMessage

from sandbox.testing import SandboxClient


def new_mail(subject: str = "Order LLD-1 confirmed", html: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "shop@example.com", "cook@example.com", subject
    mail["Message-ID"] = "<order-1@example.com>"
    mail.set_content("Thank you – gracias.")
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail


def send_mail(sandbox: SandboxClient, mail: EmailMessage) -> None:
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        smtp.send_message(mail)
