"""The list at 100,000 rows beside what cannot be done without: one part of `bench_storage`.

`python -m tests.benchmarks.bench_list scroll|order`; prints a line of JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import cpu, ratio
from wftui.app import WftuiApp
from wftui.model.change import Added
from wftui.model.status import Status, StatusSource
from wftui.model.task import ErrorInfo
from wftui.model.workflow import WorkflowKey, WorkflowSummary
from wftui.present.filters import parse
from wftui.present.order import Sort
from wftui.present.rows import RowModel
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from collections.abc import Callable

MANY, FEW = 100_000, 100
_PAGES = 30
_TIMES = 5


def rows(count: int) -> list[WorkflowSummary]:
    """Complete rows."""
    statuses = [Status.SUCCESSFUL] * 8 + [Status.FAILED, Status.CANCELED]
    return [
        WorkflowSummary(
            key=WorkflowKey("here", "ray", None, f"pipeline.{number * 7919 % count:06}"),
            status=statuses[number % 10],
            status_source=StatusSource.STORAGE,
            recorded_status=statuses[number % 10].value,
            started_at=1.7e9 + number * 7919 % count,
            ended_at=1.7e9 + number + 30,
            error=ErrorInfo("ValueError", "bad row") if number % 10 == 8 else None,
            user_metadata={"team": "abc"[number % 3], "run": number},
            complete=True,
        )
        for number in range(count)
    ]


async def _page_seconds(count: int) -> float:
    """The median time of a page of the list, from the key to the painted screen."""
    app = WftuiApp([FakeSource("here", [], clock=FakeClock())])
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.main.table.apply([Added(row) for row in rows(count)])
        app.main.table.focus()
        await pilot.pause(2.0)
        times = []
        for turn in range(_PAGES):
            # Up and down, so that a short list scrolls as often as a long one.
            begun = time.process_time()
            await pilot.press("pagedown" if turn % 2 == 0 else "pageup")
            await pilot.pause()
            times.append(time.process_time() - begun)
    return statistics.median(times)


def scroll() -> dict[str, float]:
    """A page at many rows / at few."""
    pairs = [asyncio.run(_page_seconds(MANY)) / asyncio.run(_page_seconds(FEW)) for _ in range(3)]
    return {"scroll": statistics.median(pairs)}


def order() -> dict[str, float]:
    """Sorting and filtering beside plain loops over the same keys and strings."""
    all_rows = rows(MANY)
    model = RowModel()
    model.apply([Added(row) for row in all_rows])
    started = [(row.started_at, row.key.id) for row in all_rows]
    texts = [row.key.id for row in all_rows]
    turn = 0

    def sort() -> None:
        nonlocal turn
        turn += 1
        model.sort_by(Sort("started", descending=bool(turn % 2)))

    def loop(needle: str) -> Callable[[], object]:
        return lambda: [text for text in texts if needle in text.casefold()]

    def key(text: str) -> Callable[[], object]:
        return lambda: model.filter_by(parse(text))

    found = {"sort": ratio(sort, lambda: sorted(started))}
    openings = []
    for _ in range(_TIMES):
        sort()  # whatever was joined for the filter is out of order now
        openings.append(cpu(model.expect_filter) / cpu(loop("e")))
    found["filter line opens"] = statistics.median(openings)
    found["first key, all found"] = ratio(key("e"), loop("e"))
    found["more keys"] = ratio(key("line.0123"), loop("line.0123"))
    return found


if __name__ == "__main__":
    gc.set_threshold(100_000, 20, 100)  # as the command line sets it
    print(json.dumps(scroll() if sys.argv[1] == "scroll" else order()))
