"""An archive of a storage gives the same answers as the storage, whoever packed it, and however."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.archive_making import COARSE, EXACT
from tests.sources.contract import SourceContract
from tests.sources.storage_making import NOW, MadeStorage
from wftui.cli.main import main
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.stores.archive.bounds import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.ray_written import WrittenStorage

ALL = {**EXACT, **COARSE}
SHORT_NAMES = {"ustar.tar.gz", "python.zip", "python-stored.zip", "python-streamed.zip"}
"""Formats that take no names of 200 characters, or none that are not UTF-8."""


def odd_storage(place: Path) -> MadeStorage:
    """Many kinds of workflows, some of them damaged, under odd names."""
    made = MadeStorage(place)
    for number in range(30):
        made.workflow(f"done.{number}", "SUCCESSFUL", start=NOW + number, end=NOW + 60.25 + number, run=number)
        made.entry(f"done.{number}", "only")
        made.task(f"done.{number}", "only", start=NOW + 0.5, end=NOW + 1.5, output="x" * number)
    made.workflow("failed", "FAILED", start=NOW + 0.25, end=NOW + 5)
    made.entry("failed", "b")
    made.task("failed", "a", start=NOW + 0.3, end=NOW + 1, output=[1, 2])
    made.task("failed", "b", upstream=["a"], start=NOW + 1.3, raised=ValueError("bad\x1b[31m"), raised_at=NOW + 1.7)
    made.task("failed", "c", start=NOW + 1.6, raised=b"not a pickle", raised_at=NOW + 2.6)
    made.workflow("retrying", "RUNNING")
    made.task("retrying", "r", start=NOW + 50.5, raised=OSError(2, "gone"), raised_at=NOW + 7.5)
    made.workflow("canceled", "CANCELED", start=NOW + 3.75)
    made.task("canceled", "t", start=NOW + 60.5 - 56)
    made.workflow("broken", "SUCCESSFUL")
    made.write("broken/user_run_metadata.json", b'{"half": ')
    made.write("broken/pre_run_metadata.json", b"")
    made.workflow("new\nline [bold] \udce4\udcff", "PENDING", start=None)
    made.workflow("x" * 200, "RUNNING")
    made.task("x" * 200, "y" * 180, start=NOW)
    made.workflow("moving", "SUCCESSFUL")
    made.index("RUNNING", "moving")
    made.index("dirty", "moving", None)
    made.write("rejected/workflow_meta.json", {"status": "NONE"})
    made.write("a/slash/workflow_meta.json", {"status": "FAILED"})
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeStorage:
    return odd_storage(tmp_path_factory.mktemp("odd") / "storage")


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("WFTUI_DEBUG", "1")

    def ask(target: Path, *words: str) -> Any:
        code = main([*words, "--json", "-t", str(target)])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        found = json.loads(printed.out)
        assert {row.pop("target") for row in found} <= {str(target)}
        return found, printed.err.replace(str(target), "TARGET")

    return ask


def differences(one: Any, other: Any, slack: float, path: str = "") -> Iterator[str]:
    """Where two answers differ; times may by so many seconds, and what is reckoned from them."""
    if isinstance(one, float) and isinstance(other, float):
        # What is added up from the times of many tasks may differ by that much of each.
        many = 100 if path.endswith((".slack", ".ran", ".queued", ".wall", ".average")) else 1
        if abs(one - other) > slack * many:
            yield f"{path}: {one} and {other}"
    elif isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], slack, f"{path}.{key}")
    elif slack and path.endswith(("critical_path", ".worst", ".share", ".at_once.most")):
        return  # which task ended a moment later decides
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, slack, f"{path}[{at}]")
    elif one != other:
        yield f"{path}: {one} and {other}"


def check_same(folder: Path, archive: Path, answer: Callable[..., Any], slack: float, apart: frozenset[str]) -> None:
    for words in (["ls"], ["show", "--all"]):
        one, one_said = answer(folder, *words)
        other, other_said = answer(archive, *words)
        one, other = ([row for row in rows if row["id"] not in apart] for rows in (one, other))
        assert len(one) > 3
        assert list(differences(one, other, slack)) == []
        assert one_said == other_said


@pytest.mark.parametrize("kind", ALL)
def test_made_by_hand(made: MadeStorage, tmp_path: Path, answer: Callable[..., Any], kind: str) -> None:
    if kind in SHORT_NAMES:
        made = MadeStorage(tmp_path / "other" / "storage")
        made.workflow("failed", "FAILED", start=NOW + 0.25, end=NOW + 5)
        made.task("failed", "b", start=NOW + 1.3, raised=ValueError("bad"), raised_at=NOW + 1.7)
        for number in range(5):
            made.workflow(f"köln {number}", "SUCCESSFUL", end=NOW + 7, run=number)
            made.task(f"köln {number}", "t", start=NOW, end=NOW + 1, output=1)
    archive = tmp_path / kind
    ALL[kind](made.path, archive)
    check_same(made.path, archive, answer, 0.0 if kind in EXACT else 2.0, frozenset())


@pytest.mark.ray
@pytest.mark.parametrize("kind", [kind for kind in ALL if kind not in SHORT_NAMES])
def test_written_by_ray(ray_storage: WrittenStorage, tmp_path: Path, answer: Callable[..., Any], kind: str) -> None:
    archive = tmp_path / kind
    ALL[kind](ray_storage.path, archive)
    apart: set[str] = set()
    if kind in COARSE:
        # One attempt raised, the next one began within the same two seconds, which `zip` rounds up and others round
        # down: then only finer times tell the two apart.
        shown, _ = answer(ray_storage.path, "show", "--all")
        apart = {row["id"] for row in shown if any(task["error"] and task["error"]["stale"] for task in row["tasks"])}
        assert len(apart) < 4
    check_same(ray_storage.path, archive, answer, 0.0 if kind in EXACT else 2.0, frozenset(apart))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("top", ["-C", "storage", "."]),
        ("the folder itself", ["storage/workflows"]),
        ("workflows at the top", ["-C", "storage", "workflows"]),
        ("what is in workflows", ["-C", "storage/workflows", "."]),
        ("deep", ["--transform", "s,^,./incident 7/home/me/,", "storage"]),
    ],
)
def test_wherever_it_lies(
    made: MadeStorage, tmp_path: Path, answer: Callable[..., Any], place: str, words: list[str]
) -> None:
    archive = tmp_path / "x.tar.gz"
    subprocess.run(["tar", "--format=pax", "-czf", archive, *words], cwd=made.path.parent, check=True)
    check_same(made.root if "in workflows" in place else made.path, archive, answer, 0.0, frozenset())


@pytest.mark.parametrize("kind", ["gnu-pax.tar.gz", "python-pax.tar.xz", "gnu-pax.tar.zst"])
def test_with_no_room_for_contents(
    made: MadeStorage, tmp_path: Path, answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What does not fit in memory is unpacked again."""
    archive = tmp_path / kind
    ALL[kind](made.path, archive)
    monkeypatch.setenv("WFTUI_ARCHIVE_MEMORY", "1K")
    for words in (["ls"], ["show", "--all"]):
        one, _ = answer(made.path, *words)
        other, said = answer(archive, *words)
        assert list(differences(one, other, 0.0)) == []
        assert words == ["show", "--all"] or "WFTUI_ARCHIVE_MEMORY" in said


class TestContract(SourceContract):
    """The suite of every source."""

    @pytest.fixture(params=["gnu-pax.tar", "python-pax.tgz", "gnu-pax.tar.xz", "python-pax.tar.zst", "tool.zip"])
    def source(self, made: MadeStorage, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ArchiveSource]:
        archive = tmp_path / request.param
        ALL[request.param](made.path, archive)
        source = ArchiveSource(str(archive), SourceOptions(), Bounds())
        source.open()
        yield source
        source.close()
