"""The rows of one source, and the changes between two looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.unit.making import summary
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.monitor.rows import Rows

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary


def bare(workflow_id: str, status: Status = Status.SUCCESSFUL) -> WorkflowSummary:
    return replace(summary(workflow_id, status), complete=False, started_at=None)


def test_a_first_listing_adds() -> None:
    rows = Rows()
    rows.start_listing()
    assert rows.list_page([bare("a"), bare("b")]) == [Added(bare("a")), Added(bare("b"))]
    assert rows.end_listing() == []
    assert rows.incomplete == 2


def test_a_second_listing_keeps_the_times_and_drops_what_is_gone() -> None:
    rows = Rows()
    rows.start_listing()
    rows.list_page([bare("a"), bare("b"), bare("c")])
    rows.end_listing()
    rows.apply([Updated(summary("a")), Updated(summary("b"))])
    rows.start_listing()
    assert rows.list_page([bare("a"), bare("b", Status.FAILED)]) == [Updated(bare("b", Status.FAILED))]
    assert rows.end_listing() == [Removed(summary("c").key)]
    kept = rows.get("a")
    assert kept is not None
    assert kept.complete


def test_what_changes_nothing_is_not_told() -> None:
    rows = Rows()
    rows.apply([Added(summary("a"))])
    assert rows.apply([Updated(summary("a"))]) == []
    assert rows.apply([Removed(summary("z").key)]) == []


def test_one_batch_holds_a_key_once_and_new_stays_added() -> None:
    rows = Rows()
    changes = rows.apply([Added(summary("a")), Updated(summary("a", Status.FAILED))])
    assert changes == [Added(summary("a", Status.FAILED))]


def test_visible_rows_are_filled_in_first() -> None:
    rows = Rows()
    rows.start_listing()
    rows.list_page([bare(name) for name in "abcdef"])
    assert rows.next_incomplete(["f", "d", "not there"], 4) == ["f", "d", "a", "b"]
    rows.apply([Updated(summary("f"))])
    assert rows.next_incomplete(["f", "d"], 2) == ["d", "a"]
