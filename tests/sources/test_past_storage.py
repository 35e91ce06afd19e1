"""The past that is worked out of a record, against what the storage held at that moment, read anew."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import listed
from wftui.model.status import Status
from wftui.present.past import events_of, moments_of, state_at
from wftui.sources.base import SourceOptions
from wftui.sources.ray.demo import snapshot
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wftui.model.workflow import WorkflowDetail

# Looked at in the middle between events that are so many seconds apart: files are written some time after what they
# tell.
_APART = 0.15
_MOMENTS = 3


def _opened(folder: Path) -> StorageSource:
    source = StorageSource(str(folder), SourceOptions())
    source.open()
    return source


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's storage as it was recorded, file times to the nanosecond."""
    return snapshot.unpack(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def details(recorded: Path) -> Iterator[list[WorkflowDetail]]:
    with closing(_opened(recorded)) as source:
        yield [source.detail(row.key.id) for row in listed(source)]


def _as_it_was(storage: Path, workflow_id: str, moment: float, folder: Path) -> Path:
    """Only what was written by then."""
    (folder / "workflows").mkdir(parents=True)
    for path in (storage / "workflows" / workflow_id).rglob("*"):
        if not path.is_file():
            continue
        copy = folder / path.relative_to(storage)
        if path.stat().st_mtime <= moment:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        elif path.name == "outputs.json" and (path.parent / "post_task_metadata.json").exists():
            # The first task of a chain of continuations: rewritten with every link, all but the first came later.
            written = json.loads(path.read_bytes())
            if (
                "dynamic_output_task_id" in written
                and (path.parent / "post_task_metadata.json").stat().st_mtime < moment
            ):
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(json.dumps({"output_task_id": written["output_task_id"]}))
    status = "RUNNING"
    for word in ("SUCCESSFUL", "FAILED", "CANCELED"):
        entry = storage / "workflows" / "__status__" / word / workflow_id
        if entry.exists() and entry.stat().st_mtime <= moment:
            status = word
    (folder / "workflows" / "__status__" / status).mkdir(parents=True)
    (folder / "workflows" / "__status__" / status / workflow_id).touch()
    (folder / "workflows" / workflow_id / "workflow_meta.json").write_text(json.dumps({"status": status}))
    return folder


def _was_begun_anew(storage: Path, workflow_id: str, task_id: str, moment: float) -> bool:
    """Whether an attempt before failed, and the next began after that moment."""
    files = storage / "workflows" / workflow_id / "tasks" / task_id
    began, raised = files / "pre_task_metadata.json", files / "exception.pkl"
    return began.exists() and raised.exists() and raised.stat().st_mtime <= began.stat().st_mtime > moment


def _moments(detail: WorkflowDetail) -> list[float]:
    known = moments_of(events_of(detail))
    between = [(one + other) / 2 for one, other in pairwise(known) if other - one > _APART]
    return between[:: max(1, len(between) // _MOMENTS)]


def test_every_status_of_the_past_is_what_the_storage_told_then(
    recorded: Path, details: list[WorkflowDetail], tmp_path: Path
) -> None:
    compared = 0
    kinds: set[Status] = set()
    for number, detail in enumerate(details):
        for at, moment in enumerate(_moments(detail)):
            folder = _as_it_was(recorded, detail.summary.key.id, moment, tmp_path / f"{number}-{at}")
            with closing(_opened(folder)) as source:
                listed(source)
                told = source.detail(detail.summary.key.id)
            then = state_at(detail, moment)
            assert then.summary.status is told.summary.status
            was = {task.id: task.status for task in told.tasks}
            found = {task.id: task.status for task in then.tasks}
            # What the storage cannot tell it says so: Ray is writing just then, or what ran beside a task that failed
            # was not heard of again; its end is known by now.
            unclear = {task_id for task_id, status in was.items() if status is Status.UNKNOWN}
            # A later attempt wrote over the start of the one that ran then: the files of then cannot be had any more.
            again = {task_id for task_id in was if _was_begun_anew(recorded, detail.summary.key.id, task_id, moment)}
            assert all(found[task_id] in (Status.UNKNOWN, Status.RUNNING, Status.WAITING) for task_id in again)
            unclear |= again
            if any(task.parent in unclear for task in then.tasks):
                continue
            assert {i: status for i, status in found.items() if i not in unclear} == {
                i: status for i, status in was.items() if i not in unclear
            }, (detail.summary.key.id, moment)
            compared += len(was) - len(unclear)
            kinds.update(was.values())
    assert compared > 300
    assert kinds >= {Status.PENDING, Status.READY, Status.RUNNING, Status.SUCCESSFUL, Status.FAILED}
