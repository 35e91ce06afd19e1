"""What is imported for what: `wftui --help` must answer at once, and reading a directory needs no Ray."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"textual", "rich", "ray", "asyncio", "pyarrow", "watchfiles"}
# What `argparse` costs by itself is the measure; each of these would be a good part of it again.
NOT_FOR_HELP = HEAVY | {"typing", "dataclasses", "json", "importlib.metadata", "inspect", "pathlib", "unicodedata"}
REPORT = "import sys; found = sorted(sys.modules); import json; sys.stderr.write(json.dumps(found))"


def imported_by(code: str) -> set[str]:
    """Every module that a fresh interpreter has imported after running the code."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_", "COVERAGE"))}
    command = [sys.executable, "-c", f"{code}\n{REPORT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return set(json.loads(done.stderr.splitlines()[-1]))


def before() -> set[str]:
    """What the interpreter and the `.pth` files of this environment import by themselves."""
    return imported_by("pass")


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    index = tmp_path / "workflows" / "__status__" / "FAILED"
    index.mkdir(parents=True)
    (index / "a").touch()
    return tmp_path


def test_importing_the_package_imports_nothing_else() -> None:
    assert imported_by("import wftui") - before() <= {"wftui"}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_imports_next_to_nothing(argument: str) -> None:
    found = imported_by(f"from wftui.cli.main import main; assert main([{argument!r}]) == 0") - before()
    assert not found & NOT_FOR_HELP
    plain = imported_by("import argparse; argparse.ArgumentParser().format_help()") - before()
    added = {name for name in found - plain if name.split(".")[0] not in ("wftui", "importlib", "encodings")}
    assert added <= {"__future__", "gc"}  # gc is compiled into Python


@pytest.mark.parametrize("command", ["ls", "show a", "show --all --json", "ls --json"])
def test_reading_a_directory_needs_neither_ray_nor_textual(storage: Path, command: str) -> None:
    words = [*command.split(), "-t", str(storage)]
    found = imported_by(f"from wftui.cli.main import main; main({words!r})")
    assert not found & {"textual", "rich", "ray", "pyarrow", "asyncio"}


def test_asking_a_wrong_thing_imports_no_engine() -> None:
    found = imported_by("from wftui.cli.main import main; assert main(['ls', '--nonsense']) == 2")
    assert not found & HEAVY
