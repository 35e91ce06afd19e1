"""Runs on a real PostgreSQL, written by the real clients, as the definitions that highway_dsl writes have them."""

from __future__ import annotations

import hashlib
import os
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from absurd_client import AbsurdClient
from highway_dsl import WorkflowBuilder

from tests.sources.absurd_server import RUN_TABLE, execute
from tests.sources.definition_making import shop
from wftui.cli.main import main
from wftui.model.change import Updated
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.sources.absurd import definitions
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wftui.model.task import Task

OK, RUN, FAILED, PENDING = Status.SUCCESSFUL, Status.RUNNING, Status.FAILED, Status.PENDING
NOW = datetime.now(timezone.utc)


class Tracked:
    """A run of the shop, by the tracking client."""

    def __init__(self, url: str, digest: str | None = None) -> None:
        self.connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)
        self.connection.execute(RUN_TABLE.replace("create table", "create table if not exists").encode())
        self.client = AbsurdClient("tracked", "worker-1")
        self.client.create_queue(self.connection)
        self.run = self.client.create_workflow_run(self.connection, "shop", "1.2", workflow_hash=digest)
        self.status("running", started_at=NOW)

    def status(self, status: str, **values: Any) -> None:
        self.client.update_workflow_run_status(self.connection, self.run, status, **values)

    def task(self, name: str, state: str = "done", flow: str = "shop__1.2", **params: object) -> uuid.UUID:
        task, run, _ = self.client.spawn_task(
            self.connection, f"{flow}__{name}", params, workflow_run_id=self.run, max_attempts=1
        )
        if state != "pending":
            self.client.claim_task(self.connection)
        if state == "done":
            self.client.complete_task(self.connection, run, {"rows": 3})
        elif state == "failed":
            self.client.fail_task(self.connection, run, "no stock")
        return uuid.UUID(str(task))


@pytest.fixture
def tracked(url: str) -> Iterator[Tracked]:
    tracked = Tracked(url)
    yield tracked
    tracked.connection.close()


@pytest.fixture
def opened(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AbsurdSource]]:
    monkeypatch.setattr(definitions, "PAUSE", 0.0)
    sources: list[AbsurdSource] = []

    def open_source(*paths: Path) -> AbsurdSource:
        source = AbsurdSource(url, SourceOptions(definitions=tuple(map(str, paths))))
        sources.append(source)
        source.open()
        source.page(None, 100)
        return source

    yield open_source
    for source in sources:
        source.close()


def by_id(source: AbsurdSource, run: object) -> dict[str, Task]:
    return {task.id: task for task in source.detail(str(run)).tasks}


def statuses(tasks: dict[str, Task]) -> dict[str, Status | str]:
    """Of every operator its status, or that it is on a way that was not taken."""
    return {
        task.id: task.status if task.operator.is_taken else "not taken"
        for task in tasks.values()
        if task.operator is not None and not task.operator.is_item
    }


