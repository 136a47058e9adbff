"""What must not go into production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_debug_tokens(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Answers that carry reset links would give every account away."""
    if not settings.EXPOSE_DEBUG_TOKENS:
        return []
    return [Error("EXPOSE_DEBUG_TOKENS is on: leave it out of production's environment.", id="accounts.E001")]
