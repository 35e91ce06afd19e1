"""What a layout service answers, heard in tests; and graphs to ask it for."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import families
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.model.graph import Graph, GraphNode
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.layouts.request import Laid, Request


PEN = Pen(UNICODE.status)
SINGLE = Plan(grouped=False)
# No test waits so long unless something hangs.
LONG = 120.0


class Heard:
    """Every answer so far, in order, with a way to wait for one."""

    def __init__(self) -> None:
        self.answers: list[Laid] = []
        self._more = threading.Condition()

    def __call__(self, laid: Laid) -> None:
        with self._more:
            self.answers.append(laid)
            self._more.notify_all()

    def wait(self, true: Callable[[Laid], bool]) -> Laid:
        """The first answer of which this is true."""
        with self._more:
            assert self._more.wait_for(lambda: any(map(true, self.answers)), LONG), self.answers
        return next(filter(true, self.answers))

    def last_of(self, request: Request) -> Laid:
        """The final answer to a request."""
        return self.wait(lambda laid: laid.request is request and laid.final)


def etl(n: int) -> Graph:
    return families.as_graph(families.etl(n))


def with_more(graph: Graph, *edges: tuple[str, str]) -> Graph:
    """The graph with new nodes: the targets of the edges."""
    known = {node.id for node in graph.nodes}
    new = dict.fromkeys(target for _, target in edges if target not in known)
    return Graph((*graph.nodes, *(GraphNode(one, one) for one in new)), (*graph.edges, *edges))


def waited_for(true: Callable[[], bool]) -> bool:
    """Poll what tells of itself by no event."""
    end = time.monotonic() + LONG
    while not true():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"
