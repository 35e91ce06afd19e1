"""Arrays and tables in pickles: their class, shape and type of elements, told from what makes them. Nothing is made.

Formats: `ndarray.__reduce_ex__` and `dtype.__reduce__` of NumPy (1 and 2, protocols 0 to 5); `NDFrame.__getstate__`,
`BlockManager.__reduce__` and `Index.__reduce__` of pandas (1 to 3).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from wftui.sources.ray.storage.pickle_values import ByteArray, Call, Global, Items, Value, children, lookup

_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex"}
_WORDS = {"b1": "bool", "?": "bool", "O8": "object", "O4": "object", "O": "object"}
_TIMES = {"M8": "datetime64", "m8": "timedelta64"}
_FORMS = {
    "f2": "e",
    "f4": "f",
    "f8": "d",
    "b1": "?",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
}
_DIMENSIONS = 64
_LOOKED_AT = 400
"""Nodes of a table that are looked at for its axes."""
_FIELDS = 8
_COLUMNS = 12
_LONGEST_NAME = 40  # characters


class Summary(NamedTuple):
    """A class, and what can be said of the value in a few words."""

    type: str
    text: str


def array_summary(value: Value) -> Summary | None:
    """What a NumPy array, scalar or dtype, or a pandas table is; None for anything else."""
    if not isinstance(value, Call) or not isinstance(value.function, Global):
        return None
    package, _, rest = value.function.module.partition(".")
    if package == "numpy":
        return _numpy(value, value.function.name)
    if package == "pandas" and (not rest or rest.startswith("core.")):
        return _pandas(value, value.function.name)
    return None


def _numpy(call: Call, name: str) -> Summary | None:
    if array := _array(call):
        shape, dtype = array
        return Summary(_array_class(call), f"shape {_shape_text(shape)}, {_dtype_text(dtype)}")
    match call.args:
        case [dtype, bytes() as data] if name == "scalar":
            return Summary(f"numpy.{_dtype_text(dtype)}", _number(dtype, data))
        case [str(), *_] if name == "dtype":
            return Summary("numpy.dtype", _dtype_text(call))
    return None


def _array_class(call: Call) -> str:
    match call.args:
        case [Global(module=module, name=name), Items(), *_]:
            return f"{module}.{name}"
    return "numpy.ndarray"


def _array(value: Value) -> tuple[tuple[int, ...], Value] | None:
    """Shape and dtype."""
    if not isinstance(value, Call) or not isinstance(value.function, Global):
        return None
    if value.function.module.partition(".")[0] != "numpy":
        return None
    match value:
        case Call(function=Global(name="_frombuffer"), args=[_, dtype, Items(items=sides), *_]):
            shape = _sides(sides)
        case Call(
            function=Global(name="_reconstruct"), states=[Items(items=[int(), Items(items=sides), dtype, *_]), *_]
        ):
            shape = _sides(sides)
        case _:
            return None
    return None if shape is None else (shape, dtype)


def _sides(items: list[Value]) -> tuple[int, ...] | None:
    sides = tuple(side for side in items[:_DIMENSIONS] if type(side) is int and 0 <= side < 1 << 63)
    return sides if len(sides) == len(items) else None


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def _dtype_text(dtype: Value) -> str:
    match dtype:
        case Call(function=Global(name="dtype"), args=[str() as code, *_]) if len(code) < _LONGEST_NAME:
            order, fields = _order_and_fields(dtype)
            if fields:
                return f"fields {fields}"
            code = code.lstrip("<>|=")
            kind, digits = code[:1], code[1:]
            bits = int(digits) * 8 if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
            swapped = " big-endian" if order == ">" else ""
            if code in _WORDS:
                return _WORDS[code]
            if code in _TIMES:
                return _TIMES[code] + swapped
            if kind in _KINDS and bits:
                return f"{_KINDS[kind]}{bits}{swapped}"
            if kind in ("U", "S", "V") and digits:
                return {"U": f"str of {digits} characters", "S": f"bytes of {digits}", "V": f"void of {digits}"}[kind]
            return code
        case Global(module=module, name=name):
            return f"{module}.{name}"[:_LONGEST_NAME]
    return "elements of a type that is not told"


def _number(dtype: Value, data: bytes) -> str:
    """A NumPy number as text; "" for what is none."""
    match dtype:
        case Call(args=[str() as code, *_]) if len(data) <= 8:
            order, _ = _order_and_fields(dtype)
            form = _FORMS.get(code.lstrip("<>|="))
            if form and struct.calcsize(form) == len(data):
                return repr(struct.unpack((">" if order == ">" else "<") + form, data)[0])
    return ""


def _order_and_fields(dtype: Call) -> tuple[Value, str]:
    match dtype.states:
        case [Items(items=[_, order, _, Items(items=names), *_]), *_]:
            told = [name[:_LONGEST_NAME] for name in names[:_FIELDS] if isinstance(name, str)]
            rest = len(names) - len(told)
            return order, ", ".join(told) + (f" and {rest} more" if rest else "")
        case [Items(items=[_, order, *_]), *_]:
            return order, ""
    return None, ""


# -- pandas


def _pandas(call: Call, name: str) -> Summary | None:
    if name not in ("DataFrame", "Series"):
        return Summary(f"pandas.{_class_of_index(call)}", _count(call)) if name == "_new_Index" else None
    axes = _axes(call)
    lengths = [_length(axis) for axis in axes]
    if name == "Series":
        return Summary("pandas.Series", f"{lengths[0]:,} long" if lengths and lengths[0] is not None else "")
    if len(lengths) != 2 or None in lengths:
        return Summary("pandas.DataFrame", "")
    columns = _labels(axes[0])
    return Summary(
        "pandas.DataFrame", f"{lengths[1]:,} rows, {lengths[0]:,} columns" + (f": {columns}" if columns else "")
    )


def _axes(call: Call) -> list[Call]:
    """The indices along a table, breadth first: the first list of nothing but indices."""
    level: list[Value] = list(call.states or ())
    left = _LOOKED_AT
    while level and left > 0:
        following: list[Value] = []
        for node in level[:left]:
            if isinstance(node, Items) and node.kind == "list" and 0 < len(node.items) <= 2:
                axes = [item for item in node.items if isinstance(item, Call) and _is_index(item)]
                if len(axes) == len(node.items):
                    return axes
            following.extend(children(node)[:left])
        left -= len(level)
        level = following
    return []


def _is_index(call: Call) -> bool:
    return isinstance(call.function, Global) and call.function.name == "_new_Index" and len(call.args) == 2


def _class_of_index(call: Call) -> str:
    match call.args:
        case [Global(name=name), *_]:
            return name[:_LONGEST_NAME]
    return "Index"


def _count(call: Call) -> str:
    length = _length(call) if _is_index(call) else None
    return "" if length is None else f"{length:,} long"


def _length(index: Call) -> int | None:
    told = index.args[1]
    match [lookup(told, name, within=8) for name in ("start", "stop", "step")]:
        case [(int() as start,), (int() as stop,), (int() as step,)] if step and max(map(abs, (start, stop))) < 1 << 60:
            return len(range(start, stop, step))
    for name in ("data", "codes", "labels"):
        found = lookup(told, name, within=8)
        if found and (array := _first_array(found[0])) and array[0]:
            return array[0][0]
    return None


def _first_array(value: Value) -> tuple[tuple[int, ...], Value, Call] | None:
    """The first array in a value, breadth first."""
    level, left = [value], 60
    while level and left > 0:
        following: list[Value] = []
        for node in level[:left]:
            if isinstance(node, Call) and (array := _array(node)):
                return (*array, node)
            following.extend(children(node)[:left])
        left -= len(level)
        level = following
    return None


def _labels(index: Call) -> str:
    """The first texts of an index of objects."""
    found = lookup(index.args[1], "data", within=8)
    array = _first_array(found[0]) if found else None
    match array:
        case (_, _, Call(states=[Items(items=[*_, Items(kind="list", items=items)]), *_])):
            told = [item[:_LONGEST_NAME] for item in items[:_COLUMNS] if isinstance(item, str)]
            return ", ".join(told) + (", …" if len(items) > len(told) else "")
    return ""


def data_size(value: Value) -> int | None:
    """Bytes of an array's elements where they are in the pickle."""
    match value:
        case Call(function=Global(name="_frombuffer"), args=[bytes() as data, *_]):
            return len(data)
        case Call(function=Global(name="_frombuffer"), args=[ByteArray(data=data), *_]):
            return len(data)
        case Call(function=Global(name="_reconstruct"), states=[Items(items=[*_, bytes() as data]), *_]):
            return len(data)
    return None
