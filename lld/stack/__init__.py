"""The embedded local stack: PostgreSQL, Valkey and all processes of the program on one bare machine.

It sets the environment that the settings read, so it imports neither the settings nor any other package
of the project.
"""

import atexit
import os
import sys
import time

from lld.stack.configuration import Configuration, unset_in
from lld.stack.errors import HomeInUseError, StackError
from lld.stack.servers import EmbeddedServers, read_state

__all__ = ["EmbeddedServers", "HomeInUseError", "StackError", "attach"]

ATTACH_SECONDS = 90


def attach() -> dict[str, str]:
    """Put the variables of the local stack that are not set yet into our environment, and return them.

    They are those of the running stack, DATABASE_URL and REDIS_URL among them. When none runs, its
    servers are started here and stop with this process; a server whose URL is set already is not.
    Called by the main thread, before the settings are read. Ends the process with one sentence when
    the stack cannot start.
    """
    try:
        missing = unset_in(os.environ, _environment(Configuration.read(os.environ)))
    except StackError as error:
        sys.exit(str(error))
    os.environ.update(missing)
    return missing


def _environment(configuration: Configuration) -> dict[str, str]:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        # With servers of the caller's own there is nothing to start, and nobody to wait for.
        return configuration.environment()
    deadline = time.monotonic() + ATTACH_SECONDS
    while True:
        try:
            return _start(configuration)
        except HomeInUseError:
            # The owner publishes its environment once its servers answer.
            published: dict[str, str] | None = read_state(configuration.home).get("environment")
            if published is not None:
                return published
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _start(configuration: Configuration) -> dict[str, str]:
    servers = EmbeddedServers(
        configuration.home,
        durable=True,
        database_url=os.environ.get("DATABASE_URL"),
        redis_url=os.environ.get("REDIS_URL"),
    )
    servers.__enter__()
    owner = os.getpid()
    # A forked child inherits the exit handlers, and must not stop its parent's servers.
    atexit.register(lambda: servers.stop() if os.getpid() == owner else None)
    environment = configuration.environment() | servers.urls
    servers.publish(environment)
    return environment
