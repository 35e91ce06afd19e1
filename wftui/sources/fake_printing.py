"""A source with a scripted clock whose tasks print, for UI tests and screenshots. Public, as `fake` is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftui.errors import NotFoundError, TargetError
from wftui.model.output import OutputPart, OutputPiece, Stream
from wftui.sources.fake import FakeSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.fake import FakeClock


class PrintingFake(FakeSource):
    """Workflows in memory whose tasks print what they are told.

    A task prints as long as its status is active. A position counts pieces and the characters of the next one.

    Args:
        target: As in `FakeSource`.
        details: As there.
        clock: As there.
        more: As there.
    """

    def __init__(self, target: str, details: Iterable[WorkflowDetail], *, clock: FakeClock, **more: Any) -> None:
        super().__init__(target, details, clock=clock, **more)
        self._printed: dict[tuple[str, str], list[OutputPiece]] = {}
        self.notes: dict[str, str] = {}
        """By task: what is missing."""

    def prints(self, workflow_id: str, task_id: str, *pieces: tuple[Stream, str]) -> None:
        """Let a task print more: (stream, text)."""
        with self._lock:
            self._printed.setdefault((workflow_id, task_id), []).extend(OutputPiece(*piece) for piece in pieces)

    def output(
        self,
        workflow_id: str,
        task_id: str,
        position: str | None,
        *,
        attempt: int | None = None,
        most: int = 65_536,
        latest: bool = False,
    ) -> OutputPart:
        """What it printed after `position`.

        Raises:
            NotFoundError: There is no such workflow or task.
            TargetError: There is no such attempt.
        """
        self._check()
        task = next((task for task in self.detail(workflow_id).tasks if task.id == task_id), None)
        if task is None:
            raise NotFoundError(f"no task {task_id!r} in workflow {workflow_id!r}")
        if attempt not in (None, 1):
            raise TargetError(f"there is no log of attempt {attempt}")
        with self._lock:
            pieces = tuple(self._printed.get((workflow_id, task_id), ()))
        at, inside = map(int, position.split(".")) if position else (0, 0)
        left = [OutputPiece(piece.stream, piece.text[inside if not i else 0 :]) for i, piece in enumerate(pieces[at:])]
        wants_latest = latest or position is None
        taken, skipped = _last(left, most) if wants_latest else _first(left, most)
        is_all = wants_latest or sum(map(_size, taken)) == sum(map(_size, left))
        after = f"{len(pieces)}.0" if is_all else _behind(left, taken, at, inside)
        is_open = task.status.is_active or not is_all
        return OutputPart(tuple(taken), after, is_open, skipped, self.notes.get(task_id, ""))


def _size(piece: OutputPiece) -> int:
    return len(piece.text)


def _first(pieces: Sequence[OutputPiece], most: int) -> tuple[list[OutputPiece], int]:
    taken: list[OutputPiece] = []
    for piece in pieces:
        if most <= 0:
            break
        taken.append(OutputPiece(piece.stream, piece.text[:most]))
        most -= len(piece.text)
    return taken, 0


def _last(pieces: Sequence[OutputPiece], most: int) -> tuple[list[OutputPiece], int]:
    taken: list[OutputPiece] = []
    room = most
    for piece in reversed(pieces):
        if room > 0 and piece.text:
            taken.insert(0, OutputPiece(piece.stream, piece.text[-room:]))
            room -= len(piece.text)
    return taken, sum(map(_size, pieces)) - sum(map(_size, taken))


def _behind(left: Sequence[OutputPiece], taken: Sequence[OutputPiece], at: int, inside: int) -> str:
    """The position behind what was taken of what is left."""
    count = sum(map(_size, taken))
    for number, piece in enumerate(left):
        if count < len(piece.text):
            return f"{at + number}.{count + (inside if number == 0 else 0)}"
        count -= len(piece.text)
    return f"{at + len(left)}.0"
