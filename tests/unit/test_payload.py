"""The payload of an event is checked before it is sent; which task can be acted on alone."""

from __future__ import annotations

import pytest

from tests.unit.making import task
from wftui.errors import UsageError
from wftui.model.payload import checked_payload
from wftui.model.task import TaskKind
from wftui.model.workflow import WorkflowKey
from wftui.present.alone import alone

RUN, LOAD = "6d3aefba-17f9-4be8-8b84-2242780c1a93", "01a1fe8d-8d75-771a-adbf-7c70ce3df0c3"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        (" \n", None),
        ("null", None),
        ("1", 1),
        ('{"a": [1, "é"]}', {"a": [1, "é"]}),
        ('"\\ud83d\\ude00"', "😀"),
    ],
)
def test_what_is_json(text: str, value: object) -> None:
    assert checked_payload(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 1, column 2"),
        ("{\n 'a': 1}", "line 2, column 2"),
        ("NaN", "NaN"),
        ("[-Infinity]", "-Infinity"),
        ('{"\\u0000": 1}', "NUL"),
        ('["\\ud800"]', "surrogate"),
        ("[" * 100_000, "too deep"),
        ("1 2", "extra data"),
    ],
)
def test_what_a_database_would_not_take(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        checked_payload(text)
    assert "\n" not in str(refused.value)


def test_which_task_can_be_acted_on_alone() -> None:
    key = WorkflowKey("postgresql://db", "absurd", "shop", RUN)
    tasks = {
        LOAD: task(LOAD),
        f"{LOAD}/step": task(f"{LOAD}/step", kind=TaskKind.CHECKPOINT, parent=LOAD),
        "operator": task("operator", options={"task_id": LOAD}),
        "not started": task("not started"),
    }
    assert alone(key, tasks, LOAD) == key._replace(id=LOAD)
    assert alone(key, tasks, f"{LOAD}/step") == key._replace(id=LOAD)
    assert alone(key, tasks, "operator") == key._replace(id=LOAD)
    assert alone(key, tasks, "not started") is None
    assert alone(key, tasks, None) is None
    assert alone(key, tasks, "gone") is None
    assert alone(key._replace(id=LOAD), tasks, LOAD) is None  # the workflow itself
    assert alone(key._replace(engine="ray"), tasks, LOAD) is None


def test_steps_in_a_circle_end() -> None:
    key = WorkflowKey("postgresql://db", "absurd", "shop", RUN)
    tasks = {
        "a": task("a", kind=TaskKind.WAIT, parent="b"),
        "b": task("b", kind=TaskKind.WAIT, parent="a"),
    }
    assert alone(key, tasks, "a") is None
