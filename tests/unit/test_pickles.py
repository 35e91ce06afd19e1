"""Pickles read inertly: what they hold is told, nothing of it happens, and nothing costs more than it should."""

from __future__ import annotations

import array
import collections
import copyreg
import datetime
import decimal
import fractions
import io
import pathlib
import pickle
import subprocess
import sys
import textwrap
import tracemalloc
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hostile_pickles import HOSTILE
from wftui.sources.ray.storage.pickle_library import library_texts
from wftui.sources.ray.storage.pickle_rendering import render, rendered
from wftui.sources.ray.storage.pickle_values import (
    Buffer,
    Call,
    Extension,
    Global,
    Items,
    Node,
    Omitted,
    Pairs,
    Persistent,
    Value,
    children,
)
from wftui.sources.ray.storage.pickles import Limits, UnreadablePickle, read_pickle

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Point:
    """A plain object."""

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    class Inner:
        """A nested name."""


class Slotted:
    __slots__ = ("a",)

    def __init__(self) -> None:
        self.a = 1


class Keywords:
    def __new__(cls, **kwargs: int) -> Keywords:
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, int]]:
        return (), {"a": 1}


class MyList(list[int]):
    extra: str


def both_picklers(value: object, protocol: int) -> Iterator[bytes]:
    yield pickle.dumps(value, protocol)
    out = io.BytesIO()
    pickle._Pickler(out, protocol).dump(value)
    yield out.getvalue()


PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    255,
    256,
    65_536,
    -(2**31),
    2**31,
    2**63,
    -(2**2000),
    0.0,
    -1.5,
    float("inf"),
    1e300,
    1j,
    complex(-0.0, 2.5),
    "",
    "text",
    "quote ' and \" and \\ and \n and \x00 and \x85",
    "ünïcödé \U0001f600 \ud800",
    "x" * 300,
    b"",
    b"bytes\x00\xff'\"\n",
    b"y" * 300,
    bytearray(b"abc\xff"),
    (),
    (1,),
    (1, 2),
    (1, 2, 3),
    (1, 2, 3, 4),
    [],
    [1, [2, [3]]],
    list(range(2500)),
    {},
    {"a": 1, 2: (3, None), (1, 2): {}},
    set(),
    {1},
    frozenset(),
    frozenset({"a"}),
    {"nested": [{"a": {1}}, b"x"]},
    ValueError,
    int,
    len,
    Ellipsis,
    NotImplemented,
    ValueError("a", 1),
    KeyError("x"),
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:40])
def test_plain_values_render_as_python_prints_them(value: object, protocol: int) -> None:
    for data in both_picklers(value, protocol):
        found = rendered(read_pickle(data), limit=100_000)
        assert found.text == repr(value)
        assert found.exact


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_render_as_the_call_that_makes_them(protocol: int) -> None:
    module = Point.__module__
    for data in both_picklers(Point(1, 2), protocol):
        value = read_pickle(data)
        assert isinstance(value, Call)
        assert rendered(value, limit=1000) == (f"{module}.Point()", False)
        assert value.states is not None
        assert render(value.states[0], limit=1000) == "{'x': 1, 'y': 2}"
    for data in both_picklers([Point.Inner, fractions.Fraction(1, 2), collections.OrderedDict(a=1)], protocol):
        text = render(read_pickle(data), limit=1000)
        assert text.startswith(f"[{module}.Point.Inner, fractions.Fraction(")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_items_and_state_of_subclasses_are_kept(protocol: int) -> None:
    many = MyList([1, 2, 3])
    many.extra = "x"
    for data in both_picklers(many, protocol):
        value = read_pickle(data)
        assert isinstance(value, Call)
        assert value.items == [1, 2, 3] or any(isinstance(arg, Items) and arg.items == [1, 2, 3] for arg in value.args)
        assert value.states is not None
    for data in both_picklers(collections.OrderedDict(a=1, b=2), protocol):
        value = read_pickle(data)
        assert isinstance(value, Call)
        assert value.pairs == [("a", 1), ("b", 2)] or value.args


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_keyword_arguments_and_slots(protocol: int) -> None:
    for data in both_picklers(Keywords(), protocol):
        assert "a" in render(read_pickle(data), limit=1000)
    for data in both_picklers(Slotted(), protocol):
        value = read_pickle(data)
        assert isinstance(value, Call)
        assert render(value.states[0] if value.states else None, limit=100) == "(None, {'a': 1})"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_shared_and_cyclic_references_stay_so(protocol: int) -> None:
    shared: list[Any] = [1]
    cyclic: dict[str, Any] = {"shared": [shared, shared]}
    cyclic["self"] = cyclic
    for data in both_picklers(cyclic, protocol):
        value = read_pickle(data)
        assert isinstance(value, Pairs)
        (_, both), (_, itself) = value.pairs
        assert itself is value
        assert isinstance(both, Items)
        assert both.items[0] is both.items[1]
        assert render(value, limit=1000) == repr(cyclic)


