"""What a filter accepts, as it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import summary
from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.present.filters import parse

ROWS = [
    summary("nightly-orders", Status.FAILED, error=ErrorInfo("KeyError", "'Customer'"), user_metadata={"owner": "ada"}),
    summary("nightly-fx", Status.RUNNING, user_metadata={"owner": "bo", "tries": 3, "dry": True, "a": {"b": "deep"}}),
    summary("report two", Status.SUCCESSFUL, name="Quarter", user_metadata={"owner": "Adam", "note": None}),
    summary("key=value", Status.CANCELED, note="cancel armed", target="/mnt/other"),
]


def found(text: str) -> list[str]:
    parsed = parse(text)
    accepts = parsed.accepts
    assert parsed.problems == ()
    return [row.key.id for row in ROWS if accepts is None or accepts(row)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["nightly-orders", "nightly-fx", "report two", "key=value"]),
        ("NIGHTLY", ["nightly-orders", "nightly-fx"]),
        ("nightly fx", ["nightly-fx"]),
        ('"report two"', ["report two"]),
        ("customer", ["nightly-orders"]),
        ("keyerror", ["nightly-orders"]),
        ("quarter", ["report two"]),
        ("armed", ["key=value"]),
        ("status:failed", ["nightly-orders"]),
        ("status:FAILED", ["nightly-orders"]),
        ("status:fail,succ", ["nightly-orders", "report two"]),
        ("status:cancelled", ["key=value"]),
        ("status:", ["nightly-orders", "nightly-fx", "report two", "key=value"]),
        ("owner=ada", ["nightly-orders"]),
        ("owner=ada*", ["nightly-orders", "report two"]),
        ("owner=*", ["nightly-orders", "nightly-fx", "report two"]),
        ("tries=3", ["nightly-fx"]),
        ("dry=true", ["nightly-fx"]),
        ("a.b=deep", ["nightly-fx"]),
        ("note=null", ["report two"]),
        ("-owner=ada", ["nightly-fx", "report two", "key=value"]),
        ("!status:failed", ["nightly-fx", "report two", "key=value"]),
        ("-nightly", ["report two", "key=value"]),
        ("nightly -status:running", ["nightly-orders"]),
        ("id:orders", ["nightly-orders"]),
        ("source:mnt", ["key=value"]),
        ("error:customer", ["nightly-orders"]),
        ('"key=value"', ["key=value"]),
        ("nightly-", ["nightly-orders", "nightly-fx"]),
        ("nothing-like-it", []),
    ],
)
def test_what_a_filter_finds(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [("status:nope", "no status begins with 'nope'"), ('"open', "not closed"), ("=x", "no metadata key before =")],
)
def test_what_cannot_be_understood_is_said_and_left_out(text: str, problem: str) -> None:
    parsed = parse(f"nightly {text}")
    assert problem in parsed.problems[0]
    if not text.startswith('"'):
        assert parsed.accepts is not None
        assert [row.key.id for row in ROWS if parsed.accepts(row)] == ["nightly-orders", "nightly-fx"]


@given(st.text(alphabet=st.sampled_from("ab:=-!\"'* status,.\ud800\x1b[]\\"), max_size=30))
def test_nothing_that_is_typed_raises(text: str) -> None:
    accepts = parse(text).accepts
    for row in ROWS:
        assert accepts is None or accepts(row) in (True, False)
