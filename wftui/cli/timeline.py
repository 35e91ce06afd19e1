"""`wftui timeline`: what ran when, a bar per task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.drawing import WIDTH, add_group, add_width, named, pen_for
from wftui.cli.options import EXIT_CODES
from wftui.cli.output import Output, message
from wftui.cli.past import add_at, as_asked
from wftui.cli.targets import find_detail, opened
from wftui.errors import EXIT_OK
from wftui.present.time_lines import sums_line, when_line, worst_lines
from wftui.timeline.lines import Lines
from wftui.timeline.rows import Order, timeline_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from wftui.present.columns import Span

# Less than that is no picture.
_NARROWEST = 24

_EPILOG = f"""\
A row is a task, or what is alike or folded into one in the graph, too. The line above tells how many tasks ran at once,
that of a group how many of it; a long time in which nothing ran is drawn short and told in the axis. Below: where the
time went, and what of the critical path took the most of it.

examples:
  wftui timeline nightly.2026-11-03
  wftui timeline nightly.2026-11-03 --no-group --width 160 --order graph | less
  wftui timeline nightly.2026-11-03 --at +90s

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `timeline` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("id", metavar="ID", help="which workflow")
    add_width(parser)
    parser.add_argument(
        "--order", type=named(Order, "order"), default=Order.START, metavar="ORDER", help="start or graph"
    )
    parser.add_argument("--clock", action="store_true", help="tell times by the clock, not since the start")
    alike = "one row for tasks that are alike, one for a long chain (default above 150 tasks)"
    add_group(parser, alike, "a row for every task")
    add_at(parser)


def run(args: argparse.Namespace) -> int:
    """Draw."""
    out = Output(args)
    with opened(args) as sources:
        present = find_detail(sources, args.id)
    detail, now = as_asked(present, args)
    timeline = timeline_of(detail, now, pen_for(out.glyphs), grouped=args.group, order=args.order)
    width = max(_NARROWEST, args.width or out.width or WIDTH)
    lines = Lines(timeline, out.glyphs, width, absolute=args.clock)
    if not timeline.rows:
        message(f"workflow {args.id!r} has no tasks that are known")
    else:
        for spans in (lines.at_once(), lines.axis()):
            if spans:
                _print(out, spans)
        for row in timeline.rows:
            _print(out, lines.row(row))
        out.line()
        _print(out, lines.legend())
    for spans in (when_line(detail), sums_line(timeline.timings, timeline.steps, out.glyphs)):
        if spans:
            _print(out, spans)
    for spans in worst_lines(detail, timeline.timings):
        _print(out, spans)
    if timeline.rows and not any(timing.tries for timing in timeline.timings.of.values()):
        message("no times of it are known yet")
    if detail.summary.note:
        message(detail.summary.note)
    if detail.truncated is not None:
        message(f"only {detail.truncated[0]} of {detail.truncated[1]} tasks are drawn")
    return EXIT_OK


def _print(out: Output, spans: Iterable[Span]) -> None:
    out.line(*((span.text, _TONES.get(span.tone, span.tone)) for span in spans))


# What the colours of the commands have no word for.
_TONES = {"quiet": "successful", "faint": "muted", "strong": "heading", "fold": "muted", "label": ""}
