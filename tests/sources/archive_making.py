"""Archives of a storage, packed by the tools that people use and by Python's modules, and hostile ones."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.sources.contract import listed
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.stores.archive.bounds import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Look = Callable[..., tuple[list[str], dict[str, str]]]

ZSTD: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")


def by_tool(*words: str) -> Callable[[Path, Path], None]:
    """Packs a folder, from above it, with a program: "{}" stands for the archive."""

    def pack(folder: Path, archive: Path) -> None:
        command = [word.replace("{}", str(archive)) for word in words]
        subprocess.run([*command, folder.name], cwd=folder.parent, check=True, capture_output=True)

    return pack


def by_tarfile(mode: str, form: int) -> Callable[[Path, Path], None]:
    def pack(folder: Path, archive: Path) -> None:
        with tarfile.open(archive, mode, format=form) as packed:  # type: ignore[call-overload]
            packed.add(folder, folder.name)

    return pack


def by_zstd(folder: Path, archive: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as packed:
        packed.add(folder, folder.name)
    archive.write_bytes(ZSTD.compress(tar.getvalue()))


def by_zipfile(method: int, *, streamed: bool = False) -> Callable[[Path, Path], None]:
    """Python's own zip: without folders' entries, in local time of 2 s; `streamed` puts sizes behind the contents."""

    def pack(folder: Path, archive: Path) -> None:
        raw = open(archive, "wb")  # noqa: SIM115 - closed below
        target: Any = Unseekable(raw) if streamed else raw
        with raw, zipfile.ZipFile(target, "w", method) as packed:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    packed.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")

    return pack


class Unseekable:
    """A pipe, as far as `zipfile` can tell."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def write(self, data: bytes) -> int:
        return int(self._inner.write(data))

    def flush(self) -> None:
        self._inner.flush()


EXACT: dict[str, Callable[[Path, Path], None]] = {
    "gnu-pax.tar": by_tool("tar", "--format=pax", "-cf", "{}"),
    "gnu-pax.tar.gz": by_tool("tar", "--format=pax", "-czf", "{}"),
    "gnu-pax.tar.xz": by_tool("tar", "--format=pax", "-cJf", "{}"),
    "gnu-pax.tar.zst": by_tool("tar", "--format=pax", "--zstd", "-cf", "{}"),
    "python-pax.tar": by_tarfile("w", tarfile.PAX_FORMAT),
    "python-pax.tgz": by_tarfile("w:gz", tarfile.PAX_FORMAT),
    "python-pax.tar.xz": by_tarfile("w:xz", tarfile.PAX_FORMAT),
    "python-pax.tar.zst": by_zstd,
}
"""Formats that keep the times of files as they are."""
COARSE: dict[str, Callable[[Path, Path], None]] = {
    "gnu.tar": by_tool("tar", "--format=gnu", "-cf", "{}"),
    "ustar.tar.gz": by_tool("tar", "--format=ustar", "-czf", "{}"),
    "python-gnu.tar.xz": by_tarfile("w:xz", tarfile.GNU_FORMAT),
    "tool.zip": by_tool("zip", "-qr", "{}"),
    "plain-tool.zip": by_tool("zip", "-0qrX", "{}"),
    "bzip2-tool.zip": by_tool("zip", "-qr", "-Z", "bzip2", "{}"),
    "streamed.tar.gz": by_tool("sh", "-c", 'tar cf - "$0" | gzip > "{}"'),
    "streamed-tool.zip": by_tool("sh", "-c", 'zip -qr - "$0" | cat > "{}"'),
    "zip64-tool.zip": by_tool("zip", "-qr", "-fz", "{}"),
    "python.zip": by_zipfile(zipfile.ZIP_DEFLATED),
    "python-stored.zip": by_zipfile(zipfile.ZIP_STORED),
    "python-streamed.zip": by_zipfile(zipfile.ZIP_DEFLATED, streamed=True),
}
"""Formats that keep whole or even seconds only."""


class TarMaker:
    """A tar, member by member, whatever is in them."""

    def __init__(self, form: int = tarfile.GNU_FORMAT) -> None:
        self._raw = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._raw, mode="w", format=form)  # noqa: SIM115 - closed in `bytes`

    def file(self, name: str, content: bytes = b"", **fields: Any) -> TarMaker:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        return self.member(member, content, **fields)

    def member(self, member: tarfile.TarInfo, content: bytes = b"", **fields: Any) -> TarMaker:
        for field, value in fields.items():
            setattr(member, field, value)
        self._tar.addfile(member, io.BytesIO(content))
        return self

    def bytes(self) -> bytes:
        self._tar.close()
        return self._raw.getvalue()


def add_storage(maker: TarMaker, lead: str = "") -> TarMaker:
    """One workflow, "good", that succeeded."""
    maker.file(f"{lead}_valid")
    maker.file(f"{lead}workflows/__status__/SUCCESSFUL/good")
    maker.file(f"{lead}workflows/good/workflow_meta.json", b'{"status": "SUCCESSFUL"}')
    maker.file(f"{lead}workflows/good/user_run_metadata.json", b'{"team": "a"}')
    maker.file(f"{lead}workflows/good/pre_run_metadata.json", b'{"start_time": 1700000000.0}')
    maker.file(f"{lead}workflows/good/post_run_metadata.json", b'{"end_time": 1700000009.5}')
    maker.file(f"{lead}workflows/good/tasks/outputs.json", b'{"output_task_id": "t"}')
    inputs = b'{"task_id": "t", "task_options": {}, "user_metadata": {}, "workflow_refs": []}'
    maker.file(f"{lead}workflows/good/tasks/t/inputs.json", inputs)
    return maker.file(f"{lead}workflows/good/tasks/t/output.pkl", b"x" * 100)


def zip_of(members: dict[str, bytes], **fields: Any) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", fields.pop("method", zipfile.ZIP_DEFLATED)) as packed:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2023, 11, 14, 22, 13, 20))
            info.compress_type = packed.compression
            packed.writestr(info, content)
    return raw.getvalue()


def storage_zip(**more: bytes) -> dict[str, bytes]:
    """The members of the storage of `add_storage`, and more."""
    with tarfile.open(fileobj=io.BytesIO(add_storage(TarMaker()).bytes())) as tar:
        found = {m.name: f.read() for m in tar if (f := tar.extractfile(m)) is not None}
    return {**found, **more}


def set_times(folder: Path, at: float) -> None:
    """Give every file below the folder a time with a fraction of its own."""
    for count, path in enumerate(sorted(folder.rglob("*"))):
        nanoseconds = int(at) * 10**9 + (count * 7_919_123) % 10**9
        os.utime(path, ns=(nanoseconds, nanoseconds))


def good_tar() -> TarMaker:
    """A tar archive of a storage with one workflow, to which something can be added."""
    return add_storage(TarMaker())


def looking(folder: Path) -> Look:
    """What reads bytes as an archive in a folder, all that there is, and tells its ids and its problems by path."""

    def looked(data: bytes, name: str = "x.tar", bounds: Bounds | None = None) -> tuple[list[str], dict[str, str]]:
        path = folder / name
        path.write_bytes(data)
        with closing(ArchiveSource(str(path), SourceOptions(), bounds or Bounds(), target="T")) as source:
            source.open()
            ids = [row.key.id for row in listed(source)]
            problems = {problem.path: problem.what for problem in source.changes().problems}
            for workflow_id in ids:
                source.detail(workflow_id)
            source.summaries(ids)
        return ids, problems

    return looked
