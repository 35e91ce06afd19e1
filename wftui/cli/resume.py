"""`wftui resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.act import RULES, add_action_arguments, run_action
from wftui.errors import UsageError
from wftui.model.action import ActionKind
from wftui.model.status import Status

if TYPE_CHECKING:
    import argparse

_EPILOG = f"""\
Tasks whose output was checkpointed are kept, the others run again; --dry-run names both.

examples:
  wftui resume nightly.2026-11-03 --dry-run
  wftui resume --all --yes                     whatever was interrupted
  wftui resume --all --include-failed          and what failed

{RULES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `resume` takes."""
    parser.epilog = _EPILOG
    add_action_arguments(parser)
    parser.add_argument("--all", action="store_true", help="every RESUMABLE workflow, one by one")
    parser.add_argument("--include-failed", action="store_true", help="with --all: every FAILED one too")


def run(args: argparse.Namespace) -> int:
    """Resume."""
    if args.all and args.ids:
        raise UsageError("both --all and ids are given", "give one of them")
    if args.include_failed and not args.all:
        raise UsageError("--include-failed goes with --all", "name the failed ones, or give --all")
    every = {Status.RESUMABLE} if args.all else set()
    if args.include_failed:
        every.add(Status.FAILED)
    return run_action(args, ActionKind.RESUME, every=frozenset(every))
