"""What a pickle holds, as inert values: nothing here imports, calls, compares or hashes what the data names.

Scalars, `str` and `bytes` are Python's own; everything else is a `Node`. Nodes are compared and hashed by identity
and print as an address only, because the data decides how deep and how cyclic they are: go through them with bounds
(`pickle_rendering.render` does). They are filled while a pickle is read and are not to be changed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

LOOKED_AT = 1_000
"""How many pairs of a dict are looked at for a key: attributes of an object or a class."""

ItemsKind = Literal["tuple", "list", "set", "frozenset"]


class Node:
    """Anything in a pickle that is no plain scalar."""

    __slots__ = ()


Value: TypeAlias = "bool | int | float | complex | str | bytes | Node | None"


@dataclass(slots=True, eq=False, repr=False)
class Items(Node):
    """A tuple, list, set or frozenset; sets in the order of the pickle, which was theirs."""

    kind: ItemsKind
    items: list[Value] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Pairs(Node):
    """A dict, as its pairs in the order of the pickle. A key may occur twice: the last one counts."""

    pairs: list[tuple[Value, Value]] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class ByteArray(Node):
    """A bytearray."""

    data: bytes


@dataclass(slots=True, eq=False, repr=False)
class Global(Node):
    """Something that the pickle names to be imported: a class, a function, any module attribute.

    Attributes:
        module: The module; Python 2's names are given as Python 3's.
        name: The qualified name in it, dots included.
    """

    module: str
    name: str


@dataclass(slots=True, eq=False, repr=False)
class Call(Node):
    """Something that the pickle asks to be called; mostly the making of an object.

    Attributes:
        function: What is called: a `Global`, or for classes pickled by value another `Call`.
        args: The arguments, in order.
        kwargs: The keyword arguments (NEWOBJ_EX only).
        is_new: It is `cls.__new__(cls, …)`, not `cls(…)`.
        states: What is to be set on the result, in order (BUILD); each mostly the `__dict__`.
        setters: Calls made for their effect on the result: those of a state setter (a sixth item of `__reduce__`).
        items: What is to be appended or added to the result.
        pairs: What is to be set on the result by key.
    """

    function: Value
    args: list[Value] = field(default_factory=list)
    kwargs: list[tuple[Value, Value]] | None = None
    is_new: bool = False
    states: list[Value] | None = None
    setters: list[Call] | None = None
    items: list[Value] | None = None
    pairs: list[tuple[Value, Value]] | None = None


@dataclass(slots=True, eq=False, repr=False)
class Persistent(Node):
    """An object that the pickle names by an id known to its writer only."""

    id: Value


@dataclass(slots=True, eq=False, repr=False)
class Extension(Node):
    """A class or function named by a code of the writer's `copyreg` registry."""

    code: int


@dataclass(slots=True, eq=False, repr=False)
class Buffer(Node):
    """The place of bytes that were sent beside the pickle."""


@dataclass(slots=True, eq=False, repr=False)
class Omitted(Node):
    """Something too large to keep; `what` says what it was ("an integer of 4096 bytes")."""

    what: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a pickle may ask for. Beyond any of them it is unreadable, except where said otherwise.

    Attributes:
        size: Bytes of the pickle.
        opcodes: Opcodes executed.
        depth: Open marks, and how deep values may lie in each other.
        memo: Entries of the memo.
        integer: Bytes of one integer; a larger one is left out (`Omitted`), the rest is read.
        made: Bytes and items of values that are made out of older ones.
    """

    size: int = 16 * 1024 * 1024
    opcodes: int = 1_000_000
    depth: int = 10_000
    memo: int = 500_000
    integer: int = 1024
    made: int = 16 * 1024 * 1024


DEFAULT_LIMITS = Limits()


class UnreadablePickle(Exception):  # noqa: N818 - says what the data is, not what went wrong here
    """The data is no pickle, is damaged or cut short, or asks for more than the limits allow.

    Attributes:
        why: What is wrong, in one line, from "the file": "is cut short after 40 bytes".
        cut_short: It ends before it should: the rest may just not be there.
        begun: What the pickle had begun to build, if anything: the oldest value that was still in use.
    """

    def __init__(self, why: str, *, cut_short: bool = False, begun: Value = None) -> None:
        super().__init__(why)
        self.why = why
        self.cut_short = cut_short
        self.begun = begun


def entries(node: Value) -> list[tuple[Value, Value]]:
    """The pairs of a dict; none for anything else."""
    return node.pairs if isinstance(node, Pairs) else []


def lookup(node: Value, key: str, *, within: int = LOOKED_AT) -> tuple[Value] | None:
    """The value under a text key of a dict, in a tuple; None where there is no such key.

    Keys are never hashed, and only the first `within` pairs are looked at, so that the cost is bounded.
    """
    for name, value in reversed(entries(node)[:within]):  # of equal keys the last one counts
        if type(name) is str and name == key:
            return (value,)
    return None


def children(node: Value) -> list[Value]:
    """What a node holds directly; nothing for scalars."""
    if isinstance(node, Items):
        return node.items
    if isinstance(node, Pairs):
        return [part for pair in node.pairs for part in pair]
    if isinstance(node, Persistent):
        return [node.id]
    if isinstance(node, Call):
        parts: list[Value] = [node.function, *node.args]
        for values in (node.states, node.setters, node.items):
            parts.extend(values or ())
        for pairs in (node.kwargs, node.pairs):
            parts.extend(part for pair in pairs or () for part in pair)
        return parts
    return []
