"""The process environment, read once, typed and checked. No other module reads it."""

import difflib
import os
import re
import sys
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from zoneinfo import available_timezones

from phonenumbers import SUPPORTED_REGIONS
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from redis.connection import parse_url

ORIGIN = re.compile(r"https?://[^/\s?#@]+")
CommaSeparated = Annotated[tuple[str, ...], NoDecode]

# A misspelt name with one of these prefixes would silently leave a vendor unconfigured.
CHECKED_PREFIXES = ("STRIPE_", "EASYPOST_", "TWILIO_", "ELEVENLABS_", "DISCORD_", "R2_", "SMTP_")


class Environment(BaseSettings):
    """Every setting that comes from outside. Empty counts as absent."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    secret_key: SecretStr = Field(min_length=32)
    field_encryption_key: SecretStr = Field(min_length=32)
    public_url: AnyHttpUrl
    frontend_url: AnyHttpUrl
    database_url: str = Field(pattern=r"^postgres(ql)?://", repr=False)
    redis_url: str = Field(pattern=r"^(rediss?|unix)://", repr=False)
    allowed_hosts: CommaSeparated = ()
    cors_origins: CommaSeparated = ()
    trusted_proxies: CommaSeparated = ()
    business_time_zone: str = "America/Chicago"
    log_level: str = Field(default="INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")
    sentry_dsn: SecretStr | None = None
    debug: bool = False
    expose_debug_tokens: bool = False
    media_root: str | None = None
    static_root: str | None = None

    delivery_fee: Decimal = Field(default=Decimal("25.00"), ge=0)
    delivery_free_from: Decimal = Field(default=Decimal("300.00"), ge=0)
    sales_tax_rate: Decimal = Field(default=Decimal("0"), ge=0, lt=1)
    discount_limit_sales_rep: Decimal = Field(default=Decimal("0.10"), ge=0, le=1)
    discount_limit_staff: Decimal = Field(default=Decimal("0.20"), ge=0, le=1)

    unpaid_order_hours: int = Field(default=72, ge=24)
    checks_to: str | None = Field(default=None, max_length=300)

    stripe_api_key: SecretStr | None = None
    stripe_publishable_key: str | None = None
    stripe_api_base: AnyHttpUrl | None = None
    stripe_webhook_secret: SecretStr | None = None
    easypost_api_key: SecretStr | None = None
    easypost_api_base: AnyHttpUrl | None = None
    easypost_webhook_secret: SecretStr | None = None
    twilio_account_sid: str | None = Field(default=None, pattern=r"^AC[0-9a-f]{32}$")
    twilio_auth_token: SecretStr | None = None
    twilio_from: str | None = Field(default=None, pattern=r"^\+[1-9]\d{6,14}$")
    twilio_api_base: AnyHttpUrl | None = None
    sms_countries: CommaSeparated = ("US", "CA")
    openai_api_key: SecretStr | None = None
    openai_base_url: AnyHttpUrl | None = None
    openai_model: str = "gpt-5-mini"
    elevenlabs_webhook_secret: SecretStr | None = None
    discord_webhook_url: SecretStr | None = None
    r2_account_id: str | None = None
    r2_access_key_id: str | None = None
    r2_secret_access_key: SecretStr | None = None
    r2_bucket_name: str | None = None
    r2_public_url: AnyHttpUrl | None = None
    r2_endpoint_url: AnyHttpUrl | None = None
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_use_tls: bool = True
    mail_from: str = Field(
        default="LLD Restaurant Supply <orders@lld.invalid>", pattern=r"^([^<>\r\n]*<)?[^\s<>@]+@[^\s<>@]+>?$"
    )

    @field_validator("allowed_hosts", "cors_origins", "trusted_proxies", "sms_countries", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    # The libraries' own complaints quote the address, and with it the password.
    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            parts = conninfo_to_dict(value)
        except ProgrammingError:
            raise ValueError("is not the address of a PostgreSQL database") from None
        if "dbname" not in parts:
            raise ValueError("names no database")
        return value

    @field_validator("redis_url")
    @classmethod
    def _valkey(cls, value: str) -> str:
        try:
            parse_url(value)  # type: ignore[no-untyped-call]  # the library has no types here
        except ValueError:
            raise ValueError("is not the address of a Valkey or Redis server") from None
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("holds something that is no origin such as https://shop.example.com")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for network in value:
                ip_network(network)
        except ValueError:
            raise ValueError("holds something that is no network such as 10.0.0.0/8") from None
        return value

    @field_validator("sms_countries")
    @classmethod
    def _countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not set(value) <= SUPPORTED_REGIONS:
            raise ValueError("holds something that is no country such as US")
        return value

    @field_validator("smtp_user", "smtp_password")
    @classmethod
    def _sign_in_of_mail(cls, value: str | SecretStr | None) -> str | SecretStr | None:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value or ""
        if not plain.isascii():
            raise ValueError("holds characters that signing in at a mail server cannot carry")
        return value

    @field_validator("business_time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone name such as America/Chicago")
        return value

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(network) for network in self.trusted_proxies)

    @property
    def smtp_encrypts(self) -> bool:
        return self.smtp_use_tls and self.smtp_host not in {"127.0.0.1", "localhost", "::1"}


def misspelt_names(environ: dict[str, str]) -> str | None:
    """Name the first variable that carries a vendor's prefix but is not ours."""
    known = {name.upper() for name in Environment.model_fields}
    for name in sorted(environ):
        if name.startswith(CHECKED_PREFIXES) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "it is not one of ours; see .env.example."
            return f"Environment variable {name} is unknown: {hint}"
    return None


def first_problem(error: ValidationError) -> str:
    """One sentence naming the variable; never its value, which may be a secret."""
    problem = error.errors(include_input=False, include_url=False)[0]
    name = str(problem["loc"][0]).upper() if problem["loc"] else "The environment"
    if problem["type"] == "missing":
        return f"Environment variable {name} is missing; .env.example describes it."
    reason = re.sub(r"^Value error, ", "", problem["msg"])
    return f"Environment variable {name} is malformed: {reason[:1].lower()}{reason[1:]}."


@cache
def read_environment() -> Environment:
    """Read and check the environment, or end the process with one sentence."""
    if problem := misspelt_names(dict(os.environ)):
        sys.exit(problem)
    try:
        return Environment()  # type: ignore[call-arg]  # the values come from the environment
    except ValidationError as error:
        sys.exit(first_problem(error))
