"""import-linter checks what `.importlinter` names: an app that a contract leaves out may do what it forbids."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
APPS = {name for name in settings.INSTALLED_APPS if (ROOT / name / "apps.py").is_file()}
# Installed by local and test settings only, and no place for layers.
PRODUCT = APPS - {"demo"}
# Every list that spells apps out, and which it has.
LISTS = {
    ("importlinter", "root_packages"): APPS,
    ("importlinter:contract:house", "layers"): APPS,
    ("importlinter:contract:inside", "containers"): PRODUCT,
    ("importlinter:contract:vendors", "source_modules"): APPS,
    ("importlinter:contract:sandbox", "forbidden_modules"): APPS,
    ("importlinter:contract:product", "source_modules"): APPS,
    ("importlinter:contract:demo", "source_modules"): PRODUCT,
    ("importlinter:contract:stack", "forbidden_modules"): APPS,
}

# What apps may use of each other (docs/architecture.md), and what imports have no business with anyway.
SHARED = {
    "services",
    "selectors",
    "rules",
    "pricing",
    "models",
    "events",
    "enums",
    "errors",
    "numbers",
    "authentication",
    "consent",
}
ASIDE = {"__init__", "apps", "migrations", "tests"}


def lists() -> Iterator[tuple[tuple[str, str], set[str]]]:
    """Section and option, and the modules that it names; those in brackets need not be there."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    for section in contracts.sections():
        for option, value in contracts.items(section):
            yield (section, option), set(re.split(r"[\s:]+", value.strip()))


def modules_of(app: str) -> set[str]:
    return {path.stem for path in (ROOT / app).iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}


def test_every_list_of_apps_has_every_app() -> None:
    assert {place: named & APPS for place, named in lists() if len(named & APPS) > 1} == LISTS


def test_whatever_apps_do_not_share_is_protected() -> None:
    found = {f"{app}.{name}" for app in PRODUCT for name in modules_of(app) - SHARED - ASIDE}
    protected = {name for (_, option), named in lists() if option == "protected_modules" for name in named}
    assert {name for name in protected if name.count(".") == 1} == found
