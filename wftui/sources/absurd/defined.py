"""Runs as their definitions have them, where there are any: what a source asks for whenever it reads one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.operator import Operator
from wftui.model.workflow import Problem
from wftui.sources.absurd.child_runs import children_of
from wftui.sources.absurd.definitions import Definitions
from wftui.sources.absurd.hints import hinted
from wftui.sources.absurd.overlay import overlaid, placing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.absurd.catalog import Catalog
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.definition_match import Book
    from wftui.sources.absurd.placing import Placing

INFERRED = "order inferred: no definition"


class Defined:
    """The definitions of a source.

    Args:
        paths: Where they lie.
        link: For the child runs that definitions tell of.
    """

    def __init__(self, paths: Sequence[str], link: Link) -> None:
        self._definitions = Definitions(paths)
        self._link = link
        self._seen: Book | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What cannot be read of the definitions."""
        return self._definitions.look().problems

    def has_news(self) -> bool:
        """Whether they are others than at the last call: whatever is open looks different then."""
        book = self._definitions.look()
        is_other = self._seen is not None and book is not self._seen
        self._seen = book
        return is_other

    def detail(self, detail: WorkflowDetail, catalog: Catalog) -> WorkflowDetail:
        """A run as its definition has it; one that has none with the remark that its order is inferred.

        Args:
            detail: The run as it was read.
            catalog: Where child runs can be looked up.

        Raises:
            TargetError: Child runs cannot be read.
        """
        book = self._definitions.look()
        metadata = detail.summary.user_metadata
        version, digest = (_text(metadata.get(name)) for name in ("workflow_version", "workflow_hash"))
        match = book.find(detail.summary.name, version, digest)
        if match is None:
            tasks, number = hinted(detail.tasks)
            told = [Problem("tasks", INFERRED)] if len(tasks) > 1 else []
            told += [Problem("tasks", f"{number:,} tasks name others in their parameters: they follow those")] * (
                number > 0
            )
            problems, remarks = (*detail.problems, *book.problems), (*detail.remarks, *told)
            return replace(detail, tasks=tasks, problems=problems, remarks=remarks)
        placing = placing_of(detail, match)
        children = children_of(self._link, catalog, detail, placing) if _has_children(placing) else None
        found = overlaid(detail, match, placing, children)
        return replace(found, problems=(*found.problems, *book.problems))


def _has_children(placing: Placing) -> bool:
    return any(node.kind is Operator.CHILD for node in placing.nodes.values())


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
