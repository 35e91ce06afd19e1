"""The local store: bounded, raw names, never outside, never an exception for a single name."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wftui.errors import TargetError, TargetGone
from wftui.sources.stores.base import Range
from wftui.sources.stores.inotify import NoInotifyError
from wftui.sources.stores.local import LocalStore
from wftui.sources.stores.local_watch import LocalWatcher, kind_of, remote_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "file").write_bytes(b"0123456789")
    (root / "empty").touch()
    (tmp_path / "secret").write_bytes(b"outside")
    return LocalStore(str(root))


def one(store: LocalStore, name: str, length: int = 100) -> object:
    blob = store.read([Range(name, length)])[0]
    return blob.data or blob.error


def test_reads_are_bounded(store: LocalStore) -> None:
    blob = store.read([Range("a/file", 4)])[0]
    assert (blob.data, blob.size, blob.error) == (b"0123", 10, "")
    assert blob.mtime == Path(store.root, "a", "file").stat().st_mtime


def test_a_length_of_nothing_tells_size_and_time(store: LocalStore) -> None:
    blob = store.read([Range("a/file", 0)])[0]
    assert (blob.data, blob.size, blob.missing) == (b"", 10, False)
    assert store.read([Range("a", 0)])[0].mtime == Path(store.root, "a").stat().st_mtime


def test_what_cannot_be_read_says_why_and_the_rest_is_read(store: LocalStore) -> None:
    root = Path(store.root)
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    names = ["nothing", "a/file/below", "a", "loop", "pipe", "x" * 300, "empty", "a/file"]
    blobs = store.read([Range(name, 100) for name in names])
    assert [(blob.error, blob.missing) for blob in blobs] == [
        ("no such file", True),
        ("not a directory", True),
        ("is a directory", False),
        ("too many symbolic links", False),
        ("not a regular file", False),
        ("the name is too long", True),
        ("", False),
        ("", False),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions(store: LocalStore) -> None:
    Path(store.root, "a", "file").chmod(0)
    assert one(store, "a/file") == "permission denied"
    Path(store.root, "a").chmod(0)
    assert store.scan(["a"], stat=True)[0].error == "permission denied"
    Path(store.root, "a").chmod(0o700)


@pytest.mark.parametrize("name", ["../secret", "a/../../secret", "..", "a/..", "nul\0", "a/./file", ".", "\ud800"])
def test_names_cannot_leave_the_root(store: LocalStore, name: str) -> None:
    assert one(store, name) == "not a name in this store"
    assert store.scan([name], stat=False)[0].missing


@pytest.mark.parametrize("name", ["a..b", "...", "a.", "new\nline", os.fsdecode(b"\xff\xfe"), "-", "~", "\x1b[31m"])
def test_any_other_name_is_raw(store: LocalStore, name: str) -> None:
    with open(os.path.join(os.fsencode(store.root), os.fsencode(name)), "wb") as file:
        file.write(b"there")
    assert one(store, name) == b"there"
    assert name in {entry.name for entry in store.scan([""], stat=False)[0].entries}


def test_listing(store: LocalStore) -> None:
    (Path(store.root) / "dangling").symlink_to("nowhere")
    plain, timed, none = (
        *store.scan([""], stat=False),
        *store.scan(["a"], stat=True),
        *store.scan(["nothing"], stat=True),
    )
    assert {(entry.name, entry.is_dir) for entry in plain.entries} == {
        ("a", True),
        ("empty", False),
        ("dangling", False),
    }
    assert [(entry.name, entry.size) for entry in timed.entries] == [("file", 10)]
    assert (none.missing, none.error) == (True, "no such file")
    file, below = store.scan(["empty", "empty/below"], stat=False)
    assert (file.missing, file.error) == (False, "not a directory")
    assert (below.missing, below.error) == (True, "not a directory")


def test_checks_its_root(tmp_path: Path) -> None:
    with pytest.raises(TargetGone, match="no such directory"):
        LocalStore(str(tmp_path / "nothing")).check()
    (tmp_path / "file").touch()
    with pytest.raises(TargetError, match="not a directory"):
        LocalStore(str(tmp_path / "file")).check()
    with pytest.raises(TargetError, match="null"):
        LocalStore("nul\0").check()


def test_watches_what_exists_and_not_deeper(tmp_path: Path) -> None:
    (tmp_path / "seen" / "deep").mkdir(parents=True)
    woken = threading.Event()
    store = LocalStore(str(tmp_path), watcher=LocalWatcher().start)
    assert store.watch(["nothing"], woken.set) is None
    watch = store.watch(["seen", "nothing"], woken.set)
    assert watch is not None
    try:
        for number in range(100):  # the watch begins a moment after it was asked for
            (tmp_path / "seen" / f"new {number}").touch()
            if woken.wait(0.1):
                break
        assert woken.is_set()
    finally:
        watch.close()


def test_file_systems_that_tell_nothing() -> None:
    mounts = [
        "/dev/sda / ext4 rw 0 0\n",
        "server:/x /data nfs4 rw 0 0\n",
        "server:/y /data/my\\040share cifs rw 0 0\n",
        "/dev/sdb /data/local xfs rw 0 0\n",
    ]
    assert kind_of("/home/me", mounts) == "ext4"
    assert kind_of("/data/workflows", mounts) == "nfs4"
    assert kind_of("/data/my share/x", mounts) == "cifs"
    assert kind_of("/data/local", mounts) == "xfs"
    assert kind_of("/database", mounts) == "ext4"


def test_a_remote_file_system_is_polled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {os.path.realpath(tmp_path)} nfs4 rw 0 0\n")
    monkeypatch.setattr("wftui.sources.stores.local_watch._MOUNTS", str(mounts))
    assert remote_kind(str(tmp_path)) == "nfs4"
    watcher = LocalWatcher()
    assert watcher.start([str(tmp_path)], lambda: None) is None
    assert watcher.note == "nfs4 tells no changes"


_EXHAUSTED = """
import ctypes, os, resource, select, sys, threading
from wftui.sources.stores.local_watch import LocalWatcher
used = len(os.listdir("/proc/self/fd"))
free = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (used - 1 + free, used - 1 + free))
watcher, woken = LocalWatcher(), threading.Event()
watch = watcher.start([sys.argv[1]], woken.set)
print(watch is None or woken.wait(60), watcher.note)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
@pytest.mark.parametrize("free", [0, 2])
def test_where_no_watch_can_be_had_it_says_so(tmp_path: Path, free: int) -> None:
    command = [sys.executable, "-c", _EXHAUSTED, str(tmp_path), str(free)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True no inotify watches left"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
def test_every_kind_of_change_is_told_and_what_is_gone_is_left_out(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()
    (seen / "old").touch()
    told = threading.Semaphore(0)
    watch = LocalWatcher().start([str(tmp_path / "gone"), str(seen)], told.release)
    assert watch is not None
    try:
        while not told.acquire(timeout=0.1):  # the watch begins a moment after it was asked for
            (seen / "new").touch()
        for change in (
            lambda: (seen / "old").rename(seen / "moved"),
            lambda: (seen / "moved").write_text("more"),
            lambda: os.utime(seen / "moved"),
            lambda: (seen / "moved").unlink(),
            lambda: seen.rename(tmp_path / "away"),
        ):
            while told.acquire(blocking=False):
                pass
            change()
            assert told.acquire(timeout=60)
    finally:
        watch.close()
    watch.close()  # twice is once


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files are counted in /proc")
@pytest.mark.parametrize("refused", [NoInotifyError, None])
def test_a_watch_ends_with_its_thread_and_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: type[Exception] | None
) -> None:
    if refused is not None:  # as on other systems: through watchfiles

        def none(paths: Sequence[str], stop: int) -> Iterator[None]:
            raise refused

        monkeypatch.setattr("wftui.sources.stores.local_watch.changes", none)
    handles = len(os.listdir("/proc/self/fd"))
    before = set(threading.enumerate())
    woken = threading.Event()
    watch = LocalWatcher().start([str(tmp_path)], woken.set)
    assert watch is not None
    for number in range(600):
        (tmp_path / f"new {number}").touch()
        if woken.wait(0.1):
            break
    assert woken.is_set()
    watch.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
    if refused is None:  # the threads of watchfiles, of an earlier test perhaps, let go when they like
        assert len(os.listdir("/proc/self/fd")) <= handles
