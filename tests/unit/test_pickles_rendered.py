"""Values of pickles as text: as Python prints them, and never longer than asked."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hostile_pickles import HOSTILE
from tests.unit.pickle_samples import PLAIN, PROTOCOLS, both_picklers
from wftui.sources.ray.storage.pickle_rendering import render, rendered
from wftui.sources.ray.storage.pickles import read_pickle


@pytest.mark.parametrize("limit", [0, 1, 5, 20, 100])
@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:40])
def test_rendering_keeps_its_limit(value: object, limit: int) -> None:
    whole = repr(value)
    found = rendered(read_pickle(pickle.dumps(value, 4)), limit=limit)
    if len(whole) <= limit:
        assert found == (whole, True)
    else:
        assert len(found.text) <= limit + 1
        assert found.text.endswith("…")
        assert not found.exact


def test_rendering_goes_so_deep_and_no_deeper() -> None:
    value: list[Any] = []
    for _ in range(50):
        value = [value]
    assert render(read_pickle(pickle.dumps(value, 4)), limit=1000) == "[" * 12 + "…" + "]" * 12


def test_rendering_billion_laughs_is_cut() -> None:
    text = render(read_pickle(HOSTILE["billion laughs in a call"]), limit=10_000)
    assert len(text) <= 10_001


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
)
keys = st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(keys, inner)
        | st.sets(keys)
        | st.frozensets(keys)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(values, st.sampled_from(PROTOCOLS), st.booleans())
def test_any_plain_value_renders_as_python_prints_it(value: object, protocol: int, in_c: bool) -> None:
    data = list(both_picklers(value, protocol))[0 if in_c else 1]
    found = rendered(read_pickle(data), limit=1_000_000)
    assert found == (repr(value), True) or not found.exact
