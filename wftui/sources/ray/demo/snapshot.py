"""The recorded storage that comes with the package, for where Ray cannot run.

A zip keeps times to 2 s, but which of two files is older decides how a task went: the times are kept in
`times.json` beside the storage, in nanoseconds, and set again when it is unpacked.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

ARCHIVE = "snapshot.zip"
TIMES = "times.json"
ROOT = "storage"
# The same storage packs to the same bytes whenever it is done.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(storage: Path, archive: Path) -> int:
    """Pack a storage with the times of its files and directories. Returns the size in bytes.

    Args:
        storage: The storage's directory.
        archive: The zip to write.
    """
    paths = sorted(path for path in storage.rglob("*") if path.is_dir() or path.is_file())
    times = {path.relative_to(storage).as_posix(): path.stat().st_mtime_ns for path in paths}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        _add(packed, TIMES, json.dumps(times, indent=0, sort_keys=True).encode())
        for path in paths:
            name = f"{ROOT}/{path.relative_to(storage).as_posix()}"
            if path.is_dir():
                _add(packed, name + "/", b"")
            else:
                _add(packed, name, path.read_bytes())
    return archive.stat().st_size


def unpack(folder: Path) -> Path:
    """Unpack the recorded storage below `folder`. Returns the storage's directory."""
    with zipfile.ZipFile(Path(__file__).with_name(ARCHIVE)) as packed:
        packed.extractall(folder)
    times: dict[str, int] = json.loads((folder / TIMES).read_bytes())
    storage = folder / ROOT
    # Longest first: setting a file's time leaves its directory's alone, but unpacking did not.
    for name in sorted(times, key=len, reverse=True):
        os.utime(storage / name, ns=(times[name], times[name]))
    return storage


def _add(packed: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o40755 if name.endswith("/") else 0o100644) << 16
    packed.writestr(info, data)
