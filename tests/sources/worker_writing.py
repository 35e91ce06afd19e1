"""Writes log files as Ray's workers do, and reads what a task printed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.output import OutputPart, Stream

if TYPE_CHECKING:
    from pathlib import Path

    from wftui.sources.ray.cluster.near.task_output import TaskOutput

OUT, ERR = Stream.OUT, Stream.ERR
MOST = 1 << 20


class Worker:
    """Writes the files of one worker as Ray does.

    Args:
        folder: Where to.
        name: Its id.
        own: Whether the job is the worker's own, whose files have the magic lines.
    """

    def __init__(self, folder: Path, name: str = "a1", *, own: bool = True) -> None:
        self._own = own
        job = "01000000" if own else "02000000"
        self.out_path = folder / f"worker-{name}-{job}-77.out"
        self.err_path = folder / f"worker-{name}-{job}-77.err"
        if own:
            self.out(":job_id:01000000\n")
            self.err(":job_id:01000000\n")

    def begin(self, task: str, workflow: str = "w") -> None:
        if self._own:
            self.out(":task_name:_workflow_task_executor_remote\n")
            self.err(":task_name:_workflow_task_executor_remote\n")
        self.err(f"Task status [RUNNING]\t[{workflow}@{task}]\n")

    def out(self, text: str | bytes) -> None:
        append(self.out_path, text)

    def err(self, text: str | bytes) -> None:
        append(self.err_path, text)


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def text_of(part: OutputPart, stream: Stream) -> str:
    return "".join(piece.text for piece in part.pieces if piece.stream is stream)


def read(
    output: TaskOutput,
    task: str,
    position: str | None = "",
    most: int = MOST,
    *,
    latest: bool = False,
    attempt: int | None = None,
) -> OutputPart:
    return output.read_here(("w", task, attempt), position, most, latest)
