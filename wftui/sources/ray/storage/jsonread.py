"""JSON as Ray leaves it: not strict, not written atomically, sometimes not there.

Ray writes with `json.dumps` into the file itself, so a reader meets empty and half-written files, and NaN, Infinity
and integers of any size.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wftui.sources.stores.base import Blob

MAX_JSON = 4 << 20
"""Bytes that are read of a JSON file; a longer one is called unreadable."""

_MAX_INTEGER = 2**63 - 1
_LONGEST_INTEGER = 4000  # digits; Python itself refuses to convert more than 4300


class Parsed(NamedTuple):
    """What a JSON file held.

    Attributes:
        value: The object; empty when missing or unreadable.
        there: Whether there is such a file.
        what: Why it could not be read; "" when it was, or when there is none.
        retry: It looks half-written: worth another look soon.
    """

    value: Mapping[str, object]
    there: bool
    what: str = ""
    retry: bool = False


# As `json.loads` of text, without its looking for other encodings: Ray writes UTF-8. One decoder also means one NaN,
# so that metadata that holds it equals itself when it is read again.
_decoder = json.JSONDecoder()
_decode = _decoder.decode
# As `decode`, without looking for spaces around the value.
_scan: Callable[[str, int], tuple[object, int]] = vars(_decoder)["scan_once"]

_NOTHING: Mapping[str, object] = {}
MISSING = Parsed(_NOTHING, False)
_new = tuple.__new__  # as `Parsed(…)`, for a third of it


def parse_small(data: bytes) -> Parsed | None:
    """The JSON object that these bytes are; None where it takes `parse_object` to tell what they are."""
    try:
        text = data.decode()
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        return None
    return _new(Parsed, (value, True, "", False)) if end == len(text) and type(value) is dict else None


def parse_object(blob: Blob) -> Parsed:
    """The JSON object in a blob; never raises."""
    data = blob.data
    if not data:
        if blob.missing:
            return MISSING
        if blob.error:
            return Parsed(_NOTHING, True, blob.error)
        return Parsed(_NOTHING, True, "empty: a write is under way or was interrupted", True)
    is_cut = blob.size is not None and blob.size > len(data)
    if not is_cut and (parsed := parse_small(data)) is not None:  # nearly always
        return parsed
    if is_cut:
        return Parsed(_NOTHING, True, f"larger than {MAX_JSON} bytes", len(data) < MAX_JSON)
    try:
        value = _decode(data.decode())
    except RecursionError:
        return Parsed(_NOTHING, True, "nested too deeply")
    except json.JSONDecodeError as error:
        return Parsed(_NOTHING, True, f"half-written or not JSON: {error.msg} at character {error.pos}", True)
    except UnicodeDecodeError as error:
        return Parsed(_NOTHING, True, f"not UTF-8 at byte {error.start}", True)
    except ValueError:
        value = _loads_with_long_integers(data)
    if type(value) is not dict:
        return Parsed(_NOTHING, True, f"not a JSON object but a {_kind(value)}")
    return Parsed(cast("Mapping[str, object]", value), True)


def _loads_with_long_integers(data: bytes) -> object:
    """JSON with integers that Python does not convert; they stay text."""
    try:
        return json.loads(data, parse_int=lambda digits: int(digits) if len(digits) < _LONGEST_INTEGER else digits)
    except (ValueError, RecursionError):
        return None


def _kind(value: object) -> str:
    return {list: "list", str: "string", type(None): "null", bool: "boolean"}.get(type(value), "number")


def number(parsed: Parsed, key: str) -> tuple[float | None, str]:
    """A time in Unix seconds, and what is wrong with it ("" when nothing, or when it is not there)."""
    value = parsed.value.get(key)
    if value is None:
        return None, ""
    if type(value) is float and math.isfinite(value):
        return value, ""
    if type(value) is int:
        try:
            return float(value), ""
        except OverflowError:
            return None, f"{key} is too large a number"
    return None, f"{key} is not a number of seconds"


def mapping(value: object) -> Mapping[str, object] | None:
    """The value when it is an object, else None."""
    return cast("Mapping[str, object]", value) if type(value) is dict else None


class _Shapes(dict[tuple[str, ...], "type[object] | None"]):
    """A class for each set of keys that occurs, None for those that cannot be shared; see `sharing_keys`."""

    def __missing__(self, keys: tuple[str, ...]) -> type[object] | None:
        # Those that begin so are no mere attributes.
        can_share = len(keys) <= _MOST_SHARED and not any(key.startswith("__") for key in keys)
        shape = type("Shape", (), {}) if can_share else None
        if can_share and len(self) < _MOST_SHAPES:
            self[keys] = shape
        return shape


_MOST_SHAPES = 256
_MOST_SHARED = 20  # keys
_SHAPES = _Shapes()


def sharing_keys(value: Mapping[str, object]) -> Mapping[str, object]:
    """A plain dict with the same content, that takes half the memory where many have the same keys.

    Python keeps the keys of the attributes of objects of one class once for all of them: the dict is that of an
    object that is otherwise forgotten.
    """
    shape = _SHAPES[tuple(value)]
    if shape is None:
        return dict(value)
    it = shape()
    for key, item in value.items():
        setattr(it, key, item)
    return vars(it)


def not_strict(value: object) -> tuple[str, ...]:
    """In words, what in a value strict JSON cannot hold: NaN, Infinity, integers beyond 64 bits."""
    found: dict[str, None] = {}
    for leaf in _leaves(value):
        if type(leaf) is float and not math.isfinite(leaf):
            found["NaN" if math.isnan(leaf) else "Infinity"] = None
        elif type(leaf) is int and not -_MAX_INTEGER - 1 <= leaf <= _MAX_INTEGER:
            found["an integer beyond 64 bits"] = None
    return tuple(found)


def _leaves(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)
        else:
            yield top
