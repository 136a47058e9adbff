"""``make run``: servers, database, web, worker, beat and sandbox, from one command to one Ctrl-C."""

import http.client
import os
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence

from lld.stack.configuration import PROJECT, Configuration, unset_in
from lld.stack.errors import StackError
from lld.stack.processes import Processes, StopRequest, say
from lld.stack.servers import EmbeddedServers, owner_was_killed

HEALTH_SECONDS = 90
# Web workers of a killed stack end by themselves, within the time that open requests are given.
LEFTOVER_SECONDS = 6
# Decoded pictures go back to the system (Dockerfile has the same); else each thread keeps what it once needed.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "1048576"}


def run() -> int:
    """Run the whole stack until asked to stop. Returns the exit code: 0 when asked, 1 for any trouble."""
    stop_request = StopRequest()
    stop_request.install()
    try:
        configuration = Configuration.read(os.environ)
        _require_free_ports(configuration, patience=LEFTOVER_SECONDS if owner_was_killed(configuration.home) else 0)
        say(f"Starting PostgreSQL and Valkey in {configuration.home}")
        with EmbeddedServers(
            configuration.home,
            durable=True,
            database_url=os.environ.get("DATABASE_URL"),
            redis_url=os.environ.get("REDIS_URL"),
        ) as servers:
            environment = configuration.environment() | servers.urls
            servers.publish(environment)
            _run_programs(configuration, environment, stop_request)
            say("Stopping PostgreSQL and Valkey")
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    say("Stopped.")
    return 0


def _run_programs(configuration: Configuration, environment: dict[str, str], stop_request: StopRequest) -> None:
    """Prepare database and files, then run all until asked to stop. Raises StackError if a program fails."""
    # Unbuffered, or the output of a program that waits would stay inside it.
    complete = os.environ | unset_in(os.environ, environment) | {"PYTHONUNBUFFERED": "1", **MEMORY}
    processes = Processes(stop_request, PROJECT, complete)
    for arguments in _preparations(configuration):
        code = processes.run(arguments[0][:8], [sys.executable, "manage.py", *arguments])
        if code is None:
            return
        if code != 0:
            raise StackError(f"manage.py {arguments[0]} failed with exit code {code}; its output is above.")
    processes.start(_programs(configuration))
    threading.Thread(target=_announce, args=(configuration, stop_request), daemon=True).start()
    ended = processes.wait()
    if ended is not None:
        stop_request.made = True
        name, code = ended
        raise StackError(f"{name} ended unexpectedly with exit code {code}, so everything was stopped.")


def _preparations(configuration: Configuration) -> list[list[str]]:
    commands = [["migrate", "--no-input"], ["collectstatic", "--no-input", "--verbosity=0"]]
    if configuration.demo:
        commands.append(["seed_demo", "--if-empty"])
    return commands


def _programs(configuration: Configuration) -> dict[str, Sequence[str]]:
    python = [sys.executable, "-m"]
    web = [*python, "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    web += ["--host", configuration.host, "--port", str(configuration.port)]
    # Threads wait for the database most of the time. Backpressure leaves what a worker cannot serve soon in
    # the common backlog, where the other worker can take it.
    web += ["--workers", "2", "--blocking-threads", "16", "--backpressure", "64"]
    web += ["--respawn-failed-workers", "--workers-kill-timeout", "3", "lld.wsgi:application"]
    celery = [*python, "celery", "-A", "lld"]
    # Two workers have little to gossip of, and asking the other first only delays their start.
    worker = [*celery, "worker", "--loglevel", "INFO", "--without-mingle", "--without-gossip"]
    # What it does is waiting, so its threads do as well as processes, in the memory of one.
    sender = [*worker, "--hostname", "sender@%h", "--queues", "texts,mail", "--pool", "threads"]
    sender += ["--concurrency", "4"]
    worker += ["--hostname", "worker@%h", "--queues", "work", "--concurrency", "2"]
    beat = [*celery, "beat", "--loglevel", "INFO"]
    beat += ["--scheduler", "django_celery_beat.schedulers:DatabaseScheduler"]
    programs: dict[str, Sequence[str]] = {"web": web, "worker": worker, "sender": sender, "beat": beat}
    if configuration.sandbox:
        programs["sandbox"] = [*python, "sandbox"]
    return programs


def _require_free_ports(configuration: Configuration, *, patience: float) -> None:
    deadline = time.monotonic() + patience
    _require_free("PORT", configuration.host, configuration.port, deadline)
    if configuration.sandbox:
        if configuration.port == configuration.sandbox_port:
            raise StackError("PORT and SANDBOX_PORT are the same; choose another for one of them.")
        _require_free("SANDBOX_PORT", "127.0.0.1", configuration.sandbox_port, deadline)


def _require_free(name: str, host: str, port: int, deadline: float) -> None:
    """Raises StackError, which tells how to choose another port, if `port` is not free by `deadline`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        try:
            socket.create_server((host, port), family=family).close()
            return
        except socket.gaierror:
            raise StackError(f"HOST={host} is not an address of this machine.") from None
        except OSError as error:
            if time.monotonic() >= deadline:
                raise StackError(
                    f"Port {port} of {host} cannot be used ({os.strerror(error.errno or 0).lower()}); "
                    f"choose another, for example: make run {name}={min(port + 10, 65535)}"
                ) from None
        time.sleep(0.1)


def _announce(configuration: Configuration, stop_request: StopRequest) -> None:
    """Print the addresses once the web server answers that all is well."""
    deadline = time.monotonic() + HEALTH_SECONDS
    while not _healthy(f"{configuration.web_url}/api/v1/health"):
        if stop_request.made:
            return
        if time.monotonic() > deadline:
            say(f"{configuration.web_url}/api/v1/health is not well yet; the output above may say why.")
            return
        time.sleep(0.3)
    lines = [
        "",
        f"  LLD is running:      {configuration.web_url}/   (the demo logins are on this page)",
        f"  Console:             {configuration.web_url}/admin/",
        f"  API documentation:   {configuration.web_url}/api/docs",
    ]
    if configuration.sandbox:
        lines.append(f"  Sent mail and SMS:   {configuration.sandbox_url}/   (the vendors' sandbox)")
    say("\n".join([*lines, "  Stop with Ctrl-C.", ""]))


def _healthy(url: str) -> bool:
    try:
        # No proxy of the environment stands between us and our own machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False
