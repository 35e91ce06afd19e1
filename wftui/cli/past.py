"""`--at TIME`: a workflow as it was at a moment in its past."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wftui.present.moment import HOW, moment_named
from wftui.present.past import state_at
from wftui.present.timing import extent_of

if TYPE_CHECKING:
    import argparse

    from wftui.model.workflow import WorkflowDetail


def add_at(parser: argparse.ArgumentParser) -> None:
    """Add `--at`."""
    parser.add_argument("--at", metavar="TIME", help=f"as it was at that moment: {HOW}")


def as_asked(detail: WorkflowDetail, args: argparse.Namespace) -> tuple[WorkflowDetail, float]:
    """The workflow as it was at the moment asked for, and that moment (Unix seconds); else as it is, and now.

    Raises:
        UsageError: What is asked for is no moment.
    """
    now = time.time()
    if args.at is None:
        return detail, now
    extent = extent_of(detail, now)
    start = detail.summary.started_at
    if start is None and extent is not None:
        start = extent.start
    moment = moment_named(args.at, start, extent.end if extent is not None else None)
    return state_at(detail, moment), moment
