import json
import subprocess
import sys
from pathlib import Path

from lld.stack.configuration import PROJECT

ATTACHED = """
import json, os, sys
import lld.stack
returned = lld.stack.attach()
assert all(os.environ[name] == value for name, value in returned.items())
print(json.dumps(returned), flush=True)
sys.stdin.read()
"""


def attach(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ATTACHED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=environment,
    )


def first_line(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    values: dict[str, str] = json.loads(process.stdout.readline())
    return values


def test_second_process_shares_the_servers_of_the_first(clean_environment: dict[str, str], home: Path) -> None:
    with attach(clean_environment) as owner, attach(clean_environment | {"SECRET_KEY": "mine"}) as guest:
        seen_by_owner, seen_by_guest = first_line(owner), first_line(guest)
        guest.communicate(timeout=10)
        assert owner.poll() is None
        owner.communicate(timeout=10)

    assert (owner.returncode, guest.returncode) == (0, 0)
    assert "SECRET_KEY" not in seen_by_guest
    del seen_by_owner["SECRET_KEY"]
    assert seen_by_guest == seen_by_owner
    assert {"DATABASE_URL", "REDIS_URL", "FIELD_ENCRYPTION_KEY", "PUBLIC_URL"} <= seen_by_owner.keys()
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_given_urls_start_no_server(clean_environment: dict[str, str], home: Path) -> None:
    urls = {"DATABASE_URL": "postgresql://elsewhere/lld", "REDIS_URL": "redis://elsewhere"}

    with attach(clean_environment | urls) as process:
        assert not urls.keys() & first_line(process).keys()
        process.communicate(timeout=10)

    assert not (home / "postgres").exists()
    assert not (home / "valkey").exists()


def test_malformed_port_ends_the_process_with_one_sentence(clean_environment: dict[str, str]) -> None:
    with attach(clean_environment | {"PORT": "80 80"}) as process:
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (1, "")
    assert errors == "PORT must be a port number from 1 to 65535.\n"
