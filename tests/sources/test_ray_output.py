"""What tasks of a real cluster print, as the source and `wftui logs` tell it. The cluster has no dashboard."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.ray_clusters import TestCluster, TestDriver, eventually
from wftui.cli.main import main
from wftui.errors import NotFoundError, TargetError
from wftui.model.output import OutputPart, Stream
from wftui.sources.base import Printing, SourceOptions
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.ray

OUT, ERR = Stream.OUT, Stream.ERR
PATIENCE = 120.0
HOSTILE = "\x1b]0;title\x07\x1b[2J\u202e \x1b[31mred\x1b[0m\ttab\n"
SHOWN = "␛]0;title␇␛[2J\\u202e red\ttab"


def said(name: str, *what: str) -> dict[Stream, str]:
    """What a task of `ray_driver.py` prints."""
    out = "".join(f"{name} out {word}\n" + (HOSTILE if word == "first" else "") for word in what)
    end = f"{name} end" if "last" in what else ""
    return {OUT: out + end, ERR: "".join(f"{name} err {word}\n" for word in what)}


def texts(*parts: OutputPart) -> dict[Stream, str]:
    pieces = [piece for part in parts for piece in part.pieces]
    return {stream: "".join(piece.text for piece in pieces if piece.stream is stream) for stream in Stream}


class Reader:
    """Follows a task as a screen does."""

    def __init__(self, source: ClusterSource, workflow_id: str, task_id: str) -> None:
        self.parts: list[OutputPart] = []
        self._ask: Any = lambda position: source.output(workflow_id, task_id, position, most=1 << 16)

    @property
    def told(self) -> dict[Stream, str]:
        return texts(*self.parts)

    def read(self) -> OutputPart:
        part: OutputPart = self._ask(self.parts[-1].position if self.parts else "")
        self.parts.append(part)
        return part

    def until(self, text: str) -> None:
        def is_told() -> bool:
            self.read()
            return text in self.told[OUT] + self.told[ERR]

        eventually(is_told, PATIENCE)

    def to_its_end(self) -> dict[Stream, str]:
        eventually(lambda: not self.read().is_open, PATIENCE)
        return self.told


@pytest.fixture(scope="module")
def driver(cluster: TestCluster) -> Iterator[TestDriver]:
    """Its job starts the workflow manager: what its workflows print has marks in both streams."""
    with closing(cluster.driver()) as process:
        process.do("submit", kind="talks", id="mine", gate="mine")
        yield process


@pytest.fixture(scope="module")
def source(cluster: TestCluster, driver: TestDriver) -> Iterator[ClusterSource]:
    with closing(ClusterSource(cluster.address, SourceOptions(read_only=True))) as opened:
        opened.open()
        yield opened


@contextmanager
def logs(cluster: TestCluster, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`wftui logs` as a process."""
    command = [sys.executable, "-m", "wftui", "logs", *arguments, "-t", cluster.address, "--read-only"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_tasks_lines_are_what_it_printed_live_and_when_it_ended(cluster: TestCluster, source: ClusterSource) -> None:
    assert isinstance(source, Printing)
    three = Reader(source, "mine", "three")
    three.until("three err first")
    assert three.told == said("three", "first")
    assert three.parts[-1].is_open
    for name in ("one", "two"):
        ended = Reader(source, "mine", name)
        assert ended.to_its_end() == said(name, "first", "last")
        assert [part.note for part in ended.parts if part.note] == []
    cluster.open_gate("mine")
    assert three.to_its_end() == said("three", "first", "last")
    assert texts(source.output("mine", "three", None)) == said("three", "first", "last")
    with pytest.raises(NotFoundError, match="no task 'nobody'"):
        source.output("mine", "nobody", None)
    with pytest.raises(NotFoundError, match="nothing"):
        source.output("nothing", "one", None)
    with pytest.raises(TargetError, match="no log of attempt 7"):
        source.output("mine", "one", "", attempt=7)


def test_what_has_not_begun_is_waited_for(cluster: TestCluster, driver: TestDriver, source: ClusterSource) -> None:
    driver.do("submit", kind="diamond", id="waits", gate="waits")
    eventually(lambda: source.detail("waits").tasks, PATIENCE)
    part = source.output("waits", "d", None)
    assert (part.pieces, part.is_open, "not begun" in part.note) == ((), True, True)
    cluster.open_gate("waits")
    assert Reader(source, "waits", "d").to_its_end() == {OUT: "", ERR: ""}


def test_the_workflow_of_another_job_is_told_as_well_as_ray_tells_it(
    cluster: TestCluster, source: ClusterSource
) -> None:
    """Ray's own `get_log` gives nothing at all for these."""
    cluster.open_gate("others")
    with closing(cluster.driver()) as other:
        other.do("submit", kind="talks", id="others", gate="others")
        assert other.do("output", id="others") == "done"
        for name in ("one", "two", "three"):
            reader = Reader(source, "others", name)
            told, wanted = reader.to_its_end(), said(name, "first", "last")
            assert told[ERR] == wanted[ERR]
            notes = [part.note for part in reader.parts if part.note]
            assert wanted[OUT] in told[OUT]
            assert told[OUT] == wanted[OUT] or "may be of" in notes[0]


def test_each_attempt_has_its_own(cluster: TestCluster, driver: TestDriver, source: ClusterSource) -> None:
    driver.do("submit", kind="talks twice", id="twice", gate="twice")
    reader = Reader(source, "twice", "again")
    reader.until("again err attempt 2")
    cluster.open_gate("twice")
    reader.to_its_end()
    for number in (1, 2):
        part = source.output("twice", "again", "", attempt=number)
        told = texts(part)
        assert told[OUT] == f"again out attempt {number}\n"
        assert told[ERR].splitlines()[0] == f"again err attempt {number}"
    assert texts(source.output("twice", "again", None))[OUT] == "again out attempt 2\n"


def test_what_prints_without_end_is_read_in_bounded_parts(
    cluster: TestCluster, driver: TestDriver, source: ClusterSource
) -> None:
    driver.do("submit", kind="floods", id="floods", gate="floods")
    eventually(lambda: source.detail("floods").tasks, PATIENCE)

    def much() -> OutputPart | None:
        part = source.output("floods", "flood", None, most=4_096)
        return part if part.skipped > 1_000_000 else None

    part = eventually(much, PATIENCE)
    assert len(texts(part)[OUT]) <= 4_096
    assert part.is_open
    more = eventually(lambda: source.output("floods", "flood", part.position, most=4_096, latest=True), PATIENCE)
    assert len(texts(more)[OUT]) <= 4_096
    cluster.open_gate("floods")
    position, closed = more.position, False
    while not closed:
        part = source.output("floods", "flood", position, most=1 << 20, latest=True)
        position, closed = part.position, not part.is_open
        assert set(texts(part)[OUT]) <= {"y", "\n"}


@pytest.mark.usefixtures("driver")
def test_the_command_prints_harmless_lines_raw_bytes_or_json(
    cluster: TestCluster, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    def printed(*arguments: str) -> tuple[int, str]:
        code = main(["logs", "mine", "one", *arguments, "-t", cluster.address, "--read-only"])
        told = capsysbinary.readouterr()
        assert told.err == b""
        return code, told.out.decode()

    lines = [*said("one", "first")[OUT].splitlines(), *said("one", "last")[OUT].splitlines()]
    shown = [SHOWN if "title" in line else line for line in lines]
    assert printed("--stdout") == (0, "\n".join(shown) + "\n")
    wanted = said("one", "first", "last")
    assert printed("--stdout", "--raw") == (0, wanted[OUT])
    code, out = printed("--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {row["workflow"] + row["task"] for row in rows} == {"mineone"}
    for stream in Stream:
        assert "".join(row["text"] for row in rows if row["stream"] == stream.value) == wanted[stream]


ELSEWHERE = """
import sys, ray
ray.init(address=sys.argv[1], log_to_driver=False)
from wftui.sources.ray.cluster.near.other_nodes import OtherNodes
from wftui.sources.ray.cluster.near.task_output import TaskOutput
output = TaskOutput(sys.argv[2], OtherNodes(even_here=True))
part = output.read(("mine", "one"), "", 1 << 20, False)
again = output.read(("mine", "one"), part.position, 1 << 20, False)
print([(piece.stream.value, piece.text) for piece in part.pieces], len(again.pieces), part.position[0] != "[")
"""


@pytest.mark.usefixtures("driver")
def test_logs_on_another_machine_are_read_by_an_actor_there(cluster: TestCluster, tmp_path: Path) -> None:
    """The only machine there is plays the other one: no logs lie in `tmp_path`."""
    command = [sys.executable, "-W", "ignore", "-c", ELSEWHERE, cluster.address, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True, text=True).stdout
    wanted = [(stream.value, text) for stream, text in said("one", "first", "last").items()]
    assert told.splitlines()[-1] == f"{wanted} 0 True"


def test_following_ends_with_the_task_an_interrupt_or_a_cluster_that_came_back_without_it(
    cluster: TestCluster, driver: TestDriver, tmp_path: Path
) -> None:
    for gate in ("ends", "never"):
        driver.do("submit", kind="talks", id=gate, gate=gate)
    with logs(cluster, "ends", "three", "-f", "--stderr") as following:
        assert following.stdout is not None
        assert following.stdout.readline() == b"three err first\n"
        cluster.open_gate("ends")
        assert following.communicate(timeout=PATIENCE) == (b"three err last\n", b"")
        assert following.returncode == 0
    with logs(cluster, "never", "three", "-f") as following:
        assert following.stdout is not None
        following.stdout.readline()
        following.send_signal(signal.SIGINT)
        following.communicate(timeout=PATIENCE)
        assert following.returncode == 130
    told = tmp_path / "told"
    command = [sys.executable, "-m", "wftui", "logs", "never", "three", "-f", "--stderr", "-t", cluster.address]
    with told.open("wb") as log, closing(_Process(command, log)) as process:
        assert process.line() == b"three err first\n"
        cluster.kill()
        eventually(lambda: b"trying again" in told.read_bytes(), PATIENCE)
        cluster.start()
        assert process.ended(PATIENCE) == 0
        assert b": back\n" in told.read_bytes()


class _Process:
    """A command whose stderr goes to a file."""

    def __init__(self, command: list[str], log: Any) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)

    def line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def ended(self, timeout: float) -> int:
        return self._process.wait(timeout)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
