"""The files of a workflow's tasks: found, read and parsed, not yet judged."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem, Progress
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.jsonread import MAX_JSON, MISSING, Parsed, mapping, number, parse_object
from wftui.sources.stores.base import Blob, Entry, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftui.sources.stores.base import Listing, Store

MAX_TASKS = 20_000
"""How many tasks of one workflow are looked at."""
MAX_EXCEPTION = 1 << 20
"""Bytes that are read of an `exception.pkl`."""
_MAX_DEPTH = 16
_JSON = (layout.INPUTS, layout.PRE_TASK, layout.POST_TASK, layout.OUTPUTS)

Files = dict[str, Entry]


@dataclass(slots=True)
class TaskScan:
    """What lies under `tasks/`.

    Attributes:
        files: By task id, its files by name.
        total: How many tasks there are, more than `files` holds where a bound cut it.
        problems: Directories that could not be listed.
        touched: The newest time of a directory, and of a file where these were asked for; None if none is known.
        missing: There is no `tasks/` at all.
    """

    files: dict[str, Files] = field(default_factory=dict)
    total: int = 0
    problems: list[Problem] = field(default_factory=list)
    touched: float | None = None
    missing: bool = False

    @property
    def unclear(self) -> list[str] | None:
        """The tasks of which the names of their files do not tell whether they are done or failed.

        None where some task returned a continuation: then its status hangs on others.
        """
        found: list[str] = []
        for task_id, files in self.files.items():
            if layout.OUTPUTS in files:
                return None
            if layout.OUTPUT not in files and (layout.EXCEPTION in files or layout.POST_TASK in files):
                found.append(task_id)
        return found

    @property
    def progress(self) -> Progress | None:
        """Tasks done of tasks known where nothing is unclear; None where none are known."""
        if not self.files:
            return None
        return Progress(sum(layout.OUTPUT in files for files in self.files.values()), len(self.files))


@dataclass(slots=True)
class TaskRecord:
    """One task as its files have it. Times are Unix seconds.

    Attributes:
        id: Its id.
        files: Its files.
        inputs: `inputs.json`.
        outputs: `outputs.json`.
        started: Whether it ever started; `start` may still be unknown.
        start: The start of the latest attempt.
        end: Its recorded end, which may be that of an earlier attempt.
        post: `post_task_metadata.json` exists, whatever it holds.
        exception: What was read of `exception.pkl`; None without one, or with an output beside it.
        problems: What could not be read.
        broken: Something looks half-written.
    """

    id: str
    files: Files
    inputs: Parsed = MISSING
    outputs: Parsed = MISSING
    started: bool = False
    start: float | None = None
    end: float | None = None
    post: bool = False
    exception: Blob | None = None
    problems: list[Problem] = field(default_factory=list)
    broken: bool = False
    _read: Parsed | None = None
    _refs: tuple[str, ...] = ()

    @property
    def upstream(self) -> tuple[str, ...]:
        """The ids it waits for, each once, in the recorded order."""
        if self._read is not self.inputs:  # asked for again and again
            refs = self.inputs.value.get("workflow_refs")
            self._read = self.inputs
            self._refs = tuple(dict.fromkeys([r for r in refs if type(r) is str])) if isinstance(refs, list) else ()
        return self._refs

    @property
    def options(self) -> Mapping[str, object]:
        """Ray's options for it; empty when they were not recorded."""
        return mapping(self.inputs.value.get("task_options")) or {}

    @property
    def has_output(self) -> bool:
        """Whether its own output was checkpointed."""
        return layout.OUTPUT in self.files

    def mtime(self, name: str) -> float | None:
        """The time of one of its files."""
        entry = self.files.get(name)
        return None if entry is None else entry.mtime

    def link(self, key: str) -> str | None:
        """A task id out of `outputs.json`."""
        value = self.outputs.value.get(key)
        return value if type(value) is str else None

    @property
    def continuation(self) -> str | None:
        """The task that stands for its output now: the latest one of a chain."""
        return self.link("dynamic_output_task_id") or self.link("output_task_id")


