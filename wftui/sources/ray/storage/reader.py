"""Reads a Ray Workflows storage through a store: the list, rows, and the whole of a workflow. Writes nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wftui.errors import NotFoundError
from wftui.model.status import Status
from wftui.model.workflow import Problem, WorkflowDetail, WorkflowKey
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.index import Index, IndexReader, read_recorded
from wftui.sources.ray.storage.judge import is_doubtful, judge
from wftui.sources.ray.storage.problems import run_problems, task_problems
from wftui.sources.ray.storage.runs import FILES_OF_A_ROW, RunFiles, make_row, nearby_files, row_ranges, run_files
from wftui.sources.ray.storage.taskfiles import (
    MAX_TASKS,
    TaskRecord,
    last_write,
    names_of,
    read_entry_task,
    read_tasks,
    scan_tasks,
    weigh_outputs,
)
from wftui.sources.ray.storage.tasks import Setting, first_failure, make_tasks, progress_of
from wftui.sources.stores.base import Nearby

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftui.model.task import ErrorInfo
    from wftui.model.values import TaskValues
    from wftui.model.workflow import Progress, WorkflowSummary
    from wftui.sources.stores.base import Store

ENGINE_NAME = "ray"
_SETTLE = 0.04
"""Seconds until a half-written file is read again."""
_BEING_WRITTEN = 2.0
"""Seconds since its last write for which a broken file may just be on its way."""


class _Glance(NamedTuple):
    """What the row of a workflow tells of its tasks."""

    progress: Progress | None
    error: ErrorInfo | None
    touched: float | None
    has_old_error: bool
    is_broken: bool


_OF_WHICH_ATTEMPT = "times are whole seconds here: it may be the error of the attempt before"


class StorageReader:
    """Reads a storage.

    Args:
        store: Where the bytes are; its root is the storage, or its `workflows/` folder.
        target: What the target is called in keys.
        sleep: Waits so many seconds.
        clock: Unix seconds.
        root: The prefix under which the workflows lie, where it is known.
        index: The reader of the index, where there is one already.

    Raises:
        TargetError: From `root` and everything that needs it: this is no storage, or it cannot be read.
    """

    def __init__(
        self,
        store: Store,
        target: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        root: str | None = None,
        index: IndexReader | None = None,
    ) -> None:
        self._store = store
        self._target = target
        self._sleep = sleep
        self._clock = clock
        self._root = root
        self._index = index

    @property
    def root(self) -> str:
        """The prefix under which the workflows lie; found on the first use."""
        if self._root is None:
            self._root = layout.find_root(self._store)
        return self._root

    def reset(self) -> None:
        """Look for the root again, and forget the index."""
        self._root = None
        self._index = None

    @property
    def status_index(self) -> IndexReader:
        """The reader of the index; it remembers what it saw."""
        if self._index is None:
            self._index = IndexReader(self._store, self.root)
        return self._index

    def index(self) -> Index:
        """Ids and status words, as the index has them now."""
        return self.status_index.read()

    def key(self, workflow_id: str) -> WorkflowKey:
        """The key of that workflow."""
        return WorkflowKey(self._target, ENGINE_NAME, None, workflow_id)

    # -- rows ------------------------------------------------------------------------------------------------

    def summaries(self, ids: Sequence[str], words: Mapping[str, str] | None = None) -> tuple[WorkflowSummary, ...]:
        """Complete rows, in the order of the ids; those that are not listed any more are left out.

        Args:
            ids: Which.
            words: Their status words, as far as known from the index; read afresh otherwise.
        """
        return tuple(row for row, _ in self.rows(ids, words))

    def rows(self, ids: Sequence[str], words: Mapping[str, str] | None = None) -> list[tuple[WorkflowSummary, bool]]:
        """As `summaries`, each row with whether one of its files looks half-written."""
        known: dict[str, str] = {}
        for workflow_id in ids:
            word = words.get(workflow_id) if words is not None else None
            if word is None:
                word = self.status_index.lookup(workflow_id)
            if word is not None:
                known[workflow_id] = word
        files = self._read_rows(list(known), known)
        # An entry that is not where it was: the workflow moved on, or is gone.
        moved = {i: self.status_index.lookup(i) for i, f in files.items() if f.since is None}
        known.update({i: word for i, word in moved.items() if word is not None})
        files.update(self._read_rows([i for i, word in moved.items() if word is not None], known))
        gone = {i for i, word in moved.items() if word is None}
        return [self._row(i, known[i], files[i]) for i in ids if i in known and i not in gone]

    def _read_rows(self, ids: Sequence[str], words: Mapping[str, str]) -> dict[str, RunFiles]:
        found = self._read_rows_once(ids, words)
        again = [i for i, files in found.items() if files.is_broken and self._is_recent(files.touched)]
        if again:
            self._sleep(_SETTLE)
            found.update(self._read_rows_once(again, words))
        return found

    def _read_rows_once(
        self, ids: Sequence[str], words: Mapping[str, str], *, in_short: bool = True
    ) -> dict[str, RunFiles]:
        """The files of these workflows; in short without the times of those of what has ended."""
        store, root = self._store, self.root
        found: dict[str, RunFiles] = {}
        if in_short and isinstance(store, Nearby):
            for workflow_id in ids:
                files = nearby_files(store, root, workflow_id, words[workflow_id]) if workflow_id else None
                if files is not None:
                    found[workflow_id] = files
            ids = [workflow_id for workflow_id in ids if workflow_id not in found]
        blobs = store.read([wanted for i in ids for wanted in row_ranges(root, i, words[i])])
        for n, workflow_id in enumerate(ids):
            found[workflow_id] = run_files(blobs[n * FILES_OF_A_ROW : (n + 1) * FILES_OF_A_ROW])
        return found

    def _is_recent(self, mtime: float | None) -> bool:
        return mtime is not None and abs(self._clock() - mtime) < _BEING_WRITTEN

    def _row(self, workflow_id: str, word: str, files: RunFiles) -> tuple[WorkflowSummary, bool]:
        status = layout.status_of(word)
        key = self.key(workflow_id)
        if status is Status.SUCCESSFUL:  # nothing failed it, and nothing moves: no need to look at the tasks
            return make_row(key, word, files, in_short=True), files.is_broken
        glance = self._glance(workflow_id, status, files.since)
        row = make_row(
            key,
            word,
            files,
            progress=glance.progress,
            error=glance.error,
            last_write=glance.touched,
            has_old_error=glance.has_old_error,
            in_short=True,
        )
        return row, files.is_broken or glance.is_broken

    def _glance(self, workflow_id: str, status: Status, since: float | None) -> _Glance:
        """What a row tells of its tasks, without reading those that are done where that can be avoided."""
        folder = layout.join(self.root, workflow_id)
        scan = scan_tasks(self._store, folder, stat=False)
        unclear = scan.unclear
        if unclear is None:
            unclear, entry = list(scan.files), read_entry_task(self._store, folder)[0]
        elif not unclear:
            return _Glance(scan.progress, None, scan.touched, False, False)
        else:
            entry = None
        records = {i: TaskRecord(i, files) for i, files in scan.files.items()}
        records.update(read_tasks(self._store, folder, scan, unclear))
        found = judge(records, entry, status, since)
        return _Glance(
            progress_of(found),
            first_failure(records, found),
            scan.touched,
            bool(found.stale),
            any(record.broken for record in records.values()),
        )

    # -- the whole of one ------------------------------------------------------------------------------------

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow.

        One that the index does not list, because its id holds a slash or is empty, is found by its directory.

        Raises:
            NotFoundError: There is none of that id.
        """
        listed = self.status_index.lookup(workflow_id)
        detail, broken = self._detail(workflow_id, listed)
        # One that moved on or was deleted in between was seen half here, half there.
        if broken or self.status_index.lookup(workflow_id) != listed:
            self._sleep(_SETTLE)
            detail, _ = self._detail(workflow_id, self.status_index.lookup(workflow_id))
        return detail

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back; see `wftui.sources.base.Valued`."""
        from wftui.sources.ray.storage.values import read_values  # not while somebody waits for the first rows

        return read_values(self._store, layout.join(self.root, workflow_id), task_ids)

    def beginning(self, workflow_id: str, most: int) -> WorkflowDetail | None:
        """So many tasks of a workflow that has more; None of one that has not, or that there is not.

        What the others would tell is left out: problems, and the error of the workflow.
        """
        folder = layout.join(self.root, workflow_id)
        listing = self._store.scan([layout.join(folder, layout.TASKS)], stat=False)[0]
        listed = self.status_index.lookup(workflow_id)
        if len(listing.entries) <= most or listed is None:
            return None
        detail, _ = self._detail(workflow_id, listed, most)
        known = len(detail.tasks), detail.truncated[1] if detail.truncated is not None else len(detail.tasks)
        return replace(detail, problems=(), truncated=None, read=known)

    def _detail(self, workflow_id: str, listed: str | None, most: int = MAX_TASKS) -> tuple[WorkflowDetail, bool]:
        folder = layout.join(self.root, workflow_id)
        word, problems = self._word(workflow_id, listed)
        files = self._read_rows_once([workflow_id], {workflow_id: word}, in_short=False)[workflow_id]
        status = layout.status_of(word)
        scan = scan_tasks(self._store, folder, stat=False, most=most)
        weigh_outputs(self._store, folder, scan)
        records = read_tasks(self._store, folder, scan, scan.files)
        entry, entry_problems = (None, []) if scan.missing else read_entry_task(self._store, folder)
        found = judge(records, entry, status, files.since)
        setting = Setting(status, files.since, names_of(self._store, folder, list(records)))
        summary = make_row(
            self.key(workflow_id),
            word,
            files,
            progress=progress_of(found),
            error=first_failure(records, found),
            last_write=last_write(scan),
            has_old_error=bool(found.stale),
        )
        problems += run_problems(folder, files) + entry_problems + scan.problems
        problems += task_problems(folder, records, entry)
        problems += [
            Problem(layout.join(folder, layout.TASKS, record.id, layout.EXCEPTION), _OF_WHICH_ATTEMPT)
            for record in records.values()
            if is_doubtful(record, found)
        ]
        detail = WorkflowDetail(
            summary=summary,
            tasks=make_tasks(records, found, setting),
            output_task=entry,
            problems=tuple(problems),
            truncated=(len(records), scan.total) if scan.total > len(records) else None,
        )
        recent = self._is_recent(summary.last_write)
        return detail, recent and (files.is_broken or any(record.broken for record in records.values()))

    def _word(self, workflow_id: str, word: str | None) -> tuple[str, list[Problem]]:
        """The status word of a workflow, and where that of the index (None without one) and its own disagree."""
        folder = layout.join(self.root, workflow_id)
        recorded = read_recorded(self._store, self.root, [workflow_id])[0]
        path = layout.join(folder, layout.META)
        if word is None:
            there = recorded.word is not None or self._has_files(folder)
            if not there or not layout.is_id(workflow_id):
                raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")
            return recorded.word or "", [Problem(folder, "is not in the status index: Ray does not list it")]
        if "/" in workflow_id:
            return word, [Problem(folder, "Ray does not list ids with a slash")]
        if recorded.word is None:
            return word, [Problem(path, recorded.what or "holds no status")]
        if recorded.word != word:
            return word, [Problem(path, f"says {recorded.word}, the index says {word}")]
        return word, []

    def _has_files(self, folder: str) -> bool:
        listing = self._store.scan([folder], stat=False)[0]
        return any(
            entry.name in (layout.WORKFLOW_DIRS if entry.is_dir else layout.WORKFLOW_FILES) for entry in listing.entries
        )
