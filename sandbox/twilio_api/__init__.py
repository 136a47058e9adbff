"""Twilio's messages: sending, reading, status callbacks."""

from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.twilio_api import control, messages


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    sandbox.callbacks.sign_with(
        "twilio", lambda url, body: messages.sign(sandbox.settings.twilio_auth_token, url, body)
    )
    return [*messages.routes(sandbox), *control.routes(sandbox)]
