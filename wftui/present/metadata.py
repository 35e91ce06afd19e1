"""JSON as lines that fold, bounded whatever it holds; and the Metadata tab made of them. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.secrets import MASK_ASCII, is_secret
from wftui.model.status import StatusSource, TimeSource
from wftui.present.columns import Span
from wftui.present.document import EMPTY, NO_FOLDS, Folds, Line, field, fold_line, foreign_lines, heading
from wftui.present.format import duration, full_time
from wftui.present.secrets import MASK
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

_Container = Mapping[str, object] | list[object] | tuple[object, ...]
# A text longer than that, or of several lines, folds.
SHORT = 120
# A list of scalars that is no longer than that stays on one line.
INLINE = 60
# So many children of one container are a block of their own, which opens by itself only at the top.
CHUNK = 100
# Containers are open at first down to this depth, unless they are big.
OPEN_DEPTH = 2
OPEN_SIZE = 20
# Nothing is drawn deeper than that: no terminal is wide enough.
DEEPEST = 60
_BIG_INTEGER_BITS = 2048
_WIDEST_KEY = 24
_NOT_STRICT = "  (not strict JSON)"


@dataclass(frozen=True, slots=True)
class JsonLook:
    """How to draw JSON.

    Attributes:
        glyphs: The characters to draw with.
        folds: What was opened or closed by hand.
        show_secrets: Show values that look like secrets.
    """

    glyphs: Glyphs
    folds: Folds = NO_FOLDS
    show_secrets: bool = False


def json_lines(value: Mapping[str, object], look: JsonLook, prefix: str, indent: int = 0) -> list[Line]:
    """The members of a mapping, a line each, with what is open below them. Costs what is open, not what is there.

    Args:
        value: As read; secrets are masked here.
        look: How to draw it.
        prefix: Begins the keys of all lines, so that two of these fit into one document.
        indent: Cells before everything.
    """
    return list(_members(value, look, _Place(prefix, indent)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a document: the path of keys, the cells before it, how deep it is, whether it lies under a secret."""

    path: str
    indent: int
    depth: int = 0
    hidden: bool = False

    def inner(self, path: str, *, hidden: bool) -> _Place:
        return _Place(path, self.indent + 2, self.depth + 1, hidden)


def _members(container: object, look: JsonLook, place: _Place) -> Iterator[Line]:
    if place.depth > DEEPEST:
        yield Line((Span(" " * place.indent + "(nested deeper than can be shown)", "muted"),))
    elif isinstance(container, Mapping):
        yield from _range(container, list(container), 0, len(container), look, place)
    elif isinstance(container, (list, tuple)):
        yield from _range(container, None, 0, len(container), look, place)


def _range(
    container: _Container, names: list[object] | None, start: int, stop: int, look: JsonLook, place: _Place
) -> Iterator[Line]:
    """Members from `start` to `stop`, in blocks where they are many; `names` for a mapping, None for a list."""
    if stop - start <= CHUNK:
        shown = [str(at if names is None else names[at]) for at in range(start, stop)]
        width = max((len(visible(name[:_WIDEST_KEY])) for name in shown), default=0)
        for at, name in enumerate(shown, start):
            value = container[at] if names is None else container[names[at]]  # type: ignore[call-overload, index] # a list by place, a mapping by name
            yield from _member(name, value, look, place, min(width, _WIDEST_KEY))
        return
    step = CHUNK
    while stop - start > step * CHUNK:
        step *= CHUNK
    for begin in range(start, stop, step):
        end = min(begin + step, stop)
        first, last = (str(at if names is None else names[at])[:40] for at in (begin, end - 1))
        fold = f"{place.path}#{begin}+{end - begin}"
        is_open = look.folds.is_open(fold, by_default=begin == 0 and place.depth < OPEN_DEPTH)
        title = (Span(f"{visible(first)} to {visible(last)}", "muted"),)
        yield fold_line(fold, title, is_open=is_open, glyphs=look.glyphs, indent=place.indent)
        if is_open:
            inner = _Place(place.path, place.indent + 2, place.depth + 1, place.hidden)
            yield from _range(container, names, begin, end, look, inner)