def scan_tasks(store: Store, folder: str, *, stat: bool, most: int = MAX_TASKS) -> TaskScan:
    """Find the tasks of the workflow at `folder`: directories under `tasks/`, at any depth, since ids may hold "/".

    Of more than `most` the others are counted only; of directories without tasks as many are looked into.
    """
    scan = TaskScan()
    base = layout.join(folder, layout.TASKS)
    level = [""]
    seen = 0
    for _ in range(_MAX_DEPTH):
        # Directories that are no tasks are seldom: whoever has `tasks/` lead to a whole disk gets no further than this.
        room = most - max(scan.total, seen - len(scan.files))
        deeper: list[str] = []
        looked_at, left = level[: max(room, 0) + 1], level[max(room, 0) + 1 :]
        scan.total += len(left)
        seen += len(looked_at)
        listings = store.scan([layout.join(base, task_id) for task_id in looked_at], stat=stat)
        for task_id, listing in zip(looked_at, listings, strict=True):
            deeper += _take(scan, base, task_id, listing)
        if not deeper:
            break
        level = deeper
    return scan


def _take(scan: TaskScan, base: str, task_id: str, listing: Listing) -> list[str]:
    """Add one directory to the scan. Returns the ids of the directories in it."""
    if listing.error:
        if not task_id:
            scan.missing = listing.missing
        if not listing.missing:  # a missing one was deleted while we read
            scan.problems.append(Problem(layout.join(base, task_id), listing.error))
        return []
    deeper: list[str] = []
    files: Files = {}
    lead = task_id + "/" if task_id else ""
    for entry in listing.entries:
        if entry.is_dir and entry.is_link:
            # Ray makes none. One to a directory above would have no end, and one to elsewhere may lead anywhere.
            scan.problems.append(Problem(f"{base}/{lead}{entry.name}", "a link to a directory: not followed"))
        elif entry.is_dir:
            deeper.append(lead + entry.name)
            if task_id and entry.name in layout.TASK_FILES:
                scan.problems.append(Problem(f"{base}/{lead}{entry.name}", "is a directory"))
        elif entry.name in layout.TASK_FILES:
            files[entry.name] = entry
    if files and task_id:
        scan.total += 1
        scan.files[task_id] = files
    if listing.mtime is not None:
        times = [e.mtime for e in files.values() if e.mtime is not None]
        newest = max([listing.mtime, *times])
        scan.touched = newest if scan.touched is None else max(scan.touched, newest)
    return deeper


def weigh_outputs(store: Store, folder: str, scan: TaskScan) -> None:
    """Add sizes and times of the outputs where the scan did not tell them.

    Of the other files those that matter are read, which tells their times: asking for the time of each of them
    beforehand would cost as much as reading them.
    """
    base = layout.join(folder, layout.TASKS)
    bare = [i for i, files in scan.files.items() if layout.OUTPUT in files and files[layout.OUTPUT].size is None]
    blobs = store.read([Range(f"{base}/{task_id}/{layout.OUTPUT}", 0) for task_id in bare])
    for task_id, blob in zip(bare, blobs, strict=True):
        scan.files[task_id][layout.OUTPUT] = Entry(layout.OUTPUT, False, blob.size, blob.mtime)


def last_write(scan: TaskScan) -> float | None:
    """The newest time of all that is known of the tasks' files; None if none is known."""
    newest = scan.touched
    for files in scan.files.values():
        for entry in files.values():
            if entry.mtime is not None and (newest is None or entry.mtime > newest):
                newest = entry.mtime
    return newest


def read_tasks(store: Store, folder: str, scan: TaskScan, ids: Iterable[str]) -> dict[str, TaskRecord]:
    """Read and parse the files of these tasks in one batch."""
    base = layout.join(folder, layout.TASKS)
    wanted: list[tuple[TaskRecord, str]] = []
    records: dict[str, TaskRecord] = {}
    for task_id in ids:
        files = scan.files[task_id]
        record = records[task_id] = TaskRecord(task_id, files)
        wanted += [(record, name) for name in _JSON if name in files]
        if layout.EXCEPTION in files and (layout.OUTPUT not in files or files[layout.EXCEPTION].mtime is None):
            wanted.append((record, layout.EXCEPTION))
    blobs = store.read([Range(f"{base}/{record.id}/{name}", _most(record, name)) for record, name in wanted])
    for (record, name), blob in zip(wanted, blobs, strict=True):
        _put(record, base, name, blob)
    return records


