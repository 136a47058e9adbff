"""The sandbox's settings, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Settings:
    host: str = "127.0.0.1"
    port: int = 8001
    smtp_port: int = 1025
    home: Path | None = None
    """Folder of the SQLite file; None keeps the state in memory."""
    public_url: str = ""
    """Base address of the product, which receives the webhooks; empty delivers none."""
    stripe_api_key: str = ""
    """The one key accepted as Stripe's; empty accepts every ``sk_test_…``."""
    stripe_webhook_secret: str = "whsec_sandbox"
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    """Empty accepts any credentials of the account named in the path."""
    openai_api_key: str = ""
    """The one key accepted as OpenAI's; empty accepts any."""
    r2_access_key_id: str = ""
    """The one key accepted as R2's; empty accepts every one."""
    vendor_specs: Path = _CHECKOUT.parent / "shared" / "vendor-specs"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Raises ValueError, with a sentence naming the variable, for a port that is not one."""
        home = env.get("SANDBOX_HOME")
        return cls(
            host=env.get("HOST") or cls.host,
            port=_port(env, "SANDBOX_PORT", cls.port),
            smtp_port=_port(env, "SANDBOX_SMTP_PORT", cls.smtp_port),
            home=Path(home) if home else None,
            public_url=env.get("PUBLIC_URL", "").rstrip("/"),
            stripe_api_key=env.get("STRIPE_API_KEY", ""),
            stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET") or cls.stripe_webhook_secret,
            twilio_account_sid=env.get("TWILIO_ACCOUNT_SID", ""),
            twilio_auth_token=env.get("TWILIO_AUTH_TOKEN", ""),
            openai_api_key=env.get("OPENAI_API_KEY", ""),
            r2_access_key_id=env.get("R2_ACCESS_KEY_ID", ""),
            vendor_specs=Path(env.get("VENDOR_SPECS") or cls.vendor_specs),
        )


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ValueError(f"{name} must be a port between 1 and 65535, not {value!r}.")
    return int(value)
