"""Twilio's messages: sending, reading, status callbacks."""

from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.twilio_api import control, messages


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    return [*messages.routes(sandbox), *control.routes(sandbox)]
