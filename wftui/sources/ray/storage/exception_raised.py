"""An exception as its pickle tells it: the class, the arguments and the attributes."""

from __future__ import annotations

import errno
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.sources.ray.storage.exception_classes import ExceptionClass, exception_class
from wftui.sources.ray.storage.pickle_values import Call, Global, Items, Pairs, Value, lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

_OS_ERRORS = {number: type(OSError(number, "")).__name__ for number in errno.errorcode}

_STATES = 16  # looked at; pickles have one


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception.

    Attributes:
        cls: What is known of its class.
        call: What makes it.
        args: Its `args`.
    """

    cls: ExceptionClass
    call: Call
    args: Sequence[Value]

    def attribute(self, name: str) -> tuple[Value] | None:
        """The value of an attribute of its `__dict__`, in a tuple; None where there is none."""
        return attribute(self.call, name)


def raised(value: Value) -> Raised | None:
    """A value as an exception; None if it is certainly none, or not the making of an object."""
    if not isinstance(value, Call):
        return None
    cls = exception_class(value.function)
    if cls is None or cls.is_exception is False:
        return None
    args: Sequence[Value] = value.args
    match attribute(value, "args"):  # BaseException.__setstate__ sets it like any attribute
        case (Items(kind="tuple", items=items),):
            args = items
    if _is_builtin(value, cls, "OSError") and 2 <= len(args) <= 5 and type(args[0]) is int:
        # OSError(2, …) is a FileNotFoundError; up to protocol 2 it is written so.
        cls = replace(cls, name=_OS_ERRORS.get(args[0], cls.name))
    return Raised(cls, value, args)


def _is_builtin(call: Call, cls: ExceptionClass, name: str) -> bool:
    """Whether it is the builtin class itself, not one of `__main__` that has its name."""
    return cls.name == name and isinstance(call.function, Global) and call.function.module == "builtins"


def own_args(error: Raised) -> Sequence[Value]:
    """Its `args` as Python shows them: OSError takes the file names out."""
    if error.cls.rule == "OSError" and 2 < len(error.args) <= 5 and file_name(error) is not None:
        return error.args[:2]
    return error.args


def file_name(error: Raised) -> Value:
    """The file that an OSError of more than two arguments is about."""
    name = error.args[2] if len(error.args) > 2 else None
    is_count = _is_builtin(error.call, error.cls, "BlockingIOError") and isinstance(name, (int, float))
    return None if is_count else name  # of characters written


def attribute(call: Call, name: str) -> tuple[Value] | None:
    """The value that the state of an object sets for an attribute, in a tuple; None where there is none."""
    for state in reversed((call.states or [])[-_STATES:]):
        parts = state.items if isinstance(state, Items) and state.kind == "tuple" else [state]  # (dict, slots)
        for part in reversed(parts[:2]):
            if isinstance(part, Pairs) and (found := lookup(part, name)):
                return found
    return None
