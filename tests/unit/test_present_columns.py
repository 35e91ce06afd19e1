"""Columns of the list, their widths, and what stands in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.making import START, summary
from wftui.model.status import Status, StatusSource
from wftui.model.task import ErrorInfo
from wftui.model.workflow import Progress
from wftui.present.columns import GAP, Column, Placed, fit
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.panes import Panes, panes_for
from wftui.present.workflow_cells import Choice, cell, columns_for, duration_text, ticks

FULL = Choice(("owner", "team"), several_sources=True, names=True, longest_id=30)


def text(column: str, width: int = 40, **fields: Any) -> str:
    row = summary(fields.pop("id", "w"), fields.pop("status", Status.FAILED), **fields)
    named = {c.id: c for c in columns_for(Choice(("owner",), longest_id=20))}
    spans = cell(Placed(named[column], width), row, START + 100, UNICODE)
    return "".join(span.text for span in spans)


@pytest.mark.parametrize("width", range(200))
@pytest.mark.parametrize("choice", [Choice(), FULL])
def test_columns_never_take_more_than_there_is(width: int, choice: Choice) -> None:
    placed = fit(columns_for(choice), width)
    taken = sum(place.width for place in placed) + GAP * (len(placed) - 1)
    assert taken <= max(width, 12 + GAP + 1)
    assert [place.column.id for place in placed][:2] == ["status", "id"]


@pytest.mark.parametrize(("width", "expected"), [(77, {"status", "id", "progress", "duration", "error"})])
def test_what_matters_less_goes_first(width: int, expected: set[str]) -> None:
    assert {place.column.id for place in fit(columns_for(Choice(longest_id=25)), width)} == expected


def test_all_columns_are_there_when_there_is_room() -> None:
    placed = fit(columns_for(FULL), 220)
    assert [place.column.id for place in placed] == [column.id for column in columns_for(FULL)]
    assert sum(place.width for place in placed) + GAP * (len(placed) - 1) == 220


def test_a_status_is_glyph_and_word() -> None:
    assert text("status") == "✘ FAILED"
    row = summary("w", Status.FAILED)
    placed = Placed(Column("status", "STATUS", 12, 12, 0), 12)
    assert "".join(span.text for span in cell(placed, row, START, ASCII)) == "X FAILED"


def test_foreign_text_is_harmless() -> None:
    assert text("id", id="a\x1b[31mb\nc") == "a␛[31mb␊c"
    assert text("meta:owner", user_metadata={"owner": "x\x1b]0;t\x07"}) == "x␛]0;t␇"
    assert "\x1b" not in text("error", error=ErrorInfo("E\x1b", "m\x1b[2J"))
    assert text("id", id="") == "(empty id)"


def test_an_error_is_its_class_and_first_line() -> None:
    assert text("error", error=ErrorInfo("shop.NoStock", "none left\nat all")) == "NoStock: none left"
    assert text("error", error=ErrorInfo(None, "unreadable")) == "unreadable"
    assert text("error", error=ErrorInfo("KeyError", "")) == "KeyError"
    wrapped = ErrorInfo("ray.exceptions.RayTaskError(shop.NoStock)", "none left")
    assert text("error", 60, error=wrapped) == "RayTaskError(NoStock): none left"


@pytest.mark.parametrize(
    ("done", "total", "width", "expected"),
    [
        (0, 9, 14, "▱▱▱▱▱▱▱▱ 0/9"),
        (1, 900, 16, "▰▱▱▱▱▱▱▱ 1/900"),
        (8, 9, 14, "▰▰▰▰▰▰▰▱ 8/9"),
        (9, 9, 14, "▰▰▰▰▰▰▰▰ 9/9"),
        (812, 1000, 9, "812/1000"),
    ],
)
def test_a_bar_is_full_only_when_all_is_done(done: int, total: int, width: int, expected: str) -> None:
    assert text("progress", width, progress=Progress(done, total)) == expected


def test_what_succeeded_is_done_even_where_nobody_counted() -> None:
    assert text("progress", 14, status=Status.SUCCESSFUL).strip() == UNICODE.bar_full * 8
    assert text("progress", 14, status=Status.SUCCESSFUL, complete=False).strip() == ""
    assert text("progress", 14, status=Status.CANCELED).strip() == ""


def test_a_bare_directory_counts_nothing_that_nobody_knows() -> None:
    stored = replace(summary("w", Status.RUNNING, last_write=START + 50), status_source=StatusSource.STORAGE)
    assert not ticks(stored)
    assert duration_text(stored, START + 9999) == ">50s"
    live = replace(stored, status_source=StatusSource.CLUSTER)
    assert ticks(live)
    assert duration_text(live, START + 7.9) == "7s"
    assert duration_text(live, START + 63) == "1m03"
    assert duration_text(live, START - 5) == "0s"


def test_the_provenance_of_a_recorded_status_is_said() -> None:
    row = replace(summary("w", Status.RUNNING, last_write=START + 50), status_source=StatusSource.STORAGE)
    placed = Placed(Column("error", "ERROR", 40, 40, 0), 40)
    assert "as recorded, last write" in "".join(s.text for s in cell(placed, row, START + 60, UNICODE))


@pytest.mark.parametrize(
    ("width", "height", "panes"),
    [(20, 5, Panes.ONE), (80, 24, Panes.ONE), (120, 36, Panes.STACKED), (120, 20, Panes.ONE), (200, 60, Panes.BESIDE)],
)
def test_panes(width: int, height: int, panes: Panes) -> None:
    assert panes_for(width, height) is panes
