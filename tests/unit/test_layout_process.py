"""The process that makes large layouts: what is killed is let go of, whoever talks to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.benchmarks import families
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.layouts.passes import InProcess, Job
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from subprocess import Popen

    from wftui.dag.board import Board

PATIENCE = 120.0


class Hesitant(InProcess):
    """Waits between an answer and telling it, while another layout may be asked for."""

    def __init__(self, heard: list[int]) -> None:
        self.told = threading.Event()
        super().__init__(lambda job, outcome: self._hear(heard, job))
        self.answered, self.go_on = threading.Event(), threading.Event()

    def _hear(self, heard: list[int], job: Job) -> None:
        heard.append(job.number)
        self.told.set()

    def _made(self, job: Job) -> Board | Exception:
        outcome = super()._made(job)
        self.answered.set()
        assert self.go_on.wait(PATIENCE)
        return outcome

    @property
    def process(self) -> Popen[bytes]:
        assert self._process is not None
        return self._process


def job(number: int) -> Job:
    return Job(number, families.as_graph(families.etl(60)), Pen(UNICODE.status), Plan())


def test_one_that_is_killed_right_after_its_answer_leaves_no_pipe_open() -> None:
    heard: list[int] = []
    made = Hesitant(heard)
    try:
        made.start(job(1))
        assert made.answered.wait(PATIENCE)
        killed = made.process
        made.start(job(2))
        assert killed.stdin is not None
        assert killed.stdout is not None
        assert killed.stdin.closed
        assert killed.stdout.closed
        made.go_on.set()
        assert made.told.wait(PATIENCE)
        assert heard == [2]
    finally:
        made.go_on.set()
        made.close()
