"""The layout service: takes requests on any thread, answers on its own.

Whatever is asked for, something usable comes at once: what is there, or what is there with what is new appended, or a
first layout. The best layout follows from a thread, for large graphs from a process. A request makes older ones void,
except that a best layout under way is finished when the newest graph only grew out of the one that it is made for: it
then grows, too, so that news faster than layouts put none off for ever.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.dag.board import Board, arrange, has_room
from wftui.dag.drawing import Drawing, lay_out
from wftui.dag.listing import Listing
from wftui.dag.picture import View
from wftui.dag.scene import Scene
from wftui.layouts.near import MANY, Near
from wftui.layouts.passes import InProcess, InThread, Job, ProcessLost
from wftui.layouts.request import Laid
from wftui.layouts.worth import Worth

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.layouts.request import Request
    from wftui.model.graph import Graph

# The best layout of so few nodes is at hand about as soon as any.
FEW = 30
# Of more nodes than `MANY` it is made in a process; of fewer it may come before anybody would have seen the first one:
# so many seconds are waited for it.
PATIENCE = 0.15
# Appending to many is done in a third of the time at most, and so many seconds later at most: what moves there is not
# read faster, and the processor is not ours alone.
_REST, _MOST_REST = 2.0, 5.0
# After so many losses no process is tried any more.
_LOSSES = 2


@dataclass(slots=True)
class _Shown:
    """The last answer.

    Attributes:
        request: What it answers.
        board: In layers.
        final: It is the best, as far as is known, or was appended to the best.
        worth: Of the last layout that was made from nothing.
    """

    request: Request
    board: Board | None
    final: bool
    worth: Worth | None


class LayoutService:
    """Lays graphs out, the newest request first; older ones that nobody waits for any more are left out.

    Args:
        listen: Gets every answer, on the service's thread. It must not raise.
    """

    def __init__(self, listen: Callable[[Laid], None]) -> None:
        self._listen = listen
        self._changed = threading.Condition()
        self._next: Request | None = None
        self._anew = False  # also when a request for that was overtaken
        self._outcome: tuple[Job, Board | Exception] | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        # All below belongs to the service's thread.
        self._shown: _Shown | None = None
        self._job: Job | None = None
        self._jobs = 0
        self._losses = 0
        self._note = ""
        self._rest_until = 0.0
        self._near = Near()
        self._in_thread = InThread(self._made)
        self._in_process = InProcess(self._made)

    @property
    def pid(self) -> int | None:
        """The process for large layouts, if there is one."""
        return self._in_process.pid

    def want(self, request: Request) -> None:
        """Ask for a picture; what was asked for before is not wanted any more. Returns at once."""
        with self._changed:
            if self._closed:
                return
            self._next = request
            self._anew = self._anew or request.anew
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wftui-layouts", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Answer nothing any more; the process ends."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._near.close()
        self._in_thread.close()
        self._in_process.close()

    def _made(self, job: Job, outcome: Board | Exception) -> None:
        with self._changed:
            # One of an older job may come late from another thread.
            if self._outcome is None or self._outcome[0].number < job.number:
                self._outcome = (job, outcome)
                self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next is not None or self._outcome is not None)
                if self._closed:
                    return
                request, self._next = self._next, None
                anew, self._anew = self._anew, False
                outcome, self._outcome = self._outcome, None
            try:
                if outcome is not None:
                    self._finish(*outcome, request or (self._shown.request if self._shown is not None else None))
                if request is not None:
                    self._answer(request, anew=anew)
            except Exception as error:  # noqa: BLE001 - told to the listener: a thread's exception must not vanish
                wanted = request or (self._shown.request if self._shown is not None else None)
                self._drop()
                if wanted is not None:
                    self._tell(Laid(wanted, error=error))

    # -- requests --------------------------------------------------------------------------------------------

    def _answer(self, request: Request, *, anew: bool) -> None:
        shown = self._shown
        if (
            anew
            or shown is None
            or not _same_kind(shown.request, request)
            or (shown.board is not None and not has_room(shown.board, request.graph, request.pen))
        ):
            self._from_nothing(request)
        elif _same_shape(shown.request.graph, request.graph):
            shown.request = request
            self._tell(Laid(request, None, shown.board, final=self._job is None, kept=True))
        elif shown.board is None:
            self._from_nothing(request)
        elif not self._is_overtaken(request):
            began = time.monotonic()
            board = self._near.grow(shown.board, request.graph, request.pen)
            if board is None:
                self._from_nothing(request)
            else:
                self._grown(shown, board, request)
            if len(request.graph.nodes) > MANY:
                ended = time.monotonic()
                self._rest_until = ended + min(_REST * (ended - began), _MOST_REST)

    def _is_overtaken(self, request: Request) -> bool:
        """Rest, where something large was appended just now. Returns whether another request came meanwhile."""
        left = self._rest_until - time.monotonic()
        if left <= 0 or len(request.graph.nodes) <= MANY:
            return False
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or self._next is not None, left)

    def _from_nothing(self, request: Request) -> None:
        self._drop()
        if request.view is not View.LAYERS:
            self._show(request, None, Listing(_lines(request)), final=True)
            return
        many = len(request.graph.nodes)
        if many <= FEW:
            self._show_board(request, arrange(request.graph, request.pen, replace(request.plan, quick=False)))
            return
        self._begin(request)
        if many <= MANY:
            with self._changed:
                made = self._changed.wait_for(lambda: self._closed or self._has_outcome(), PATIENCE)
                if made:
                    # It is taken as what this request wants, below.
                    self._shown = _Shown(request, None, final=False, worth=None)
                    return
        board = self._near.arrange(request.graph, request.pen, replace(request.plan, quick=True))
        self._show_board(request, board, final=False)

    def _grown(self, shown: _Shown, board: Board, request: Request) -> None:
        before = shown.board
        moved = before is None or any(board.layout.boxes[name] != box for name, box in before.layout.boxes.items())
        shown.request, shown.board = request, board
        if self._job is None and shown.worth is not None and shown.worth.may_be_bettered(Worth.of(board)):
            self._begin(request)
        self._tell(Laid(request, _scene(board, request), board, final=self._job is None, kept=not moved))

    def _has_outcome(self) -> bool:
        return self._outcome is not None and self._outcome[0] is self._job

    # -- the best layouts ------------------------------------------------------------------------------------

    def _begin(self, request: Request) -> None:
        self._jobs += 1
        self._job = Job(self._jobs, request.graph, request.pen, replace(request.plan, quick=False))
        in_process = len(request.graph.nodes) > MANY and self._losses < _LOSSES
        (self._in_process if in_process else self._in_thread).start(self._job)

    def _drop(self) -> None:
        """Nothing that was answered, or is under way, is of use any more."""
        self._shown = self._job = None
        self._in_thread.stop()
        self._in_process.stop()

    def _finish(self, job: Job, outcome: Board | Exception, newest: Request | None) -> None:
        """Take a best layout, unless the newest request cannot have grown out of what it was made for."""
        shown = self._shown
        if self._job is not job or shown is None or newest is None or not _same_kind(shown.request, newest):
            return
        if isinstance(outcome, ProcessLost):
            self._losses += 1
            self._note = f"{outcome}: it is made beside the interface"
            self._in_thread.start(job)
            return
        self._job = None
        request = shown.request
        if isinstance(outcome, Exception):
            self._shown = None
            self._tell(Laid(request, error=outcome))
            return
        board, worth = outcome, Worth.of(outcome)
        if not _same_shape(job.graph, request.graph):
            grown = self._near.grow(outcome, request.graph, request.pen)
            if grown is None:
                self._begin(request)
                return
            board = grown
        reason = ""
        if shown.final and shown.board is not None:
            reason = worth.betters(Worth.of(shown.board))
            if not reason:
                shown.worth = worth
                self._tell(Laid(request, None, shown.board, kept=True))
                return
        self._show_board(request, board, worth=worth, anew=reason)

    # -- answers ---------------------------------------------------------------------------------------------

    def _show_board(
        self, request: Request, board: Board, *, final: bool = True, worth: Worth | None = None, anew: str = ""
    ) -> None:
        self._show(request, board, _scene(board, request), final=final, worth=worth or Worth.of(board), anew=anew)

    def _show(
        self,
        request: Request,
        board: Board | None,
        drawn: Scene | Listing,
        *,
        final: bool,
        worth: Worth | None = None,
        anew: str = "",
    ) -> None:
        self._shown = _Shown(request, board, final, worth)
        note, self._note = self._note, ""
        self._tell(Laid(request, drawn, board, final=final, anew=anew, note=note))

    def _tell(self, laid: Laid) -> None:
        with self._changed:
            if self._closed:
                return
        self._listen(laid)


def _scene(board: Board, request: Request) -> Scene:
    return Scene(board, request.graph, request.pen)


def _lines(request: Request) -> Drawing:
    plan = request.plan
    layout = lay_out(
        request.graph, request.pen, request.width, request.view, plan.folds, grouped=plan.grouped, focus=plan.focus
    )
    return Drawing(layout, request.graph, request.pen, request.width)


def _same_kind(one: Request, other: Request) -> bool:
    """Whether both are pictures of the same, made the same way; the graph may have changed."""
    if one.key != other.key or one.view is not other.view or one.pen != other.pen:
        return False
    return one.plan == other.plan and (one.view is View.LAYERS or one.width == other.width)


def _same_shape(one: Graph, other: Graph) -> bool:
    """Whether two graphs differ in statuses and times at most."""
    if one is other:
        return True
    if len(one.nodes) != len(other.nodes) or one.edges != other.edges:
        return False
    return all(
        a is b or (a.id == b.id and a.parent == b.parent and a.label == b.label)
        for a, b in zip(one.nodes, other.nodes)  # noqa: B905 - of one length
    )
