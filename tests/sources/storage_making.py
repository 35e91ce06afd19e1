"""Storages made by hand, file by file as Ray writes them: for what a real Ray leaves only when it is unlucky."""

from __future__ import annotations

import json
import os
import pickle
from typing import TYPE_CHECKING, Any

from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

NOW = 1_700_000_000.0


class MadeStorage:
    """A storage under a folder. Times are Unix seconds; files get them as their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root = path / "workflows"
        self.root.mkdir(parents=True)
        (path / "_valid").touch()

    def write(self, name: str, content: object, at: float | None = None) -> Path:
        """Write one file below `workflows/`: bytes as they are, everything else as JSON."""
        path = self.root / name.lstrip("/")  # the empty id has its files in the root itself
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        if at is not None:
            os.utime(path, (at, at))
        return path

    def index(self, status: str, workflow_id: str, at: float | None = NOW) -> Path:
        """An entry of the status index."""
        return self.write(f"__status__/{status}/{workflow_id}", b"", at)

    def workflow(
        self, workflow_id: str, status: str, *, start: float | None = NOW, end: float | None = None, **metadata: Any
    ) -> None:
        """A workflow with its entry in the index."""
        self.index(status, workflow_id, NOW + 60)
        self.write(f"{workflow_id}/workflow_meta.json", {"status": status})
        self.write(f"{workflow_id}/user_run_metadata.json", metadata)
        if start is not None:
            self.write(f"{workflow_id}/pre_run_metadata.json", {"start_time": start})
        if end is not None:
            self.write(f"{workflow_id}/post_run_metadata.json", {"end_time": end})

    def entry(self, workflow_id: str, task_id: str) -> None:
        """The output task of a workflow."""
        self.write(f"{workflow_id}/tasks/outputs.json", {"output_task_id": task_id})

    def task(
        self,
        workflow_id: str,
        task_id: str,
        *,
        upstream: list[str] | None = None,
        start: float | None = None,
        end: float | None = None,
        output: object = None,
        raised: BaseException | bytes | None = None,
        raised_at: float = NOW + 5,
        returned: str | None = None,
        latest: str | None = None,
        inputs: bool = True,
        **options: Any,
    ) -> None:
        """A task: what is not given was not written. `start` is also the time of the file that holds it."""
        lead = f"{workflow_id}/tasks/{task_id}"
        if inputs:
            known = {"task_type": "FUNCTION", "max_retries": 3, "catch_exceptions": False, "checkpoint": True}
            self.write(
                f"{lead}/inputs.json",
                {
                    "task_id": task_id,
                    "task_options": {**known, **options},
                    "user_metadata": {},
                    "workflow_refs": upstream or [],
                },
            )
        if start is not None:
            self.write(f"{lead}/pre_task_metadata.json", {"start_time": start}, start)
        if end is not None:
            self.write(f"{lead}/post_task_metadata.json", {"end_time": end}, end)
        if output is not None:
            self.write(f"{lead}/output.pkl", pickle.dumps(output))
        if raised is not None:
            data = raised if isinstance(raised, bytes) else pickle.dumps(raised)
            self.write(f"{lead}/exception.pkl", data, raised_at)
        links = {"output_task_id": returned, "dynamic_output_task_id": latest}
        if returned or latest:
            self.write(f"{lead}/outputs.json", {k: v for k, v in links.items() if v})


def three_workflows(path: Path) -> MadeStorage:
    """A storage of one that is done, one that failed and one that runs."""
    made = MadeStorage(path)
    made.workflow("done", "SUCCESSFUL", end=NOW + 5, team="a")
    made.entry("done", "only")
    made.task("done", "only", start=NOW, end=NOW + 1, output="x")
    made.workflow("failed", "FAILED", end=NOW + 5)
    made.task("failed", "t", start=NOW, raised=ValueError("bad"))
    made.workflow("running", "RUNNING")
    made.task("running", "t1", start=NOW)
    made.task("running", "t2", upstream=["t1"])
    return made


def detail(made: MadeStorage, workflow_id: str = "w") -> WorkflowDetail:
    """A workflow as our reader reads it."""
    return StorageReader(LocalStore(str(made.path)), "here").detail(workflow_id)


def tasks(made: MadeStorage) -> dict[str, Task]:
    """The tasks of the workflow "w", by id."""
    return {task.id: task for task in detail(made).tasks}
