"""The contract of `wftui.sources.base.Source`, as a suite that runs over every source.

A source's test module subclasses `SourceContract` and gives a fixture `source`: an opened source that holds at least
one workflow with tasks, and that nothing else changes while a test runs.
"""

from __future__ import annotations

import dataclasses
import pickle
from typing import TYPE_CHECKING

import pytest

from wftui.errors import NotFoundError
from wftui.model.action import ActionKind
from wftui.model.change import Removed
from wftui.model.status import Status, StatusSource
from wftui.model.task import TaskKind

if TYPE_CHECKING:
    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.base import Source

ABSENT = "no such workflow, whatever the engine"


def listed(source: Source, limit: int = 1000) -> list[WorkflowSummary]:
    """Every row, page by page."""
    rows: list[WorkflowSummary] = []
    cursor = None
    while True:
        page = source.page(cursor, limit)
        assert len(page.workflows) <= limit
        rows += page.workflows
        if page.next is None:
            return rows
        cursor = page.next


def told(source: Source) -> dict[str, tuple[type[Change], Status | None]]:
    """What a look finds, by workflow: the kind of change, and the status unless it is gone."""
    changes = source.changes().changes
    return {c.key.id: (type(c), None if isinstance(c, Removed) else c.summary.status) for c in changes}


class SourceContract:
    """Runs over one source."""

    def test_every_key_names_the_target_and_the_engine(self, source: Source) -> None:
        rows = listed(source)
        assert rows
        assert {row.key.target for row in rows} == {source.info.target}
        assert {row.key.engine for row in rows} == {source.info.engine}
        assert len({row.key for row in rows}) == len(rows)

    def test_pages_hold_the_same_as_one_listing(self, source: Source) -> None:
        whole = {row.key for row in listed(source)}
        paged = listed(source, limit=2)
        assert len(paged) == len(whole)
        assert {row.key for row in paged} == whole

    def test_a_page_counts_all(self, source: Source) -> None:
        page = source.page(None, 1)
        assert page.total is None or not page.exact or page.total == len(listed(source))

    def test_nothing_changed_means_no_changes(self, source: Source) -> None:
        listed(source)
        source.changes()
        again = source.changes()
        assert again.changes == ()
        assert not again.relist

    def test_summaries_are_complete_and_in_order(self, source: Source) -> None:
        ids = [row.key.id for row in listed(source)]
        rows = source.summaries([*reversed(ids), ABSENT])
        assert [row.key.id for row in rows] == list(reversed(ids))
        assert all(row.complete for row in rows)
        assert source.summaries([]) == ()

    def test_detail_agrees_with_its_row(self, source: Source) -> None:
        for row in source.summaries([row.key.id for row in listed(source)]):
            detail = source.detail(row.key.id)
            assert detail.summary.key == row.key
            assert detail.summary.status is row.status
            assert detail.summary.recorded_status == row.recorded_status
            assert detail.summary.started_at == row.started_at
            assert detail.summary.ended_at == row.ended_at
            assert detail.summary.user_metadata == row.user_metadata
            assert detail.summary.error == row.error

    def test_tasks_are_unique_and_refer_to_each_other(self, source: Source) -> None:
        seen = 0
        for row in listed(source):
            tasks = source.detail(row.key.id).tasks
            seen += len(tasks)
            ids = {task.id for task in tasks}
            assert len(ids) == len(tasks)
            for task in tasks:
                assert isinstance(task.kind, TaskKind)
                assert isinstance(task.status, Status)
                assert task.parent is None or task.parent in ids
                assert len(set(task.upstream)) == len(task.upstream)
        assert seen > 0

    def test_an_unknown_id_is_not_found(self, source: Source) -> None:
        with pytest.raises(NotFoundError):
            source.detail(ABSENT)

    def test_what_it_gives_is_frozen_and_can_cross_processes(self, source: Source) -> None:
        row = listed(source)[0]
        with pytest.raises(dataclasses.FrozenInstanceError):
            row.status = Status.UNKNOWN  # type: ignore[misc]
        assert isinstance(row.status_source, StatusSource)
        assert pickle.loads(pickle.dumps(row.key)) == row.key

    def test_plans_of_an_unknown_workflow_are_refused(self, source: Source) -> None:
        actions = source.actions
        for kind in actions.kinds if actions else ():
            assert isinstance(kind, ActionKind)
            plan = actions.plan(kind, ABSENT) if actions else None
            assert plan is not None
            assert not plan.allowed
            assert plan.status is None
            assert plan.why

    def test_acting_on_an_unknown_workflow_does_nothing(self, source: Source) -> None:
        before = {row.key for row in listed(source)}
        actions = source.actions
        for kind in actions.kinds if actions else ():
            outcome = actions.act(kind, ABSENT) if actions else None
            assert outcome is not None
            assert not outcome.done
            assert outcome.not_found
        assert {row.key for row in listed(source)} == before

    def test_closing_twice_is_allowed(self, source: Source) -> None:
        source.close()
        source.close()
