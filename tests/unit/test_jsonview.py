"""The JSON of the commands: strict, ASCII, and all that is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import START, detail, key, summary, task
from wftui.model.action import ActionKind, ActionOutcome, ActionPlan
from wftui.model.status import Status
from wftui.model.workflow import Problem, WorkflowDetail
from wftui.present.jsonview import detail_json, outcome_json, plan_json, strict, summary_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def unmasked(metadata: Mapping[str, object]) -> Mapping[str, object]:
    return metadata


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(anything)
def test_whatever_it_gets_it_gives_strict_json(value: object) -> None:
    found: dict[str, None] = {}
    text = json.dumps(strict(value, found), allow_nan=False)
    if not found:
        assert json.loads(text) == value


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (-(2**63), -(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        (True, True),
        ((1, 2), [1, 2]),
    ],
)
def test_what_becomes_text(value: object, becomes: object) -> None:
    found: dict[str, None] = {}
    assert strict({"k": value}, found) == {"k": becomes}
    assert bool(found) == (isinstance(becomes, str))


def test_bottomless_metadata_has_an_end() -> None:
    value: list[object] = []
    for _ in range(900):
        value = [value]
    found: dict[str, None] = {}
    assert json.dumps(strict(value, found))
    assert "levels" in next(iter(found))


def test_times_that_are_no_numbers_are_unknown() -> None:
    row = summary_json(summary("a", started_at=float("nan"), ended_at=START), unmasked)
    assert row["started_at"] is None
    assert row["duration"] is None
    assert row["ended_at"] == START


def test_lists_and_objects_are_never_null() -> None:
    shown = detail_json(WorkflowDetail(summary("a")), unmasked)
    assert shown["tasks"] == []
    assert shown["critical_path"] == []
    assert shown["problems"] == []
    assert shown["user_metadata"] == {}
    assert shown["output_task"] is None


def test_a_list_of_tasks_that_was_cut_says_so() -> None:
    found = detail("a", tasks=[task("t")])
    cut = WorkflowDetail(found.summary, found.tasks, truncated=(1, 7))
    assert detail_json(cut, unmasked)["problems"] == [{"path": "tasks", "what": "1 of 7 tasks are shown"}]


def test_what_the_source_named_already_is_not_named_twice() -> None:
    found = detail("a", user_metadata={"x": float("nan"), "y": 2**64})
    named = WorkflowDetail(found.summary, (), problems=(Problem("a/user.json", "holds NaN, which strict JSON cannot"),))
    paths = [problem["path"] for problem in cast("list[dict[str, str]]", detail_json(named, unmasked)["problems"])]
    assert paths == ["a/user.json", "user_metadata"]


def test_actions() -> None:
    outcome = ActionOutcome(key("a"), ActionKind.DELETE, True, Status.FAILED, None)
    assert outcome_json(outcome) == {
        "id": "a",
        "action": "delete",
        "done": True,
        "status_before": "FAILED",
        "status_after": None,
        "why": None,
    }
    plan = ActionPlan(key("a"), ActionKind.RESUME, True, Status.FAILED)
    assert list(plan_json(plan, "because")) == list(outcome_json(outcome))
    assert plan_json(plan, "because")["status_after"] == "FAILED"


def test_a_scalar_beyond_64_bits_is_null() -> None:
    """Trap 17: the options still hold it, as text, and the problems name it."""
    huge = 10**30
    json_task = cast(
        "list[dict[str, object]]",
        detail_json(detail("w", tasks=(task("t", max_retries=huge, options={"max_retries": huge}),)), unmasked)[
            "tasks"
        ],
    )[0]
    assert (json_task["max_retries"], json_task["options"]) == (None, {"max_retries": str(huge)})
