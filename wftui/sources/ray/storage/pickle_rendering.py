"""One line of text for what a pickle holds, as Python's `repr` where that is certain.

Bounded in characters and depth, so it may be given any value, however deep, wide or cyclic.
"""

from __future__ import annotations

import builtins
import types
from typing import TYPE_CHECKING, NamedTuple

from wftui.sources.ray.storage.cloudpickled import class_by_value, function_name, is_machinery
from wftui.sources.ray.storage.pickle_library import library_texts
from wftui.sources.ray.storage.pickle_values import (
    Buffer,
    ByteArray,
    Call,
    Extension,
    Global,
    Items,
    Node,
    Omitted,
    Pairs,
    Persistent,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPTH = 12  # deeper values are "…"

_BRACKETS = {"tuple": ("(", ")"), "list": ("[", "]"), "set": ("{", "}"), "frozenset": ("frozenset({", "})")}
_CYCLES = {"tuple": "(...)", "list": "[...]", "set": "set(...)", "frozenset": "frozenset(...)"}
_EMPTY = {"tuple": "()", "list": "[]", "set": "set()", "frozenset": "frozenset()"}
_CLASSES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type))
_FUNCTIONS = frozenset(name for name, value in vars(builtins).items() if isinstance(value, types.BuiltinFunctionType))
_CONSTANTS = frozenset({"Ellipsis", "NotImplemented"})
_OS_ERRORS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, OSError)
)
_EXCEPTIONS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
) | {"BaseExceptionGroup", "ExceptionGroup", "EncodingWarning", "PythonFinalizationError"}


class Rendered(NamedTuple):
    """Text, and whether it is exactly what Python prints."""

    text: str
    exact: bool


class _Full(Exception):  # noqa: N818 - no error: the text has its length
    pass


def render(value: Value, *, limit: int) -> str:
    """One line for a value, at most `limit` characters and one "…".

    Scalars and containers are as `repr` prints them, objects as the call that makes them (`shop.Item('tea')`), classes
    and functions by name. Foreign text stays raw apart from what `repr` escapes.
    """
    return rendered(value, limit=limit).text


def rendered(value: Value, *, limit: int) -> Rendered:
    """The same, and whether it is certainly what Python's `repr` prints."""
    writer = _Writer(limit)
    try:
        writer.value(value)
    except _Full:
        return Rendered("".join(writer.parts) + "…", exact=False)
    return Rendered("".join(writer.parts), writer.exact)


def render_call(name: str, args: Sequence[Value], kwargs: list[tuple[Value, Value]] | None, *, limit: int) -> str:
    """One line for a call, `name(args)`, with the same bounds."""
    writer = _Writer(limit)
    try:
        writer.put(f"{name}(")
        writer.arguments(args, kwargs)
        writer.put(")")
    except _Full:
        return "".join(writer.parts) + "…"
    return "".join(writer.parts)


class _Writer:
    __slots__ = ("_path", "exact", "left", "parts")

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.parts: list[str] = []
        self.exact = True
        self._path: list[Node] = []

    def put(self, text: str) -> None:
        if len(text) > self.left:
            self.parts.append(text[: self.left])
            raise _Full
        self.left -= len(text)
        self.parts.append(text)

    def guess(self, text: str) -> None:
        self.exact = False
        self.put(text)

    def value(self, value: Value) -> None:
        if isinstance(value, (str, bytes)):
            self._text(value)
        elif not isinstance(value, Node):
            self.put(repr(value))
        elif any(node is value for node in self._path):
            self._cycle(value)
        elif len(self._path) >= DEPTH:
            self.guess("…")
        else:
            self._path.append(value)
            self._node(value)
            self._path.pop()

    def _text(self, value: str | bytes) -> None:
        if len(value) > self.left:  # what is beyond cannot be shown: do not escape it
            self.put(repr(value[: self.left])[:-1])
            raise _Full
        self.put(repr(value))

    def _cycle(self, node: Node) -> None:
        if isinstance(node, Items):
            self.put(_CYCLES[node.kind])
        elif isinstance(node, Pairs):
            self.put("{...}")
        else:
            self.guess("...")

    def _node(self, node: Node) -> None:
        if isinstance(node, Items):
            self._items(node)
        elif isinstance(node, Pairs):
            self.put("{")
            self._pairs(node.pairs, ": ")
            self.put("}")
        elif isinstance(node, Call):
            self._call(node)
        elif isinstance(node, Global):
            self._global(node)
        elif isinstance(node, ByteArray):
            self.put("bytearray(")
            self._text(node.data)
            self.put(")")
        else:
            self._other(node)

    def _items(self, node: Items) -> None:
        if not node.items:
            self.put(_EMPTY[node.kind])
            return
        opening, closing = _BRACKETS[node.kind]
        self.put(opening)
        self._sequence(node.items)
        self.put("," + closing if node.kind == "tuple" and len(node.items) == 1 else closing)

    def _sequence(self, items: Sequence[Value]) -> None:
        for position, item in enumerate(items):
            if position:
                self.put(", ")
            self.value(item)

    def _pairs(self, pairs: list[tuple[Value, Value]], between: str) -> None:
        for position, (key, item) in enumerate(pairs):
            if position:
                self.put(", ")
            self.value(key)
            self.put(between)
            self.value(item)

    def _global(self, node: Global) -> None:
        if node.module != "builtins":
            self.guess(node.module)
            self.put("." + node.name)
        elif node.name in _CONSTANTS:
            self.put(node.name)
        elif node.name in _CLASSES:
            self.put(f"<class '{node.name}'>")
        elif node.name in _FUNCTIONS:
            self.put(f"<built-in function {node.name}>")
        else:
            self.guess(node.name)

    def _call(self, node: Call) -> None:
        if texts := library_texts(node):
            self.put(texts.source)
            return
        if written := class_by_value(node):
            self.guess("<class '")
            self.put(f"{written.module or '?'}.{written.name}'>")
            return
        if is_machinery(node.function) and (name := function_name(node)):
            self.guess("<function ")
            self.put(name + ">")
            return
        self._callee(node)
        self.put("(")
        self.arguments(node.args, node.kwargs)
        self.put(")")

    def arguments(self, args: Sequence[Value], kwargs: list[tuple[Value, Value]] | None) -> None:
        self._sequence(args)
        for position, (key, item) in enumerate(kwargs or ()):
            self.put(", " if position or args else "")
            self.put(key if type(key) is str else "…")
            self.put("=")
            self.value(item)

    def _callee(self, node: Call) -> None:
        function = node.function
        if isinstance(function, Global) and function.module == "builtins":
            certain = function.name in _EXCEPTIONS and not node.kwargs and not node.states
            # An OSError may print as one of its subclasses, and without the file names among its arguments.
            certain = certain and not (function.name in _OS_ERRORS and len(node.args) > 1)
            (self.put if certain else self.guess)(function.name)
        elif written := class_by_value(function):
            is_qualified = written.module not in (None, "__main__")
            self.guess(f"{written.module}.{written.name}" if is_qualified else written.name)
        elif isinstance(function, Global):
            self._global(function)
        else:
            self.exact = False
            self.value(function)

    def _other(self, node: Node) -> None:
        if isinstance(node, Omitted):
            self.guess(f"<{node.what}>")
        elif isinstance(node, Persistent):
            self.guess("<persistent ")
            self.value(node.id)
            self.put(">")
        elif isinstance(node, Extension):
            self.guess(f"<extension {node.code}>")
        elif isinstance(node, Buffer):
            self.guess("<buffer>")
        else:
            self.guess("<unknown>")
