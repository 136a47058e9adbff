"""The page at `/` in local mode."""

from html import escape

import pytest
from django.test import Client

from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from sandbox.testing import SandboxClient


def test_start_page_shows_logins_and_sandbox(sandbox: SandboxClient) -> None:
    page = Client().get("/").content.decode()

    assert f"<code>{DEMO_PASSWORD}</code>" in page
    for username, who, where in DEMO_LOGINS:
        assert f"<tr><td><code>{username}</code></td><td>{escape(who)}</td><td>{where}</td></tr>" in page
    assert f'<a href="{sandbox.base_url}/"><b>Sandbox</b>' in page
    assert "nothing leaves this machine" in page


@pytest.mark.parametrize("address", ["/admin/", "/api/docs", "/api/v1/health"])
def test_start_page_has_productions_links(address: str) -> None:
    assert f'<a href="{address}">' in Client().get("/").content.decode()


def test_start_page_refuses_post() -> None:
    assert Client().head("/").status_code == 200
    assert Client().post("/").status_code == 405
