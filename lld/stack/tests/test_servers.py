import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from lld.stack import EmbeddedServers, HomeInUseError, StackError
from lld.stack.configuration import PROJECT
from lld.stack.servers import STATE, read_state

OWNER = """
import sys, pathlib, psycopg, signal
from lld.stack import EmbeddedServers
# A shell that starts the suite in the background has SIGINT ignored, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
with EmbeddedServers(pathlib.Path(sys.argv[1]), durable=True) as servers:
    connection = psycopg.connect(servers.database_url, autocommit=True)
    connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
    connection.execute("INSERT INTO kept VALUES (1)")
    try:
        print("ready", flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        print("rows", connection.execute("SELECT count(*) FROM kept").fetchone()[0], flush=True)
"""


@pytest.fixture
def owner(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, leader of its own group, with durable servers in `home` and one row in them."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        # Leaving the block closes its standard input, on which it stops its servers and ends.


def servers_of(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if child.name() in {"postgres", "valkey-server"}]


def query(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()


def test_database_has_its_role_and_extensions(home: Path) -> None:
    with EmbeddedServers(home, durable=False) as servers:
        url = servers.database_url
        assert query(
            url, "SELECT rolname::text, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ) == (
            "lld",
            False,
            True,
        )
        assert query(url, "SHOW timezone") == ("UTC",)
        assert query(url, "SHOW listen_addresses") == ("",)
        assert query(url, "SELECT lower('ÑÉ'), unaccent('piñata'), 'A'::citext = 'a'") == ("ñé", "pinata", True)
        # Letters beyond ASCII belong to words: a wrong LC_CTYPE would cut "piñata" in two.
        assert query(url, "SELECT to_tsvector('simple', 'Piñata')::text") == ("'piñata':1",)

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE another")
        extensions = "SELECT array_agg(extname::text ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'"
        assert query(url.replace("/lld?", "/another?"), extensions) == (
            ["btree_gin", "citext", "pg_trgm", "unaccent"],
        )


def test_stop_leaves_neither_process_nor_file(home: Path) -> None:
    # The suite's own, when it runs in one process.
    others = servers_of(os.getpid())
    servers = EmbeddedServers(home, durable=False)

    with servers:
        started = [process for process in servers_of(os.getpid()) if process not in others]
        assert {process.name() for process in started} == {"postgres", "valkey-server"}
        scratch = Path(read_state(home)["scratch"])
        assert (home / STATE).stat().st_mode & 0o777 == 0o600
        assert scratch.is_dir()

    assert not any(process.is_running() for process in started)
    assert not scratch.exists()
    assert not (home / STATE).exists()
    servers.stop()


def test_valkey_needs_its_password(home: Path) -> None:
    with EmbeddedServers(home, durable=False, database_url="postgresql://elsewhere/lld") as servers:
        port = redis.Redis.from_url(servers.redis_url).connection_pool.connection_kwargs["port"]

        with (
            redis.Redis(host="127.0.0.1", port=port, retry=None) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        assert servers.redis_url.split("@")[0].removeprefix("redis://:") not in str(
            [process.cmdline() for process in servers_of(os.getpid())]
        )


def test_durable_data_outlives_a_restart(home: Path) -> None:
    for durable, rows in ((True, 1), (True, 2), (False, 1), (True, 3)):
        with EmbeddedServers(home, durable=durable) as servers:
            with psycopg.connect(servers.database_url) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
                connection.execute("INSERT INTO kept VALUES (1)")
            with redis.Redis.from_url(servers.redis_url) as client:
                assert client.incr("kept") == rows

            assert query(servers.database_url, "SELECT count(*) FROM kept") == (rows,)


def test_server_whose_url_is_given_is_not_started(home: Path) -> None:
    urls = {"database_url": "postgresql://elsewhere/lld", "redis_url": "redis://elsewhere"}
    others = servers_of(os.getpid())
    with EmbeddedServers(home, durable=True, **urls) as servers:
        assert servers_of(os.getpid()) == others
        assert servers.urls == {"DATABASE_URL": urls["database_url"], "REDIS_URL": urls["redis_url"]}


def test_home_has_one_owner(home: Path, owner: subprocess.Popen[str]) -> None:
    with pytest.raises(HomeInUseError, match=f"Process {owner.pid} is already using {home}"):
        EmbeddedServers(home, durable=True).__enter__()
    assert servers_of(owner.pid)


def test_ctrl_c_reaches_the_owner_and_not_its_servers(owner: subprocess.Popen[str]) -> None:
    started = servers_of(owner.pid)

    os.killpg(owner.pid, signal.SIGINT)
    output, _ = owner.communicate(timeout=10)

    assert output == "rows 1\n"
    assert owner.returncode == 0
    assert not any(process.is_running() for process in started)


def test_killed_owner_leaves_no_server_and_loses_no_row(home: Path, owner: subprocess.Popen[str]) -> None:
    started = servers_of(owner.pid)
    scratch = Path(read_state(home)["scratch"])

    owner.kill()
    owner.wait()

    with EmbeddedServers(home, durable=True) as servers:
        assert query(servers.database_url, "SELECT count(*) FROM kept") == (1,)
        assert not any(process.is_running() for process in started)
        assert not scratch.exists()


def test_reused_pid_in_the_lock_file_does_not_stop_the_start(home: Path) -> None:
    with EmbeddedServers(home, durable=True, redis_url="redis://elsewhere") as servers:
        lock = home / "postgres" / "postmaster.pid"
        content = lock.read_text().splitlines()
        owner = lock.stat()
    # As PostgreSQL's account, because the server takes only processes of its own account for rivals.
    account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}

    with subprocess.Popen(["sleep", "60"], **account) as unrelated:
        lock.write_text("\n".join([str(unrelated.pid), *content[1:]]) + "\n")
        os.chown(lock, owner.st_uid, owner.st_gid)
        with EmbeddedServers(home, durable=True, redis_url="redis://elsewhere") as servers:
            assert query(servers.database_url, "SELECT 1") == (1,)
        assert unrelated.poll() is None
        unrelated.kill()


def test_failed_start_says_why_and_frees_the_home(home: Path) -> None:
    def servers() -> EmbeddedServers:
        return EmbeddedServers(home, durable=True, redis_url="redis://elsewhere")

    with servers():
        pass
    version = home / "postgres" / "PG_VERSION"
    right = version.read_text()
    version.write_text("9.6\n")

    with pytest.raises(StackError, match=r"(?s)PostgreSQL did not start.*files are incompatible with server"):
        servers().__enter__()

    version.write_text(right)
    with servers():
        pass
