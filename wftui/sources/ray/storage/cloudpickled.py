"""Classes and functions that cloudpickle wrote by value (those of `__main__` and of notebooks), looked into inertly.

A class is `_make_skeleton_class(type, name, bases, {"__module__": …}, …)`, and then its dict the state of a call of
`_class_setstate`; a function is `_make_function(code, …)`, and then its attributes the state of `_function_setstate`
(`ray/cloudpickle/cloudpickle.py`, in older rays half of it in `cloudpickle_fast.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from wftui.sources.ray.storage.pickle_values import Call, Global, Items, Value, lookup

_KEYWORDS = 4  # of a class: "__module__", and "__dict__" at times; its dict begins with them, too


class ClassByValue(NamedTuple):
    """A class: its module (None if not told), `__name__` and bases."""

    module: str | None
    name: str
    bases: list[Value]


def class_by_value(node: Value) -> ClassByValue | None:
    """The class that a value is; None if it is none, or one that is named only."""
    match node:
        case Call(
            function=Global(name="_make_skeleton_class"),
            args=[_, str() as name, Items(items=bases), keywords, *_],
        ):
            # Before cloudpickle 3 only the dict told the module.
            told = lookup(keywords, "__module__", within=_KEYWORDS)
            told = told or lookup(class_dict(node), "__module__", within=_KEYWORDS)
            module = told[0] if told else None
            return ClassByValue(module if isinstance(module, str) else None, name, bases)
        case Call(
            function=Global(name="_make_skeleton_enum"),
            args=[Items(items=bases), str() as name, _, _, str() as module, *_],
        ):
            return ClassByValue(module, name, bases)
    return None


def is_machinery(node: Value) -> bool:
    """Whether this names a part of cloudpickle itself, or of `copyreg`: what makes objects, and is no class."""
    if not isinstance(node, Global):
        return False
    return node.module in ("copyreg", "_codecs") or "cloudpickle" in node.module.split(".", 3)[:3]


def class_dict(cls: Value) -> Value:
    """The dict of a class that was written by value; None where it is not there."""
    return _state(cls, "_class_setstate", 0)


def function_name(function: Value) -> str | None:
    """The qualified name of a function that was written by value."""
    match lookup(_state(function, "_function_setstate", 1), "__qualname__"):
        case (str() as name,):
            return name
    return None


def closed_over(function: Value) -> str | None:
    """The one text that a function written by value closes over; None if it is anything else."""
    match lookup(_state(function, "_function_setstate", 1), "__closure__"):
        case (Items(items=[Call(args=[str() as text])]),):
            return text
    return None


def _state(node: Value, setter_name: str, part: int) -> Value:
    if not isinstance(node, Call):
        return None
    for setter in (node.setters or ())[:_KEYWORDS]:
        match setter:
            case Call(function=Global(name=name), args=[_, Items(kind="tuple", items=states)]):
                if name == setter_name and len(states) > part:
                    return states[part]
    return None
