"""The Error tab: why a workflow failed, and what a resume would run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.error_lines import ErrorLook, error_lines
from wftui.widgets.detail_document import DetailDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.document import Line
    from wftui.present.glyphs import Glyphs


class ErrorView(DetailDocument):
    """What failed first, its causes and its traceback, the other errors, and what would run again."""

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._detail: WorkflowDetail | None = None
        self._now = 0.0

    def show(self, detail: WorkflowDetail, now: float, *, anew: bool) -> None:
        """Show the errors of a workflow; `anew` when it is another than before."""
        self._detail, self._now = detail, now
        self.rebuild(anew=anew)

    def make_lines(self) -> Sequence[Line]:
        """The document."""
        if self._detail is None:
            return ()
        return error_lines(self._detail, ErrorLook(self._glyphs, self._now, self.folds))
