"""Records the demonstration's storage into the package: `python -m wftui.sources.ray.demo.record [SECONDS]`.

Unpacked, it holds workflows in every state as they were after so many seconds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from wftui.sources.ray.demo.cluster import DemoCluster
from wftui.sources.ray.demo.snapshot import ARCHIVE, pack

SECONDS = 80.0
LARGEST = 300_000
"""Bytes the package may carry."""


def record(seconds: float, archive: Path) -> int:
    """Run the demonstration for so many seconds and pack its storage. Returns the size of the archive in bytes."""
    with DemoCluster() as demo, tempfile.TemporaryDirectory() as folder:
        demo.start(_say)
        time.sleep(seconds)
        # A copy first: what is read while it is written would not fit together.
        copy = Path(folder) / "storage"
        shutil.copytree(demo.storage, copy, copy_function=shutil.copy2)
        return pack(copy, archive)


def main() -> int:
    """Record, and say how big it is."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    archive = Path(__file__).with_name(ARCHIVE)
    size = record(seconds, archive)
    _say(f"{archive}: {size} bytes")
    return 0 if size <= LARGEST else 1


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
