"""Refuses `row.save()` where money is written: every column goes back as it was read, and undoes what others wrote.

A new row is made by `create`; a change names its columns (`update_fields`), or is an `update`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def whole_row_saves(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save":
            named = {keyword.arg for keyword in node.keywords}
            if not node.args and not named & {"update_fields", "force_insert"}:
                yield f"{path}:{node.lineno}: save() writes the whole row; name its columns with update_fields"


def main() -> int:
    paths = sorted(Path("orders/services").glob("*.py"))
    found = [said for path in paths for said in whole_row_saves(path)]
    print("\n".join(found) or "No service of orders saves a whole row.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
