"""The wheel, installed into a fresh environment without Ray, started from another folder."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal
from wftui import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (built,) = folder.glob("wftui-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what a base install brings, nothing else. Gives its `bin`."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    binaries = folder / "bin"
    (packages,) = folder.glob("lib/python3*/site-packages")
    for name in {name for dist in closure(requirements_of(wheel)) for name in top_level(dist)}:
        source = Path(str(importlib.metadata.distribution("textual").locate_file(name)))
        if not (packages / name).exists():
            (packages / name).symlink_to(source)
    command = [sys.executable, "-m", "pip", "-q", "--python", str(binaries / "python"), "install", "--no-deps"]
    subprocess.run([*command, "--no-index", str(wheel)], check=True, capture_output=True)
    return binaries


def requirements_of(wheel: Path) -> list[str]:
    """What the wheel says it needs; the editable install may be older than that."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []


def closure(requirements: list[str]) -> Iterator[importlib.metadata.Distribution]:
    """The distributions that these requirements bring, without extras ("markdown-it-py[linkify]" does without)."""
    seen: set[str] = set()
    due = list(requirements)
    while due:
        requirement, _, marker = due.pop().partition(";")
        found = re.match(r"[A-Za-z0-9._-]+", requirement)
        if "extra ==" in marker or found is None or found[0].lower() in seen:
            continue
        seen.add(found[0].lower())
        try:
            dist = importlib.metadata.distribution(found[0])
        except importlib.metadata.PackageNotFoundError:
            continue  # its marker leaves it out on this Python
        yield dist
        due += dist.requires or ()


def top_level(dist: importlib.metadata.Distribution) -> set[str]:
    parts = {path.parts[0] for path in dist.files or () if path.parts[0] != ".."}
    return parts - {"__pycache__"}


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    index = tmp_path / "storage" / "workflows" / "__status__" / "FAILED"
    index.mkdir(parents=True)
    (index / "nightly.1").touch()
    return tmp_path / "storage"


def plain_env() -> dict[str, str]:
    left_out = ("PYTHON", "VIRTUAL_ENV", "WFTUI_", "RAY_", "NO_COLOR")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=plain_env(),
        stdin=subprocess.DEVNULL,
    )


def test_what_the_package_needs_beside_its_code_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sheets = {f"wftui/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "styles").rglob("*") if path.is_file()}
    assert any(name.endswith(".tcss") for name in sheets)
    assert sheets <= names
    assert "wftui/py.typed" in names
    assert "wftui/sources/ray/demo/snapshot.zip" in names
    assert "wftui/sources/absurd/demo/definitions/order_fulfilment.yaml" in names
    assert not any(name.startswith(("tests/", "screenshots/", "styles/")) for name in names)


@pytest.mark.parametrize("form", ["tar", "tar.gz", "tar.xz", "tar.zst", "zip"])
def test_a_base_install_opens_an_archive(installed: Path, storage: Path, tmp_path: Path, form: str) -> None:
    archive = tmp_path / f"x.{form}"
    pack = ["zip", "-qr"] if form == "zip" else ["tar", "-caf"]
    subprocess.run([*pack, archive, storage.name], cwd=storage.parent, check=True)
    done = run(installed / "wftui", "ls", "--json", "-t", archive, cwd=tmp_path)
    assert [row["id"] for row in json.loads(done.stdout)] == ["nightly.1"], done.stderr


def test_it_starts_from_another_folder(installed: Path, tmp_path: Path) -> None:
    assert run(installed / "wftui", "--version", cwd=tmp_path).stdout == f"wftui {__version__}\n"
    assert run(installed / "python", "-m", "wftui", "--version", cwd=tmp_path).returncode == 0
    shown = run(installed / "wftui", "--help", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "ls " in shown.stdout
    where = run(installed / "python", "-c", "import wftui; print(wftui.__file__)", cwd=tmp_path).stdout
    assert Path(where).is_relative_to(installed.parent)


def test_a_base_install_reads_a_directory(installed: Path, storage: Path, tmp_path: Path) -> None:
    assert run(installed / "python", "-c", "import ray", cwd=tmp_path).returncode == 1
    listed = run(installed / "wftui", "ls", storage, "--json", cwd=tmp_path)
    assert listed.returncode == 0
    assert [row["id"] for row in json.loads(listed.stdout)] == ["nightly.1"]
    shown = run(installed / "wftui", "show", "nightly.1", "-t", storage, cwd=tmp_path)
    assert shown.returncode == 0
    drawn = run(installed / "wftui", "dag", "nightly.1", "-t", storage, cwd=tmp_path)
    assert drawn.returncode == 0


def test_a_base_install_says_how_to_get_ray(installed: Path, tmp_path: Path) -> None:
    result = run(installed / "wftui", "ls", "-t", "127.0.0.1:6379", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.count("\n") == 1
    assert "wftui[ray]" in result.stderr


def test_a_base_install_opens_a_directory_in_the_monitor(installed: Path, storage: Path, tmp_path: Path) -> None:
    command = [str(installed / "wftui"), str(storage)]
    with Terminal(command, env=plain_env(), cwd=str(tmp_path)) as terminal:
        terminal.until("nightly.1")
        terminal.press("q")
        assert terminal.wait() == 0


def test_the_demonstration_without_ray_is_a_recorded_one(installed: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = {**plain_env(), "TMPDIR": str(temporary)}
    with Terminal([str(installed / "wftui"), "demo"], env=env, cwd=str(tmp_path)) as terminal:
        terminal.until("PaymentDeclined")
        assert b"pip install 'wftui[ray]'" in terminal.written
        terminal.press("q")
        assert terminal.wait() == 0
    assert list(temporary.iterdir()) == []
