"""A small picture keeps less room for what may come where it is all seen then."""

from __future__ import annotations

from dataclasses import replace

from tests.benchmarks import families
from wftui.dag.board import arrange
from wftui.dag.plan import Plan
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
