"""Cancel, resume and emit on an Absurd database. A source that is opened read-only never imports this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wftui.errors import RefusedError
from wftui.model.action import NOTHING, ActionKind, ActionOutcome, ActionPlan
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import deeds, rights
from wftui.sources.absurd.guards import ALLOWED, NOT_FOUND, awaited, make_plan, why_not
from wftui.sources.absurd.subject import read_status, read_subject
from wftui.sources.absurd.summaries import ENGINE
from wftui.sources.absurd.writing import Writer

if TYPE_CHECKING:
    from psycopg import Connection

    from wftui.model.action import Given
    from wftui.sources.absurd.catalog import Catalog, Queue
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.session import Row
    from wftui.sources.absurd.subject import Subject


class _Database(Protocol):
    """What the actions need of the source."""

    @property
    def link(self) -> Link: ...

    @property
    def catalog(self) -> Catalog: ...


class AbsurdActions:
    """The writing side of a database.

    Args:
        url: The target, credentials included.
        target: As in every key.
        database: Reads.
    """

    def __init__(self, url: str, target: str, database: _Database) -> None:
        self._target = target
        self._database = database
        self._writer = Writer(url)

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """Cancel, resume and emit."""
        return frozenset(ALLOWED)

    def plan(self, kind: ActionKind, workflow_id: str, given: Given = NOTHING) -> ActionPlan:
        """Read afresh, and tell what the action would do. Writes nothing."""
        link, catalog = self._database.link, self._database.catalog
        subject = self._read(kind, workflow_id)
        if subject is None:
            return ActionPlan(self._key(workflow_id), kind, False, None, NOT_FOUND)
        why = why_not(kind, subject, given) or rights.why_not_permitted(link, catalog, kind, subject)
        notes: tuple[str, ...] = ()
        if not why and kind is ActionKind.EMIT and given.event and subject.queue is not None:
            why = rights.why_emitted(link, subject.queue, given.event)
            notes = (_waking(rights.waiting(link, subject.queue, given.event), subject, given),)
        return make_plan(kind, subject, given, why, notes)

    def act(
        self,
        kind: ActionKind,
        workflow_id: str,
        *,
        arm: bool = False,  # noqa: ARG002 - what is queued can be cancelled at once
        given: Given = NOTHING,
    ) -> ActionOutcome:
        """Re-read the state, refuse or do it in one transaction, and read the outcome back."""
        subject = self._read(kind, workflow_id)
        if subject is None:
            return ActionOutcome(self._key(workflow_id), kind, False, None, None, NOT_FOUND, not_found=True)
        before = subject.status
        why = why_not(kind, subject, given)
        if not why and kind is ActionKind.EMIT and not given.event:
            why = f"no event is named: it waits for {', '.join(map(repr, awaited(subject)))}"
        if why:
            return ActionOutcome(subject.key, kind, False, before, before, why)
        done, why = True, ""
        try:
            why = self._writer.run(lambda connection: self._do(connection, kind, subject, given))
        except RefusedError as refused:
            done, why = False, str(refused)
        after = read_status(self._database.link, self._database.catalog, subject)
        if not done and after is not before:
            why = f"{why} (it is {after.value} now)" if after is not None else "it is gone"
        return ActionOutcome(subject.key, kind, done, before, after, why)

    def disarm(self, workflow_id: str) -> bool:  # noqa: ARG002 - as above
        """Nothing is ever armed."""
        return False

    # -- inside ----------------------------------------------------------------------------------------------

    def _read(self, kind: ActionKind, workflow_id: str) -> Subject | None:
        return read_subject(self._database.link, self._database.catalog, kind, workflow_id, self._target)

    def _key(self, workflow_id: str) -> WorkflowKey:
        return WorkflowKey(self._target, ENGINE, None, workflow_id)

    def _do(self, connection: Connection[Row], kind: ActionKind, subject: Subject, given: Given) -> str:
        """Do it. Returns a remark."""
        queue = subject.queue
        assert queue is not None  # noqa: S101 - refused before
        table = self._database.catalog.runs
        if kind is ActionKind.EMIT:
            woken, own = deeds.emit(connection, subject, given)
            return _woke(woken, own)
        if subject.run is None or table is None:
            return self._do_task(connection, kind, queue, subject.key.id, given)
        if kind is ActionKind.CANCEL:
            count = deeds.cancel_run(connection, subject, table)
            return f"{_tasks(count)} cancelled"
        count = deeds.retry_run(connection, subject, table, given)
        return f"{_tasks(count)} spawned anew" if given.as_new else f"{_tasks(count)} queued again"

    def _do_task(self, connection: Connection[Row], kind: ActionKind, queue: Queue, task_id: str, given: Given) -> str:
        if kind is ActionKind.CANCEL:
            deeds.cancel_task(connection, queue, task_id)
            return ""
        queued = deeds.retry_task(connection, queue, task_id, given)
        return f"spawned as {queued['task_id']}" if given.as_new else f"attempt {queued['attempt']} is queued"


def _waking(count: int | None, subject: Subject, given: Given) -> str:
    own = sum(given.event in task.events for task in subject.touched)
    if count is None or count <= own:
        return "who waits for it later gets it at once" if not own else "nobody else waits for it"
    return f"it wakes {_tasks(count - own)} of other workflows, too"


def _woke(woken: int, own: int) -> str:
    others = woken - own
    if not woken:
        return "nobody waits for it yet"
    return f"{_tasks(woken)} woken" + (f", {others:,} of other workflows" if others else "")


def _tasks(count: int) -> str:
    return f"{count:,} task{'' if count == 1 else 's'}"
