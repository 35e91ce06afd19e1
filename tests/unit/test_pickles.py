"""Pickles read inertly: what they hold is told, however it was pickled."""

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
import uuid
from typing import Any

import pytest

from tests.unit.pickle_samples import PLAIN, PROTOCOLS, Keywords, MyList, Point, Slotted, both_picklers
from wftui.sources.ray.storage.pickle_library import library_texts
from wftui.sources.ray.storage.pickle_rendering import render, rendered
from wftui.sources.ray.storage.pickle_values import (
    Buffer,
    Call,
    Extension,
    Global,
    Items,
    Pairs,
    Persistent,
)
from wftui.sources.ray.storage.pickles import read_pickle


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

    copyreg.add_extension(Point.__module__, "Point", 240)
    try:
        value = read_pickle(pickle.dumps(Point, 4))
    finally:
        copyreg.remove_extension(Point.__module__, "Point", 240)
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
