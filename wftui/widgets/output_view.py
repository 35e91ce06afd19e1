"""What a task prints, as rows: only what is visible is drawn, and it goes along with what is new as long as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from wftui.model.output import Stream
from wftui.present.keys import Place
from wftui.present.output_lines import OutputLines
from wftui.present.output_looks import COLORS, PLAIN, legible, names_of, pieces_of
from wftui.present.output_rows import Found, OutputRows, OutputSearch
from wftui.widgets.bindings import bindings
from wftui.widgets.toned_lines import TonedLines
from wftui.widgets.tones import style_upon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.binding import BindingType

    from wftui.model.output import OutputPart
    from wftui.present.glyphs import Glyphs
    from wftui.present.output_lines import OutputLine
    from wftui.present.output_looks import Look
    from wftui.present.output_rows import Row

# " err " before a row, and a cell beside the scroll bar behind it.
GUTTER, MARGIN = 5, 1
PAN = 16
_WORDS = {Stream.OUT: " out ", Stream.ERR: " err "}
# A terminal's colours as the theme has them, as text and behind it: each of these is legible on each of those. Themes
# have nothing like cyan.
_THEMED = {
    "black": ("$foreground-muted", "$panel"),
    "red": ("$text-error", "$error-muted"),
    "green": ("$text-success", "$success-muted"),
    "yellow": ("$text-warning", "$warning-muted"),
    "blue": ("$text-primary", "$primary-muted"),
    "magenta": ("$text-accent", "$accent-muted"),
    "cyan": ("ansi_cyan", "$secondary-muted"),
    "white": ("$foreground", "$surface-lighten-2"),
}
_FOUND, _CURRENT = "$foreground on $warning 35%", "bold $background on $warning"


class OutputView(TonedLines):
    """Rows with the stream before each, a search in them, wrapped or not.

    Args:
        glyphs: The characters to draw with.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.OUTPUT)

    class Changed(Message):
        """What is told of the view is another: follows or not, wrapped or not, the stream, what is found."""

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._lines = OutputLines()
        self._rows = OutputRows(self._lines, cell_len)
        self._search = OutputSearch()
        self._left = 0
        self._nothing = ""
        self._looks: dict[Look, Style] = {}
        self.follows = True
        self.wraps = True

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def lines(self) -> OutputLines:
        """All lines that are kept."""
        return self._lines

    @property
    def shown_lines(self) -> Sequence[OutputLine]:
        """Those of the stream that is shown."""
        return self._rows.lines

    @property
    def stream(self) -> Stream | None:
        """What is shown; None for both."""
        return self._rows.stream

    @property
    def search(self) -> OutputSearch:
        """What is searched for, and where it is."""
        return self._search

    def remark(self, nothing: str) -> None:
        """What stands in the place of no lines."""
        if nothing != self._nothing:
            self._nothing = nothing
            self.redraw()

    def take(self, part: OutputPart) -> None:
        """More was printed."""
        self._take(self._lines.feed(part))

    def end(self) -> None:
        """Nothing more is printed."""
        self._take(self._lines.end())

    def look_for(self, text: str) -> None:
        """Search for a text, from where one reads."""
        self._search.look_for(text, self._rows.lines)
        if text:
            self.action_found(-1 if self.follows else 1)
        self.redraw()
        self.post_message(self.Changed())

    def show_stream(self, stream: Stream | None) -> None:
        """Show what was printed to that; None for both."""
        self._arrange(stream)
        self._search.look_for(self._search.text, self._rows.lines)
        self.post_message(self.Changed())

    # -- keys ------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Some rows up or down."""
        self._go_to(self.scroll_offset.y + by)

    def action_page(self, by: int) -> None:
        """Some pages up or down."""
        self._go_to(self.scroll_offset.y + by * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """To the first row."""
        self._go_to(0)

    def action_last(self) -> None:
        """To the end, and along with it."""
        self.follow(True)

    def action_follow(self) -> None:
        """Go along with what is new, or stay."""
        self.follow(not self.follows)

    def action_wrap(self) -> None:
        """Break long lines, or not."""
        self.wraps = not self.wraps
        self._left = 0
        self._arrange(self.stream)
        self.post_message(self.Changed())

    def action_pan(self, by: int) -> None:
        """To the left or to the right in lines that are not broken."""
        if not self.wraps:
            most = max(0, self._rows.widest - self._room)
            self._left = max(0, min(self._left + by * PAN, most))
            self.redraw()

    def action_stream(self, stream: str) -> None:
        """Show one stream, or both."""
        self.show_stream(Stream(stream) if stream else None)

    def action_next_stream(self) -> None:
        """Both, then one, then the other."""
        order = (None, *Stream)
        self.show_stream(order[(order.index(self.stream) + 1) % len(order)])

    def action_found(self, by: int) -> None:
        """To another place that was found."""
        top = self._rows.row(self.scroll_offset.y if by > 0 else len(self._rows) - 1 if self.follows else self._bottom)
        here = Found(top.line.number, top.start if by > 0 else top.end) if top is not None else Found(0, 0)
        place = self._search.step(by, here)
        if place is not None:
            row = self._rows.first_row(place.number, place.start)
            if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
                self._go_to(row - self.size.height // 2)
            elif self.follows:
                self.follow(False)
            self._show_column(place)
        self.redraw()
        self.post_message(self.Changed())

    def follow(self, follows: bool) -> None:
        """Go along with what is new, or stay."""
        self.follows = follows
        if follows:
            self.scroll_now(self._last_top)
        self.redraw()
        self.post_message(self.Changed())

    def on_mouse_scroll_up(self) -> None:
        """Reading back stops following."""
        self.follows = False
        self.post_message(self.Changed())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever has come to the end by the mouse or the bar goes along again only by a key."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value and self.follows and round(new_value) < self._last_top:
            self.follows = False
            self.post_message(self.Changed())

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.size.width
        row = self._rows.row(self.scroll_offset.y + y)
        if row is None:
            text = f"{' ' * GUTTER}{self._nothing}" if not len(self._rows) and y == 1 else ""
            return Strip([Segment(text, self.style_of("muted"))]).adjust_cell_length(width, self.style_of(""))
        if row.line.stream is None:
            rule = self._glyphs.rule * 3
            remark = Segment(f" {rule} {row.line.text} {rule}", self.style_of("muted"))
            return Strip([remark]).adjust_cell_length(width, self.style_of(""))
        word = _WORDS[row.line.stream] if row.start == 0 else " " * GUTTER
        head = Strip([Segment(word, self.style_of("faint" if row.line.stream is Stream.OUT else "warning"))])
        printed = Strip(self._segments(row)).crop(self._left, self._left + self._room)
        return Strip.join([head, printed]).adjust_cell_length(width, self.style_of(""))

    def on_resize(self) -> None:
        """Break the lines to the new width."""
        self._arrange(self.stream)

    # -- inside ----------------------------------------------------------------------------------------------

    def _segments(self, row: Row) -> list[Segment]:
        line, length = row.line, len(self._search.text)
        segments, at = [], row.start
        for start in self._search.places(line.text):
            begin, end = max(at, start), min(row.end, start + length)
            if begin >= end:
                continue
            is_current = self._search.current == Found(line.number, start)
            found = style_upon(self, _CURRENT if is_current else _FOUND)
            segments += [*self._painted(line, at, begin), Segment(line.text[begin:end], found)]
            at = end
        return [*segments, *self._painted(line, at, row.end)]

    def _painted(self, line: OutputLine, start: int, end: int) -> list[Segment]:
        """A part of a line as it was printed."""
        return [Segment(text, self._style(look)) for text, look in pieces_of(line.text, line.runs, start, end)]

    def _style(self, look: Look) -> Style:
        """A look in colours of the theme, the bright ones bold; without colours there is none at all."""
        if look == PLAIN or self.app.no_color:
            return self.style_of("")
        found = self._looks.get(look)
        if found is None:
            fore, back, marks = legible(look)
            styles = names_of(marks)
            if fore is not None:
                # The grounds are dark in a dark theme: black on yellow is a contrast there as well.
                styles.append(_THEMED[COLORS[7 if fore % 8 == 0 else fore % 8]][0])
                styles += ["bold"] if (look.fore or 0) > 8 else []
            if back is not None:
                styles.append(f"on {_THEMED[COLORS[back % 8]][1]}")
            found = self._looks[look] = style_upon(self, " ".join(styles))
        return found

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._looks.clear()
        super().notify_style_update()

    def _take(self, new: list[OutputLine]) -> None:
        gone = self._rows.take(new)
        oldest = self._lines.lines[0].number if self._lines.lines else 0
        shown = [line for line in new if self.stream in (None, line.stream) and line.number >= oldest]
        self._search.take(shown, oldest)
        self._resize()
        if self.follows:
            self.scroll_now(self._last_top)
        elif gone:
            self.scroll_now(max(0, self.scroll_offset.y - gone))
        self.redraw()

    def _arrange(self, stream: Stream | None) -> None:
        """Lay the rows out anew; the line at the top stays there."""
        top = self._rows.row(self.scroll_offset.y)
        self._rows.arrange(stream, self._room if self.wraps else None)
        self._resize()
        if self.follows or top is None:
            self.scroll_now(self._last_top)
        else:
            self.scroll_now(self._rows.first_row(top.line.number, top.start))
        self.redraw()

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._rows))

    def _go_to(self, row: int) -> None:
        """Put a row to the top; that is reading, and stops following."""
        row = max(0, min(row, self._last_top))
        if self.follows and row < self._last_top:
            self.follows = False
            self.post_message(self.Changed())
        self.scroll_now(row)

    def _show_column(self, place: Found) -> None:
        """Pan to where the match is."""
        if self.wraps:
            return
        line = next((line for line in self._rows.lines if line.number == place.number), None)
        if line is not None:
            column = cell_len(line.text[: place.start])
            if not self._left <= column < self._left + self._room - len(self._search.text):
                self._left = max(0, column - self._room // 2)

    @property
    def _room(self) -> int:
        """Cells for the text of a row."""
        return max(1, self.size.width - GUTTER - MARGIN)

    @property
    def _last_top(self) -> int:
        """The row at the top when the last one is at the bottom."""
        return max(0, len(self._rows) - self.size.height)

    @property
    def _bottom(self) -> int:
        return min(len(self._rows), self.scroll_offset.y + self.size.height) - 1
