"""Discord's webhook."""

import requests

from sandbox.testing import SandboxClient


def test_post_is_kept_or_refused_as_discord_does(sandbox: SandboxClient, session: requests.Session) -> None:
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
