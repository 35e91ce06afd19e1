"""Any mutation of a valid archive gives a result and problems, or one line on what is wrong; never anything else."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.archive_making import ZSTD, TarMaker, add_storage, storage_zip, zip_of
from tests.sources.contract import listed
from wftui.errors import NotFoundError, TargetError
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.stores.archive.bounds import Bounds

if TYPE_CHECKING:
    from pathlib import Path

BOUNDS = Bounds(members=10_000, size=64 << 20, memory=1 << 16)
KINDS = ("x.tar", "pax.tar", "x.tar.gz", "x.tar.xz", "x.tar.zst", "x.zip", "stored.zip", "lzma.zip")


@cache
def valid(kind: str) -> bytes:
    if kind.endswith(".zip"):
        method = {"x": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED, "lzma": zipfile.ZIP_LZMA}[kind[:-4]]
        return zip_of(storage_zip(), method=method)
    maker = TarMaker(tarfile.PAX_FORMAT if kind == "pax.tar" else tarfile.GNU_FORMAT)
    add_storage(maker)
    maker.file("workflows/__status__/FAILED/" + "long" * 60, mtime=1700000000.5 if kind == "pax.tar" else 1700000000)
    data = maker.bytes()
    if kind == "x.tar.gz":
        # Two members, as some tools write them.
        return gzip.compress(data[:5000]) + gzip.compress(data[5000:])
    return lzma.compress(data) if kind == "x.tar.xz" else ZSTD.compress(data) if kind == "x.tar.zst" else data


@st.composite
def mutations(draw: st.DrawFn, kind: str) -> bytes:
    """The archive with some bytes changed, taken out, put in, moved or cut off."""
    data = bytearray(valid(kind))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["change", "change", "take", "put", "cut", "double", "number"])):
            case "change":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "take":
                del data[at : at + draw(st.integers(1, 600))]
            case "put":
                data[at:at] = draw(st.binary(max_size=600))
            case "cut":
                del data[at:]
            case "double":
                data[at:at] = data[at : at + 512]
            case _:
                data[at : at + 4] = draw(
                    st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"9999"])
                )
    return bytes(data)


def repaired(data: bytes) -> bytes:
    """The tar with right checksums, so that what is wrong gets past them."""
    blocks = bytearray(data)
    for at in range(0, len(blocks) - 511, 512):
        if blocks[at + 257 : at + 262] == b"ustar":
            blocks[at + 148 : at + 156] = b" " * 8
            blocks[at + 148 : at + 156] = b"%06o\0 " % sum(blocks[at : at + 512])
    return bytes(blocks)


def look_at(path: Path) -> str:
    """All that can be asked of an archive. Returns why it cannot be read, "" where it was."""
    source = ArchiveSource(str(path), SourceOptions(), BOUNDS, target="T")
    try:
        source.open()
        ids = [row.key.id for row in listed(source, limit=100)]
        problems = source.changes().problems
        assert all(problem.path and problem.what for problem in problems)
        assert len(source.summaries(ids)) <= len(ids)
        for workflow_id in [*ids, "good"]:
            try:
                source.detail(workflow_id)
            except NotFoundError:
                assert workflow_id == "good"
    except TargetError as error:
        return error.message or "says nothing\n"
    finally:
        source.close()
    return ""


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_of_bytes(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    path = tmp_path / kind
    path.write_bytes(data.draw(mutations(kind)))
    assert "\n" not in look_at(path)


@pytest.mark.parametrize("kind", ["x.tar", "pax.tar"])
@pytest.mark.parametrize("packed", [".tar", ".tar.zst"])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_of_tars_with_right_checksums(tmp_path: Path, kind: str, packed: str, data: st.DataObject) -> None:
    path = tmp_path / f"x{packed}"
    tar = repaired(data.draw(mutations(kind)))
    path.write_bytes(tar if packed == ".tar" else ZSTD.compress(tar))
    assert "\n" not in look_at(path)
