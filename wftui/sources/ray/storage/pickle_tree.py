"""What a pickle holds as a small tree to look at: bounded in depth, members and text, whatever the data. Inert."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeAlias

from wftui.model.values import Member, ShownValue
from wftui.sources.ray.storage.cloudpickled import class_by_value, function_name, is_machinery
from wftui.sources.ray.storage.pickle_arrays import array_summary, data_size
from wftui.sources.ray.storage.pickle_library import library_texts
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickle_values import (
    ByteArray,
    Call,
    Global,
    Items,
    Limits,
    Node,
    Pairs,
    UnreadablePickle,
    Value,
)
from wftui.sources.ray.storage.pickles import read_pickle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEPTH = 6
MEMBERS = 20
"""Members shown of one container."""
NODES = 400
"""Values shown of one pickle."""
TEXT = 200
"""Characters shown of one text."""
_NAME = 80
_BYTES = 48
_NESTED = Limits(size=1 << 20, opcodes=100_000, memo=100_000, made=1 << 20)
_DUMMY = b"__RAY_DUMMY__"

_Named: TypeAlias = "Iterable[tuple[str | None, Value]]"


def shown(value: Value) -> ShownValue:
    """A value as a tree."""
    return _Tree().value(value)


def shown_args(value: Value) -> ShownValue:
    """The arguments of a task as Ray flattens them: `[b"__RAY_DUMMY__", positional, "name", named, …]`.

    Format: `flatten_args` in `ray/_private/signature.py`. Anything else is shown as it is.
    """
    tree = _Tree()
    value = tree.unwrapped(value)
    if not isinstance(value, Items) or value.kind != "list" or len(value.items) % 2:
        return tree.value(value)
    names, values = value.items[::2], value.items[1::2]
    if any(name != _DUMMY if isinstance(name, bytes) else type(name) is not str for name in names):
        return tree.value(value)
    pairs = [(name if isinstance(name, str) else None, item) for name, item in zip(names, values, strict=True)]
    members, more = tree.members(pairs, len(pairs))
    return ShownValue("arguments", size=len(pairs), members=members, more=more)


class _Tree:
    __slots__ = ("_left", "_path", "_unwrapped")

    def __init__(self) -> None:
        self._left = NODES
        self._path: list[Node] = []
        self._unwrapped = 0

    def value(self, value: Value) -> ShownValue:
        self._left -= 1
        if isinstance(value, str):
            return ShownValue("str", _cut(value, TEXT), len(value))
        if isinstance(value, bytes):
            return ShownValue("bytes", _cut(value, _BYTES), len(value))
        if not isinstance(value, Node):
            return ShownValue(type(value).__name__, _cut_text(repr(value), TEXT))
        if isinstance(value, ByteArray):
            return ShownValue("bytearray", _cut(value.data, _BYTES), len(value.data))
        value = self.unwrapped(value)
        if not isinstance(value, Node):
            return self.value(value)
        if any(node is value for node in self._path):
            return ShownValue("", "(the value that it lies in)")
        self._path.append(value)
        try:
            return self._node(value)
        finally:
            self._path.pop()

    def unwrapped(self, value: Value) -> Value:
        """What was pickled twice, read again: Ray Client sends arguments as `cloudpickle.loads(b"…")`."""
        match value:
            case Call(function=Global(module=module, name="loads"), args=[bytes() as data]) if "pickle" in module:
                self._unwrapped += 1
                if self._unwrapped > 2:
                    return value
                try:
                    return read_pickle(data, _NESTED)
                except UnreadablePickle:
                    return value  # shown as the call that it is
        return value

    def members(self, pairs: _Named, count: int) -> tuple[tuple[Member, ...], int]:
        """The first ones, and how many are left out."""
        if len(self._path) >= DEPTH:
            return (), count
        told: list[Member] = []
        for name, value in itertools.islice(pairs, MEMBERS):
            if self._left <= 0:
                break
            told.append(Member(name, self.value(value)))
        return tuple(told), count - len(told)

    def _node(self, node: Node) -> ShownValue:
        if isinstance(node, Items):
            return self._holding(node.kind, ((None, item) for item in node.items), len(node.items))
        if isinstance(node, Pairs):
            return self._holding("dict", ((_key(key), item) for key, item in node.pairs), len(node.pairs))
        if isinstance(node, Call):
            return self._call(node)
        return ShownValue("", render(node, limit=TEXT))

    def _holding(self, kind: str, pairs: _Named, count: int) -> ShownValue:
        members, more = self.members(pairs, count)
        return ShownValue(kind, size=count, members=members, more=more)

    def _call(self, call: Call) -> ShownValue:
        match call:
            case Call(
                function=Global(module="ray.workflow.serialization_context", name="_resolve_workflow_refs"),
                args=[int() as index],
            ) if 0 <= index < 1 << 31:
                return ShownValue("upstream", upstream=index)
        if summary := array_summary(call):
            return ShownValue(*summary, size=data_size(call))
        if texts := library_texts(call):
            return ShownValue(_callee(call), _cut_text(texts.source, TEXT))
        if class_by_value(call):
            return ShownValue("type", render(call, limit=TEXT))
        if is_machinery(call.function) and function_name(call):
            return ShownValue("function", render(call, limit=TEXT))
        members, more = self.members(_parts(call), _count(call))
        return ShownValue(_callee(call), members=members, more=more)


def _parts(call: Call) -> _Named:
    """Arguments, attributes, items and pairs of an object."""
    yield from ((None, item) for item in call.args)
    yield from ((_key(key), item) for key, item in call.kwargs or ())
    for state in call.states or ():
        yield from _attributes(state)
    yield from ((None, item) for item in call.items or ())
    yield from ((_key(key), item) for key, item in call.pairs or ())


def _count(call: Call) -> int:
    direct = sum(len(part or ()) for part in (call.args, call.kwargs, call.items, call.pairs))
    return direct + sum(map(_count_attributes, call.states or ()))


def _count_attributes(state: Value) -> int:
    dicts = _dicts(state)
    return sum(len(part.pairs) for part in dicts) if dicts else int(state is not None)


def _attributes(state: Value) -> _Named:
    dicts = _dicts(state)
    if dicts:
        return ((_key(key), item) for part in dicts for key, item in part.pairs)
    return [("state", state)] if state is not None else []


def _dicts(state: Value) -> Sequence[Pairs]:
    """The attributes that a state sets: one dict, or those of the object and of its slots."""
    if isinstance(state, Pairs):
        return [state]
    if isinstance(state, Items) and state.kind == "tuple" and len(state.items) == 2:
        dicts = [part for part in state.items if isinstance(part, Pairs)]
        if dicts and len(dicts) + state.items.count(None) == 2:
            return dicts
    return []


def _callee(call: Call) -> str:
    function = call.function
    if written := class_by_value(function):
        is_plain = written.module in (None, "__main__", "builtins")
        return (written.name if is_plain else f"{written.module}.{written.name}")[:_NAME]
    if isinstance(function, Global):
        is_plain = function.module in ("builtins", "__main__")
        return (function.name if is_plain else f"{function.module}.{function.name}")[:_NAME]
    return render(function, limit=_NAME)


def _key(key: Value) -> str:
    if type(key) is not str:
        return render(key, limit=_NAME)
    # The end stays: it tells whether the value is a secret.
    return key if len(key) <= _NAME else f"{key[: _NAME // 2]}…{key[-_NAME // 2 :]}"


def _cut(value: str | bytes, limit: int) -> str:
    return repr(value) if len(value) <= limit else repr(value[:limit]) + "…"


def _cut_text(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "…"
