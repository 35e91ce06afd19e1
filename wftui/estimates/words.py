"""Estimates as people read them, and as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.estimates.estimate import OF_TEN
from wftui.estimates.past import RAY
from wftui.present.format import clock_time, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.estimates.backtest import Score
    from wftui.estimates.estimate import Estimate
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.slow import Slow


def progress_words(one: Estimate, detail: WorkflowDetail) -> str:
    """How far it is: "12 of 20 known tasks done; continuations can add some"."""
    more = ""
    if one.can_grow and not detail.summary.status.is_terminal:
        more = "; continuations can add some" if detail.summary.key.engine == RAY else "; it can spawn more"
    return f"{one.done:,} of {one.known:,} known tasks done{more}"


def left_words(one: Estimate, now: float) -> str:
    """How long it takes yet: "about 3m10 left (2m40 to 4m30)"; "" where nobody knows."""
    if one.likely is None or one.earliest is None:
        return ""
    if one.latest is None:
        return f"takes longer than any of {runs_words(one.runs)}"
    if one.latest < now:
        return "later than expected"
    low, high = _span(one.earliest - now), _span(one.latest - now)
    return f"about {_span(one.likely - now)} left" + (f" ({low} to {high})" if low != high else "")


def estimate_words(one: Estimate, now: float) -> str:
    """All of it in a line."""
    if one.likely is None or one.earliest is None:
        return f"unknown when it will be done: {one.why}"
    if one.latest is None:
        return f"unknown when it will be done: it takes longer than any of {runs_words(one.runs)} did"
    ends = f"done at {clock_time(one.likely, now)}"
    from_to = f"{clock_time(one.earliest, now)} to {clock_time(one.latest, now)}"
    return f"{left_words(one, now)}, {ends} ({from_to}), told by {runs_words(one.runs)}; {OF_TEN} of 10 end within"


def runs_words(runs: int) -> str:
    """As "14 earlier runs"."""
    return "1 earlier run" if runs == 1 else f"{runs:,} earlier runs"


def _span(seconds: float) -> str:
    return duration(max(0.0, seconds)) if seconds >= 1 else "a second"


def estimate_json(detail: WorkflowDetail, one: Estimate, slow: Sequence[Slow], now: float) -> dict[str, object]:
    """The object of `wftui eta --json`: times in Unix seconds, durations in seconds, null is unknown."""
    left = [None if end is None else max(0.0, end - now) for end in (one.earliest, one.likely, one.latest)]
    return {
        "id": detail.summary.key.id,
        "target": detail.summary.key.target,
        "status": detail.summary.status.value,
        "at": now,
        "done": one.done,
        "known": one.known,
        "can_grow": one.can_grow,
        "runs": one.runs,
        "earliest": one.earliest,
        "likely": one.likely,
        "latest": one.latest,
        "left": {"least": left[0], "likely": left[1], "most": left[2]},
        "why": one.why or None,
        "slow": [
            {
                "id": task.task_id,
                "name": task.name,
                "running": task.since,
                "median": task.usual.median,
                "p95": task.usual.most,
                "runs": task.usual.runs,
            }
            for task in slow
        ],
    }


def score_json(score: Score) -> dict[str, object]:
    """One line of `wftui eta --backtest --json`."""
    return {
        "part": score.part,
        "said": score.said,
        "unknown": score.unknown,
        "closed": score.said - score.beyond,
        "held": score.held,
        "beyond": score.beyond,
        "width": score.width,
        "off": score.off,
    }
