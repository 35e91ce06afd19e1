"""`wftui demo`: a Ray with workflows of all kinds on it, and the monitor; or a recorded snapshot of one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import struct
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wftui.cli.monitor import open_monitor, require_terminal
from wftui.cli.options import EXIT_CODES
from wftui.cli.output import message
from wftui.errors import TargetError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_EPILOG = f"""\
Starts a local Ray in a temporary folder, submits workflows that succeed, fail, retry, continue, wait and run long for
some minutes, opens the monitor on it, and removes everything afterwards. Without the ray extra it opens a recorded
snapshot, read-only.

{EXIT_CODES}"""
_NEEDED = ("ray", "pyarrow")
_UT_FIELD = 0x5455


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `demo` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("engine", nargs="?", default="ray", choices=("ray", "absurd"), help="which engine (ray)")


def run(args: argparse.Namespace) -> int:
    """Show the demonstration."""
    if args.engine == "absurd":
        raise UsageError("there is no demonstration of Absurd yet", "wftui demo ray shows one of Ray")
    if args.targets:
        raise UsageError("the demonstration brings its own target", "leave -t out")
    require_terminal()
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        message(f"{_why_no_ray(missing)}; until then, here is a recorded snapshot")
        with unpacked_snapshot() as folder:
            return open_monitor(args, [folder], read_only=True)
    from wftui.sources.ray.demo.cluster import DemoCluster

    with DemoCluster() as cluster:
        return open_monitor(args, [cluster.start(message)])


@contextmanager
def unpacked_snapshot() -> Iterator[str]:
    """The recorded storage in a temporary directory, which is removed afterwards.

    Raises:
        TargetError: It is not part of this installation.
    """
    folder = tempfile.mkdtemp(prefix="wftui-snapshot-")
    try:
        try:
            with zipfile.ZipFile(_snapshot_path()) as archive:
                for entry in archive.infolist():
                    _unpack(archive, entry, folder)
        except (OSError, zipfile.BadZipFile) as error:
            raise TargetError(f"the recorded snapshot cannot be unpacked: {error}", "install wftui anew") from None
        yield _storage_in(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _snapshot_path() -> str:
    from wftui.sources.ray import demo

    return os.path.join(next(iter(demo.__path__)), "snapshot.zip")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: str) -> None:
    """Unpack one file with its time: what counts as stale or as canceled when hangs on it."""
    path = archive.extract(entry, folder)
    if not entry.is_dir():
        when = _written_at(entry)
        os.utime(path, (when, when))


def _written_at(entry: zipfile.ZipInfo) -> float:
    """Unix seconds: the UT field where there is one, else the local time that every zip has, to 2 seconds."""
    extra = entry.extra
    while len(extra) >= 4:
        field, length = struct.unpack_from("<HH", extra)
        if field == _UT_FIELD and length >= 5 and extra[4] & 1:
            return float(struct.unpack_from("<i", extra, 5)[0])
        extra = extra[4 + length :]
    return time.mktime((*entry.date_time, 0, 0, -1))


def _storage_in(folder: str) -> str:
    """The storage itself: the archive may hold it under a folder of its own."""
    inside = os.listdir(folder)
    if len(inside) == 1 and inside[0] not in ("workflows", "_valid"):
        return os.path.join(folder, inside[0])
    return folder


def _why_no_ray(missing: list[str]) -> str:
    if sys.version_info >= (3, 14):
        return "the demonstration needs Ray, and ray before 2.48 has no wheels for this Python: use Python 3.13"
    return f"the demonstration needs {' and '.join(missing)}: pip install 'wftui[ray]'"
