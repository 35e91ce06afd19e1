"""`wftui ls`: the list."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wftui.cli import listing
from wftui.cli.masking import mask_for
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, dumped, message, problem_line
from wftui.cli.targets import opened_as_far
from wftui.errors import EXIT_OK, EXIT_TARGET
from wftui.present.jsonview import summary_json
from wftui.present.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wftui.model.workflow import Problem

MAX_PROBLEMS = 20
_EPILOG = f"""\
Order: failed, running, others; newest first. Problems of a storage as a whole go to stderr, a line each.
Of several targets one that is down does not hold the others: they are listed, it is named on stderr, and the exit
code is 3, because a part must not look like the whole.

examples:
  wftui ls                                the cluster or storage that is found here
  wftui ls /mnt/nfs/workflow_data         a storage directory, without any cluster
  wftui ls --status failed --since 2h     what failed in the last two hours
  wftui ls --name 'nightly.*' --json      data for scripts
  wftui ls -t prod:6379 -t test:6379      two clusters in one list

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `ls` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("target_words", nargs="*", default=[], metavar="TARGET", help="the same as -t TARGET")
    add_filters(parser)
    add_json(parser)
    parser.add_argument("--quick", action="store_true",
                        help="only what the index tells: times, metadata and errors may be missing")  # fmt: skip


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose workflows."""
    add = parser.add_argument
    add("--status", action="append", default=[], type=listing.a_status, metavar="S", dest="statuses",
        help="only these statuses, in any case; may be given several times")  # fmt: skip
    add("--name", metavar="GLOB", help="only ids or names that match, such as 'nightly.*'")
    add(
        "--since", type=listing.an_age, metavar="AGE", help="only what started or entered its status within 90s, 2h, 3d"
    )
    add("--limit", type=listing.a_count, metavar="N", help="at most N, the first of the order")


def run(args: argparse.Namespace) -> int:
    """List."""
    out = Output(args)
    now = time.time()
    wanted = listing.Wanted(
        frozenset(args.statuses), args.name, None if args.since is None else now - args.since, args.limit
    )
    with opened_as_far(args) as (sources, down):
        if args.json and not args.quick:
            mask = mask_for(args)
            lines = listing.read_lines(sources, wanted, lambda row: dumped(summary_json(row, mask)))
            say_problems(lines.problems)
            out.json_lines(lines.lines)
        else:
            found = listing.read_list(sources, wanted, quick=args.quick)
            say_problems(found.problems)
            _print(out, args, found, now, several=len(sources) + len(down) > 1)
    for error in down:
        message(str(error))
    return EXIT_TARGET if down else EXIT_OK


def _print(out: Output, args: argparse.Namespace, found: listing.Found, now: float, *, several: bool) -> None:
    if args.json:
        mask = mask_for(args)
        out.json_lines([dumped(summary_json(row, mask)) for row in found.rows])
    elif found.rows:
        from wftui.present.listtable import list_table

        out.table(list_table(found.rows, now, out.glyphs, out.width, several=several))


def say_problems(problems: Sequence[Problem]) -> None:
    """Name problems of targets on stderr, a line each, and a count of those beyond the first ones."""
    for problem in problems[:MAX_PROBLEMS]:
        problem_line(f"problem: {visible(problem.path)}: {visible(problem.what)}")
    if len(problems) > MAX_PROBLEMS:
        problem_line(f"problems: {len(problems) - MAX_PROBLEMS} more, {len(problems)} in all")
