"""OpenAI's chat completions, and the models that there are."""

from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.openai_api import completions, control


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    return [*completions.routes(sandbox), *control.routes(sandbox)]
