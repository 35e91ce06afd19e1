"""How often the ranges of estimates hold on simulated runs, and what an estimate costs.

`python -m tests.benchmarks.bench_estimates`
"""

from __future__ import annotations

import time

from tests.unit.making import START, detail, task
from tests.unit.test_estimates import learnt, simulated
from wftui.estimates.backtest import backtest, scores
from wftui.estimates.estimate import estimate
from wftui.estimates.past import history_of, past_run
from wftui.estimates.reader import RUNS, groups
from wftui.model.status import Status
from wftui.present.past import state_at
from wftui.present.timing import timings_of

SEEDS, COUNT = 5, 60


def main() -> None:
    """Print a line for each figure."""
    for inner in (False, True):
        kind = "with a continuation" if inner else "plain"
        for seed in range(SEEDS):
            made = simulated(COUNT, seed, inner=inner)
            (group,) = groups([(one, learnt(one)) for one in made])
            *parts, overall = scores(backtest(group))
            closed = overall.said - overall.beyond
            widths = ", ".join(f"{score.part:.0%}: {score.width:.0%}" for score in parts if score.width is not None)
            print(f"{kind}, seed {seed}: held {overall.held / closed:.0%} of {closed}; open {overall.beyond}; {widths}")
    for size in (100, 1_000, 10_000):
        _cost(size)


def _cost(size: int) -> None:
    tasks = [
        task(f"t{at}", Status.SUCCESSFUL, [f"t{at // 2}"] if at else [], started_at=START + at, ended_at=START + at + 5)
        for at in range(size)
    ]
    done = detail("w", Status.SUCCESSFUL, tasks, started_at=START, ended_at=START + size + 9)
    run = past_run(done)
    assert run is not None
    then = state_at(done, START + size / 2)
    history = history_of([run] * RUNS)
    began = time.perf_counter()
    estimate(then, history, START + size / 2)
    took = time.perf_counter() - began
    began = time.perf_counter()
    timings_of(then, START + size / 2)
    base = time.perf_counter() - began
    print(f"an estimate of {size:,} tasks by {RUNS} runs / working out where their time went: {took / base:.1f}")


if __name__ == "__main__":
    main()
