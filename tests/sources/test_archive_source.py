"""An archive as a source: read step by step, left at any time, and what happens when another takes its name."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.sources import contract
from tests.sources.archive_making import TarMaker, add_storage, by_tool
from tests.sources.storage_making import NOW, MadeStorage
from wftui.errors import TargetGone
from wftui.model.clock import SystemClock
from wftui.model.status import Status
from wftui.monitor.events import Health, SourceChanged, WorkflowsChanged
from wftui.monitor.source_loop import SourceLoop
from wftui.sources.base import SourceOptions
from wftui.sources.ray import archive_source
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.stores.archive.bounds import Bounds
from wftui.sources.stores.archive.store import ArchiveStore
from wftui.sources.stores.base import Range

WFTUI = Path(sys.executable).with_name("wftui")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.tar"
    put(path, add_storage(TarMaker()).bytes())
    return path


def put(path: Path, data: bytes, age: float = 100.0) -> None:
    """Write an archive beside its place and move it there, as if so many seconds ago."""
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    then = time.time() - age
    os.utime(beside, (then, then))
    beside.replace(path)


def opened(path: Path) -> ArchiveSource:
    source = ArchiveSource(str(path), SourceOptions(), Bounds())
    source.open()
    return source


def listed(source: ArchiveSource) -> list[str]:
    return [row.key.id for row in contract.listed(source)]


def test_another_archive_is_listed_anew(path: Path) -> None:
    source = opened(path)
    assert listed(source) == ["good"]
    assert source.changes().changes == ()
    put(path, add_storage(TarMaker()).file("workflows/__status__/FAILED/new").bytes())
    assert source.changes().relist
    assert sorted(listed(source)) == ["good", "new"]
    assert {change.key.id for change in source.changes().changes} == {"good", "new"}
    again = source.changes()
    assert (again.changes, again.relist) == ((), False)
    source.close()


def test_one_that_is_being_written_leaves_what_was_read(path: Path) -> None:
    source = opened(path)
    listed(source)
    put(path, add_storage(TarMaker()).bytes()[:3000], age=0.0)
    with pytest.raises(TargetGone, match="being written"):
        source.changes()
    put(path, add_storage(TarMaker()).bytes()[:3000], age=5.0)
    with pytest.raises(TargetGone, match="only a part"):
        source.open()
    assert source.detail("good").summary.user_metadata == {"team": "a"}
    put(path, add_storage(TarMaker()).file("workflows/__status__/FAILED/new").bytes(), age=5.0)
    source.open()
    assert sorted(listed(source)) == ["good", "new"]
    source.close()


def test_one_that_stays_cut_off_is_shown_in_the_end(path: Path) -> None:
    source = opened(path)
    listed(source)
    put(path, add_storage(TarMaker()).bytes()[:3300], age=60.0)
    assert source.changes().relist
    assert listed(source) == ["good"]
    assert any("cut off" in problem.what for problem in source.changes().problems)
    source.close()


def test_one_that_is_away(path: Path) -> None:
    source = opened(path)
    listed(source)
    path.unlink()
    with pytest.raises(TargetGone, match="no such file"):
        source.changes()
    assert source.detail("good").summary.status is Status.SUCCESSFUL
    source.close()


def test_the_monitor_follows(path: Path) -> None:
    """Through the loop of the monitor: rows, then a stale state, then the rows of the new archive."""
    seen: list[object] = []
    told = threading.Condition()

    def listen(event: object) -> None:
        with told:
            seen.append(event)
            told.notify_all()

    def wait_for(what: object) -> None:
        with told:
            assert told.wait_for(lambda: any(what(event) for event in seen), 120), seen[-3:]  # type: ignore[operator]
            seen.clear()

    source = ArchiveSource(str(path), SourceOptions(interval=0.2), Bounds())
    loop = SourceLoop(source, listen, SystemClock(), lambda ids: None)
    loop.start()
    wait_for(lambda e: isinstance(e, WorkflowsChanged) and any(c.key.id == "good" for c in e.changes))
    put(path, b"half", age=0.0)
    wait_for(lambda e: isinstance(e, SourceChanged) and e.state.health is Health.DOWN and e.state.error)
    put(path, add_storage(TarMaker()).file("workflows/__status__/FAILED/new").bytes())
    loop.refresh()
    wait_for(lambda e: isinstance(e, WorkflowsChanged) and any(c.key.id == "new" for c in e.changes))
    loop.stop()
    loop.join(120)
    source.close()


def test_it_is_read_step_by_step_and_can_be_left(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = add_storage(TarMaker())
    for number in range(5000):
        maker.file(f"workflows/__status__/FAILED/{number}")
    put(path, maker.bytes())
    monkeypatch.setattr(archive_source, "_STEP", 0.0)
    source = opened(path)
    pages = [source.page(None, 10)]
    assert (pages[0].workflows, pages[0].next, pages[0].total) == ((), "reading", None)
    assert source.info.notes[0].startswith("reading the archive: ")
    while not pages[-1].workflows:
        pages.append(source.page(pages[-1].next, 10))
    assert len(pages) > 5
    assert pages[-1].total == 5001
    assert source.info.notes == ()
    source.close()
    left = opened(path)
    assert left.page(None, 10).next == "reading"
    left.close()
    with pytest.raises(TargetGone, match="closed"):
        left.page("reading", 10)


@pytest.mark.parametrize("packer", ["-z", "-J", "--zstd"])
def test_contents_that_were_not_kept(tmp_path: Path, packer: str) -> None:
    """In any order, of any length: what is unpacked again is what was packed."""
    folder = tmp_path / "storage"
    folder.mkdir()
    contents = {str(n): os.urandom(50) * (n * n * 40 + 1) for n in range(40)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    archive = tmp_path / "x.tar.packed"
    subprocess.run(["tar", packer, "-cf", archive, "storage"], cwd=tmp_path, check=True)
    store = ArchiveStore(str(archive), keep=lambda name, size: 0 if name != b"7" else 10)
    names = sorted(contents, key=lambda name: int(name) * 17 % 40)
    for name in names:
        (blob,) = store.read([Range(f"storage/{name}", 1 << 30)])
        assert blob.data == contents[name]
    blobs = store.read([Range(f"storage/{name}", 70) for name in names])
    assert [blob.data for blob in blobs] == [contents[name][:70] for name in names]
    assert [blob.size for blob in blobs] == [len(contents[name]) for name in names]
    store.close()


def test_the_app_opens_it(tmp_path: Path) -> None:
    made = MadeStorage(tmp_path / "storage")
    made.workflow("nightly.1", "FAILED", end=NOW + 5)
    made.task("nightly.1", "t", start=NOW, raised=ValueError("bad"))
    archive = tmp_path / "incident.tar.xz"
    by_tool("tar", "-cJf", "{}")(made.path, archive)
    with Terminal([str(WFTUI), str(archive)], columns=140, rows=30) as terminal:
        terminal.until("nightly.1")
        text = terminal.until("live")
        assert "ray archive" in text
        assert "read-only" in text
        terminal.press("q")
        assert terminal.wait() == 0


def test_ls_says_how_far_it_is_where_a_person_looks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of it reaches a file."""
    maker = add_storage(TarMaker())
    for number in range(6_000):
        maker.file(f"workflows/__status__/SUCCESSFUL/{number}")
    put(path, maker.bytes())
    # Steps of no time at all, so that even the fastest machine takes several.
    main = "from wftui.sources.ray import archive_source as a; a._STEP = 0.0; from wftui.__main__ import main; main()"
    with Terminal(
        [sys.executable, "-c", main, "ls", "--quick", "--limit", "2", "-t", str(path)], columns=140
    ) as terminal:
        assert terminal.wait() == 0
        assert b"reading the archive: " in terminal.written
        assert "reading" not in terminal.text
    done = subprocess.run([WFTUI, "ls", "--quick", "--json", "-t", path], capture_output=True, check=True)
    assert done.stderr == b""