def _member(name: str, value: object, look: JsonLook, place: _Place, width: int) -> Iterator[Line]:
    shown = visible(name[:200])
    path = f"{place.path}/{name.replace('~', '~0').replace('/', '~1')}"  # as in a JSON pointer
    hidden = place.hidden or (is_secret(name) and not look.show_secrets)
    key = Span(shown.ljust(width) + "  ", "muted")
    inline = _masked(look) if hidden and isinstance(value, str) and value else _inline(value, hidden=hidden)
    if inline is not None:
        hang = place.indent + 2 + max(width, len(shown)) + 2
        yield Line((Span(" " * (place.indent + 2)), key, *inline), hang=hang, key=f"value:{path}")
        return
    if isinstance(value, str):
        is_open = look.folds.is_open(path, by_default=False)
        start = "" if is_open else f"{visible(value[:SHORT].split(chr(10), 1)[0][:60])}{look.glyphs.ellipsis}  "
        parts = (key, Span(start), Span(_length(value), "faint"))
        yield fold_line(path, parts, is_open=is_open, glyphs=look.glyphs, indent=place.indent)
        if is_open:
            yield from foreign_lines(value, "", place.indent + 2)
        return
    is_open = look.folds.is_open(path, by_default=place.depth < OPEN_DEPTH and _size(value) <= OPEN_SIZE)
    count = _count(value) if is_open else f"{_count(value)}  {_preview(value, look, hidden=hidden)}"
    title = (Span(shown + "  ", "muted"), Span(count, "faint"))
    yield fold_line(path, title, is_open=is_open, glyphs=look.glyphs, indent=place.indent)
    if is_open:
        yield from _members(value, look, place.inner(path, hidden=hidden))


def _inline(value: object, *, hidden: bool) -> tuple[Span, ...] | None:
    """A scalar, or a list of a few short ones, on its line; None for what folds."""
    if isinstance(value, str):
        return None if len(value) > SHORT or "\n" in value else _scalar(value)
    if not isinstance(value, (Mapping, list, tuple)) or not value:
        return _scalar(value)
    if isinstance(value, Mapping) or len(value) > OPEN_SIZE:
        return None
    spans: list[Span] = []
    for member in value:
        if isinstance(member, (Mapping, list, tuple)) or (isinstance(member, str) and (hidden or len(member) > INLINE)):
            return None
        spans += [Span(", " if spans else "[", "faint"), *_scalar(member)]
    return (*spans, Span("]", "faint")) if sum(len(span.text) for span in spans) <= INLINE else None


def _masked(look: JsonLook) -> tuple[Span, ...]:
    return (Span(MASK if not look.glyphs.ellipsis.isascii() else MASK_ASCII, "muted"),)


def _scalar(value: object) -> tuple[Span, ...]:
    if isinstance(value, str):
        return (Span(visible(json.dumps(value, ensure_ascii=False))),)
    if isinstance(value, bool) or value is None:
        return (Span(json.dumps(value), "waiting"),)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return (Span(repr(value), "waiting"),)
        word = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return (Span(word, "warning"), Span(_NOT_STRICT, "muted"))
    if isinstance(value, (Mapping, list, tuple)):
        return (Span("{}" if isinstance(value, Mapping) else "[]", "faint"),)
    return (Span(visible(str(value)[:SHORT]), "muted"),)


def _integer(value: int) -> tuple[Span, ...]:
    bits = value.bit_length()
    if bits <= _BIG_INTEGER_BITS:
        return (Span(str(value), "waiting"),)
    # Python refuses to write out bigger ones in decimal, and nobody would read them.
    digits = int(bits * math.log10(2)) + 1
    return (Span(f"an integer of about {digits:,} digits", "warning"),)


def _size(value: object) -> int:
    return len(value) if isinstance(value, (Mapping, list, tuple)) else 0


def _count(value: object) -> str:
    return f"{{{_size(value):,}}}" if isinstance(value, Mapping) else f"[{_size(value):,}]"


def _length(value: str) -> str:
    lines = value.count("\n") + 1
    return f"{lines:,} lines" if lines > 1 else f"{len(value):,} characters"


def _preview(value: object, look: JsonLook, *, hidden: bool) -> str:
    """The first members in one short line."""
    texts: list[str] = []
    items: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        items = [(str(key), value[key]) for key, _ in zip(value, range(4), strict=False)]
    elif isinstance(value, (list, tuple)):
        items = [("", member) for member in value[:4]]
    for name, member in items:
        if isinstance(member, (Mapping, list, tuple)):
            text = _count(member)
        elif isinstance(member, str):
            secret = member and (hidden or (is_secret(name) and not look.show_secrets))
            text = _masked(look)[0].text if secret else visible(member[:20])
        else:
            text = _scalar(member)[0].text
        texts.append(f"{visible(name[:20])}: {text}" if isinstance(value, Mapping) else text)
    return ", ".join(texts)[:70]


