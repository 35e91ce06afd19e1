"""A small picture keeps less room for what may come where it is all seen then."""

from __future__ import annotations

from dataclasses import replace

from tests.benchmarks import families
from wftui.dag.board import arrange, has_room
from wftui.dag.plan import Plan
from wftui.model.status import Status
from wftui.present.glyphs import UNICODE
from wftui.widgets.graph_work import pen_for

PEN = pen_for(UNICODE)
LIVE = Plan(at_rest=False)
GRAPH = families.named("a>b a>c a>d b>e c>f d>g e>h f>h g>h a>h b>g")


def test_it_fits_where_it_can_and_is_roomy_where_it_cannot() -> None:
    roomy = arrange(GRAPH, PEN, LIVE).layout
    tight = min(
        arrange(GRAPH, PEN, replace(LIVE, room=room)).layout.width for room in range(roomy.width - 20, roomy.width)
    )
    assert tight < roomy.width
    for room in range(tight - 3, roomy.width + 3):
        layout = arrange(GRAPH, PEN, replace(LIVE, room=room)).layout
        if room < tight:
            assert layout == roomy, "it is panned anyway"
        else:
            assert layout.width <= room


def test_times_have_no_room_only_where_all_is_seen_then() -> None:
    """And one that comes is told to have none, so that the picture is laid out with room for it."""
    nodes = [replace(node, status=Status.PENDING) for node in GRAPH.nodes]
    graph = replace(GRAPH, nodes=tuple(nodes))
    fits = arrange(graph, PEN, Plan()).layout.width
    board = arrange(graph, PEN, replace(LIVE, room=fits))
    assert board.tight
    assert board.layout.width <= fits
    assert not arrange(graph, PEN, replace(LIVE, room=fits - 1)).tight
    assert has_room(board, graph, PEN)
    nodes[0] = replace(nodes[0], status=Status.RUNNING, time="1m03")
    later = replace(graph, nodes=tuple(nodes))
    assert not has_room(board, later, PEN)
    again = arrange(later, PEN, replace(LIVE, room=fits + 6))
    assert again.tight
    assert again.layout.width <= fits + 6
    assert has_room(again, later, PEN)
