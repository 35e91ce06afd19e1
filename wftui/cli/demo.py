"""`wftui demo`: an engine with workflows of all kinds on it, and the monitor; or a recorded snapshot of one."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tarfile
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wftui.cli.monitor import open_monitor, require_terminal
from wftui.cli.options import EXIT_CODES
from wftui.cli.output import message
from wftui.cli.targets import DEMO
from wftui.errors import TargetError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_EPILOG = f"""\
Starts a local Ray in a temporary folder, submits workflows that succeed, fail, retry, continue, wait and run long for
some minutes, opens the monitor on it, and removes everything afterwards. Without the ray extra it opens a recorded
snapshot, read-only.

wftui demo absurd does the same with an embedded PostgreSQL, live workers of Absurd, and workflow runs that have Highway
definitions. It needs the extra: pip install 'wftui[demo]'

{EXIT_CODES}"""
_NEEDED = ("ray", "pyarrow")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `demo` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("engine", nargs="?", default="ray", choices=("ray", "absurd"), help="which engine (ray)")


def run(args: argparse.Namespace) -> int:
    """Show the demonstration."""
    if args.targets:
        raise UsageError("the demonstration brings its own target", "leave -t out")
    require_terminal()
    return _absurd(args) if args.engine == "absurd" else _ray(args)


def _absurd(args: argparse.Namespace) -> int:
    from wftui.sources.absurd.demo.database import DemoDatabase, definitions

    with DemoDatabase() as database:
        args.definitions = [*getattr(args, "definitions", ()), str(definitions())]
        return open_monitor(args, [database.start(message)])


def _ray(args: argparse.Namespace) -> int:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        message(f"{_why_no_ray(missing)}; until then, here is a recorded snapshot")
        return open_monitor(args, [DEMO], read_only=True)
    from wftui.sources.ray.demo.cluster import DemoCluster

    with DemoCluster() as cluster:
        return open_monitor(args, [cluster.start(message)])


@contextmanager
def unpacked_snapshot() -> Iterator[str]:
    """The recorded storage in a temporary directory, which is removed afterwards.

    Raises:
        TargetError: It is not part of this installation.
    """
    from wftui.sources.ray.demo.snapshot import unpack

    folder = tempfile.mkdtemp(prefix="wftui-snapshot-")
    try:
        try:
            storage = unpack(Path(folder))
        except (OSError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise TargetError(f"the recorded snapshot cannot be unpacked: {error}", "install wftui anew") from None
        yield str(storage)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _why_no_ray(missing: list[str]) -> str:
    if sys.version_info >= (3, 14):
        return "the demonstration needs Ray, and ray before 2.48 has no wheels for this Python: use Python 3.13"
    return f"the demonstration needs {' and '.join(missing)}: pip install 'wftui[ray]'"
