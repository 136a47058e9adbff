"""Trying the mail server out: how far it gets with good and bad ones, and that no password comes back."""

import base64
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lld.core.errors import GatewayError, NotConfigured
from lld.gateways import smtp
from sandbox.testing import SandboxClient

USER, PASSWORD = "mailer@lld.test", "open-sesame-1845"
# The spellings in which a login carries it.
SPELLINGS = [
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
]

CLOSE, HANG = "close", "hang"
# What is said by what was heard; the greeting answers "".
HELLO = "250-mail.test\r\n250 "
GOOD = {"": "220 ready", "EHLO": f"{HELLO}AUTH LOGIN PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}


@contextmanager
def mail_server(answers: dict[str, str], tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server on loopback that says these things: its port, and what it hears."""
    heard: list[str] = []
    over = threading.Event()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.converse()

        def converse(self) -> None:
            if not self.say(""):
                return
            for raw in self.rfile:
                line = raw.decode("latin-1").strip()
                heard.append(line)
                if not self.say(line):
                    return
                if line == "STARTTLS" and tls:
                    self.encrypt(tls)

        def say(self, line: str) -> bool:
            answer = {**GOOD, **answers}.get(line.partition(" ")[0].upper(), "500 no such thing")
            if answer == HANG:
                over.wait(20)
            if answer in {HANG, CLOSE}:
                return False
            self.wfile.write(answer.replace("<line>", line).encode("latin-1") + b"\r\n")
            return True

        def encrypt(self, tls: ssl.SSLContext) -> None:
            try:
                with tls.wrap_socket(self.connection, server_side=True) as encrypted:
                    heard.append(encrypted.recv(1000).decode("latin-1"))
            except OSError:
                heard.append("no handshake")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1], heard
        over.set()
        server.shutdown()


@pytest.fixture
def probe(setup: Callable[..., None], settings: Any) -> Callable[..., tuple[smtp.Probe, list[str]]]:
    """What is found with a server that says these things, and what the server heard."""
    setup(SMTP_USER=USER, SMTP_PASSWORD=PASSWORD)
    settings.EMAIL_TIMEOUT = 0.4

    def against(answers: dict[str, str], tls: ssl.SSLContext | None = None) -> tuple[smtp.Probe, list[str]]:
        with mail_server(answers, tls) as (port, heard):
            settings.EMAIL_PORT = port
            return smtp.probe(), heard

    return against


def tells_no_password(found: smtp.Probe) -> bool:
    return not any(spelling in repr(found) for spelling in SPELLINGS)


def test_good_server_is_a_success(sandbox: SandboxClient, setup: Callable[..., None]) -> None:
    setup(SMTP_USER=USER, SMTP_PASSWORD=PASSWORD)

    found = smtp.probe()

    assert (found.success, found.error, found.error_type, found.starttls) == (True, None, None, None)
    assert (found.smtp_user, str(found.ehlo)[:4], str(found.login)[:4]) == (USER, "250 ", "235 ")
    assert tells_no_password(found)
    assert sandbox.mail() == []


def test_probe_without_user_does_not_sign_in(sandbox: SandboxClient, setup: Callable[..., None]) -> None:
    setup(SMTP_USER=None, SMTP_PASSWORD=PASSWORD)
    found = smtp.probe()
    assert (found.success, found.login, found.smtp_user) == (True, None, None)


def test_probe_quits_politely(probe: Any) -> None:
    found, heard = probe({})
    assert found.success
    assert [line.partition(" ")[0].lower() for line in heard] == ["ehlo", "auth", "quit"]


@pytest.mark.parametrize(
    ("answers", "error_type", "error", "reached"),
    [
        ({"": "554 no service"}, "SMTPConnectError", "554", set()),
        ({"": CLOSE}, "SMTPServerDisconnected", "", set()),
        ({"": HANG}, "SMTPServerDisconnected", "timed out", set()),
        ({"": "HTTP/1.1 400 Bad Request"}, "SMTPConnectError", "", set()),
        ({"": "\0\xff\xfe"}, "SMTPConnectError", "", set()),
        ({"": "220 " + "x" * 9000}, None, "too long", set()),
        ({"EHLO": CLOSE}, "SMTPServerDisconnected", "", set()),
        ({"EHLO": HANG}, "SMTPServerDisconnected", "timed out", set()),
        ({"EHLO": "250 nothing more"}, "SMTPNotSupportedError", "AUTH", {"ehlo"}),
        ({"EHLO": "\0\xff rubbish"}, None, "", None),
        ({"AUTH": "535 5.7.8 wrong"}, "SMTPAuthenticationError", "5.7.8 wrong", {"ehlo"}),
        ({"AUTH": "454 4.7.0 later"}, "SMTPAuthenticationError", "454", {"ehlo"}),
        ({"AUTH": CLOSE}, "SMTPServerDisconnected", "", {"ehlo"}),
        ({"AUTH": HANG}, "SMTPServerDisconnected", "timed out", {"ehlo"}),
        ({"AUTH": "\0\xff rubbish"}, None, "", {"ehlo"}),
        ({"AUTH": "334 rubbish"}, None, "", {"ehlo"}),
        ({"EHLO": f"{HELLO}AUTH CRAM-MD5", "AUTH": "334 rubbish"}, None, "", {"ehlo"}),
        ({"AUTH": "535 5.7.8 wrong", "QUIT": CLOSE}, "SMTPAuthenticationError", "5.7.8 wrong", {"ehlo"}),
        # What follows must not hide what went wrong.
        ({"AUTH": "535 5.7.8 wrong", "QUIT": "421 too many errors"}, "SMTPAuthenticationError", "5.7.8", {"ehlo"}),
    ],
)
def test_bad_server_is_reported_up_to_its_step(
    probe: Any, answers: dict[str, str], error_type: str | None, error: str, reached: set[str] | None
) -> None:
    found, _ = probe(answers)

    assert not found.success
    assert found.error_type == (error_type or found.error_type)
    assert found.error
    assert error in found.error
    assert found.error_type
    if reached is not None:
        assert {step for step in ("ehlo", "starttls", "login") if getattr(found, step)} == reached
    assert tells_no_password(found)


@pytest.mark.parametrize("answer", ["554 no service for you", "\0\xff rubbish", "250-mail.test\r\nrubbish"])
def test_refused_greeting_is_no_success_without_login(probe: Any, setup: Callable[..., None], answer: str) -> None:
    """Mail would not be taken by such a server."""
    setup(SMTP_USER=None)
    found, _ = probe({"EHLO": answer, "HELO": answer})
    assert not found.success
    assert found.error


@pytest.mark.parametrize("code", ["535", "500", "334", "235", "503"])
def test_password_that_a_server_repeats_is_hidden(probe: Any, code: str) -> None:
    """Some say which command they did not know, and a login is one with the password in it."""
    found, heard = probe({"EHLO": f"{HELLO}AUTH PLAIN", "AUTH": f"{code} <line>"})
    assert any(spelling in line for spelling in SPELLINGS for line in heard)
    assert tells_no_password(found)


def test_long_answer_is_cut(probe: Any) -> None:
    found, _ = probe({"EHLO": "250-" + "x" * 2000 + "\r\n250 AUTH PLAIN", "AUTH": "535 " + "y" * 2000})
    assert len(found.ehlo) <= 500
    assert len(found.error) <= 500


def test_unreachable_server_is_reported(setup: Callable[..., None], settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.EMAIL_PORT = taken.getsockname()[1]
    found = smtp.probe()
    assert (found.success, found.ehlo, found.error_type) == (False, None, "ConnectionRefusedError")


@pytest.mark.parametrize("host", ["smtp..lld.test", "a" * 64 + ".test", "mail server"])
def test_invalid_host_is_reported(setup: Callable[..., None], host: str) -> None:
    """A slip of the pen is what this is for finding."""
    setup(SMTP_HOST=host)
    found = smtp.probe()
    assert not found.success
    assert found.error


def test_non_ascii_password_is_refused_and_not_shown(setup: Callable[..., None]) -> None:
    """Before it costs mails: each would fail with it."""
    setup(SMTP_PASSWORD="sésame-öffne-dich")
    with pytest.raises(SystemExit, match="SMTP_PASSWORD") as stopped:
        smtp.probe()
    assert "öffne" not in str(stopped.value)


def test_failed_login_loses_no_mail_and_quits(settings: Any) -> None:
    """Once it is put right, what waited must still be there to leave."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    mail = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}

    with mail_server({"AUTH": "535 wrong"}) as (port, heard):
        settings.EMAIL_PORT = port
        with pytest.raises(GatewayError) as failed:
            smtp.send_message("key", mail)
        assert not failed.value.permanent
        assert heard[-1].lower() == "quit"


def test_missing_host_is_not_configured(setup: Callable[..., None]) -> None:
    setup(SMTP_HOST=None)
    with pytest.raises(NotConfigured, match="SMTP_HOST"):
        smtp.probe()
    with pytest.raises(NotConfigured, match="SMTP_HOST"):
        smtp.configuration()


# Encryption


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for the right name that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    shape = serialization.PrivateFormat.PKCS8
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, shape, serialization.NoEncryption()) + certificate.public_bytes(pem),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


STARTTLS = {"EHLO": f"{HELLO.replace(' ', '-')}STARTTLS\r\n250 AUTH PLAIN LOGIN"}


@pytest.mark.parametrize(
    ("answers", "error_type"),
    [
        # It offers none.
        ({}, "SMTPNotSupportedError"),
        ({**STARTTLS, "STARTTLS": "454 not now"}, "SMTPResponseException"),
        ({**STARTTLS, "STARTTLS": HANG}, "SMTPServerDisconnected"),
        # It goes on in the open.
        ({**STARTTLS, "STARTTLS": "220 go ahead\r\n250 AUTH PLAIN"}, None),
    ],
)
def test_password_is_not_sent_without_encryption(
    probe: Any, settings: Any, answers: dict[str, str], error_type: str | None
) -> None:
    settings.EMAIL_USE_TLS = True

    found, heard = probe(answers)

    assert not found.success
    assert found.error_type == (error_type or found.error_type)
    assert found.error_type
    assert found.login is None
    assert not any(line.startswith("AUTH") for line in heard)


def test_untrusted_certificate_gets_no_password(probe: Any, settings: Any, self_signed: ssl.SSLContext) -> None:
    settings.EMAIL_USE_TLS = True
    found, heard = probe({**STARTTLS, "STARTTLS": "220 go ahead"}, self_signed)
    assert (found.success, found.error_type) == (False, "SSLCertVerificationError")
    assert heard[-1] == "no handshake"
