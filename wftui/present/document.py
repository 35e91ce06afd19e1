"""Text to read on screen, line by line: fields, links to tasks, folds. Pure; a widget wraps and draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.text import visible_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.present.glyphs import Glyphs

# Where values of fields begin.
FIELD = 13
# Characters and lines of one foreign text that are shown; beyond it is said how many there are.
TEXT_LIMIT = 20_000
LINES_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line, wrapped by whoever draws it.

    Attributes:
        spans: What is written, harmless.
        hang: Cells by which continued lines are indented.
        key: What the cursor remembers it by; unique in its document. "" for what the cursor passes over.
        fold: The block that enter opens or closes here; "" for none.
        is_open: Whether that block is open.
        task: The id of the task that enter leads to; None for none. Raw.
    """

    spans: tuple[Span, ...] = ()
    hang: int = 0
    key: str = ""
    fold: str = ""
    is_open: bool = False
    task: str | None = None

    @property
    def text(self) -> str:
        """Without tones."""
        return "".join(span.text for span in self.spans)


EMPTY = Line()


@dataclass(frozen=True, slots=True)
class Folds:
    """Which blocks were opened or closed by hand; all others are as their presenter thinks best."""

    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def is_open(self, fold: str, *, by_default: bool) -> bool:
        """Whether a block is open."""
        return fold in self.opened or (by_default and fold not in self.closed)

    def set(self, fold: str, *, to_open: bool) -> Folds:
        """The same with one block opened or closed."""
        if to_open:
            return Folds(self.opened | {fold}, self.closed - {fold})
        return Folds(self.opened - {fold}, self.closed | {fold})


NO_FOLDS = Folds()


def heading(title: str, remark: str = "") -> Line:
    """The first line of a section."""
    spans = (Span(title, "strong"),)
    return Line((*spans, Span(f"  {remark}", "muted")) if remark else spans)


def field(name: str, *value: Span) -> Line:
    """A name in its column, and the value beside it."""
    return Line((Span(name.ljust(FIELD), "muted"), *value), hang=FIELD)


def fold_line(fold: str, title: Sequence[Span], *, is_open: bool, glyphs: Glyphs, indent: int = 0) -> Line:
    """The line that opens or closes a block."""
    mark = Span(" " * indent + (glyphs.unfolded if is_open else glyphs.folded) + " ", "muted")
    return Line((mark, *title), hang=indent + 2, key=f"fold:{fold}", fold=fold, is_open=is_open)


def foreign_lines(text: str, tone: str = "", indent: int = 0) -> list[Line]:
    """Somebody else's text, a line for each of its own, harmless and bounded."""
    shown = visible_lines(text[:TEXT_LIMIT])
    lines = [Line((Span(" " * indent), Span(line, tone)), hang=indent) for line in shown[:LINES_LIMIT]]
    if len(text) > TEXT_LIMIT or len(shown) > LINES_LIMIT:
        lines.append(Line((Span(" " * indent + f"(cut here: the text has {len(text):,} characters)", "muted"),)))
    return lines
