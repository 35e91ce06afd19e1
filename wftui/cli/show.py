"""`wftui show`: all of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli import listing
from wftui.cli.masking import mask_for
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, message
from wftui.cli.past import add_at, as_asked
from wftui.cli.targets import find_detail, locate, no_such, opened
from wftui.errors import EXIT_NOT_FOUND, EXIT_OK, NotFoundError, UsageError
from wftui.present.jsonview import detail_json
from wftui.present.showpage import show_page
from wftui.present.values import values_lines
from wftui.sources.base import Valued

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.tables import Cell
    from wftui.sources.base import Source

_EPILOG = f"""\
With --json: one object for one id, a list of them for several ids or --all.
With --values: also what each task was given and gave back, looked into without executing anything; in JSON the
keys args and output of each task, null where none is stored.
JSON tells where the time went, in seconds: of each task queued (since all that it waits for was done), ran, share (of
the wall time, 0 to 1) and slack (0 on the critical path); of the workflow the object time, as_of in it being --at.

examples:
  wftui show nightly.2026-11-03
  wftui show nightly.2026-11-03 --json | jq -r '.error.message'
  wftui show nightly.2026-11-03 --at -5m
  wftui show --all -t /mnt/nfs/workflow_data --json > everything.json

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `show` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs="*", default=[], metavar="ID", help="which workflows")
    parser.add_argument("--all", action="store_true", help="every workflow, in the order of ls")
    parser.add_argument("--values", action="store_true", help="also arguments and outputs of the tasks, inertly")
    add_at(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show."""
    if args.all == bool(args.ids):
        raise UsageError("both --all and ids are given" if args.all else "no id is given", "give ids or --all")
    if args.values and args.at is not None:
        raise UsageError("--values tells what is stored now, not at the moment of --at", "leave one of them out")
    out = Output(args)
    mask = mask_for(args)
    missing: list[NotFoundError] = []
    with opened(args) as sources:
        details = _all(sources) if args.all else _chosen(sources, args.ids, missing)
        if args.json and not args.all and len(args.ids) == 1:
            for detail in details:
                out.json(_json(as_asked(detail, args)[0], sources, args))
        elif args.json:
            out.json([_json(as_asked(detail, args)[0], sources, args) for detail in details])
        else:
            for at, present in enumerate(details):
                detail, now = as_asked(present, args)
                out.table([[("", "")]] if at else [])
                out.table(show_page(detail, mask, now, out.glyphs, out.width))
                out.table(_value_page(detail, sources, args) if args.values else [])
    for error in missing:
        message(str(error))
    return EXIT_NOT_FOUND if missing else EXIT_OK


def _json(detail: WorkflowDetail, sources: Sequence[Source], args: argparse.Namespace) -> dict[str, object]:
    values = dict(_values(detail, sources)) if args.values else None
    return detail_json(detail, mask_for(args), values, show_secrets=args.show_secrets)


def _value_page(
    detail: WorkflowDetail, sources: Sequence[Source], args: argparse.Namespace
) -> Iterator[Sequence[Cell]]:
    yield [("", "")]
    yield [("VALUES", "heading")]
    upstream = {task.id: task.upstream for task in detail.tasks}
    for task_id, values in _values(detail, sources):
        yield from values_lines(task_id, values, upstream[task_id], show=args.show_secrets)


def _values(detail: WorkflowDetail, sources: Sequence[Source]) -> Iterator[tuple[str, TaskValues]]:
    """The values of every task; none from a source that has no such thing."""
    key = detail.summary.key
    source = next(source for source in sources if source.info.target == key.target)
    if isinstance(source, Valued):
        yield from source.values(key.id, [task.id for task in detail.tasks])


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
