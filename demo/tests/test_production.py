"""A process with production settings has neither the demo nor the sandbox in it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from demo.logins import DEMO_PASSWORD
from lld.tests.settings.environments import PRODUCTION, PROJECT

# What web and worker load, and what `/` answers; with `demo` imported first when so asked, as a control.
PROGRAM = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
import lld.wsgi
from django.test import Client
from django.urls import get_resolver
from lld.celery import app
app.loader.import_default_modules()
get_resolver().url_patterns
page = Client().get("/", secure=True, headers={"host": "api.lld.test"})
modules = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
print(json.dumps({"status": page.status_code, "page": page.content.decode(), "modules": modules}))
"""


def production(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **PRODUCTION}
    command = [sys.executable, "-W", "ignore", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)


@cache
def loaded(*first: str) -> dict[str, Any]:
    """The status and text of `/`, and the modules with their files, of a process that imported `first` before."""
    result = production("-c", PROGRAM, *first)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def local_parts(modules: dict[str, str | None]) -> set[str]:
    """Those of `modules` that only a developer's machine should have."""
    return {name for name in modules if name.partition(".")[0] in {"demo", "sandbox", "bench", "tests"}}


def with_the_password(modules: dict[str, str | None]) -> set[str]:
    """Those of our own `modules` whose text has the demo's password."""
    ours = {
        name: Path(file)
        for name, file in modules.items()
        if file and file.endswith(".py") and Path(file).is_relative_to(PROJECT) and ".venv" not in file
    }
    assert {"lld.urls", "staffportal.urls", "orders.tasks"} <= set(ours)
    return {name for name, path in ours.items() if DEMO_PASSWORD in path.read_text(encoding="utf-8")}


def test_production_loads_neither_demo_nor_sandbox() -> None:
    assert local_parts(loaded()["modules"]) == set()
    assert with_the_password(loaded()["modules"]) == set()


def test_control_loaded_demo_is_noticed() -> None:
    modules = loaded("demo.logins", "sandbox.settings")["modules"]
    assert local_parts(modules) == {"demo", "demo.logins", "sandbox", "sandbox.settings"}
    assert with_the_password(modules) == {"demo.logins"}


def test_start_page_has_links_and_no_logins() -> None:
    answer = loaded()

    assert answer["status"] == 200
    for address in ("/admin/", "/api/docs", "/api/v1/health"):
        assert f'<a href="{address}">' in answer["page"]
    for absent in (DEMO_PASSWORD, "<table>", "<code>", "Sandbox", "local mode"):
        assert absent not in answer["page"]


def test_seed_demo_command_is_unknown() -> None:
    result = production("-m", "django", "seed_demo")
    assert result.returncode == 1
    assert "Unknown command: 'seed_demo'" in result.stderr
