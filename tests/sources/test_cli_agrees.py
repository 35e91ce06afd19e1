"""What the commands print of a storage that real Ray wrote, against what Ray's own API said of it, field by field."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sources.ray_written import WrittenStorage

pytestmark = pytest.mark.ray


def wftui(*argv: str) -> tuple[int, Any, list[str]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_"))}
    done = subprocess.run(
        [sys.executable, "-m", "wftui", "--json", *argv], capture_output=True, check=False, env=env, timeout=120
    )

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not strict JSON")

    found = json.loads(done.stdout.decode("ascii"), parse_constant=refuse) if done.stdout else None
    return done.returncode, found, done.stderr.decode().splitlines()


def strict(value: Any) -> Any:
    """What strict JSON can hold of what Ray's API gave."""
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


@pytest.fixture(scope="module")
def listed(ray_storage: WrittenStorage) -> dict[str, dict[str, Any]]:
    code, rows, _ = wftui("ls", "-t", str(ray_storage.path), "--show-secrets")
    assert code == 0
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


@pytest.fixture(scope="module")
def shown(ray_storage: WrittenStorage) -> dict[str, dict[str, Any]]:
    code, rows, _ = wftui("show", "--all", "-t", str(ray_storage.path), "--show-secrets")
    assert code == 0
    return {row["id"]: row for row in rows}


def test_the_list_is_that_of_list_all(listed: dict[str, dict[str, Any]], ray_storage: WrittenStorage) -> None:
    # Files cannot tell a crash: where Ray infers RESUMABLE, they and get_metadata keep the recorded word.
    assert set(listed) == set(ray_storage.list_all)
    for workflow_id, status in ray_storage.list_all.items():
        row = listed[workflow_id]
        said = ray_storage.workflows[workflow_id]["status"] if status == "RESUMABLE" else status
        assert (row["status"], row["recorded_status"], row["status_source"]) == (said, said, "storage")


def test_workflows_agree_with_get_metadata(listed: dict[str, dict[str, Any]], ray_storage: WrittenStorage) -> None:
    for workflow_id, row in listed.items():
        said = ray_storage.workflows[workflow_id]
        start, end = said["stats"].get("start_time"), said["stats"].get("end_time")
        assert row["started_at"] == start, workflow_id
        assert row["user_metadata"] == strict(said["user_metadata"])
        if row["ended_at_source"] == "recorded":
            assert row["ended_at"] == end, workflow_id
        elif row["ended_at_source"] is None:
            # An end before the start is that of an earlier run.
            assert row["ended_at"] is None
            assert end is None or row["status"] in ("RUNNING", "PENDING", "RESUMABLE")
        if row["started_at"] is not None and row["ended_at"] is not None:
            assert row["duration"] == row["ended_at"] - row["started_at"]


def test_tasks_agree_with_get_metadata(shown: dict[str, dict[str, Any]], ray_storage: WrittenStorage) -> None:
    checked = 0
    for workflow_id, tasks in ray_storage.tasks.items():
        if workflow_id not in shown:
            continue
        ours = {task["id"]: task for task in shown[workflow_id]["tasks"]}
        assert set(ours) == set(tasks), workflow_id
        for task_id, said in tasks.items():
            task = ours[task_id]
            assert task["upstream"] == said.get("workflow_refs", []), (workflow_id, task_id)
            assert task["options"] == strict(said.get("task_options", {}))
            assert task["user_metadata"] == strict(said.get("user_metadata", {}))
            assert task["max_retries"] == said.get("task_options", {}).get("max_retries")
            assert task["started_at"] == said["stats"].get("start_time")
            if task["ended_at_source"] == "recorded":
                assert task["ended_at"] == said["stats"]["end_time"]
            checked += 1
    assert checked > 20


def test_show_says_what_ls_says(listed: dict[str, dict[str, Any]], shown: dict[str, dict[str, Any]]) -> None:
    assert set(shown) == set(listed)
    for workflow_id, row in listed.items():
        assert {key: shown[workflow_id][key] for key in row} == row


def test_every_id_of_the_list_can_be_passed_back(
    listed: dict[str, dict[str, Any]], shown: dict[str, dict[str, Any]], ray_storage: WrittenStorage
) -> None:
    strange = [workflow_id for workflow_id in listed if not workflow_id.isidentifier()]
    assert strange
    for workflow_id in strange:
        code, found, _ = wftui("show", "-t", str(ray_storage.path), "--show-secrets", "--", workflow_id)
        assert code == 0
        assert found == shown[workflow_id]


def test_what_ray_does_not_list_is_named_on_stderr(ray_storage: WrittenStorage) -> None:
    code, _, err = wftui("ls", "-t", str(ray_storage.path))
    assert code == 0
    assert sorted(line.split(": ")[1] for line in err) == ["workflows/rejected", "workflows/team/etl/1"]
    assert all(line.startswith("problem: ") for line in err)


def test_the_order_and_quick(listed: dict[str, dict[str, Any]], ray_storage: WrittenStorage) -> None:
    def place(row: dict[str, Any]) -> tuple[int, float, str]:
        group = {"FAILED": 0, "RUNNING": 1}.get(row["status"], 2)
        return group, -row["started_at"] if row["started_at"] is not None else math.inf, row["id"]

    assert list(listed) == [row["id"] for row in sorted(listed.values(), key=place)]
    code, rows, _ = wftui("ls", "-t", str(ray_storage.path), "--quick")
    assert code == 0
    assert {row["id"]: row["status"] for row in rows} == {row["id"]: row["status"] for row in listed.values()}
