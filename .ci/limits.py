"""Refuses what has grown too long to be read: files of more than 600 lines, functions of more than 60.

Files of more than 400 lines are named and let pass: they become packages when they next grow. Tests count like the
rest, migrations do not.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_SOFT, FILE_HARD, FUNCTION = 400, 600, 60


def complaints(path: Path) -> Iterator[str]:
    """What is too long in a file, with its place."""
    text = path.read_text()
    length = len(text.splitlines())
    if length > FILE_HARD:
        yield f"{path}: {length} lines; at most {FILE_HARD}: cut it into a package by subject"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines; at most {FUNCTION}"
    if FILE_SOFT < length <= FILE_HARD:
        print(f"{path}: {length} lines; {FILE_SOFT} read better", file=sys.stderr)


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.py"], capture_output=True, text=True)
    paths = [Path(name) for name in listed.stdout.splitlines()]
    # Without git, as in an unpacked archive, all that lies here.
    paths = paths or [path for path in Path().rglob("*.py") if ".venv" not in path.parts]
    found = [
        said
        for path in sorted(paths)
        if path.exists() and "migrations" not in path.parts
        for said in complaints(path)
    ]
    print("\n".join(found) or "No file and no function is too long.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
