"""`wftui show`: all of a workflow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wftui.cli import listing
from wftui.cli.masking import mask_for
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, message
from wftui.cli.targets import find_detail, locate, no_such, opened
from wftui.errors import EXIT_NOT_FOUND, EXIT_OK, NotFoundError, UsageError
from wftui.present.jsonview import detail_json
from wftui.present.showpage import show_page

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.base import Source

_EPILOG = f"""\
With --json: one object for one id, a list of them for several ids or --all.

examples:
  wftui show nightly.2026-11-03
  wftui show nightly.2026-11-03 --json | jq -r '.error.message'
  wftui show --all -t /mnt/nfs/workflow_data --json > everything.json

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `show` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs="*", default=[], metavar="ID", help="which workflows")
    parser.add_argument("--all", action="store_true", help="every workflow, in the order of ls")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show."""
    if args.all == bool(args.ids):
        raise UsageError("both --all and ids are given" if args.all else "no id is given", "give ids or --all")
    out = Output(args)
    mask = mask_for(args)
    missing: list[NotFoundError] = []
    with opened(args) as sources:
        details = _all(sources) if args.all else _chosen(sources, args.ids, missing)
        if args.json and not args.all and len(args.ids) == 1:
            for detail in details:
                out.json(detail_json(detail, mask))
        elif args.json:
            out.json([detail_json(detail, mask) for detail in details])
        else:
            now = time.time()
            for at, detail in enumerate(details):
                out.table([[("", "")]] if at else [])
                out.table(show_page(detail, mask, now, out.glyphs, out.width))
    for error in missing:
        message(str(error))
    return EXIT_NOT_FOUND if missing else EXIT_OK


def _all(sources: Sequence[Source]) -> Iterator[WorkflowDetail]:
    owners = {source.info.target: source for source in sources}
    for row in listing.read_list(sources, listing.Wanted()).rows:
        try:
            yield owners[row.key.target].detail(row.key.id)
        except NotFoundError:
            continue  # deleted since it was listed


def _chosen(sources: Sequence[Source], ids: Sequence[str], missing: list[NotFoundError]) -> Iterator[WorkflowDetail]:
    if len(sources) > 1:
        locate(sources, ids)  # an id in two targets is an error before anything is printed
    for workflow_id in ids:
        try:
            yield find_detail(sources, workflow_id)
        except NotFoundError:
            missing.append(no_such(sources, workflow_id))
