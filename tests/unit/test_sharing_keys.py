"""Metadata that shares its keys is a plain dict like any other."""

from __future__ import annotations

import json
import pickle
import sys

import pytest

from wftui.sources.ray.storage.jsonread import sharing_keys


@pytest.mark.parametrize(
    "value",
    [{"team": "a", "run": 5}, {"run": 5, "team": "a"}, {"": 1, "a b": None, "\n\0": [], "\udc80": {"deep": {}}},
     {"__class__": int, "__dict__": 1}, {"__slots__": ()}, {"self": 1, "class": 2}, {f"k{n}": n for n in range(100)}],
)  # fmt: skip
def test_it_is_what_it_was(value: dict[str, object]) -> None:
    shared = sharing_keys(value)
    assert type(shared) is dict
    assert shared == value
    assert list(shared) == list(value)
    assert pickle.loads(pickle.dumps(shared)) == value
    if "__class__" not in value:
        assert json.loads(json.dumps(shared)) == json.loads(json.dumps(value))


def test_one_does_not_know_of_another() -> None:
    first, second = (sharing_keys({"team": "a", "run": run}) for run in (1, 2))
    assert (first["run"], second["run"]) == (1, 2)
    assert isinstance(first, dict)
    first["more"] = True
    assert "more" not in second
    assert sharing_keys({"team": "b", "run": 3}) == {"team": "b", "run": 3}


def test_many_are_smaller() -> None:
    rows = [f'{{"owner": "a", "number": {number}}}' for number in range(100)]
    shared = [sharing_keys(json.loads(row)) for row in rows]
    assert 1.5 * sum(map(sys.getsizeof, shared)) < sum(sys.getsizeof(json.loads(row)) for row in rows)
