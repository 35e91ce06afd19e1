"""The head of the details: which workflow, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from wftui.model.status import StatusSource, TimeSource
from wftui.present.doing import doing_spans
from wftui.present.format import clock_time
from wftui.present.naming import title
from wftui.present.text import visible
from wftui.present.trouble import reason
from wftui.present.workflow_cells import duration_text, ticks
from wftui.widgets.tones import WARNING, status_content, toned

if TYPE_CHECKING:
    from textual.timer import Timer

    from wftui.estimates.estimate import Estimate
    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.present.glyphs import Glyphs


_LOW = 16
"""Lines of a terminal in which two have to do."""


class WorkflowHeading(Widget):
    """Two lines: status and id; who says so, since when, how far. Ticks only while the workflow runs.

    Of one that runs on a cluster a third line tells what it is doing right now.

    Args:
        clock: For durations that grow.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    WorkflowHeading { height: 2; width: 1fr; padding: 0 1; }
    WorkflowHeading.-active { height: 3; }
    """

    def __init__(self, *, clock: Clock, glyphs: Glyphs) -> None:
        super().__init__()
        self._clock = clock
        self._glyphs = glyphs
        self._row: WorkflowSummary | None = None
        self._trouble = ""
        self._estimate: Estimate | None = None
        self._detail: WorkflowDetail | None = None
        self._then: WorkflowDetail | None = None
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Be ready to tick."""
        self._timer = self.set_interval(1.0, self.refresh, pause=True)

    def show(self, row: WorkflowSummary | None, trouble: str = "") -> None:
        """Show this workflow; `trouble` is why its details are not known or not fresh, one line."""
        if row is self._row and trouble == self._trouble:
            return
        self._row, self._trouble = row, trouble
        if self._timer is not None:
            (self._timer.resume if row is not None and ticks(row) else self._timer.pause)()
        self.refresh()

    def expect(self, estimate: Estimate | None) -> None:
        """Tell when the workflow will be done; None where nobody knows."""
        if estimate != self._estimate:
            self._estimate = estimate
            self.refresh()

    def does(self, detail: WorkflowDetail | None) -> None:
        """Tell what the workflow is doing right now; None where its details are not known."""
        if detail is not self._detail:
            self._detail = detail
            self._make_room()
            self.refresh()

    def on_resize(self) -> None:
        """There may be room now, or none any more."""
        self._make_room()

    def _make_room(self) -> None:
        """For a third line, where that does not take it from what matters more."""
        self.set_class(bool(self._doing()) and self.app.size.height >= _LOW, "-active")

    def _doing(self) -> list[Content]:
        detail = self._then or self._detail
        now = self._clock.time() if self._then is None or self._then.as_of is None else self._then.as_of
        spans = doing_spans(detail, now) if detail is not None else ()
        return [toned(span.text, span.tone) for span in spans]

    def was(self, detail: WorkflowDetail | None) -> None:
        """Tell how it stood at the moment that is looked at; None when that is now."""
        if detail is not self._then:
            self._then = detail
            self.refresh()

    def render(self) -> Content:
        """All lines."""
        row = self._row
        if row is None:
            return toned("no workflow selected", "muted")
        now, row = row, row if self._then is None else self._then.summary
        first = Content("").join(
            [
                status_content(row.status, self._glyphs),
                toned(f"  {title(row)}", "strong"),
                toned("" if row.name is None else f"  {visible(row.key.id)}", "muted"),
                *self._of_now(now),
            ]
        )
        parts = [toned(f"{WARNING} {reason(self._trouble, row.key.target)}", "warning")] if self._trouble else []
        parts += [toned(text, "muted") for text in self._facts(row)]
        second = toned(f" {self._glyphs.dot} ", "faint").join(parts)
        third = [self._cut(Content("").join(doing))] if (doing := self._doing()) else []
        return Content("\n").join([self._cut(first), self._cut(second), *third])

    def _cut(self, line: Content) -> Content:
        width = self.content_size.width
        if line.cell_length <= width or width < 1:
            return line
        return Content("").join([line.truncate(width - 1), toned(self._glyphs.ellipsis, "muted")])

    def _of_now(self, row: WorkflowSummary) -> list[Content]:
        """While the past is looked at: since when, and how it stands now."""
        if self._then is None or self._then.as_of is None:
            return []
        when = toned(f"  as of {clock_time(self._then.as_of, self._clock.time())}", "warning")
        return [when, toned("  now ", "muted"), status_content(row.status, self._glyphs)]

    def _facts(self, row: WorkflowSummary) -> list[str]:
        now = self._clock.time() if self._then is None or self._then.as_of is None else self._then.as_of
        says = {
            StatusSource.CLUSTER: "from the cluster",
            StatusSource.STORAGE: "as recorded",
            StatusSource.DATABASE: "from the database",
        }
        facts = [says[row.status_source] if self._then is None else "as it was then"]
        if row.recorded_status and row.recorded_status.upper() != row.status.value:
            facts.append(f"recorded as {visible(row.recorded_status)}")
        if self._estimate is not None and self._then is None and row.status.is_active:
            from wftui.estimates.words import left_words  # the start does not wait for it

            facts += [left] if (left := left_words(self._estimate, now)) else []
        if row.started_at is not None:
            facts.append(f"started {clock_time(row.started_at, now)}")
        if taken := duration_text(row, now):
            facts.append(f"{'running' if ticks(row) else 'took'} {taken}")
        if row.progress is not None:
            facts.append(f"{row.progress.done} of {row.progress.total} tasks done")
        if row.ended_at is not None:  # after what cannot be reckoned from the rest: a narrow screen cuts the end
            by = " (file time)" if row.ended_at_source is TimeSource.FILE else ""
            facts.append(f"ended {clock_time(row.ended_at, now)}{by}")
        if row.note:
            facts.append(visible(row.note))
        return facts
