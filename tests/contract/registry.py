"""The calls of the contract's rows, as modules of cases register them."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from sandbox.testing import SandboxClient


class Case:
    """How to make one row's call: path parameters, query and body, and who is behind the order it is about."""

    def __init__(
        self,
        arguments: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        client: APIClient | None = None,
    ) -> None:
        self.arguments, self.body, self.query, self.client = arguments or {}, body, query or {}, client


CASES: dict[str, Callable[[SandboxClient], Case]] = {}


def case(name: str) -> Callable[[Callable[[SandboxClient], Case]], Callable[[SandboxClient], Case]]:
    def register(make: Callable[[SandboxClient], Case]) -> Callable[[SandboxClient], Case]:
        CASES[name] = make
        return make

    return register
