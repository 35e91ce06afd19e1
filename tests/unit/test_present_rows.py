"""The rows of the list stay filtered and in order, whatever comes."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import key, summary
from wftui.model.change import Added, Change, Removed, Updated
from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.model.workflow import Progress
from wftui.present.filters import NO_FILTER, parse
from wftui.present.order import Sort, sort_key
from wftui.present.rows import ONE_BY_ONE, RowModel

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary

STATUSES = [Status.FAILED, Status.RUNNING, Status.PENDING, Status.SUCCESSFUL]
SORTS = [Sort(c, d) for c in ("status", "id", "started", "duration", "progress", "meta:owner") for d in (False, True)]


def ids(model: RowModel) -> list[str]:
    return [row.key.id for row in model.rows()]


def added(*rows: WorkflowSummary) -> list[Change]:
    return [Added(row) for row in rows]


def test_failed_come_first_then_ids() -> None:
    model = RowModel()
    model.apply(added(summary("c"), summary("b", Status.RUNNING), summary("z", Status.FAILED), summary("a")))
    assert ids(model) == ["z", "b", "a", "c"]


def test_a_changed_status_moves_the_row_and_nothing_else() -> None:
    model = RowModel()
    model.apply(added(*(summary(i) for i in "abcd")))
    model.apply([Updated(summary("c", Status.FAILED))])
    assert ids(model) == ["c", "a", "b", "d"]
    assert model.counts == {Status.FAILED: 1, Status.SUCCESSFUL: 3}
    assert model.index_of(key("c")) == 0


def test_an_update_of_an_unknown_row_adds_it_and_a_removal_does_nothing() -> None:
    model = RowModel()
    model.apply([Updated(summary("a")), Removed(key("b"))])
    assert ids(model) == ["a"]


def test_rows_without_a_value_stand_last_both_ways() -> None:
    model = RowModel()
    model.apply(added(summary("none", started_at=None), summary("old", started_at=5.0), summary("new", started_at=9.0)))
    model.sort_by(Sort("started"))
    assert ids(model) == ["old", "new", "none"]
    model.sort_by(Sort("started", descending=True))
    assert ids(model) == ["new", "old", "none"]


def test_descending_texts_put_the_longer_first() -> None:
    model = RowModel(Sort("id", descending=True))
    model.apply(added(*(summary(i) for i in ("ab", "abc", "b", "", "ab\U0010ffff"))))
    assert ids(model) == ["b", "ab\U0010ffff", "abc", "ab", ""]


def test_what_runs_is_longer_than_what_ended() -> None:
    model = RowModel(Sort("duration", descending=True))
    model.apply(
        added(
            summary("short", started_at=0.0, ended_at=5.0),
            summary("long", started_at=0.0, ended_at=5000.0),
            summary("late", Status.RUNNING, started_at=90.0),
            summary("early", Status.RUNNING, started_at=10.0),
        )
    )
    assert ids(model) == ["early", "late", "long", "short"]


def test_metadata_of_mixed_types_can_be_sorted() -> None:
    model = RowModel(Sort("meta:v"))
    values = {"n": 3, "f": 2.5, "s": "x", "b": True, "l": [1], "nan": float("nan"), "none": None}
    model.apply(added(*(summary(i, user_metadata={"v": value}) for i, value in values.items()), summary("without")))
    assert ids(model) == ["b", "f", "n", "l", "s", "nan", "none", "without"]


def test_the_filter_hides_and_counts_stay_whole() -> None:
    model = RowModel()
    model.apply(added(summary("a", Status.FAILED), summary("b")))
    model.filter_by(parse("status:failed"))
    assert ids(model) == ["a"]
    assert (len(model), model.total) == (1, 2)
    model.apply([Updated(summary("b", Status.FAILED)), Updated(summary("a"))])
    assert ids(model) == ["b"]
    assert model.index_of(key("a")) is None
    model.filter_by(NO_FILTER)
    assert ids(model) == ["b", "a"]


def test_keys_of_metadata_come_by_how_common_they_are() -> None:
    model = RowModel()
    model.apply(added(summary("a", user_metadata={"x": 1, "y": 1}), summary("b", user_metadata={"y": 2})))
    before = model.metadata_keys
    assert before == ("y", "x")
    model.apply([Removed(key("a"))])
    assert model.metadata_keys == ("y",)


def test_the_same_id_in_two_targets_is_two_rows() -> None:
    model = RowModel()
    model.apply(added(summary("a", target="one"), summary("a", target="two")))
    assert [row.key.target for row in model.rows()] == ["one", "two"]


@st.composite
def histories(draw: st.DrawFn) -> list[list[Change]]:
    rows = st.builds(
        lambda i, status, started, done, owner: summary(
            i,
            status,
            started_at=started,
            ended_at=None if started is None or status.is_active else started + done,
            progress=Progress(done, 9),
            user_metadata={} if owner is None else {"owner": owner},
        ),
        st.sampled_from("abcdefgh"),
        st.sampled_from(STATUSES),
        st.none() | st.floats(0, 100),
        st.integers(0, 9),
        st.none() | st.sampled_from(["ada", "bo", 3]),
    )
    change = st.one_of(st.builds(Updated, rows), st.builds(Removed, st.builds(key, st.sampled_from("abcdefgh"))))
    batches: list[list[Change]] = draw(st.lists(st.lists(change, max_size=12), max_size=6))
    return batches


@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from(SORTS), st.sampled_from(["", "status:failed", "-status:succ", "owner=ada", "a"]))
def test_change_by_change_is_the_same_as_all_at_once(batches: list[list[Change]], sort: Sort, text: str) -> None:
    wanted = parse(text)
    accepts = wanted.accepts
    model = RowModel(sort)
    model.filter_by(wanted)
    known: dict[str, WorkflowSummary] = {}
    for batch in batches:
        model.apply(batch)
        for change in batch:
            if isinstance(change, Removed):
                known.pop(change.key.id, None)
            else:
                known[change.key.id] = change.summary
    order = sort_key(sort)
    rows = sorted(known.values(), key=lambda row: (order(row), row.key.id))
    expected = [row for row in rows if accepts is None or accepts(row)]
    assert list(model.rows()) == expected
    assert [model.index_of(row.key) for row in expected] == list(range(len(expected)))
    assert sum(model.counts.values()) == model.total == len(known)


@pytest.mark.parametrize("text", ["", "status:running"])
def test_big_batches_do_what_small_ones_do(text: str) -> None:
    shuffled = [summary(f"{i:04}", STATUSES[i % 4]) for i in range(ONE_BY_ONE * 3)]
    random.Random(7).shuffle(shuffled)
    big, small = RowModel(), RowModel()
    for model in (big, small):
        model.filter_by(parse(text))
    big.apply(added(*shuffled))
    for row in shuffled:
        small.apply([Added(row)])
    assert ids(big) == ids(small)
    changes: list[Change] = [Updated(summary(r.key.id, Status.RUNNING)) for r in shuffled[: ONE_BY_ONE + 50]]
    changes += [Removed(row.key) for row in shuffled[-30:]]
    big.apply(changes)
    for change in changes:
        small.apply([change])
    assert ids(big) == ids(small)
    assert big.counts == small.counts


def test_a_filter_accepts_the_same_rows_among_many_as_one_by_one() -> None:
    errors = [ErrorInfo("ValueError", "Straße 7"), None, ErrorInfo(None, "cut off")]
    named = [summary(f"Run.{number * 7 % 2000:04}") for number in range(2000)]
    rows = [replace(row, error=errors[n % 3], note="idle" * (n % 2)) for n, row in enumerate(named)]
    model = RowModel(Sort("id"))
    model.apply([Added(row) for row in rows])
    for text in ("run.00", "STRASSE", "cut off", '"valueerror: str"', "idle -run.1", "1 2 3", "id:run.1 idle", "\0"):
        wanted = parse(text)
        model.filter_by(wanted)
        accepted = [row.key.id for row in rows if wanted.accepts is None or wanted.accepts(row)]
        assert [row.key.id for row in model.rows()] == sorted(accepted), text
        assert len(accepted) > 0 or text == "\0"
    model.apply([Added(summary("run.new"))])
    model.filter_by(parse("run.new"))
    assert [row.key.id for row in model.rows()] == ["run.new"]