def _most(record: TaskRecord, name: str) -> int:
    """How much is read of a file: beside an output only the time of an exception matters."""
    if name is not layout.EXCEPTION:
        return MAX_JSON
    return 0 if record.has_output else MAX_EXCEPTION


def _put(record: TaskRecord, base: str, name: str, blob: Blob) -> None:
    if blob.mtime is not None and record.files[name].mtime is None:
        known = record.files[name]
        record.files[name] = Entry(name, known.is_dir, known.size, blob.mtime, known.tag)
    if name is layout.EXCEPTION and record.has_output:
        return
    if name is layout.EXCEPTION:
        record.exception = None if blob.missing else blob
        if blob.error and not blob.missing:
            record.problems.append(Problem(f"{base}/{record.id}/{name}", blob.error))
        return
    parsed = parse_object(blob)
    record.broken |= parsed.retry
    what = parsed.what
    if name is layout.INPUTS:
        record.inputs = parsed
    elif name is layout.OUTPUTS:
        record.outputs = parsed
    elif name is layout.PRE_TASK:
        record.started = parsed.there
        record.start, wrong = number(parsed, "start_time")
        what = what or wrong
    else:
        record.post = parsed.there
        record.end, wrong = number(parsed, "end_time")
        what = what or wrong
    if what:
        record.problems.append(Problem(f"{base}/{record.id}/{name}", what))


def read_entry_task(store: Store, folder: str) -> tuple[str | None, list[Problem]]:
    """The output task of the workflow, out of `tasks/outputs.json`, and what is wrong with that file."""
    path = layout.join(folder, layout.TASKS, layout.OUTPUTS)
    parsed = parse_object(store.read([Range(path, MAX_JSON)])[0])
    value = parsed.value.get("dynamic_output_task_id") or parsed.value.get("output_task_id")
    if parsed.what:
        return None, [Problem(path, parsed.what)]
    if not parsed.there:
        return None, []
    return (value, []) if type(value) is str else (None, [Problem(path, "names no output task")])


def names_of(store: Store, folder: str, ids: Sequence[str]) -> dict[str, str]:
    """The name of each task: its id without the `_N` that Ray appended to the ids of tasks of the same name.

    Whether Ray did so is told by the counters that it keeps, one for each name that was asked for: "load_2" is the
    third "load" only if "load" was asked for at least three times and "load_2" itself never.
    """
    names = dict(zip(ids, ids, strict=True))
    numbered: list[tuple[str, str, int]] = []
    for task_id in ids:
        base, mark, digits = task_id.rpartition("_")
        if mark and digits.isascii() and digits.isdigit() and not digits.startswith("0"):
            numbered.append((task_id, base, int(digits) if len(digits) < 10 else MAX_TASKS**3))
    counts = _counts(store, layout.join(folder, layout.COUNTERS), numbered)
    names.update({i: base for i, base, count in numbered if i not in counts and count <= counts.get(base, -1)})
    return names


def _counts(store: Store, place: str, numbered: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    """How often each name was asked for that has a counter; endless where the counter cannot be read."""
    if not numbered:
        return {}
    names = {name for task_id, base, _ in numbered for name in (task_id, base)}
    listing = store.scan([place], stat=False)[0]
    if listing.missing:
        return {}
    # The counters of names with a slash lie deeper.
    there = {entry.name for entry in listing.entries}
    names = {name for name in names if listing.error or "/" in name or name in there}
    bases = {base for _, base, _ in numbered}
    wanted = sorted(names)
    blobs = store.read([Range(f"{place}/{name}", 32 if name in bases else 0) for name in wanted])
    counts: dict[str, int] = {}
    for name, blob in zip(wanted, blobs, strict=True):
        if not blob.error:
            last = blob.data.strip()
            counts[name] = int(last) if last.isdigit() else sys.maxsize
    return counts
