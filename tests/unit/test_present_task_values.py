"""What a task was given and gave back, in its pane."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.making import task
from wftui.model.values import Member, ShownValue, StoredValue, TaskValues
from wftui.present.document import Folds
from wftui.present.glyphs import UNICODE
from wftui.present.metadata import JsonLook
from wftui.present.task_index import TaskIndex
from wftui.present.task_lines import task_lines
from wftui.present.task_values import VALUES, Known, value_block

TASK = task("t", upstream=("before\x1b[2J",))
SECRET = Member("api_key", ShownValue("str", "'s3cret'", 6))
ARGS = ShownValue("arguments", size=2, members=(SECRET, Member(None, ShownValue("", upstream=0))))
VALUES_OF = TaskValues(StoredValue(120, ARGS), StoredValue(9, ShownValue("str", "'a\x1b]0;x'", 5)))
OPEN = JsonLook(UNICODE, Folds(opened=frozenset({VALUES})))


def text(known: Known, look: JsonLook = OPEN) -> str:
    return "\n".join(line.text for line in value_block(TASK, known, look))


def test_it_is_closed_at_first_and_says_how_to_open_it() -> None:
    assert text(Known(VALUES_OF), JsonLook(UNICODE)) == "▸ Arguments and output  V reads it"


def test_what_is_known_is_told_harmless_and_masked() -> None:
    shown = text(Known(VALUES_OF))
    assert "api_key: ******" in shown
    assert "the output of before␛[2J" in shown
    assert "'a␛]0;x'" in shown
    assert "s3cret" in text(Known(VALUES_OF), replace(OPEN, show_secrets=True))


def test_in_the_past_they_are_those_of_now_and_say_so() -> None:
    index = TaskIndex({TASK.id: TASK}, as_of=1.0)
    lines = task_lines(TASK, index, 1.0, OPEN, Known(VALUES_OF))
    (title,) = [line.text for line in lines if line.fold == VALUES]
    assert "as they are now, not at the moment looked at" in title
    lines = task_lines(TASK, replace(index, as_of=None), 1.0, OPEN, Known(VALUES_OF))
    assert not [line for line in lines if "as they are now" in line.text]


def test_until_then_it_says_so_and_why_not() -> None:
    assert text(Known()).splitlines()[1:] == ["  reading"]
    assert text(Known(error="down\x1b[31m")).splitlines()[1:] == ["  down␛[31m"]
    assert "none stored" in text(Known(TaskValues()))


def test_a_source_without_values_has_no_block() -> None:
    lines = task_lines(TASK, TaskIndex(), 0.0, JsonLook(UNICODE))
    assert not [line for line in lines if line.fold == VALUES]
    assert [line.fold for line in task_lines(TASK, TaskIndex(), 0.0, JsonLook(UNICODE), Known())].count(VALUES) == 1
