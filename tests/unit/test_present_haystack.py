"""Many rows searched as one text are the rows that the tests of the filter accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.making import summary
from wftui.model.change import Added
from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.present import haystack
from wftui.present.filters import parse
from wftui.present.rows import FEW, RowModel

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary


def _rows(*, plain: bool) -> list[WorkflowSummary]:
    rows = [
        summary(f"run.{number:04}", user_metadata={"team": "abc"[number % 3], "n": number}) for number in range(FEW)
    ]
    if not plain:
        rows[::10] = [
            summary(
                f"Straße.{number}\0x",
                Status.FAILED,
                name="Nightly" if number % 3 else None,
                error=ErrorInfo("ValueError", f"bad row {number}\0end"),
                note="armed" if number % 2 else "",
            )
            for number in range(len(rows[::10]))
        ]
    return rows


@pytest.mark.parametrize("plain", [True, False], ids=["ids alone", "all kinds of texts"])
@pytest.mark.parametrize("many", [1, 10**9], ids=["hit by hit", "row by row"])
@pytest.mark.parametrize(
    "text",
    ["run", "RUN.00", "strasse", "nightly", "row 7", "armed", "end", "x", "nowhere", "-run", "!run.01", "-nowhere",
     '"run"', "run -01", "run status:succ", "team=a", "TEAM=A", "n=7", "n=7*", "run team=b", "x\0y", "-", "id:07"],
)  # fmt: skip
def test_what_is_found_is_what_is_accepted(text: str, many: int, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haystack, "_MANY", many)
    model = RowModel()
    model.apply([Added(row) for row in _rows(plain=plain)])
    wanted = parse(text)
    everything = model.rows()
    model.filter_by(wanted)
    accepts = wanted.accepts
    assert model.rows() == tuple(row for row in everything if accepts is None or accepts(row))
