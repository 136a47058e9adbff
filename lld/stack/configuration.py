"""What the caller's environment says about the stack, and what it leaves for us to fill in."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lld.stack.errors import StackError
from lld.stack.servers import write_private
from lld.stack.valkey import free_port

PROJECT = Path(__file__).resolve().parents[2]
WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104  # compared with, not bound to


@dataclass(frozen=True)
class Configuration:
    """Where the stack lives and listens. `sandbox` and `demo` are off for SANDBOX=0 and LLD_DEMO=0."""

    home: Path
    host: str
    port: int
    sandbox_port: int
    sandbox: bool
    demo: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Raises StackError that names a malformed variable."""
        return cls(
            home=Path(environ.get("LLD_HOME") or PROJECT / ".lld").expanduser().resolve(),
            host=environ.get("HOST") or "127.0.0.1",
            port=_port(environ, "PORT", 8000),
            sandbox_port=_port(environ, "SANDBOX_PORT", 8001),
            sandbox=_switch(environ, "SANDBOX"),
            demo=_switch(environ, "LLD_DEMO"),
        )

    @property
    def web_url(self) -> str:
        """The web server's address as a browser on this machine has it."""
        host = "127.0.0.1" if self.host in WILDCARDS else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def environment(self) -> dict[str, str]:
        """All variables of a local process but the servers' URLs, for those that the caller has not set."""
        kept = _secrets(self.home)
        values = {
            "DJANGO_SETTINGS_MODULE": "lld.settings.local",
            "LLD_LOCAL": "1",
            "LLD_HOME": str(self.home),
            "MEDIA_ROOT": str(self.home / "media"),
            "STATIC_ROOT": str(self.home / "static"),
            "PUBLIC_URL": self.web_url,
            "FRONTEND_URL": self.web_url,
            "CHECKS_TO": "LLD Restaurant Supply, 2135 S Morgan St, Chicago, IL 60608",
            "SECRET_KEY": kept["SECRET_KEY"],
            "FIELD_ENCRYPTION_KEY": kept["FIELD_ENCRYPTION_KEY"],
        }
        return values | (self._vendors(kept) if self.sandbox else {})

    def _vendors(self, kept: dict[str, str]) -> dict[str, str]:
        """The vendors as the sandbox plays them. It tells them apart by the paths of their own APIs."""
        smtp_port = str(free_port())
        return {
            "STRIPE_API_KEY": "sk_test_sandbox",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
            "STRIPE_API_BASE": self.sandbox_url,
            "STRIPE_WEBHOOK_SECRET": kept["STRIPE_WEBHOOK_SECRET"],
            "EASYPOST_API_KEY": "EZTK_sandbox",
            "EASYPOST_API_BASE": f"{self.sandbox_url}/v2",
            "EASYPOST_WEBHOOK_SECRET": kept["EASYPOST_WEBHOOK_SECRET"],
            "TWILIO_ACCOUNT_SID": "AC" + "5a" * 16,
            "TWILIO_AUTH_TOKEN": kept["TWILIO_AUTH_TOKEN"],
            "TWILIO_FROM": "+13125550100",
            "TWILIO_API_BASE": self.sandbox_url,
            "OPENAI_API_KEY": "sk-sandbox",
            "OPENAI_BASE_URL": f"{self.sandbox_url}/openai/v1",
            "ELEVENLABS_WEBHOOK_SECRET": kept["ELEVENLABS_WEBHOOK_SECRET"],
            "DISCORD_WEBHOOK_URL": f"{self.sandbox_url}/discord/api/webhooks/1/sandbox",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": smtp_port,
            "SANDBOX_PORT": str(self.sandbox_port),
            "SANDBOX_SMTP_PORT": smtp_port,
            "SANDBOX_HOME": str(self.home / "sandbox"),
        }


def unset_in(environ: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Those of `values` that the caller has not set; empty counts as unset."""
    return {name: value for name, value in values.items() if not environ.get(name)}


def _secrets(home: Path) -> dict[str, str]:
    """Random secrets, made once per home so that sessions and encrypted fields outlive a restart."""
    path = home / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_urlsafe(24)}",
        "EASYPOST_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "ELEVENLABS_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
    }
    if not fresh.keys() <= kept.keys():
        kept = fresh | kept
        write_private(path, kept)
    return kept


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise StackError(f"{name} must be a port number from 1 to 65535.")
    return int(text)


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "1"
    if text not in {"0", "1"}:
        raise StackError(f"{name} must be 0 or 1.")
    return text == "1"
