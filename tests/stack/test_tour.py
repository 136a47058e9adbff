"""The tour, run against the stack as `make run` starts it: real processes, real queue, real HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, str], "subprocess.Popen[bytes]"]]:
    home = tmp_path_factory.mktemp("stack")
    home.chmod(0o755)
    port, sandbox_port = _free_port(), _free_port()
    # Only what a shell has: the suite's own servers and settings are not this stack's.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment |= {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "LLD_HOME": str(home / "home")}
    log = (home / "run.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "lld.stack", "run"],
        cwd=PROJECT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/api/v1/health", process, home / "run.log")
        addresses = {"BASE": f"http://127.0.0.1:{port}", "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}"}
        yield environment | addresses, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        log.close()


def test_the_tour_tells_the_truth(stack: tuple[dict[str, str], "subprocess.Popen[bytes]"]) -> None:
    environment, _ = stack
    blocks = re.findall(r"^```bash\n(.*?)^```", (PROJECT / "docs" / "tour.md").read_text(), flags=re.S | re.M)
    script = "set -euo pipefail\n" + "\n".join(blocks)
    result = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[:5] == ["ok", "True", "A. R.", "List price.", "True"]
    assert re.fullmatch(r"placed once: LLD-\S+", lines[5])
    assert re.fullmatch(r"LLD-\S+ is paid", lines[6])
    assert lines[7:11] == ["confirmed", "packed", "shipped", "delivered"]
    assert re.fullmatch(r"LLD-\S+ is paid", lines[11])
    assert lines[12:14] == ["succeeded", "illegal_transition"]
    stock = re.fullmatch(r"stock: (\d+), (\d+), (\d+)", lines[14])
    assert stock is not None
    before, promised, after = map(int, stock.groups())
    assert promised == before - 1
    assert after == before
    assert re.fullmatch(r"given back: \[\d+\]", lines[15])
    assert lines[16:19] == ["Please confirm your e-mail address.", "email_not_verified", "La Milpa"]
    reset = "Your password is changed. Sign in with the new one."
    assert lines[19:24] == ["True", reset, "invalid_link", "invalid_credentials", "You are signed in."]
    assert lines[24:27] == ["not_found", "False", "invalid_credentials"]
    assert lines[27:] == ["True", "image/jpeg", "invalid"]


def test_the_mails_have_left_through_the_worker(stack: tuple[dict[str, str], "subprocess.Popen[bytes]"]) -> None:
    environment, _ = stack
    with urllib.request.urlopen(f"{environment['SANDBOX_URL']}/", timeout=5) as page:
        html = page.read().decode()
    for subject in ("is on its way", "is cancelled", "Payment for order"):
        assert subject in html


def test_ctrl_c_leaves_nothing_behind(stack: tuple[dict[str, str], "subprocess.Popen[bytes]"]) -> None:
    _, process = stack
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) > 5
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(30) == 0
    _, alive = psutil.wait_procs(family, timeout=3)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"the stack is not healthy:\n{log.read_text(errors='replace')[-4000:]}")
