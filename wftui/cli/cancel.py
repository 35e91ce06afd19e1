"""`wftui cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.act import RULES, add_action_arguments, run_action
from wftui.model.action import ActionKind

if TYPE_CHECKING:
    import argparse

_EPILOG = f"""\
A queued (PENDING) workflow cannot be cancelled: Ray would wait for its end and cancel nothing. With --wait the cancel
is armed and fires when the workflow starts; Ctrl-C takes it back. In Absurd a run is canceled with all its unfinished
tasks, in one transaction, whatever they wait for; the id of a task cancels that task alone.

examples:
  wftui cancel nightly.2026-11-03
  wftui cancel a b c --yes --json
  wftui cancel queued.7 --yes --wait

{RULES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `cancel` takes."""
    parser.epilog = _EPILOG
    add_action_arguments(parser)
    parser.add_argument("--wait", action="store_true", help="arm the cancel of a queued workflow; block until it fired")


def run(args: argparse.Namespace) -> int:
    """Cancel."""
    return run_action(args, ActionKind.CANCEL, arm=args.wait)
