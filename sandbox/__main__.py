"""``python -m sandbox``: serves until SIGINT or SIGTERM.

With ``--until-stdin-closes`` it also ends with the process that holds the other end of its stdin.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import warnings

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from sandbox.app import build_app
from sandbox.context import Sandbox
from sandbox.mail import Mailbox
from sandbox.settings import Settings


async def serve(settings: Settings) -> None:
    """One process and one event loop for HTTP and SMTP, so that all parts share the same state."""
    # The server shares its port with whoever is there already; two sandboxes would answer in turns.
    socket.create_server((settings.host, settings.port)).close()
    sandbox = Sandbox.build(settings)
    loop = asyncio.get_running_loop()
    mailbox = await loop.create_server(Mailbox(sandbox).protocol, settings.host, settings.smtp_port)
    server = Server(
        build_app(sandbox),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_level=LogLevels.error,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    if "--until-stdin-closes" in sys.argv:
        loop.add_reader(sys.stdin, server.stop)
    sandbox.callbacks.start()
    try:
        await server.serve()
    finally:
        sandbox.callbacks.stop()
        mailbox.close()


def main() -> int:
    # The embedded server and the mail server without TLS are what is wanted here.
    warnings.simplefilter("ignore")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    try:
        settings = Settings.from_env()
        asyncio.run(serve(settings))
    except (ValueError, OSError) as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The server's native threads may still ask for the interpreter's lock; while the interpreter takes
    # itself down, that aborts the process. All state is saved by now.
    os._exit(status)
