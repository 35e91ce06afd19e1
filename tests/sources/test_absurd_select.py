"""What `ls` finds of many without reading all: the same as if it had read all."""

from __future__ import annotations

import fnmatch
import time
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.absurd_filling import fill
from wftui.cli.listing import Wanted, read_list
from wftui.model.status import Status
from wftui.sources.absurd import selecting
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sources.absurd_server import AbsurdServer
    from wftui.model.workflow import WorkflowSummary

DAY = 86_400.0


@pytest.fixture(scope="module", params=[True, False], ids=["index", "no index"])
def source(request: pytest.FixtureRequest, absurd_server: AbsurdServer) -> Iterator[AbsurdSource]:
    url = absurd_server.database()
    fill(url, "big", 3_000, 500, index=request.param)
    source = AbsurdSource(url, SourceOptions())
    source.open()
    yield source
    source.close()


def _matches(row: WorkflowSummary, glob: str) -> bool:
    return any(fnmatch.fnmatchcase(text or "", glob) for text in (row.key.id, row.name))


@pytest.mark.parametrize(
    ("wanted", "is_wanted"),
    [
        (Wanted(limit=7), lambda _: True),
        (Wanted(limit=400), lambda _: True),
        (Wanted(limit=0), lambda _: True),
        (Wanted(frozenset({Status.SUCCESSFUL}), limit=30), lambda row: row.status is Status.SUCCESSFUL),
        (Wanted(frozenset({Status.PENDING}), limit=10), lambda row: row.status is Status.PENDING),
        (Wanted(frozenset({Status.CANCELED})), lambda row: row.status is Status.CANCELED),
        (Wanted(frozenset({Status.UNKNOWN})), lambda row: row.status is Status.UNKNOWN),
        (
            Wanted(frozenset({Status.RUNNING, Status.WAITING})),
            lambda row: row.status in (Status.RUNNING, Status.WAITING),
        ),
        (Wanted(name="*.ref*"), lambda row: _matches(row, "*.ref*")),
        (Wanted(name="*_%*"), lambda row: _matches(row, "*_%*")),
        (Wanted(name="[eo]*l*", limit=9), lambda row: _matches(row, "[eo]*l*")),
        (Wanted(name="?tl", limit=4), lambda row: _matches(row, "?tl")),
    ],
)
def test_it_is_what_a_whole_list_has(
    source: AbsurdSource, wanted: Wanted, is_wanted: Callable[[WorkflowSummary], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selecting, "SLICE", 700)
    monkeypatch.setattr(selecting, "PAGE", 300)
    whole = read_list([source], Wanted()).rows
    assert len(whole) == 3_000 - 300 + 500
    expected = [row.key.id for row in whole if is_wanted(row)][: wanted.limit]
    assert [row.key.id for row in read_list([source], wanted).rows] == expected


def test_by_age(source: AbsurdSource) -> None:
    since = time.time() - 3 * DAY
    found = {row.key.id for row in read_list([source], Wanted(since=since)).rows}
    whole = read_list([source], Wanted()).rows
    assert found == {row.key.id for row in whole if max(row.started_at or 0, row.status_since or 0) >= since}
    assert 100 < len(found) < 1_000
