"""The layout service: takes requests on any thread, answers on its own."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.board import arrange
from wftui.layouts.request import Laid

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.dag.board import Board
    from wftui.layouts.request import Request

# Of so few nodes the best layout is at hand about as soon as any.
_FEW = 40


class LayoutService:
    """Lays graphs out, the newest request first; older ones that nobody waits for any more are left out.

    Args:
        listen: Gets every answer, on the service's thread. It must not raise.
    """

    def __init__(self, listen: Callable[[Laid], None]) -> None:
        self._listen = listen
        self._changed = threading.Condition()
        self._next: Request | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def want(self, request: Request) -> None:
        """Ask for a picture; what was asked for before is not wanted any more. Returns at once."""
        with self._changed:
            if self._closed:
                return
            self._next = request
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wftui-layouts", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Answer nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next is not None)
                if self._closed or self._next is None:
                    return
                request, self._next = self._next, None
            self._answer(request)

    def _answer(self, request: Request) -> None:
        try:
            if len(request.graph.nodes) > _FEW:
                self._tell(self._laid(request, quick=True))
                if self._next is not None:
                    return
            self._tell(self._laid(request, quick=False))
        except Exception as error:  # noqa: BLE001 - told to the listener: a thread's exception must not vanish
            self._tell(Laid(request, error=error))

    def _laid(self, request: Request, *, quick: bool) -> Laid:
        board: Board = arrange(request.graph, request.pen, replace(request.plan, quick=quick))
        return Laid(request, board=board, final=not quick)

    def _tell(self, laid: Laid) -> None:
        with self._changed:
            if self._closed:
                return
        self._listen(laid)
