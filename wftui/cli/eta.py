"""`wftui eta`: when a workflow will be done, and how good such estimates were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli import listing
from wftui.cli.listing import a_count
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, message
from wftui.cli.past import add_at, as_asked
from wftui.cli.targets import find_detail, opened
from wftui.errors import EXIT_NO, EXIT_OK, NotFoundError, UsageError
from wftui.estimates.backtest import backtest, scores
from wftui.estimates.estimate import OF_TEN, estimate
from wftui.estimates.past import past_run
from wftui.estimates.reader import LOOKS, RUNS, HistoryReader, groups
from wftui.estimates.words import estimate_json, estimate_words, progress_words, score_json
from wftui.model.status import Status, StatusSource
from wftui.present.format import duration
from wftui.present.listtable import status_cell
from wftui.present.naming import title
from wftui.present.slow import slow_tasks, slow_words
from wftui.present.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wftui.estimates.backtest import Said, Score
    from wftui.model.history import PastRun
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.tables import Cell
    from wftui.sources.base import Source

_BACKTESTED = 60
_NAMES = 6

_EPILOG = f"""\
Earlier runs of the same workflow that succeeded tell how long the rest of it takes: {RUNS} of them at most, for which
{LOOKS} workflows are read at most, the newest first. Runs of Absurd are the same by name and version; those of Ray,
whose ids carry no name, where their tasks have the same names. Without any the answer is "unknown".
{OF_TEN} of 10 runs are meant to end within the range. --backtest looks at finished runs as they were at 10, 25, 50, 75
and 90 % of their time, tells from those before what would have been said, and how often that range held.

examples:
  wftui eta nightly.2026-11-03
  wftui eta nightly.2026-11-03 --json | jq .left.likely
  wftui eta --backtest --name 'nightly*'

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `eta` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("id", nargs="?", metavar="ID", help="which workflow")
    parser.add_argument("--backtest", action="store_true", help="how good estimates of finished runs would have been")
    parser.add_argument("--name", metavar="GLOB", help="with --backtest: only runs whose id or name matches")
    limit = f"with --backtest: at most so many of the newest runs (default {_BACKTESTED})"
    parser.add_argument("--limit", type=a_count, default=_BACKTESTED, metavar="N", help=limit)
    add_at(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Estimate.

    Raises:
        UsageError: Neither one workflow nor a backtest is asked for, or both.
        NotFoundError: There is no such workflow.
        TargetError: A target cannot be reached or read.
    """
    if (args.id is None) is not args.backtest:
        raise UsageError("give an ID, or --backtest", "wftui ls shows what there is")
    with opened(args) as sources:
        return _backtest(args, sources) if args.backtest else _one(args, sources)


def _one(args: argparse.Namespace, sources: Sequence[Source]) -> int:
    out = Output(args)
    detail, now = as_asked(find_detail(sources, args.id), args)
    source = next(one for one in sources if one.info.target == detail.summary.key.target)
    rows = listing.read_list([source], listing.Wanted(frozenset({Status.SUCCESSFUL})), quick=True).rows
    history = HistoryReader(source.detail).history(detail, rows)
    told = estimate(detail, history, now)
    slow = slow_tasks(detail, history.usual, now)
    if args.json:
        out.json(estimate_json(detail, told, slow, now))
        return EXIT_OK
    text, tone = status_cell(detail.summary.status, out.glyphs)
    out.line((text, tone), ("  ", ""), (title(detail.summary), "heading"))
    out.line((progress_words(told, detail), ""))
    out.line((estimate_words(told, now), ""))
    for one in slow:
        name = visible(one.name)
        out.line((f"{name} runs for {duration(one.since)}, ", ""), (slow_words(one), "resumable"))
    if detail.summary.status is Status.RUNNING and detail.summary.status_source is StatusSource.STORAGE:
        message("RUNNING is what the storage says; nobody knows whether it still runs")
    return EXIT_OK


def _backtest(args: argparse.Namespace, sources: Sequence[Source]) -> int:
    out = Output(args)
    ran = _finished(args, sources)
    told = [(group, backtest(group)) for group in groups(ran) if len(group) > 1]
    if args.json:
        out.json([_group_json(group, said) for group, said in told])
    elif not told:
        message(f"of {len(ran):,} finished runs no two are of the same workflow: nothing can be told from earlier ones")
    else:
        for group, said in told:
            out.line(*_group_line(group))
            out.table(_table(scores(said)))
            out.line()
    return EXIT_OK if told else EXIT_NO


def _finished(args: argparse.Namespace, sources: Sequence[Source]) -> list[tuple[WorkflowDetail, PastRun]]:
    """The newest runs that succeeded, and what is to be learnt of them."""
    wanted = listing.Wanted(frozenset({Status.SUCCESSFUL}), args.name)
    rows = listing.read_list(sources, wanted, quick=True).rows
    newest = sorted(rows, key=lambda row: -(row.ended_at or row.status_since or row.started_at or 0.0))
    owners = {source.info.target: source for source in sources}
    found: list[tuple[WorkflowDetail, PastRun]] = []
    for row in newest[: args.limit]:
        try:
            detail = owners[row.key.target].detail(row.key.id)
        except NotFoundError:
            continue  # it was deleted meanwhile
        learnt = past_run(detail)
        if learnt is not None:
            found.append((detail, learnt))
    return found


def _group_line(group: Sequence[tuple[WorkflowDetail, PastRun]]) -> list[Cell]:
    row = group[-1][0].summary
    took = sorted(learnt.took for _, learnt in group)
    name = f"{title(row)}" if row.name is not None else _task_names(group[-1][1])
    lengths = f"they took {duration(took[0])} to {duration(took[-1])}"
    return [(f"{len(group):,} runs", "heading"), (f" of {name}; {lengths}", "")]


def _task_names(learnt: PastRun) -> str:
    names = list(dict.fromkeys(visible(task.name) for task in learnt.tasks if task.top))
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def _table(found: Sequence[Score]) -> list[list[Cell]]:
    lines: list[list[Cell]] = [[("AT      SAID  HELD           RANGE  OFF BY  LONGER THAN EVER  UNKNOWN", "muted")]]
    for score in found:
        closed = score.said - score.beyond
        held = f"{score.held} of {closed}" + (f" ({score.held / closed:.0%})" if closed else "")
        at = "all" if score.part is None else f"{score.part:.0%}"
        text = f"{at:<6}{score.said:>6}  {held:<13}{_part(score.width):>7}{_part(score.off):>8}"
        lines.append([(f"{text}  {score.beyond:>16}{score.unknown:>9}", "heading" if score.part is None else "")])
    return lines


def _part(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _group_json(group: Sequence[tuple[WorkflowDetail, PastRun]], said: Sequence[Said]) -> dict[str, object]:
    row = group[-1][0].summary
    return {
        "target": row.key.target,
        "name": row.name,
        "version": row.version,
        "runs": [learnt.key.id for _, learnt in group],
        "meant": OF_TEN / 10,
        "scores": [score_json(score) for score in scores(said)],
    }
