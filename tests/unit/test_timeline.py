"""From tasks to bars in cells."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.commanding import Commands
from tests.unit.making import START, detail, task
from tests.unit.workflow_making import ERROR, FAILED, OK, RUNNING, damaged, ran
from wftui.cli.drawing import pen_for
from wftui.dag.cells import width_of
from wftui.model.status import Status
from wftui.model.task import Attempt, TaskKind
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.past import state_at
from wftui.present.timing import Extent
from wftui.timeline.axis import axis, since_label
from wftui.timeline.bars import Gap, Phase
from wftui.timeline.lines import Lines
from wftui.timeline.rows import Order, Timeline, timeline_of
from wftui.timeline.scale import Scale, Stretching, Window, nice_step, roomy

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.columns import Span

PEN = pen_for(UNICODE)


def text(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans)


def drawn(timeline: Timeline, width: int, *, ascii_only: bool = False) -> list[str]:
    lines = Lines(timeline, ASCII if ascii_only else UNICODE, width)
    return [text(lines.row(row)) for row in timeline.rows]


def bars(timeline: Timeline, width: int = 80, *, ascii_only: bool = False) -> list[str]:
    lines = Lines(timeline, ASCII if ascii_only else UNICODE, width)
    return [text(lines.body(row)).rstrip() for row in timeline.rows]


def test_waiting_running_and_tries_are_apart() -> None:
    attempts = (Attempt(1, FAILED, START + 20, START + 30, ERROR), Attempt(2, OK, START + 40, START + 60))
    workflow = detail(
        "w",
        OK,
        [
            task("load", started_at=START, ended_at=START + 10),
            task("pay", upstream=["load"], started_at=START + 40, ended_at=START + 60, attempts=attempts),
        ],
        ended_at=START + 60,
    )
    timeline = timeline_of(workflow, START + 60, PEN)
    lines = Lines(timeline, UNICODE, 60 + Lines(timeline, UNICODE, 80).columns.left)
    assert [text(lines.body(row)).rstrip() for row in timeline.rows] == [
        "█" * 10,
        " " * 10 + "·" * 10 + "▒" * 10 + "·" * 10 + "█" * 20,
    ]
    plain = Lines(timeline, ASCII, lines.width)
    assert [text(plain.body(row)).rstrip() for row in timeline.rows] == [
        "#" * 10,
        " " * 10 + "." * 10 + "x" * 10 + "." * 10 + "#" * 20,
    ]
    assert "x earlier attempt" in text(plain.legend())
    assert text(lines.at_once()).endswith("█" * 10 + " " * 10 + "█" * 10 + " " * 10 + "█" * 20)


def test_of_an_attempt_that_left_an_error_only_nobody_knows_when_it_began() -> None:
    pay = task("pay", upstream=["load"], started_at=START + 40, ended_at=START + 60, failed_at=START + 30)
    load = task("load", started_at=START, ended_at=START + 10)
    timeline = timeline_of(detail("w", OK, [load, pay], ended_at=START + 60), START + 60, PEN)
    lines = Lines(timeline, UNICODE, 60 + Lines(timeline, UNICODE, 80).columns.left)
    assert text(lines.body(timeline.rows[1])).rstrip() == " " * 10 + "░" * 20 + "·" * 10 + "█" * 20
    assert "░░ waiting or earlier attempts" in text(lines.legend())
    between = state_at(timeline.detail, START + 35)
    timeline = timeline_of(between, START + 35, PEN)
    assert [(bar.phase, bar.end - bar.start) for bar in timeline.bars(timeline.rows[1])] == [
        (Phase.BEFORE, 20),
        (Phase.QUEUED, 5),
    ]


def test_bars_are_as_exact_as_eighths_of_a_cell() -> None:
    workflow = detail(
        "w",
        OK,
        [task("a", started_at=START, ended_at=START + 4.5), task("b", started_at=START + 4.5, ended_at=START + 16)],
        ended_at=START + 16,
    )
    timeline = timeline_of(workflow, START + 16, PEN)
    lines = next(made for width in range(99) if (made := Lines(timeline, UNICODE, width)).columns.bars == 16)
    assert [text(lines.body(row)).rstrip() for row in timeline.rows] == ["████▌", "····▐███████████"]


def test_what_runs_has_an_open_end_that_moves() -> None:
    workflow = detail("w", RUNNING, [task("a", RUNNING, started_at=START)], ended_at=None)
    timeline = timeline_of(workflow, START + 30, PEN, spare=True)
    lines = Lines(timeline, UNICODE, 80)
    (row,) = timeline.rows
    assert row.goes_on
    now, later = (text(lines.body(row, at)).rstrip() for at in (START + 30, START + 31))
    assert now.endswith("▶")
    assert later.endswith("▶")
    assert len(later) >= len(now)
    assert "31s" in text(lines.head(row, START + 31))


def test_a_long_idle_gap_is_drawn_short_and_told() -> None:
    workflow = detail(
        "w",
        OK,
        [
            task("a", started_at=START, ended_at=START + 60),
            task("b", upstream=["a"], started_at=START + 300_000, ended_at=START + 300_060),
        ],
        ended_at=START + 300_060,
    )
    timeline = timeline_of(workflow, START + 300_060, PEN)
    assert timeline.time is not None
    assert timeline.time.gaps == (Gap(START + 60, START + 300_000),)
    lines = Lines(timeline, UNICODE, 100)
    assert "≈3d11h" in text(lines.axis())
    assert "≈ idle, drawn short" in text(lines.legend())
    first, second = (text(lines.body(row)) for row in timeline.rows)
    assert first.count("█") > 30
    assert second.count("█") > 30
    assert "≈" in first


def test_what_a_continuation_returned_goes_on_behind_it_and_lies_below_it() -> None:
    workflow = detail(
        "w",
        OK,
        [
            task("late", started_at=START + 1, ended_at=START + 2),
            task("outer", kind=TaskKind.CONTINUATION, continuation="inner", started_at=START, ended_at=START + 10),
            task("inner", parent="outer", started_at=START + 10, ended_at=START + 40),
        ],
        ended_at=START + 40,
    )
    timeline = timeline_of(workflow, START + 40, PEN)
    assert [(row.label, row.depth) for row in timeline.rows] == [("outer", 0), ("inner", 1), ("late", 0)]
    assert [bar.phase for bar in timeline.bars(timeline.rows[0])] == [Phase.RUNNING, Phase.INSIDE]
    graph = timeline_of(workflow, START + 40, PEN, order=Order.GRAPH)
    assert [row.label for row in graph.rows] == ["late", "outer", "inner"]


def test_groups_are_those_of_the_graph_and_tell_how_many_ran() -> None:
    tasks = [task(f"part_{at}", started_at=START + at % 7, ended_at=START + 10 + at % 9) for at in range(400)]
    workflow = detail("w", OK, [*tasks, task("join", upstream=[one.id for one in tasks])], ended_at=START + 20)
    timeline = timeline_of(workflow, START + 20, PEN)
    assert [row.label for row in timeline.rows] == ["part ×400", "join"]
    assert timeline.place["part_77"] == 0
    assert "█" in bars(timeline)[0]
    assert "▁▃▅▇ how many at once" in text(Lines(timeline, UNICODE, 100).legend())
    assert len(timeline_of(workflow, START + 20, PEN, grouped=False).rows) == 401


@settings(deadline=None)
@given(
    st.one_of(ran(), damaged()),
    st.integers(1, 130),
    st.booleans(),
    st.one_of(st.floats(START - 100, START + 1000), st.floats(0, 1e12)),
    st.tuples(st.floats(-10, 500), st.floats(-10, 500)),
)
def test_every_line_of_any_record_is_as_wide_as_asked_for(
    workflow: WorkflowDetail, width: int, absolute: bool, now: float, window: tuple[float, float]
) -> None:
    for order, glyphs in product(Order, (UNICODE, ASCII)):
        timeline = timeline_of(workflow, now, pen_for(glyphs), order=order, grouped=False, spare=absolute)
        shown = [item.id for item in timeline.dag.items if item.id in timeline.index.tasks]
        assert sorted(row.item.id for row in timeline.rows) == sorted(shown)
        lines = Lines(timeline, glyphs, width, Window(*window), absolute=absolute)
        for row in timeline.rows:
            found = text(lines.row(row, now + 5))
            assert width_of(found) == max(width, 7), found
            assert glyphs is UNICODE or found.isascii()
        for spans in (lines.axis(), lines.at_once(now + 5)):
            assert not spans or width_of(text(spans)) == max(width, 7)


@given(
    st.floats(0, 1e10),
    st.floats(0, 1e9),
    st.lists(st.floats(0, 1), max_size=8),
    st.integers(1, 300),
    st.lists(st.floats(0, 1), min_size=2, max_size=8),
)
def test_places_rise_with_moments_and_lead_back(
    start: float, length: float, cuts: list[float], width: int, moments: list[float]
) -> None:
    edges = sorted(start + length * cut for cut in cuts)
    gaps = tuple(Gap(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b > a)
    time = Stretching(Extent(start, start + length), gaps)
    scale = Scale(time, time.whole, width)
    found = sorted(start + length * at for at in moments)
    places = [scale.x(at) for at in found]
    assert all(one <= other + 1e-6 for one, other in pairwise(places))
    assert all(-1e-6 <= place <= width + 1e-6 for place in places)
    assert time.extent.start <= scale.moment(width / 2) <= time.extent.end
    assert len(axis(scale, absolute=False, ascii_only=False)) == width


def test_steps_are_round() -> None:
    assert [nice_step(at) for at in (0.0004, 0.7, 1, 3, 11, 31, 61, 4000, 90_000, 9e8)] == [
        0.0005, 1, 1, 5, 15, 60, 120, 7200, 172_800, 20_000 * 86_400
    ]  # fmt: skip
    assert [since_label(at, step) for at, step in ((0, 1), (90, 30), (3600, 60), (14_700, 300), (270_000, 3600))] == [
        "0", "1m30", "1h", "4h05", "3d03h"
    ]  # fmt: skip
    assert since_label(1.25, 0.05) == "1.25s"
    grown = roomy(Stretching(Extent(START, START + 100)))
    assert roomy(Stretching(Extent(START, START + 101))) == grown, "it need not move with every second"
    gap = Gap(START + 10, START + 900_010)
    assert roomy(Stretching(Extent(START, START + 900_100), (gap,))).length == pytest.approx(grown.length)


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def test_the_command(wftui: Commands) -> None:
    workflow = detail(
        "shop",
        OK,
        [
            task("load", started_at=START, ended_at=START + 10),
            task("tra\x1b[31min", upstream=["load"], started_at=START + 10, ended_at=START + 30),
        ],
        ended_at=START + 30,
    )
    wftui.source("fake", [workflow, detail("bare", OK)])
    result = wftui("timeline", "shop", "--width", "60")
    assert result.code == 0
    assert [line.split("█")[0].rstrip() for line in result.lines[:4]] == [
        "          at once ≤ 1",
        "          since start ╷0    ╷5s   ╷10s   ╷15s  ╷20s  ╷25s",
        "✔ ● load          10s",
        "✔ ● tra␛[31min    20s             ▐",
    ]
    assert "most time" in result.out
    then = wftui("timeline", "shop", "--width", "60", "--at", "-25s", "--ascii")
    assert then.code == 0
    assert then.out.isascii()
    assert "as of" in then.out
    assert "> " in then.out
    assert wftui("timeline", "bare").err == "wftui: no times of it are known yet\n"
    assert wftui("timeline", "nobody").code == 4
    for wrong in (["--at", "soon"], ["--order", "chaos"], ["--width", "0"]):
        assert wftui("timeline", "shop", *wrong).code == 2
    for command in (["dag"], ["show"], ["show", "--json"]):
        assert wftui(*command, "shop", "--at", "+5s").code == 0
    assert wftui("show", "shop", "--at", "+5s", "--json").json["tasks"][0]["status"] == Status.RUNNING.value
    assert wftui("show", "shop", "--at", "+5s", "--values").code == 2