LIBRARY: list[Any] = [
    range(3),
    range(1, 10, -2),
    decimal.Decimal("-1.50"),
    decimal.Decimal("1E+30"),
    decimal.Decimal("NaN"),
    pathlib.PurePosixPath(),
    pathlib.PurePosixPath("/"),
    pathlib.PurePosixPath("//host"),
    pathlib.PurePosixPath("/a/b.txt"),
    pathlib.PurePosixPath("a/../it's"),
    pathlib.Path("/a"),
    uuid.UUID(int=5),
    uuid.UUID("12345678123456781234567812345678"),
    datetime.date(2024, 2, 29),
    datetime.datetime(2024, 1, 2),
    datetime.datetime(2024, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
    datetime.datetime(2024, 1, 2, fold=1),
    datetime.timedelta(-1, 5, 7),
    datetime.timedelta(0),
]


@pytest.mark.parametrize("value", LIBRARY, ids=repr)
def test_common_library_values_render_as_python_prints_them(value: object) -> None:
    for protocol in PROTOCOLS:
        for data in both_picklers(value, protocol):
            kept = pickle.loads(data)  # up to protocol 3 a datetime loses its fold
            assert rendered(read_pickle(data), limit=1000) == (repr(kept), True)
            assert library_texts(read_pickle(data)) == (str(kept), repr(kept))


@pytest.mark.parametrize(
    "data",
    [
        b"cdatetime\ndatetime\nC\x0a\x07\xe8\x00\x02\x00\x00\x00\x00\x00\x00\x85R.",
        b"cdatetime\ndate\nC\x04\xff\xff\x02\x1e\x85R.",
        b"cdatetime\ntimedelta\n\x8a\x05\xff\xff\xff\xff\x7fK\x00K\x00\x87R.",
        b"cdecimal\nDecimal\nX\x06\x00\x00\x00\x1b[31mx\x85R.",
        b"cpathlib\nPosixPath\nK\x01\x85R.",
        b"cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intJ\xff\xff\xff\xffsb.",
        b"cbuiltins\nrange\nK\x01K\x02K\x00\x87R.",
    ],
)
def test_library_values_of_the_wrong_form_stay_calls(data: bytes) -> None:
    value = read_pickle(data)
    assert library_texts(value) is None
    assert not rendered(value, limit=1000).exact


def test_paths_of_every_python_are_told() -> None:
    """Up to 3.12 their parts are pickled, from 3.13 on what they were made of."""
    parts = b"cpathlib\nPosixPath\nX\x01\x00\x00\x00/X\x01\x00\x00\x00aX\x01\x00\x00\x00b\x87R."
    whole = b"cpathlib._local\nPosixPath\nX\x05\x00\x00\x00/a//b\x85R."
    assert library_texts(read_pickle(parts)) == ("/a/b", "PosixPath('/a/b')")
    assert library_texts(read_pickle(whole)) == ("/a/b", "PosixPath('/a/b')")


@pytest.mark.parametrize("value", [slice(1, 2), array.array("i", [1]), collections.deque([1])], ids=repr)
def test_other_library_values_are_calls(value: object) -> None:
    for protocol in [2, 3, 4, 5]:
        for data in both_picklers(value, protocol):
            assert not rendered(read_pickle(data), limit=1000).exact


def test_persistent_ids_extension_codes_and_buffers_are_told() -> None:
    class WithIds(pickle.Pickler):
        def persistent_id(self, obj: object) -> object:
            return ("the", "id") if obj == "by id" else None

    out = io.BytesIO()
    WithIds(out, 4).dump(["by id"])
    value = read_pickle(out.getvalue())
    assert isinstance(value, Items)
    assert isinstance(value.items[0], Persistent)
    assert render(value, limit=100) == "[<persistent ('the', 'id')>]"

    copyreg.add_extension(__name__, "Point", 240)
    try:
        value = read_pickle(pickle.dumps(Point, 4))
    finally:
        copyreg.remove_extension(__name__, "Point", 240)
    assert isinstance(value, Extension)
    assert value.code == 240

    buffers: list[pickle.PickleBuffer] = []
    value = read_pickle(pickle.dumps(pickle.PickleBuffer(b"abc"), 5, buffer_callback=buffers.append))
    assert isinstance(value, Buffer)


def test_a_state_setter_is_kept_with_what_it_sets() -> None:
    class Setting:
        def __reduce__(self) -> Any:
            return Point, (1, 2), {"state": 1}, None, None, print

    value = read_pickle(pickle.dumps(Setting(), 4))
    assert isinstance(value, Call)
    assert value.setters is not None
    assert render(value.setters[0].args[1], limit=100) == "{'state': 1}"


def test_names_of_python_2_are_told_as_todays() -> None:
    value = read_pickle(b"cexceptions\nValueError\n.")
    assert isinstance(value, Global)
    assert (value.module, value.name) == ("builtins", "ValueError")
    value = read_pickle(b"\x80\x04cexceptions\nValueError\n.")
    assert isinstance(value, Global)
    assert value.module == "exceptions"


def test_text_of_python_2() -> None:
    assert read_pickle(b"S'it\\'s \\x41\\101\\n\\\\'\n.") == "it's AA\n\\"
    assert read_pickle(b"U\x02\xff\xfe.") == b"\xff\xfe"
    assert read_pickle(b"T\x02\x00\x00\x00ab.") == "ab"


def test_bytes_after_the_end_are_ignored_as_python_does() -> None:
    assert read_pickle(pickle.dumps([], 4) + b"rest") is not None


# -- bounds


def read_or_refused(data: bytes) -> Value | UnreadablePickle:
    """What a pickle holds, or why it cannot be read."""
    try:
        return read_pickle(data)
    except UnreadablePickle as unreadable:
        return unreadable


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
    "LONG_BINPUT of the largest index",
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


@pytest.mark.parametrize("name", UNREADABLE[1:])
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


@pytest.mark.parametrize("name", [name for name, data in HOSTILE.items()])
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


# -- rendering


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


HONEST = [PLAIN[-8:], Point(1, 2), ValueError({"a": (1, b"x")})]
SEEDS = [pickle.dumps(value, protocol) for value in HONEST for protocol in PROTOCOLS]
SEEDS += [data for data in HOSTILE.values() if len(data) < 500]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_pickles_are_read_or_refused(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        how = data.draw(st.sampled_from(["set", "insert", "cut", "repeat"]))
        if how == "set" and damaged:
            damaged[where] = data.draw(st.integers(0, 255))
        elif how == "insert":
            damaged[where:where] = data.draw(st.binary(min_size=1, max_size=6))
        elif how == "cut":
            del damaged[where : where + data.draw(st.integers(1, 8))]
        else:
            damaged[where:where] = damaged[where : where + data.draw(st.integers(1, 20))]
    value = read_or_refused(bytes(damaged))
    if not isinstance(value, UnreadablePickle):
        assert len(render(value, limit=200)) <= 201


# -- nothing happens

AUDITED = """
import sys, threading
from wftui.sources.ray.storage.exceptions import read_exception
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickle_tree import shown, shown_args
from wftui.sources.ray.storage.pickles import UnreadablePickle, read_pickle
from wftui.present.values import values_json, values_lines
from wftui.model.values import StoredValue, TaskValues
from tests.unit.array_pickles import ARRAYS
from tests.unit.hostile_pickles import HOSTILE
HOSTILE.update({name: data for name, (data, _, _) in ARRAYS.items()})
read_exception(HOSTILE["billion laughs in a call"])
happened = []
armed = True
def note(event, args):
    if armed and event != "builtins.id":
        happened.append((event, str(args)[:100]))
sys.addaudithook(note)
modules = set(sys.modules)
for name, data in HOSTILE.items():
    error = read_exception(data)
    assert type(error).__name__ == "ErrorInfo", name
    try:
        value = read_pickle(data)
    except UnreadablePickle:
        continue
    render(value, limit=1000)
    for tree in (shown(value), shown_args(value)):
        values = TaskValues(StoredValue(1, tree), None)
        list(values_lines("t", values, (), show=True))
        values_json(values, (), show=False)
armed = False
assert set(sys.modules) == modules, set(sys.modules) - modules
print(sorted(set(happened)))
"""


def test_reading_imports_opens_and_runs_nothing() -> None:
    """No audit event at all but of `id`: no import, open, exec, compile, os.*, subprocess.*, pickle.find_class."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(AUDITED)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
