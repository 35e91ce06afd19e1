"""JSON as lines that fold, bounded whatever it holds; and the Metadata tab made of them. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.status import StatusSource, TimeSource
from wftui.present.columns import Span
from wftui.present.document import EMPTY, NO_FOLDS, Folds, Line, field, fold_line, foreign_lines, heading
from wftui.present.format import duration, full_time
from wftui.present.secrets import MASK, is_secret, mask
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

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
    """The members of a mapping, a line each, with what is open below them.

    Args:
        value: As read; secrets are masked here.
        look: How to draw it.
        prefix: Begins the keys of all lines, so that two of these fit into one document.
        indent: Cells before everything.
    """
    shown = mask(value, look.show_secrets)
    return list(_members(shown, look, prefix, indent, 0))


def _members(container: object, look: JsonLook, path: str, indent: int, depth: int) -> Iterator[Line]:
    if depth > DEEPEST:
        yield Line((Span(" " * indent + "(nested deeper than can be shown)", "muted"),))
        return
    if isinstance(container, Mapping):
        items = [(str(key), value) for key, value in container.items()]
    else:
        items = [(str(at), value) for at, value in enumerate(container)] if isinstance(container, (list, tuple)) else []
    yield from _range(items, look, path, indent, depth, named=isinstance(container, Mapping))


def _range(
    items: Sequence[tuple[str, object]], look: JsonLook, path: str, indent: int, depth: int, *, named: bool
) -> Iterator[Line]:
    if len(items) <= CHUNK:
        width = max((len(visible(name[:_WIDEST_KEY])) for name, _ in items), default=0) if named else len(str(CHUNK))
        for name, value in items:
            yield from _member(name, value, look, f"{path}/{name}", indent, depth, min(width, _WIDEST_KEY))
        return
    step = CHUNK
    while len(items) > step * CHUNK:
        step *= CHUNK
    for start in range(0, len(items), step):
        part = items[start : start + step]
        fold = f"{path}/{start}+{step}"
        is_open = look.folds.is_open(fold, by_default=start == 0 and depth < OPEN_DEPTH)
        title = f"{visible(part[0][0][:40])} to {visible(part[-1][0][:40])}"
        yield fold_line(fold, (Span(title, "muted"),), is_open=is_open, glyphs=look.glyphs, indent=indent)
        if is_open:
            yield from _range(part, look, fold, indent + 2, depth + 1, named=named)


def _member(name: str, value: object, look: JsonLook, path: str, indent: int, depth: int, width: int) -> Iterator[Line]:
    shown = visible(name[:200])
    key = Span(shown.ljust(width) + "  ", "muted")
    hang = indent + 2 + max(width, len(shown)) + 2
    inline = _inline(value)
    if inline is not None:
        yield Line((Span(" " * (indent + 2)), key, *inline), hang=hang, key=f"value:{path}")
        return
    if isinstance(value, (Mapping, list, tuple)) and value:
        small = len(value) <= OPEN_SIZE
        is_open = look.folds.is_open(path, by_default=depth < OPEN_DEPTH and small)
        count = _count(value) if is_open else f"{_count(value)}  {_preview(value)}"
        title = (Span(shown + "  ", "muted"), Span(count, "faint"))
        yield fold_line(path, title, is_open=is_open, glyphs=look.glyphs, indent=indent)
        if is_open:
            yield from _members(value, look, path, indent + 2, depth + 1)
        return
    if isinstance(value, str) and (len(value) > SHORT or "\n" in value):
        is_open = look.folds.is_open(path, by_default=False)
        first = visible(value[:SHORT].split("\n", 1)[0][:60])
        start = "" if is_open else f"{first}{look.glyphs.ellipsis}  "
        parts = (key, Span(start), Span(_length(value), "faint"))
        yield fold_line(path, parts, is_open=is_open, glyphs=look.glyphs, indent=indent)
        if is_open:
            yield from foreign_lines(value, "", indent + 2)
        return
    spans = _masked(look) if value == MASK and _is_masked(name, look) else _scalar(value)
    yield Line((Span(" " * (indent + 2)), key, *spans), hang=hang, key=f"value:{path}")


def _inline(value: object) -> tuple[Span, ...] | None:
    """A list of a few short scalars, on its line; None for everything else."""
    if not isinstance(value, (list, tuple)) or not 0 < len(value) <= OPEN_SIZE:
        return None
    spans: list[Span] = []
    for member in value:
        if isinstance(member, (Mapping, list, tuple)) or (isinstance(member, str) and len(member) > INLINE):
            return None
        spans += [Span(", " if spans else "[", "faint"), *_scalar(member)]
    return (*spans, Span("]", "faint")) if sum(len(span.text) for span in spans) <= INLINE else None


def _is_masked(name: str, look: JsonLook) -> bool:
    return is_secret(name) and not look.show_secrets


def _masked(look: JsonLook) -> tuple[Span, ...]:
    mark = MASK if look.glyphs.ellipsis == "…" else "*" * len(MASK)
    return (Span(mark, "muted"),)


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


def _count(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{len(value):,}}}"
    return f"[{len(value):,}]" if isinstance(value, (list, tuple)) else ""


def _length(value: str) -> str:
    lines = value.count("\n") + 1
    return f"{lines:,} lines" if lines > 1 else f"{len(value):,} characters"


def _preview(value: object) -> str:
    """The first members in one short line."""
    named = isinstance(value, Mapping)
    texts: list[str] = []
    items: list[tuple[object, object]] = []
    if isinstance(value, Mapping):
        items = [(key, value[key]) for key, _ in zip(value, range(4), strict=False)]
    elif isinstance(value, (list, tuple)):
        items = [("", member) for member in value[:4]]
    for name, member in items:
        if isinstance(member, (Mapping, list, tuple)):
            text = _count(member)
        elif isinstance(member, str):
            text = visible(member[:20])
        else:
            text = "".join(span.text for span in _scalar(member)[:1])
        texts.append(f"{visible(str(name)[:20])}: {text}" if named else text)
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
    lines += _of_tasks(detail, look)
    return tuple(lines)


def _recorded(detail: WorkflowDetail) -> Iterator[Line]:
    row = detail.summary
    yield _fact("id", visible(row.key.id) or "(empty id)")
    if row.name is not None:
        yield _fact("name", visible(row.name))
    yield _fact("target", visible(row.key.target))
    yield _fact("engine", visible(row.key.engine))
    if row.key.namespace is not None:
        yield _fact("namespace", visible(row.key.namespace))
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


def _of_tasks(detail: WorkflowDetail, look: JsonLook) -> Iterator[Line]:
    tasks = [task for task in detail.tasks if task.user_metadata]
    if not tasks:
        return
    yield EMPTY
    yield heading("User metadata of tasks", f"{len(tasks):,}")
    for task in tasks[:_TASKS_SHOWN]:
        fold = f"task:{task.id}"
        is_open = look.folds.is_open(fold, by_default=len(tasks) <= 3)
        shown = mask(task.user_metadata, look.show_secrets)
        count = _count(shown) if is_open else f"{_count(shown)}  {_preview(shown)}"
        title = (Span(visible(task.id) + "  "), Span(count, "faint"))
        yield fold_line(fold, title, is_open=is_open, glyphs=look.glyphs)
        if is_open:
            yield from json_lines(task.user_metadata, look, fold, 2)
    if len(tasks) > _TASKS_SHOWN:
        yield Line((Span(f"  (and {len(tasks) - _TASKS_SHOWN:,} more tasks)", "muted"),))
