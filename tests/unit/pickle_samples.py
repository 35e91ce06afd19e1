"""Values to be pickled in tests, and every way in which Python pickles them."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from wftui.sources.ray.storage.pickles import UnreadablePickle, read_pickle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.sources.ray.storage.pickle_values import (
        Value,
    )


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


# -- bounds


def read_or_refused(data: bytes) -> Value | UnreadablePickle:
    """What a pickle holds, or why it cannot be read."""
    try:
        return read_pickle(data)
    except UnreadablePickle as unreadable:
        return unreadable
