"""Common values of the standard library that are pickled as calls: what `str` and `repr` give for them.

A closed list, each worked out from numbers and texts of the expected form; anything else stays a call. Formats:
`__reduce__` and `__getstate__` of the classes, in `Lib/pathlib`, `Lib/uuid.py`, `Lib/decimal.py` and `Lib/datetime.py`.
"""

from __future__ import annotations

import datetime
import pathlib
import re
from typing import TYPE_CHECKING, NamedTuple

from wftui.sources.ray.storage.pickle_values import Call, Global, Value, lookup

if TYPE_CHECKING:
    from collections.abc import Callable

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?|-?Infinity|-?s?NaN", re.ASCII)
_LONGEST = 4_096  # characters


class Texts(NamedTuple):
    """What Python prints for a value: `str` and `repr`."""

    text: str
    source: str


def library_texts(value: Value) -> Texts | None:
    """What Python prints for a value of the standard library; None for any other, or where that is not certain."""
    if not isinstance(value, Call) or not isinstance(value.function, Global):
        return None
    if value.kwargs or value.items or value.pairs or len(value.args) > 64:
        return None
    told = _TEXTS.get((value.function.module, value.function.name))
    return told(value) if told else None


def _path(call: Call) -> Texts | None:
    parts = [part for part in call.args if isinstance(part, str)]
    if (
        len(parts) != len(call.args)
        or call.states
        or sum(map(len, parts)) > _LONGEST
        or not isinstance(call.function, Global)
    ):
        return None
    text = str(pathlib.PurePosixPath(*parts))  # pure: it never looks at a disk
    return Texts(text, f"{call.function.name}({text!r})")


def _decimal(call: Call) -> Texts | None:
    match call.args:
        case [str() as text] if len(text) <= _LONGEST and _DECIMAL.fullmatch(text):
            return Texts(text, f"Decimal('{text}')")
    return None


def _uuid(call: Call) -> Texts | None:
    if call.args or not call.states or len(call.states) != 1:
        return None
    match lookup(call.states[0], "int", within=4):
        case (int() as number,) if type(number) is int and 0 <= number < 1 << 128:
            digits = f"{number:032x}"
            text = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
            return Texts(text, f"UUID('{text}')")
    return None


def _range(call: Call) -> Texts | None:
    match call.args:
        case [int() as start, int() as stop, int() as step] if step:
            text = f"range({start}, {stop})" if step == 1 else f"range({start}, {stop}, {step})"
            return Texts(text, text)
    return None


def _date(call: Call) -> Texts | None:
    match call.args:
        case [bytes() as data] if len(data) == 4:
            return _made(lambda: datetime.date(data[0] * 256 + data[1], data[2], data[3]))
    return None


def _datetime(call: Call) -> Texts | None:
    match call.args:
        case [bytes() as data] if len(data) == 10:
            zone = None
        case [bytes() as data, Call() as zone_call] if len(data) == 10 and _is_utc(zone_call):
            zone = datetime.timezone.utc
        case _:
            return None
    fold, month = divmod(data[2], 128)
    year, microsecond = data[0] * 256 + data[1], int.from_bytes(data[7:], "big")
    day, hour, minute, second = data[3:7]
    return _made(lambda: datetime.datetime(year, month, day, hour, minute, second, microsecond, zone, fold=fold))


def _timedelta(call: Call) -> Texts | None:
    days, seconds, microseconds = call.args if len(call.args) == 3 else (None, None, None)
    if type(days) is not int or type(seconds) is not int or type(microseconds) is not int:
        return None
    if abs(days) > 999_999_999 or not 0 <= seconds < 86_400 or not 0 <= microseconds < 1_000_000:
        return None
    return _made(lambda: datetime.timedelta(days, seconds, microseconds))


def _is_utc(zone: Call) -> bool:
    match zone:
        case Call(
            function=Global(module="datetime", name="timezone"),
            args=[Call(function=Global(module="datetime", name="timedelta"), args=[0, 0, 0])],
        ):
            return True
    return False


def _made(make: Callable[[], object]) -> Texts | None:
    try:
        value = make()
    except ValueError:  # no such day
        return None
    return Texts(str(value), repr(value))


_TEXTS: dict[tuple[str, str], Callable[[Call], Texts | None]] = {
    ("builtins", "range"): _range,
    ("datetime", "date"): _date,
    ("datetime", "datetime"): _datetime,
    ("datetime", "timedelta"): _timedelta,
    ("decimal", "Decimal"): _decimal,
    ("pathlib", "PosixPath"): _path,
    ("pathlib", "PurePosixPath"): _path,
    ("pathlib._local", "PosixPath"): _path,
    ("pathlib._local", "PurePosixPath"): _path,
    ("uuid", "UUID"): _uuid,
}
