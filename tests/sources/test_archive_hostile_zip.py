"""Zip files that mean harm, what is no archive at all, and the bounds of both."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.sources.archive_making import TarMaker, add_storage, good_tar, looking, storage_zip, zip_of
from wftui.errors import TargetError, TargetGone, UsageError
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.registry import make_source
from wftui.sources.stores.archive.bounds import Bounds, from_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.archive_making import Look


@pytest.fixture
def look(tmp_path: Path) -> Look:
    return looking(tmp_path)


class TestZipMembers:
    def test_names(self, look: Look) -> None:
        more = {"../evil": b"", "/evil": b"", "workflows/__status__/FAILED/köln": b"", "__MACOSX/_valid": b""}
        ids, problems = look(zip_of(storage_zip(**more)), "x.zip")
        assert sorted(ids) == ["good", "köln"]
        assert problems.keys() == {"../evil", "/evil"}

    def test_links(self, look: Look, tmp_path: Path) -> None:
        path = tmp_path / "made.zip"
        path.write_bytes(zip_of(storage_zip()))
        with zipfile.ZipFile(path, "a") as packed:
            info = zipfile.ZipInfo("workflows/__status__/FAILED/link")
            info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, "/etc/passwd")
        ids, problems = look(path.read_bytes(), "x.zip")
        assert ids == ["good"]
        assert "symbolic link" in problems["workflows/__status__/FAILED/link"]

    def test_encrypted_ones(self, tmp_path: Path) -> None:
        folder = tmp_path / "storage"
        folder.mkdir()
        with tarfile.open(fileobj=io.BytesIO(good_tar().bytes())) as tar:
            for member in tar:
                place = folder / member.name
                place.parent.mkdir(parents=True, exist_ok=True)
                extracted = tar.extractfile(member)
                assert extracted is not None
                place.write_bytes(extracted.read())
        path = tmp_path / "x.zip"
        subprocess.run(["zip", "-qr", "-P", "secret", path, "storage"], cwd=tmp_path, check=True)
        source = ArchiveSource(str(path), SourceOptions(), Bounds())
        source.open()
        (row,) = source.page(None, 10).workflows
        assert (row.key.id, row.status) == ("good", Status.SUCCESSFUL)
        assert any("encrypted" in problem.what for problem in source.changes().problems)
        assert any("is encrypted" in problem.what for problem in source.detail("good").problems)
        source.close()

    def test_twice(self, look: Look, tmp_path: Path) -> None:
        path = tmp_path / "made.zip"
        path.write_bytes(zip_of(storage_zip()))
        with zipfile.ZipFile(path, "a") as packed, pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("workflows/good/user_run_metadata.json", b'{"team": "last"}')
        source = ArchiveSource(str(path), SourceOptions(), Bounds())
        source.open()
        assert source.detail("good").summary.user_metadata == {"team": "last"}
        assert "more than once" in source.changes().problems[0].what
        source.close()

    def test_something_stands_before_it(self, look: Look) -> None:
        assert look(b"#!/bin/sh\nexit\n" * 99 + zip_of(storage_zip()), "x.zip") == (["good"], {})

    def test_a_wrong_checksum(self, look: Look, tmp_path: Path) -> None:
        data = zip_of(storage_zip(), method=zipfile.ZIP_STORED).replace(b'{"team": "a"}', b'{"team": "b"}')
        path = tmp_path / "x.zip"
        path.write_bytes(data)
        source = ArchiveSource(str(path), SourceOptions(), Bounds())
        source.open()
        problems = source.detail("good").problems
        assert ["checksum" in problem.what for problem in problems] == [True]
        source.close()

    def test_directories_that_overlap_their_members(self, look: Look) -> None:
        """All members at one place, as a bomb has them: each is read by itself, and only as far as it is asked for."""
        data = bytearray(zip_of(storage_zip()))
        at = data.find(b"PK\1\2")
        while at >= 0:
            struct.pack_into("<L", data, at + 42, 0)
            at = data.find(b"PK\1\2", at + 4)
        ids, _ = look(bytes(data), "x.zip")
        assert ids == ["good"]


class TestWhatIsNoArchive:
    @pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.tar.zst", "x.zip"])
    @pytest.mark.parametrize("content", [b"", b"no archive at all" * 99, b"\x1f\x8b\x08", b"PK\3\4", b"\0" * 2000])
    def test_says_so(self, look: Look, name: str, content: bytes) -> None:
        with pytest.raises(TargetError) as raised:
            look(content, name)
        assert "\n" not in str(raised.value)
        assert raised.value.message.endswith("T") or "T (" in raised.value.message

    def test_something_else_in_it(self, look: Look) -> None:
        with pytest.raises(TargetError, match="no Ray workflow storage in T; it holds neither _valid"):
            look(TarMaker().file("README", b"x").bytes())

    def test_two_storages(self, look: Look) -> None:
        maker = add_storage(add_storage(TarMaker(), "prod/"), "test/old/")
        with pytest.raises(TargetError, match="several storages in T: prod and test/old"):
            look(maker.bytes())

    def test_a_storage_without_workflows(self, look: Look) -> None:
        assert look(TarMaker().file("a/_valid").bytes()) == ([], {})

    def test_not_there(self, tmp_path: Path) -> None:
        source = make_source(str(tmp_path / "x.tar"), SourceOptions())
        with pytest.raises(TargetGone, match="no such file"):
            source.open()

    def test_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "x.tar")
        source = make_source(str(tmp_path / "x.tar"), SourceOptions())
        with pytest.raises(TargetError, match="not a file"):
            source.open()

    def test_a_directory_of_that_name(self, tmp_path: Path) -> None:
        (tmp_path / "x.tar" / "workflows").mkdir(parents=True)
        source = make_source(str(tmp_path / "x.tar"), SourceOptions())
        source.open()
        assert source.info.kind == "storage"
        source.close()


class TestBoundsFromTheEnvironment:
    def test_units(self) -> None:
        environ = {"WFTUI_ARCHIVE_MEMORY": "64M", "WFTUI_ARCHIVE_SIZE": "2GiB", "WFTUI_ARCHIVE_MEMBERS": "7"}
        found = from_environment(environ)
        assert (found.memory, found.size, found.members, found.ratio) == (64 << 20, 2 << 30, 7, Bounds().ratio)

    @pytest.mark.parametrize("text", ["0", "-1", "many", "1.5G"])
    def test_nonsense(self, text: str) -> None:
        with pytest.raises(UsageError, match="WFTUI_ARCHIVE_RATIO"):
            from_environment({"WFTUI_ARCHIVE_RATIO": text})
