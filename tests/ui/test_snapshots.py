"""What every state looks like at the three sizes. `pytest tests/ui/test_snapshots.py --snapshot-update` retakes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.driving import steady
from tests.ui.states import SIZES, STATES, reach

if TYPE_CHECKING:
    from textual.pilot import Pilot

PICTURED = ("empty", "running", "failed", "stale", "down", "cancel", "help", "filter")
ONCE = ("sources", "no_target", "ascii", "light", "detail", "error", "metadata")
GRAPHS = ("groups", "opened", "chain", "search", "focus", "ascii", "no_color", "light")
CASES = [(name, size) for name in PICTURED for size in SIZES] + [(name, SIZES[1]) for name in ONCE]
CASES += [(f"graph_{name}", SIZES[1]) for name in GRAPHS]
CASES += [("graph", SIZES[2]), ("graph", SIZES[0]), ("graph_lanes", SIZES[0]), ("graph", (40, 10))]

CASES += [("graph_defined", size) for size in SIZES]
CASES += [("graph_defined_ascii", SIZES[0]), ("graph_inferred", SIZES[1])]
CASES += [(name, size) for name in ("timeline", "timeline_gap") for size in SIZES]
CASES += [(f"timeline_{name}", SIZES[1]) for name in ("groups", "zoomed", "ascii", "no_color")]
CASES += [("travel", SIZES[0]), ("travel", SIZES[1])]
CASES += [("output", SIZES[0]), ("output", SIZES[1])]


@pytest.mark.parametrize(("name", "size"), CASES, ids=[f"{name}-{w}x{h}" for name, (w, h) in CASES])
def test_looks(name: str, size: tuple[int, int], snap_compare: Any) -> None:
    state = STATES[name]
    scene = state.make()

    async def run_before(pilot: Pilot[int]) -> None:
        await reach(pilot, scene, state)
        await steady(pilot)

    assert snap_compare(scene.app, terminal_size=size, run_before=run_before)
