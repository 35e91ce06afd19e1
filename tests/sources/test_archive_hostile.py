"""Tar archives that mean harm, or came to it: what can be read is shown, the rest is named, nothing crashes."""

from __future__ import annotations

import gzip
import lzma
import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.sources.archive_making import ZSTD, TarMaker, add_storage, good_tar, looking, storage_zip, zip_of
from wftui.errors import TargetError
from wftui.sources.base import SourceOptions
from wftui.sources.ray.archive_source import ArchiveSource
from wftui.sources.stores.archive.bounds import Bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sources.archive_making import Look


@pytest.fixture
def look(tmp_path: Path) -> Look:
    return looking(tmp_path)


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
        maker = good_tar().file(name, type=kind, linkname="/etc/passwd")
        maker.file("workflows/__status__/RUNNING/behind")
        ids, problems = look(maker.bytes())
        assert sorted(ids) == ["behind", "good"]
        assert what in problems[name]

    def test_the_last_of_several_counts(self, look: Look) -> None:
        maker = good_tar().file("workflows/good/pre_run_metadata.json", b'{"start_time": 5.0}')
        ids, problems = look(maker.bytes())
        assert ids == ["good"]
        assert "more than once" in problems["workflows/good/pre_run_metadata.json"]

    def test_a_file_and_a_folder_of_one_name(self, look: Look) -> None:
        _, problems = look(good_tar().file("workflows/good", b"x").bytes())
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
        whole = bytearray(good_tar().file("x", type=b"x").file("workflows/__status__/FAILED/named").bytes())
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
        whole = bytearray(good_tar().file("workflows/__status__/FAILED/late").bytes())
        whole[512:600] = b"\xff" * 88
        ids, problems = look(bytes(whole))
        assert ids == ["late"]
        assert "damaged" in problems["T"]


class TestCutOff:
    @pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tar.xz", "x.tar.zst", "x.zip"])
    @pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
    def test_what_could_be_read_is_shown(self, look: Look, name: str, part: float) -> None:
        maker = good_tar()
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
        data = good_tar().file("workflows/good/tasks/z/inputs.json", b"x" * 4000).bytes()
        _, problems = look(data[: data.index(b"xxxx" * 500) + 1000])
        assert "cut off" in problems["workflows/good/tasks/z/inputs.json"]

    def test_without_the_mark_of_the_end(self, look: Look) -> None:
        data = good_tar().bytes().rstrip(b"\0")
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
        data = good_tar().bytes().rstrip(b"\0")
        data += bytes(-len(data) % 512) + member.tobuf(tarfile.GNU_FORMAT)
        bomb = PACK[name](data + bytes(64 << 20))
        ids, problems = look(bomb, name, Bounds(size=16 << 20))
        assert ids == ["good"]
        assert "WFTUI_ARCHIVE_SIZE" in problems["T"]

    def test_by_the_ratio(self, look: Look) -> None:
        data = good_tar().bytes().rstrip(b"\0")
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
        maker, members = good_tar(), storage_zip()
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
        maker = good_tar()
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
        path.write_bytes(packer.compress(good_tar().bytes()) + packer.flush())
        source = ArchiveSource(str(path), SourceOptions(), Bounds())
        source.open()
        with pytest.raises(TargetError, match="damaged near byte"):
            source.page(None, 10)