def test_a_run_of_every_operator(tracked: Tracked, opened: Callable[..., AbsurdSource], tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(shop().to_yaml())
    source = opened(tmp_path)
    assert set(statuses(by_id(source, tracked.run)).values()) == {PENDING, Status.READY}
    extract = tracked.task("extract")
    tracked.task("ship")
    for flow, name in (("split_left", "fetch"), ("split_right", "fetch"), ("split_left", "store")):
        tracked.task(name, flow=f"{flow}__2.0.0")
    loads = [tracked.task("load", "failed" if at == 2 else "done", index=at) for at in range(4)]
    for _ in range(3):
        tracked.task("ask")
    tracked.task("usual")
    child = tracked.client.create_workflow_run(tracked.connection, "summarize", "1")
    tracked.client.update_workflow_run_status(tracked.connection, child, "completed")
    tracked.task("many", "running", children={"a": {"run_id": str(child)}})
    strange = tracked.task("old_step", "pending")
    tasks = by_id(source, tracked.run)
    assert statuses(tasks) == {
        "extract": OK, "alarm": "not taken", "check": OK, "ship": OK, "back_order": "not taken",
        "split": OK, "split/left/fetch": OK, "split/left/store": OK, "split/right/fetch": OK, "split_join": OK,
        "each": FAILED, "load": FAILED, "index": PENDING, "poll": OK, "ask": OK, "tier": OK, "vip": "not taken",
        "usual": OK, "rest": OK, "paid": OK, "tell": OK, "sync": OK,
        "many": RUN, "many/a": OK, "many/b": Status.READY,
        "pick": PENDING, "pick/small/by_mail": PENDING, "pick/large/by_truck": PENDING, "gen": PENDING,
        "stop": PENDING, str(strange): PENDING,
    }  # fmt: skip
    assert tasks["extract"].options["task_id"] == str(extract)
    assert (tasks["load"].kind, tasks["load"].options["tasks"]) == (TaskKind.GROUP, 4)
    assert [tasks[str(load)].name for load in loads] == ["load[0]", "load[1]", "load[2]", "load[3]"]
    assert tasks[str(loads[2])].error is not None
    assert tasks["many/a"].options["child_run"] == str(child)
    assert tasks[str(strange)].options["note"] == "not in the definition"


def test_it_is_drawn_and_told_by_the_commands(
    tracked: Tracked, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.json").write_text(shop().to_json())
    (tmp_path / "broken.yaml").write_text("tasks: [")
    for name in ("extract", "back_order", "old_step"):
        tracked.task(name)
    assert main(["dag", str(tracked.run), "-t", url, "--definitions", str(tmp_path), "--width", "90"]) == 0
    said = capsys.readouterr()
    for words in ("true: ship", "not taken", "◆ check stock > 0", "~ inferred", "◆ condition", "old_step (not in the"):
        assert words in said.out
    assert "shop.json defines shop 1.2" in said.err
    monkeypatch.setenv("WFTUI_DEFINITIONS", str(tmp_path))
    assert main(["dag", str(tracked.run), "-t", url, "--ascii"]) == 0
    said = capsys.readouterr()
    assert said.out.isascii()
    assert "if check stock > 0" in said.out
    assert main(["show", str(tracked.run), "-t", url, "--json"]) == 0
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert '"operator": "condition"' in shown
    assert '"taken": false' in shown
    assert "broken.yaml" in shown
    assert main(["ls", "-t", url]) == 0
    assert f"problem: {tmp_path / 'broken.yaml'}: not well-formed YAML" in capsys.readouterr().err


def test_without_a_definition_the_order_is_inferred_and_says_so(
    tracked: Tracked, opened: Callable[..., AbsurdSource], tmp_path: Path
) -> None:
    (tmp_path / "other.yaml").write_text(WorkflowBuilder("other", version="1.2").task("a", "f").build().to_yaml())
    tracked.task("extract")
    tracked.task("ship")
    detail = opened(tmp_path).detail(str(tracked.run))
    assert [task.name for task in detail.tasks] == ["extract", "ship"]
    assert detail.tasks[1].upstream == (detail.tasks[0].id,)
    assert any("inferred" in remark.what for remark in detail.remarks)
    assert "inferred" in detail.summary.note


def test_a_hash_decides_between_definitions_of_one_version(
    url: str, opened: Callable[..., AbsurdSource], tmp_path: Path
) -> None:
    old = WorkflowBuilder("shop", version="1.2").task("old", "f").build()
    digest = hashlib.sha256(old.to_json().encode()).hexdigest()
    (tmp_path / "old.json").write_text(old.to_json())
    (tmp_path / "new.json").write_text(shop().to_json())
    os.utime(tmp_path / "old.json", (1, 1))
    tracked = Tracked(url, digest)
    assert [task.id for task in opened(tmp_path).detail(str(tracked.run)).tasks] == ["old"]
    other = Tracked(url)
    detail = opened(tmp_path).detail(str(other.run))
    assert len(detail.tasks) > 20
    assert "2 definitions are shop 1.2 and differ" in detail.remarks[0].what
    assert "differ" in detail.summary.note
    for each in (tracked, other):
        each.connection.close()


def test_another_version_is_told(tracked: Tracked, opened: Callable[..., AbsurdSource], tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(WorkflowBuilder("shop", version="2.0").task("extract", "f").build().to_json())
    tracked.task("extract")
    detail = opened(tmp_path).detail(str(tracked.run))
    assert detail.remarks[0].what == "there is no definition of shop 1.2: the newest is taken, 2.0"


def test_what_is_open_is_drawn_anew_when_its_definition_changes(
    tracked: Tracked, opened: Callable[..., AbsurdSource], tmp_path: Path
) -> None:
    """Also a run that ended, of which nothing changes in the database."""
    tracked.task("extract")
    tracked.status("completed", completed_at=NOW)
    source = opened(tmp_path)
    source.attend(frozenset({str(tracked.run)}))
    source.changes()
    assert source.changes().changes == ()
    (tmp_path / "shop.json").write_text(shop().to_json())
    (change,) = source.changes().changes
    assert isinstance(change, Updated)
    assert change.key.id == str(tracked.run)
    assert source.changes().changes == ()
    assert "check" in by_id(source, tracked.run)
    (tmp_path / "shop.json").write_text("{")
    assert [problem.path for problem in source.changes().problems] == [str(tmp_path / "shop.json")]
    assert "check" in by_id(source, tracked.run)


def test_children_are_found_by_the_column_that_names_their_parent(
    tracked: Tracked, url: str, opened: Callable[..., AbsurdSource], tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text(shop().to_yaml())
    execute(url, "alter table workflow_run add column parent_run_id uuid")
    child = tracked.client.create_workflow_run(tracked.connection, "mail", "1")
    execute(url, "update workflow_run set parent_run_id = %s, status = 'running' where workflow_run_id = %s",
        [tracked.run, child])  # fmt: skip
    tracked.task("many", "running")
    tasks = by_id(opened(tmp_path), tracked.run)
    assert (tasks["many/b"].options.get("child_run"), tasks["many/b"].status) == (str(child), RUN)
    assert "child_run" not in tasks["many/a"].options
