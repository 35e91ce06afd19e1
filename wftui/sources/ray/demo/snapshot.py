"""The recorded storage that comes with the package, for where Ray cannot run.

A zip that holds one tar: a storage is some thousand tiny files much like each other, which packed one by one take ten
times the room; and which of two files is older decides how a task went, which a tar keeps to the nanosecond and a zip
to two seconds.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

ARCHIVE = "snapshot.zip"
TAR = "storage.tar"
ROOT = "storage"
# The same storage packs to the same bytes whenever it is done.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(storage: Path, archive: Path) -> int:
    """Pack a storage with the times of its files and directories. Returns the size in bytes.

    Args:
        storage: The storage's directory.
        archive: The zip to write.
    """
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for path in sorted(storage.rglob("*")):
            member = packed.gettarinfo(path, f"{ROOT}/{path.relative_to(storage).as_posix()}")
            # In one string: as a float it would be rounded to less than what file systems keep.
            nanoseconds = path.stat().st_mtime_ns
            member.pax_headers = {"mtime": f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}"}
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if path.is_dir() else 0o644
            if path.is_dir():
                packed.addfile(member)
            else:
                with open(path, "rb") as data:
                    packed.addfile(member, data)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as outer:
        info = zipfile.ZipInfo(TAR, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        outer.writestr(info, tar.getvalue())
    return archive.stat().st_size


def unpack(folder: Path) -> Path:
    """Unpack the recorded storage below `folder`. Returns the storage's directory."""
    source = Path(__file__).with_name(ARCHIVE)
    with zipfile.ZipFile(source) as outer, outer.open(TAR) as tar, tarfile.open(fileobj=tar, mode="r|") as packed:
        if hasattr(tarfile, "data_filter"):  # from 3.10.12 on; later Pythons warn where none is chosen
            packed.extraction_filter = staticmethod(tarfile.data_filter)
        packed.extractall(folder)  # noqa: S202 - our own archive, from our own package
    return folder / ROOT
