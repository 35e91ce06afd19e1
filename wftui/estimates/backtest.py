"""How good estimates are: what would have been said of finished runs, as they were, against what came. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.estimates.estimate import estimate
from wftui.estimates.past import earlier, history_of, is_alike
from wftui.estimates.quantiles import quantile
from wftui.present.past import state_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.estimates.estimate import Estimate
    from wftui.model.history import PastRun
    from wftui.model.workflow import WorkflowDetail

MOMENTS = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Said:
    """What would have been said of a run at a moment.

    Attributes:
        id: The run.
        part: At that part of its time, from 0 to 1.
        took: How long it took, in seconds.
        ended_at: When it ended in truth.
        estimate: What would have been said.
    """

    id: str
    part: float
    took: float
    ended_at: float
    estimate: Estimate

    @property
    def held(self) -> bool:
        """Whether the range held; one that is open to above holds what ends later."""
        one = self.estimate
        if one.earliest is None:
            return False
        return one.earliest <= self.ended_at and (one.latest is None or self.ended_at <= one.latest)


@dataclass(frozen=True, slots=True)
class Score:
    """How good it was at one part of the time of runs.

    Attributes:
        part: From 0 to 1; None for all parts taken together.
        said: How often something was said.
        unknown: How often nothing could be said.
        held: How often the range held, of those that were closed.
        beyond: How often the range had no upper end, because it took longer than ever.
        width: Half of the closed ranges were no wider: as a part of what the run took; None without any.
        off: Half of the likely ends were no further from the truth, as a part of what the run took.
    """

    part: float | None
    said: int
    unknown: int
    held: int
    beyond: int
    width: float | None
    off: float | None


def backtest(group: Sequence[tuple[WorkflowDetail, PastRun]], most: int = 30) -> list[Said]:
    """What would have been said of each run, by those that had ended by then.

    Args:
        group: Runs of one workflow, in order of their starts.
        most: By so many of the newest at most.
    """
    told: list[Said] = []
    runs = [run for _, run in group]
    for detail, run in group:
        start = run.ended_at - run.took
        for part in MOMENTS:
            moment = start + part * run.took
            then = state_at(detail, moment)
            before = [one for one in earlier(runs, moment) if is_alike(then, one)]
            before.sort(key=lambda one: -one.ended_at)
            told.append(
                Said(run.key.id, part, run.took, run.ended_at, estimate(then, history_of(before[:most]), moment))
            )
    return told


def scores(told: Sequence[Said]) -> list[Score]:
    """For each part of the time, then for all."""
    parts = [_score(part, [said for said in told if said.part == part]) for part in MOMENTS]
    return [*parts, _score(None, told)]


def _score(part: float | None, told: Iterable[Said]) -> Score:
    told = list(told)
    said = [one for one in told if one.estimate.likely is not None]
    closed = [one for one in said if one.estimate.latest is not None]
    widths = sorted(
        (one.estimate.latest - one.estimate.earliest) / one.took
        for one in closed
        if one.took > 0 and one.estimate.latest is not None and one.estimate.earliest is not None
    )
    off = sorted(
        abs(one.estimate.likely - one.ended_at) / one.took
        for one in said
        if one.took > 0 and one.estimate.likely is not None
    )
    return Score(
        part,
        len(said),
        len(told) - len(said),
        sum(one.held for one in closed),
        len(said) - len(closed),
        quantile(widths, 0.5) if widths else None,
        quantile(off, 0.5) if off else None,
    )
