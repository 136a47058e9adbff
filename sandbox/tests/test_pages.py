"""The page that shows what was sent."""

from html.parser import HTMLParser

import requests
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.mails import new_mail, send_mail
from sandbox.tests.stripe_api.intents import paid_intent

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_pages_escape_what_was_sent(sandbox: SandboxClient, session: requests.Session) -> None:
    send_mail(sandbox, new_mail(HOSTILE, HOSTILE))
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
    send_mail(sandbox, new_mail())
    page = session.get(sandbox.base_url).text
    assert "Order LLD-1 confirmed" in page
    assert "/v1/refunds" in page
    assert session.get(f"{sandbox.base_url}/mail/unknown").status_code == 404


def test_overview_tells_how_a_dispute_ended(
    api: stripe.StripeClient, sandbox: SandboxClient, session: requests.Session
) -> None:
    dispute = sandbox.dispute_intent(paid_intent(api, sandbox).id)
    sandbox.close_dispute(dispute["id"], "won")
    assert "<td>dispute closed won</td>" in session.get(sandbox.base_url).text
