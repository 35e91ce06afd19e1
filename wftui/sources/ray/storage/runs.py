"""A workflow's own files: its times and what its user attached, made into a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.workflow import Problem, WorkflowSummary, no_metadata
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.jsonread import (
    MAX_JSON,
    MISSING,
    Parsed,
    number,
    parse_object,
    parse_small,
    sharing_keys,
)
from wftui.sources.stores.base import Range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.model.task import ErrorInfo
    from wftui.model.workflow import Progress, WorkflowKey
    from wftui.sources.stores.base import Blob, Nearby

_ENDED = frozenset({Status.SUCCESSFUL, Status.FAILED, Status.CANCELED})
_NOT_ENDED = frozenset({Status.RUNNING, Status.PENDING, Status.RESUMABLE})

_OF_A_RUN = (layout.USER_RUN, layout.PRE_RUN, layout.POST_RUN)

FILES_OF_A_ROW = 4
"""How many ranges `row_ranges` asks for."""


class RunFiles(NamedTuple):
    """The parsed files of a workflow. `since` is the time of its index entry, `touched` of its newest file."""

    since: float | None
    user: Parsed
    pre: Parsed
    post: Parsed
    touched: float | None

    @property
    def is_broken(self) -> bool:
        """Whether one of them looks half-written."""
        return self.user.retry or self.pre.retry or self.post.retry


def row_ranges(prefix: str, workflow_id: str, word: str) -> list[Range]:
    """What to read of a workflow for its row."""
    folder = layout.join(prefix, workflow_id)
    lead = folder + "/" if folder else ""
    return [
        Range(layout.join(prefix, f"{layout.STATUS_DIR}/{word}/{workflow_id}"), 0),
        Range(lead + layout.USER_RUN, MAX_JSON),
        Range(lead + layout.PRE_RUN, MAX_JSON),
        Range(lead + layout.POST_RUN, MAX_JSON),
    ]


def run_files(blobs: Sequence[Blob]) -> RunFiles:
    """The answer to `row_ranges`, parsed."""
    since, user, pre, post = blobs
    times = [blob.mtime for blob in blobs if blob.mtime is not None]
    return RunFiles(
        since.mtime, parse_object(user), parse_object(pre), parse_object(post), max(times) if times else None
    )


def nearby_files(store: Nearby, prefix: str, workflow_id: str, word: str) -> RunFiles | None:
    """The files of a row where nothing is wrong with them, without their times; None where it takes `run_files`.

    An id in the index may stand for what is not there any more, and a workflow that may be worked on tells when it
    was last written to: those take it, too.
    """
    lead = layout.join(prefix, workflow_id) + "/"
    since = store.time(layout.join(prefix, f"{layout.STATUS_DIR}/{word}/{workflow_id}"))
    if since is None or word in layout.ACTIVE:
        return None
    parsed = []
    for name in _OF_A_RUN:
        try:
            data = store.small(lead + name)
        except FileNotFoundError:
            parsed.append(MISSING)
            continue
        found = None if data is None else parse_small(data)
        if found is None:
            return None
        parsed.append(found)
    user, pre, post = parsed
    return RunFiles(since, user, pre, post, None)


class Ending(NamedTuple):
    """When something ended, and who says so."""

    at: float | None = None
    source: TimeSource | None = None


def ending(status: Status, started: float | None, ended: float | None, since: float | None) -> Ending:
    """When a workflow ended.

    The recorded end is not rewritten when a workflow is resumed, so one before the start is the end of an earlier
    run; canceling records none, then the time of the index entry stands for it.
    """
    if status in _NOT_ENDED:
        return Ending()
    if ended is not None and (started is None or ended >= started):
        return Ending(ended, TimeSource.RECORDED)
    if status in _ENDED and since is not None:
        return Ending(since if started is None else max(since, started), TimeSource.FILE)
    return Ending()


def make_row(
    key: WorkflowKey,
    word: str,
    files: RunFiles,
    *,
    progress: Progress | None = None,
    error: ErrorInfo | None = None,
    last_write: float | None = None,
    has_old_error: bool = False,
    in_short: bool = False,
) -> WorkflowSummary:
    """A complete row of what was read.

    Args:
        key: What names it.
        word: Ray's word for its status.
        files: Its own files.
        progress: Tasks done of tasks known.
        error: The earliest uncaught error of its tasks. What an earlier run left in one that succeeded since, in a
            sub-DAG that was returned anew, say, is no error of the workflow, and is left out.
        last_write: The newest time of its tasks' files.
        has_old_error: Some task holds an exception, but none that tells why the workflow failed.
        in_short: Leave out the last write of what has ended.
    """
    status = layout.status_of(word)
    started, _ = number(files.pre, "start_time")
    ended, _ = number(files.post, "end_time")
    end = ending(status, started, ended, files.since)
    error = None if status is Status.SUCCESSFUL else error
    # What has ended tells its end; in a hundred thousand rows another time is some megabytes.
    times = [t for t in (last_write, files.touched) if t is not None] if not in_short or status.is_active else []
    return WorkflowSummary(
        key=key,
        status=status,
        status_source=StatusSource.STORAGE,
        recorded_status=word,
        status_since=files.since,
        started_at=started,
        ended_at=end.at,
        ended_at_source=end.source,
        last_write=max(times) if times else None,
        progress=progress,
        user_metadata=sharing_keys(files.user.value) if files.user.value else no_metadata(),
        error=error,
        note=_note(has_old_error) if status is Status.FAILED and error is None else "",
        complete=True,
    )


def _note(has_old_error: bool) -> str:
    return "only an earlier attempt left an exception" if has_old_error else "no exception was recorded"


def file_problems(folder: str, named: Mapping[str, Parsed]) -> list[Problem]:
    """What could not be read of these files, by their names below `folder`."""
    return [Problem(layout.join(folder, name), parsed.what) for name, parsed in named.items() if parsed.what]
