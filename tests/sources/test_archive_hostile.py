"""Archives that mean harm, or came to it: what can be read is shown, the rest is named, nothing crashes."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import struct
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.sources.archive_making import ZSTD, TarMaker, add_storage, storage_zip, zip_of
from wftui.errors import TargetError, TargetGone, UsageError
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.registry import make_source
from wftui.sources.stores.archive.bounds import Bounds, from_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Look = Callable[..., tuple[list[str], dict[str, str]]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """The ids in an archive of these bytes, and its problems by path."""

    def looked(data: bytes, name: str = "x.tar", bounds: Bounds | None = None) -> tuple[list[str], dict[str, str]]:
        path = tmp_path / name
        path.write_bytes(data)
        source = ArchiveSource(str(path), SourceOptions(), bounds or Bounds(), target="T")
        try:
            source.open()
            ids: list[str] = []
            cursor: str | None = None
            while True:
                page = source.page(cursor, 1000)
                ids += [row.key.id for row in page.workflows]
                cursor = page.next
                if cursor is None:
                    break
            problems = {problem.path: problem.what for problem in source.changes().problems}
            for workflow_id in ids:
                source.detail(workflow_id)
            source.summaries(ids)
        finally:
            source.close()
        return ids, problems

    return looked


def good() -> TarMaker:
    return add_storage(TarMaker())


class TestTarMembers:
    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("../../etc/passwd", "leads out"),
            ("workflows/__status__/FAILED/../evil", "leads out"),
            ("/workflows/__status__/FAILED/evil", "absolute"),
            ("workflows/" + "x" * 5000, "too long"),
            ("a/" * 300 + "x", "too deeply"),
            ("workflows/good/tasks/outputs.json/below", "lies below what is a file"),
        ],
    )
    def test_names(self, look: Look, name: str, what: str) -> None:
        for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            ids, problems = look(add_storage(TarMaker(form)).file(name, b"x").bytes())
            assert ids == ["good"]
            (found,) = problems.items()
            assert found[0] == name[:4096]
            assert what in found[1]

    @pytest.mark.parametrize(
        ("kind", "what"),
        [
            (tarfile.SYMTYPE, "symbolic link"),
            (tarfile.LNKTYPE, "hard link"),
            (tarfile.CHRTYPE, "device"),
            (tarfile.BLKTYPE, "device"),
            (tarfile.FIFOTYPE, "FIFO"),
            (b"Z", "not known"),
        ],
    )
    def test_kinds(self, look: Look, kind: bytes, what: str) -> None:
        name = "workflows/__status__/FAILED/evil"
        maker = good().file(name, type=kind, linkname="/etc/passwd")
        maker.file("workflows/__status__/RUNNING/behind")
        ids, problems = look(maker.bytes())
        assert sorted(ids) == ["behind", "good"]
        assert what in problems[name]

    def test_the_last_of_several_counts(self, look: Look) -> None:
        maker = good().file("workflows/good/pre_run_metadata.json", b'{"start_time": 5.0}')
        ids, problems = look(maker.bytes())
        assert ids == ["good"]
        assert "more than once" in problems["workflows/good/pre_run_metadata.json"]

    def test_a_file_and_a_folder_of_one_name(self, look: Look) -> None:
        _, problems = look(good().file("workflows/good", b"x").bytes())
        assert "both a folder and a file" in problems["workflows/good"]

    def test_dots_and_slashes_in_names(self, look: Look) -> None:
        maker = add_storage(TarMaker(), "././/a/./")
        maker.file("./a//workflows/./__status__/FAILED/./second")
        assert look(maker.bytes()) == (["good", "second"], {})

    def test_names_that_are_not_utf8(self, look: Look) -> None:
        for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
            maker = add_storage(TarMaker(form)).file("workflows/__status__/FAILED/\udcff\udce4")
            assert look(maker.bytes()) == (["good", "\udcff\udce4"], {})

    def test_holes(self, look: Look, tmp_path: Path) -> None:
        """As GNU tar writes them in its own format and in pax: behind them, everything is read."""
        (tmp_path / "s" / "_valid").parent.mkdir()
        (tmp_path / "s" / "_valid").touch()
        index = tmp_path / "s" / "workflows" / "__status__" / "FAILED"
        index.mkdir(parents=True)
        task = tmp_path / "s" / "workflows" / "a" / "tasks" / "t"
        task.mkdir(parents=True)
        with open(task / "output.pkl", "wb") as holes:
            for place in range(0, 60 << 20, 2 << 20):
                holes.seek(place)
                holes.write(b"x" * 5000)
        (index / "a").touch()
        (index / "z").touch()
        for form in ("gnu", "pax", "posix"):
            path = tmp_path / "s.tar"
            subprocess.run(["tar", f"--format={form}", "-Scf", path, "s"], cwd=tmp_path, check=True)
            assert path.stat().st_size < 2 << 20
            source = ArchiveSource(str(path), SourceOptions(), Bounds())
            source.open()
            assert source.detail("a").tasks[0].output_size == (58 << 20) + 5000
            ids, problems = look(path.read_bytes())
            assert (sorted(ids), problems) == (["a", "z"], {})
            source.close()


class TestTarHeaders:
    def test_a_pax_header_of_gigabytes(self, look: Look) -> None:
        whole = bytearray(good().file("x", type=b"x").file("workflows/__status__/FAILED/named").bytes())
        at = whole.rindex(b"x\0\0\0", 0, whole.index(b"FAILED/named"))
        at -= at % 512
        header = tarfile.TarInfo("pax")
        header.type, header.size = b"x", 8 << 30
        whole[at : at + 512] = header.tobuf(tarfile.GNU_FORMAT)
        ids, problems = look(bytes(whole))
        assert ids == ["good"]
        assert set(problems) == {"T"}

    def test_a_pax_header_that_is_too_long_hides_its_member_only(self, look: Look) -> None:
        maker = add_storage(TarMaker(tarfile.PAX_FORMAT))
        maker.file("workflows/__status__/FAILED/hidden", pax_headers={"comment": "x" * (2 << 20)})
        maker.file("workflows/__status__/FAILED/seen")
        ids, problems = look(maker.bytes())
        assert sorted(ids) == ["good", "seen"]
        assert "has a header of" in problems["workflows/__status__/FAILED/hidden"]

    @pytest.mark.parametrize("when", ["nan", "inf", "-1e400", "9" * 400, "x", ""])
    def test_times_that_are_none(self, look: Look, when: str) -> None:
        maker = add_storage(TarMaker(tarfile.PAX_FORMAT))
        maker.file("workflows/__status__/CANCELED/odd", pax_headers={"mtime": when})
        assert look(maker.bytes()) == (["good", "odd"], {})

    def test_damage_in_the_middle(self, look: Look) -> None:
        whole = bytearray(good().file("workflows/__status__/FAILED/late").bytes())
        whole[512:600] = b"\xff" * 88
        ids, problems = look(bytes(whole))
        assert ids == ["late"]
        assert "damaged" in problems["T"]


class TestCutOff:
    @pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.tar.zst", "x.zip"])
    @pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
    def test_what_could_be_read_is_shown(self, look: Look, name: str, part: float) -> None:
        maker = good()
        members = storage_zip()
        for number in range(300):
            # Names of their own, so that packers find little to shorten.
            path = f"workflows/__status__/FAILED/{number}.{os.urandom(40).hex()}"
            maker.file(path)
            members[path] = b""
        data = PACK[name](maker.bytes()) if name != "x.zip" else zip_of(members)
        ids, problems = look(data[: int(len(data) * part)], name)
        assert "good" in ids
        assert len(ids) > 300 * part * 0.5 - 50
        assert any("cut off" in what for what in problems.values())

    def test_inside_a_file(self, look: Look) -> None:
        data = good().file("workflows/good/tasks/z/inputs.json", b"x" * 4000).bytes()
        _, problems = look(data[: data.index(b"xxxx" * 500) + 1000])
        assert "cut off" in problems["workflows/good/tasks/z/inputs.json"]

    def test_without_the_mark_of_the_end(self, look: Look) -> None:
        data = good().bytes().rstrip(b"\0")
        data += bytes(-len(data) % 512)
        ids, problems = look(data)
        assert ids == ["good"]
        assert "may be cut off" in problems["T"]


PACK: dict[str, Callable[[bytes], bytes]] = {
    "x.tar": bytes,
    "x.tar.gz": gzip.compress,
    "x.tar.xz": lzma.compress,
    "x.tar.zst": ZSTD.compress,
}


class TestBombs:
    @pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.xz", "x.tar.zst"])
    def test_of_zeros(self, look: Look, name: str) -> None:
        member = tarfile.TarInfo("workflows/good/tasks/t/args.pkl")
        member.size = 1 << 40
        data = good().bytes().rstrip(b"\0")
        data += bytes(-len(data) % 512) + member.tobuf(tarfile.GNU_FORMAT)
        bomb = PACK[name](data + bytes(64 << 20))
        ids, problems = look(bomb, name, Bounds(size=16 << 20))
        assert ids == ["good"]
        assert "WFTUI_ARCHIVE_SIZE" in problems["T"]

    def test_by_the_ratio(self, look: Look) -> None:
        data = good().bytes().rstrip(b"\0")
        member = tarfile.TarInfo("workflows/good/tasks/t/args.pkl")
        member.size = 1 << 40
        data += bytes(-len(data) % 512) + member.tobuf(tarfile.GNU_FORMAT)
        packer = ZSTD.ZstdCompressor()
        bomb = packer.compress(data)
        piece = bytes(64 << 20)
        for _ in range(20):
            bomb += packer.compress(piece)
        ids, problems = look(bomb + packer.flush(), "x.tar.zst")
        assert ids == ["good"]
        assert "WFTUI_ARCHIVE_RATIO" in problems["T"]

    @pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.zip"])
    def test_of_members(self, look: Look, name: str) -> None:
        maker, members = good(), storage_zip()
        for number in range(100):
            maker.file(f"{number}/a/b/c")
            members[f"{number}/a/b/c"] = b""
        data = zip_of(members) if name == "x.zip" else PACK[name](maker.bytes())
        ids, problems = look(data, name, Bounds(members=50))
        assert ids == ["good"]
        assert "WFTUI_ARCHIVE_MEMBERS" in problems["T"]

    def test_in_a_zip(self, look: Look) -> None:
        path = "workflows/good/user_run_metadata.json"
        members = storage_zip(**{path: b" " * (64 << 20)})
        ids, problems = look(zip_of(members), "x.zip")
        assert ids == ["good"]
        assert "WFTUI_ARCHIVE_RATIO" in problems[path]

    def test_many_problems_are_counted(self, look: Look) -> None:
        maker = good()
        for number in range(1500):
            maker.file(f"../{number}")
        _, problems = look(maker.bytes())
        assert len(problems) == 1001
        assert "500 more problems" in problems["…"]

    def test_a_large_window(self, tmp_path: Path) -> None:
        """A frame that asks for two gigabytes of memory."""
        path = tmp_path / "x.tar.zst"
        option = {ZSTD.CompressionParameter.window_log: 31, ZSTD.CompressionParameter.enable_long_distance_matching: 1}
        packer = ZSTD.ZstdCompressor(options=option)
        path.write_bytes(packer.compress(good().bytes()) + packer.flush())
        source = ArchiveSource(str(path), SourceOptions(), Bounds())
        source.open()
        with pytest.raises(TargetError, match="damaged near byte"):
            source.page(None, 10)


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
        with tarfile.open(fileobj=io.BytesIO(good().bytes())) as tar:
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
