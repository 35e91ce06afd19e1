"""The Metadata tab: what the user attached and what the engine recorded, folding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.metadata import JsonLook, metadata_lines
from wftui.widgets.detail_document import DetailDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.document import Line
    from wftui.present.glyphs import Glyphs


class MetadataTree(DetailDocument):
    """Folding JSON; secrets are masked unless the user asked for them.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._show_secrets = show_secrets
        self._detail: WorkflowDetail | None = None

    def show(self, detail: WorkflowDetail, *, anew: bool) -> None:
        """Show the metadata of a workflow; `anew` when it is another than before."""
        self._detail = detail
        self.rebuild(anew=anew)

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more."""
        self._show_secrets = show_secrets
        self.rebuild()

    def make_lines(self) -> Sequence[Line]:
        """The document."""
        if self._detail is None:
            return ()
        return metadata_lines(self._detail, JsonLook(self._glyphs, self.folds, self._show_secrets))
