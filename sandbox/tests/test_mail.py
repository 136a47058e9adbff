"""The mail server, Discord's webhook and the page that shows what was sent."""

import smtplib
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
import requests

from sandbox.testing import SandboxClient

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"


def _mail(subject: str = "Order LLD-1 confirmed", html: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "shop@example.com", "cook@example.com", subject
    mail["Message-ID"] = "<order-1@example.com>"
    mail.set_content("Thank you – gracias.")
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail


def _send(sandbox: SandboxClient, mail: EmailMessage) -> None:
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        smtp.send_message(mail)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_mail_is_kept_with_its_parts(sandbox: SandboxClient) -> None:
    mail = _mail(html="<p>Thank you</p>")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="invoice.pdf")
    _send(sandbox, mail)
    [kept] = sandbox.mail()
    assert kept["recipients"] == ["cook@example.com"]
    assert kept["text"] == "Thank you – gracias.\n"
    assert kept["html"] == "<p>Thank you</p>\n"
    assert kept["attachments"] == [{"name": "invoice.pdf", "type": "application/pdf", "bytes": 8}]
    [entry] = sandbox.ledger("smtp", "mail")
    assert (entry["subject"], entry["message_id"]) == ("Order LLD-1 confirmed", "<order-1@example.com>")


def test_encoded_and_broken_headers(sandbox: SandboxClient) -> None:
    _send(sandbox, _mail("Pedido confirmado: delantal, tamaño único, para la cocina del señor Muñoz – gracias"))
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        raw = b'From: <<>>@@\r\nTo: "\r\nSubject: =?none?q?=FF?=\r\n\r\nHello\r\n'
        smtp.sendmail("shop@example.com", ["cook@example.com"], raw)
    broken, encoded = sandbox.mail()
    assert encoded["subject"] == "Pedido confirmado: delantal, tamaño único, para la cocina del señor Muñoz – gracias"
    assert (broken["from"], broken["subject"], broken["text"]) == ("<<>>@@", "=?none?q?=FF?=", "Hello\n")


def test_any_login_is_accepted(sandbox: SandboxClient) -> None:
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=5) as smtp:
        smtp.login("user", "password")
        smtp.send_message(_mail())
    assert len(sandbox.mail()) == 1


@pytest.mark.parametrize(("fault", "code"), [("reject_451", 451), ("reject_550", 550)])
def test_mail_server_refuses_on_request(sandbox: SandboxClient, fault: str, code: int) -> None:
    sandbox.fault("smtp", fault, path="cook@")
    with pytest.raises(smtplib.SMTPDataError) as caught:
        _send(sandbox, _mail())
    assert caught.value.smtp_code == code
    assert sandbox.ledger() == []
    _send(sandbox, _mail())
    assert len(sandbox.mail()) == 1


def test_mail_server_drops_the_connection_after_taking_the_mail(sandbox: SandboxClient) -> None:
    sandbox.fault("smtp", "drop_after_data")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        _send(sandbox, _mail())
    assert len(sandbox.ledger("smtp", "mail")) == 1


def test_discord_post(sandbox: SandboxClient, session: requests.Session) -> None:
    url = sandbox.discord_webhook_url
    assert session.post(url, json={"content": "New order"}).status_code == 204
    waited = session.post(f"{url}?wait=true", json={"embeds": [{"title": "Hold"}], "allowed_mentions": {"parse": []}})
    assert (waited.status_code, waited.json()["embeds"][0]["title"]) == (200, "Hold")
    assert session.post(url, json={"content": "x" * 2001}).status_code == 400
    assert session.post(url, json={}).status_code == 400
    assert session.post(url, data=b"{").status_code == 400
    assert [entry["content"] for entry in sandbox.ledger("discord", "post")] == ["New order", ""]
    sandbox.fault("discord", "status_429")
    limited = session.post(url, json={"content": "again"})
    assert (limited.status_code, limited.json()["retry_after"]) == (429, 0.2)


def test_pages_escape_what_was_sent(sandbox: SandboxClient, session: requests.Session) -> None:
    _send(sandbox, _mail(HOSTILE, HOSTILE))
    session.post(sandbox.discord_webhook_url, json={"content": HOSTILE})
    overview = session.get(sandbox.base_url)
    detail = session.get(f"{sandbox.base_url}/mail/{sandbox.mail()[0]['id']}")
    for page in (overview, detail):
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "script-src" not in page.headers["Content-Security-Policy"]
        parser = _Tags()
        parser.feed(page.text)
        assert not {"script", "img"} & {tag for tag, _ in parser.tags}
        assert "&lt;script&gt;alert(1)" in page.text
    [frame] = [attributes for tag, attributes in parser.tags if tag == "iframe"]
    assert (frame["sandbox"], frame["srcdoc"]) == ("", HOSTILE + "\n")


def test_overview_shows_everything(sandbox: SandboxClient, session: requests.Session) -> None:
    empty = session.get(sandbox.base_url).text
    assert empty.count("None.") == 7
    sandbox.fault("stripe", "delay", path="/v1/refunds")
    _send(sandbox, _mail())
    page = session.get(sandbox.base_url).text
    assert "Order LLD-1 confirmed" in page
    assert "/v1/refunds" in page
    assert session.get(f"{sandbox.base_url}/mail/unknown").status_code == 404
