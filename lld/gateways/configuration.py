"""What a gateway needs from the environment, asked for when it is used, not when the process starts."""

from pydantic import AnyHttpUrl, SecretStr

from lld.core.errors import NotConfigured
from lld.settings.environment import read_environment


def need(variable: str) -> str:
    """The value of an environment variable. NotConfigured (503) names it when it is absent."""
    value = getattr(read_environment(), variable.lower())
    if value is None:
        raise NotConfigured(variable)
    return _plain(value)


def optional(variable: str) -> str | None:
    value = getattr(read_environment(), variable.lower())
    return None if value is None else _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).rstrip("/") if isinstance(value, AnyHttpUrl) else str(value)
