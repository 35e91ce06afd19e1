"""Pickles that ask for too much: memory, work and depth stay in proportion to what is read."""

from __future__ import annotations

import pickle
import sys
import tracemalloc

import pytest

from tests.unit.hostile_pickles import HOSTILE
from tests.unit.pickle_samples import read_or_refused
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickle_values import (
    Call,
    Items,
    Node,
    Omitted,
    Value,
    children,
)
from wftui.sources.ray.storage.pickles import Limits, UnreadablePickle, read_pickle


def nodes(value: Value) -> list[Node]:
    """Every node of a value, once."""
    seen: dict[int, Node] = {}
    left = [value]
    while left:
        node = left.pop()
        if isinstance(node, Node) and id(node) not in seen:
            seen[id(node)] = node
            left.extend(children(node))
    return list(seen.values())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pickle_is_read_or_refused(name: str) -> None:
    value = read_or_refused(HOSTILE[name])
    if isinstance(value, UnreadablePickle):
        assert 0 < len(value.why) < 200
        assert value.why.isprintable()
        return
    text = render(value, limit=500)
    assert len(text) <= 501
    assert len(nodes(value)) <= len(HOSTILE[name])


UNREADABLE = [
    "nested lists",
    "nested tuples",
    "nested marks",
    "nested calls",
    "nested persistent ids",
    "BINUNICODE of 4 GB",
    "FRAME of 16 EB",
    "protocol 255",
    "one long tuple in many calls",
    "one long text encoded many times",
    "one long list in many sets",
    "a name that grows",
    "no STOP",
    "invalid UTF-8",
]


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_asks_for_too_much_is_refused(name: str) -> None:
    with pytest.raises(UnreadablePickle):
        read_pickle(HOSTILE[name])


def test_trap_21_costs_nothing() -> None:
    data = HOSTILE["LONG_BINPUT of the largest index"]
    tracemalloc.start()
    try:
        assert read_pickle(data) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_stays_in_proportion_to_the_input(name: str) -> None:
    """A value costs 200 bytes or so per opcode at worst: a call with a list of arguments, an item of the memo."""
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        value = read_or_refused(data)
        if not isinstance(value, UnreadablePickle):
            render(value, limit=500)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    grown = 0 if "many" not in name and "grows" not in name else Limits().made
    assert peak < 50_000 + 300 * len(data) + grown


@pytest.mark.parametrize("name", HOSTILE)
def test_work_stays_in_proportion_to_the_input(name: str) -> None:
    """Counted in calls of functions, which no machine's load can change."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        value = read_or_refused(HOSTILE[name])
        if not isinstance(value, UnreadablePickle):
            render(value, limit=500)
    finally:
        sys.setprofile(before)
    assert calls < 10_000 + 40 * len(HOSTILE[name])


def refusal(data: bytes, limits: Limits) -> str:
    with pytest.raises(UnreadablePickle) as caught:
        read_pickle(data, limits)
    return caught.value.why


def test_every_limit_holds_and_is_named() -> None:
    assert refusal(pickle.dumps("a" * 100), Limits(size=50)) == "is larger than 50 bytes"
    assert refusal(b"N" * 100 + b".", Limits(opcodes=100)) == "has more than 100 opcodes"
    assert read_pickle(b"N" * 99 + b".", Limits(opcodes=100)) is None
    assert refusal(b"(" * 11, Limits(depth=10)) == "holds values more than 10 deep in each other"
    assert refusal(b")" + b"\x85" * 11 + b".", Limits(depth=10)) == "holds values more than 10 deep in each other"
    assert isinstance(read_pickle(b")" + b"\x85" * 9 + b".", Limits(depth=10)), Items)
    assert refusal(b"N\x94\x94\x94.", Limits(memo=2)) == "has more than 2 memo entries"
    assert read_pickle(b"Nq\x00q\x00q\x00.", Limits(memo=1)) is None
    encoded = pickle.dumps([b"\xff" * 100], 2)
    assert refusal(encoded, Limits(made=99)) == "would grow beyond 99 bytes"


def test_depth_cannot_be_hidden_by_filling_containers_late() -> None:
    # Each list is put into the one before it while it is still empty.
    data = b"]q\x000" + b"".join(b"]r" + i.to_bytes(4, "little") + b"0" for i in range(1, 300))
    data += b"".join(b"j" + i.to_bytes(4, "little") + b"j" + (i + 1).to_bytes(4, "little") + b"a0" for i in range(299))
    data += b"h\x00."
    assert refusal(data, Limits(depth=100)) == "holds values more than 100 deep in each other"
    assert isinstance(read_pickle(data, Limits(depth=300)), Items)


def test_large_integers_are_left_out_and_the_rest_is_read() -> None:
    value = read_pickle(pickle.dumps([1 << 100_000, 1], 4))
    assert isinstance(value, Items)
    assert isinstance(value.items[0], Omitted)
    assert render(value, limit=100) == "[<an integer of 12501 bytes>, 1]"
    assert render(read_pickle(b"I" + b"9" * 5000 + b"\n."), limit=100) == "<an integer of 5000 digits>"


def test_what_is_cut_short_says_so_and_what_it_began_as() -> None:
    data = pickle.dumps(ValueError("a" * 100), 4)
    for size in range(1, len(data)):
        with pytest.raises(UnreadablePickle) as caught:
            read_pickle(data[:size])
        assert caught.value.cut_short
        assert caught.value.why == f"is cut short after {size} bytes"
    assert isinstance(caught.value.begun, Call)