# -- the tab ---------------------------------------------------------------------------------------------------

_SAYS = {
    StatusSource.CLUSTER: "the cluster",
    StatusSource.STORAGE: "the storage",
    StatusSource.DATABASE: "the database",
}
_TASKS_SHOWN = 500


def metadata_lines(detail: WorkflowDetail, look: JsonLook) -> tuple[Line, ...]:
    """The Metadata tab: what the user attached, to the workflow and to tasks, and what the engine recorded."""
    row = detail.summary
    lines: list[Line] = []
    if row.user_metadata:
        lines += [heading("User metadata"), *json_lines(row.user_metadata, look, "user")]
    else:
        lines.append(heading("User metadata", "none"))
    lines += [EMPTY, heading("Recorded"), *_recorded(detail)]
    lines += _events(detail, look)
    lines += _of_tasks(detail, look)
    return tuple(lines)


def _recorded(detail: WorkflowDetail) -> Iterator[Line]:
    row = detail.summary
    yield _fact("id", visible(row.key.id) or "(empty id)")
    if row.name is not None:
        yield _fact("name", visible(row.name))
    if row.version is not None:
        yield _fact("version", visible(row.version))
    yield _fact("target", visible(row.key.target))
    yield _fact("engine", visible(row.key.engine))
    if row.key.namespace is not None:
        yield _fact("queue", visible(row.key.namespace))
    yield _fact("status", f"{row.status.value}, says {_SAYS[row.status_source]}")
    if row.recorded_status:
        yield _fact("recorded as", visible(row.recorded_status))
    for name, when in (("since", row.status_since), ("started", row.started_at)):
        if when is not None:
            yield _fact(name, full_time(when))
    if row.ended_at is not None:
        by = ", by the time of a file" if row.ended_at_source is TimeSource.FILE else ""
        yield _fact("ended", full_time(row.ended_at) + by)
    if row.duration is not None:
        yield _fact("duration", duration(row.duration))
    if row.last_write is not None:
        yield _fact("last write", full_time(row.last_write))
    if detail.output_task is not None:
        yield Line(
            (*field("  output task").spans, Span(" "), Span(visible(detail.output_task) or "(empty id)")),
            hang=15,
            key="task:output",
            task=detail.output_task,
        )


def _fact(name: str, value: str) -> Line:
    return field(f"  {name}", Span(" "), Span(value))


def _events(detail: WorkflowDetail, look: JsonLook) -> Iterator[Line]:
    if not detail.events:
        return
    yield EMPTY
    yield heading("Events", f"{len(detail.events):,}" if len(detail.events) > 1 else "")
    for at, event in enumerate(detail.events):
        when = "not yet" if not event.happened else "emitted"
        if event.emitted_at is not None:
            when += f" {full_time(event.emitted_at)}"
        yield Line((Span(f"  {visible(event.name)}  "), Span(when, "muted")), hang=4, key=f"event:{at}")
        if event.payload is not None:
            yield from _member("payload", event.payload, look, _Place(f"event/{at}", 2), 0)


def _of_tasks(detail: WorkflowDetail, look: JsonLook) -> Iterator[Line]:
    tasks = [task for task in detail.tasks if task.user_metadata]
    if not tasks:
        return
    yield EMPTY
    yield heading("User metadata of tasks", f"{len(tasks):,}")
    for task in tasks[:_TASKS_SHOWN]:
        fold = f"task:{task.id}"
        is_open = look.folds.is_open(fold, by_default=len(tasks) <= 3)
        count = _count(task.user_metadata)
        count += "" if is_open else f"  {_preview(task.user_metadata, look, hidden=False)}"
        title = (Span(visible(task.label) + "  "), Span(count, "faint"))
        yield fold_line(fold, title, is_open=is_open, glyphs=look.glyphs)
        if is_open:
            yield from json_lines(task.user_metadata, look, fold, 2)
    if len(tasks) > _TASKS_SHOWN:
        yield Line((Span(f"  (and {len(tasks) - _TASKS_SHOWN:,} more tasks)", "muted"),))
