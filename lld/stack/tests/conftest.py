import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account may enter; pytest's own are closed, and the stack would avoid them."""
    folder = Path(tempfile.mkdtemp(prefix="lld-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def clean_environment(home: Path) -> dict[str, str]:
    """What a bare shell would hand to the stack: nothing of ours but LLD_HOME."""
    return {"PATH": os.environ["PATH"], "LLD_HOME": str(home), "PYTHONWARNINGS": "error"}


def free_ports() -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return {"PORT": str(one.getsockname()[1]), "SANDBOX_PORT": str(other.getsockname()[1])}
