"""What tasks were given and gave back, as lines and as JSON. Secrets are masked here. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.secrets import MASK_ASCII, is_secret
from wftui.present.format import size
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.values import Member, ShownValue, StoredValue, TaskValues
    from wftui.present.tables import Cell

Json = dict[str, object]

_WORDS = ("NoneType", "bool", "int", "float", "complex")
"""Types whose text tells them, and which hide nothing: they are shown under secret keys, too."""
_BARE = (*_WORDS, "str", "bytes", "bytearray")
_BRACKETS = {"dict": "{}", "list": "[]", "tuple": "()", "set": "{}", "frozenset": "{}", "arguments": "()"}


def values_lines(task_id: str, values: TaskValues, upstream: Sequence[str], *, show: bool) -> Iterator[list[Cell]]:
    """The lines of one task, harmless.

    Args:
        task_id: Which.
        values: Its values.
        upstream: The ids that it waits for, in the recorded order.
        show: Show secrets.
    """
    yield [(visible(task_id) or "(empty id)", "heading")]
    for title, stored in (("args", values.args), ("output", values.output)):
        if stored is None:
            yield [(f"  {title:<8}", "muted"), ("none stored", "muted")]
        else:
            yield from _stored(title, stored, upstream, show)


def _stored(title: str, stored: StoredValue, upstream: Sequence[str], show: bool) -> Iterator[list[Cell]]:
    of = f"  {size(stored.size)}" if stored.size is not None else ""
    if stored.value is None:
        yield [(f"  {title:<8}", "muted"), (visible(stored.problem), "failed"), (of, "muted")]
        return
    yield [(f"  {title:<8}", "muted"), (_text(stored.value, upstream, hidden=False), ""), (of, "muted")]
    yield from _members(stored.value, upstream, 4, hidden=False, show=show)
    if stored.problem:
        yield [("    … ", "muted"), (visible(stored.problem), "muted")]


def _members(
    value: ShownValue, upstream: Sequence[str], indent: int, *, hidden: bool, show: bool
) -> Iterator[list[Cell]]:
    for member in value.members:
        secret = not show and (hidden or _is_secret(member))
        name = "" if member.name is None else f"{visible(member.name)}: "
        yield [(" " * indent, ""), (name, "muted"), (_text(member.value, upstream, hidden=secret), "")]
        yield from _members(member.value, upstream, indent + 2, hidden=secret, show=show)
    if value.more:
        yield [(f"{' ' * indent}… {value.more:,} more", "muted")]


def _text(value: ShownValue, upstream: Sequence[str], *, hidden: bool) -> str:
    if value.upstream is not None:
        at = value.upstream
        return f"the output of {visible(upstream[at])}" if at < len(upstream) else f"the output of task {at + 1} before"
    text = MASK_ASCII if hidden and value.text and value.type not in _WORDS else visible(value.text)
    if value.type in _BARE:
        long = value.size is not None and value.text.endswith("…") and not hidden
        return f"{text} ({value.size:,} {'characters' if value.type == 'str' else 'bytes'})" if long else text
    if value.type in _BRACKETS:
        pair = _BRACKETS[value.type]
        return f"{value.type} {pair[0]}{value.size or 0:,}{pair[1]}"
    of = f" ({size(value.size)})" if value.size is not None else ""
    return " ".join(part for part in (visible(value.type), text) if part) + of


def _is_secret(member: Member) -> bool:
    # A key of bytes comes as `repr` prints it.
    return member.name is not None and is_secret(member.name.strip("'\""))


# -- JSON ------------------------------------------------------------------------------------------------------


def values_json(values: TaskValues | None, upstream: Sequence[str], *, show: bool) -> Json:
    """The keys that `--values` adds to a task: `args` and `output`, each null where none is stored."""
    if values is None:
        return {"args": None, "output": None}
    return {"args": _file_json(values.args, upstream, show), "output": _file_json(values.output, upstream, show)}


def _file_json(stored: StoredValue | None, upstream: Sequence[str], show: bool) -> Json | None:
    if stored is None:
        return None
    value = None if stored.value is None else _value_json(stored.value, upstream, hidden=False, show=show)
    return {"size": stored.size, "problem": stored.problem or None, "value": value}


def _value_json(value: ShownValue, upstream: Sequence[str], *, hidden: bool, show: bool) -> Json:
    text = MASK_ASCII if hidden and value.text and value.type not in _WORDS else value.text
    at = value.upstream
    members: list[Json] = []
    for member in value.members:
        secret = not show and (hidden or _is_secret(member))
        members.append({"name": member.name, "value": _value_json(member.value, upstream, hidden=secret, show=show)})
    return {
        "type": value.type or None,
        "text": text or None,
        "size": value.size,
        "members": members,
        "more": value.more,
        "upstream": upstream[at] if at is not None and at < len(upstream) else None,
    }
