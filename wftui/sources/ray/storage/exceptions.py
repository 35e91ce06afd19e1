"""Reads the exception that a task recorded (`exception.pkl`) without executing anything.

Python pickles an exception as its class, its `args` and its attributes: causes, contexts and tracebacks are not there,
except where Ray wrapped the error of another task (`RayTaskError`, `RayTaskError(ValueError)`; `ray/exceptions.py`).
Foreign text is handed on raw.
"""

from __future__ import annotations

from dataclasses import replace

from wftui.model.task import ErrorInfo
from wftui.sources.ray.storage.cloudpickled import class_by_value, class_dict, closed_over, function_name
from wftui.sources.ray.storage.exception_classes import exception_class
from wftui.sources.ray.storage.exception_messages import message
from wftui.sources.ray.storage.exception_raised import Raised, own_args, raised
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
    lookup,
)
from wftui.sources.ray.storage.pickles import read_pickle

READ_AT_MOST = 4 * 1024 * 1024
"""Bytes of an `exception.pkl` that are worth reading; of a longer one tell `read_exception` that it was truncated."""

# Far less than what reads in general: errors are read in numbers, for every row on screen.
_LIMITS = Limits(size=READ_AT_MOST, opcodes=300_000, memo=300_000, made=READ_AT_MOST)

_ARGUMENT = 2_000  # characters
_TRACEBACK = 262_144  # characters
_ARGUMENTS = 50
_CAUSES = 32


def read_exception(data: bytes, *, truncated: bool = False) -> ErrorInfo:
    """What a pickled exception says. Never raises, whatever the data.

    Args:
        data: The pickle.
        truncated: The reader took only the start of it.

    Returns:
        Class, message and arguments; the causes and the traceback where Ray recorded them. What cannot be read has no
        type, and its message says why; so has what is no exception, but with a type.
    """
    try:
        value = read_pickle(data, _LIMITS)
    except UnreadablePickle as unreadable:
        return _unreadable(unreadable, len(data), truncated=truncated)
    first, *others = _chain(value)
    return replace(first, causes=tuple(others))


def _unreadable(error: UnreadablePickle, size: int, *, truncated: bool) -> ErrorInfo:
    begun = exception_class(error.begun)
    likely = begun.name if begun and begun.is_exception is not False else None
    if truncated and error.cut_short:
        return ErrorInfo(likely, f"the file is too large: only its first {size} bytes were read")
    it_began = f"; it began as {likely}" if likely else ""
    return ErrorInfo(None, f"the file {error.why}{it_began}")


def _chain(value: Value) -> list[ErrorInfo]:
    """The exception and what led to it, nearest first."""
    told: list[ErrorInfo] = []
    seen: set[int] = set()
    left = [value]
    while left and len(told) < _CAUSES:
        current = left.pop(0)
        if isinstance(current, Node):
            if id(current) in seen:
                continue
            seen.add(id(current))
        told.append(_told(current))
        left.extend(_led_to(current)[:_CAUSES])
    return told


def _told(value: Value) -> ErrorInfo:
    error = raised(value)
    if error is None:
        return _no_exception(value)
    if error.cls.rule == "RayTaskError":
        traceback = _traceback(error)
        if traceback is not None and len(traceback) > _TRACEBACK:  # its end tells most
            traceback = "…" + traceback[-_TRACEBACK:]
        text = _wrapped_message(error, traceback)
        return ErrorInfo(error.cls.name, text, _args(error), traceback=traceback, notes=_notes(error))
    told = message(error)
    if error.cls.rule == "JSONDecodeError" and told.exact:  # pickled as what makes it, not as its `args`
        return ErrorInfo(error.cls.name, told.text, (render(told.text, limit=_ARGUMENT),), notes=_notes(error))
    return ErrorInfo(error.cls.name, told.text, _args(error), notes=_notes(error))


def _args(error: Raised) -> tuple[str, ...]:
    return tuple(render(arg, limit=_ARGUMENT) for arg in own_args(error)[:_ARGUMENTS])


def _notes(error: Raised) -> tuple[str, ...]:
    match error.attribute("__notes__"):
        case (Items(kind="list", items=notes),):
            return tuple(note[:_ARGUMENT] for note in notes[:_ARGUMENTS] if isinstance(note, str))
    return ()


def _no_exception(value: Value) -> ErrorInfo:
    shown = render(value, limit=_ARGUMENT)
    type_name = _type_name(value)
    if type_name is None and isinstance(value, Call):
        return ErrorInfo(None, f"its class is not recorded: it is made by {shown}")
    return ErrorInfo(type_name, f"not an exception: {shown}")


def _type_name(value: Value) -> str | None:
    if not isinstance(value, Node):
        return type(value).__name__
    if isinstance(value, Items):
        return value.kind
    if class_by_value(value) or (isinstance(value, Global) and exception_class(value) and value.module == "builtins"):
        return "type"
    if isinstance(value, Call):
        cls = exception_class(value.function)
        return cls.name if cls else "function" if function_name(value) else None
    return _NODE_TYPES.get(type(value))


_NODE_TYPES: dict[type[Node], str] = {Pairs: "dict", ByteArray: "bytearray"}


# -- what Ray wraps


def _led_to(value: Value) -> list[Value]:
    """What a wrapped error or a group of errors came from, where the pickle holds it."""
    error = raised(value)
    if error is None:
        return []
    if error.cls.rule == "RayTaskError":
        cause = _cause(error)
        return [] if cause is None else [cause]
    if error.cls.rule == "BaseExceptionGroup" and len(error.args) == 2:
        group = error.args[1]
        return list(group.items[:_CAUSES]) if isinstance(group, Items) else []
    return []


def _cause(error: Raised) -> Value:
    found = error.attribute("cause")
    if found:
        return found[0]
    position = 0 if len(error.args) == 1 else 2
    candidate = error.args[position] if position < len(error.args) else None
    return candidate if raised(candidate) else None


def _traceback(error: Raised) -> str | None:
    """The text of the wrapped traceback.

    A plain `RayTaskError` has it as an attribute; of `RayTaskError(ValueError)`, a class made for the occasion, only
    the `__str__` has it, in its closure.
    """
    found = error.attribute("traceback_str") or (error.args[1:2] if len(error.args) > 2 else None)
    if found and isinstance(found[0], str):
        return found[0]
    shown = lookup(class_dict(error.call.function), "__str__")
    return closed_over(shown[0]) if shown else None


def _wrapped_message(error: Raised, traceback: str | None) -> str:
    """What went wrong in one task: the whole of `str`, a traceback of many lines, is told apart."""
    cause = raised(_cause(error))
    if cause is not None and cause.cls.rule != "RayTaskError":
        return message(cause).text
    lines = (traceback or "").strip().splitlines()
    return lines[-1] if lines else message(error).text
