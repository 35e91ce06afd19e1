"""`wftui resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.act import RULES, add_action_arguments, run_action
from wftui.errors import UsageError
from wftui.model.action import ActionKind, Given
from wftui.model.status import Status

if TYPE_CHECKING:
    import argparse

_EPILOG = f"""\
Tasks whose output was checkpointed are kept, the others run again; --dry-run names both. In Absurd the failed tasks
of a run get one attempt more each, or as many in all as --max-attempts says; the id of a task resumes that task alone.

examples:
  wftui resume nightly.2026-11-03 --dry-run
  wftui resume --all --yes                     whatever was interrupted
  wftui resume --all --include-failed          and what failed
  wftui resume 0190f3a2-… --max-attempts 5     a task or a run of Absurd

{RULES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `resume` takes."""
    parser.epilog = _EPILOG
    add_action_arguments(parser)
    parser.add_argument("--all", action="store_true", help="every RESUMABLE workflow, one by one")
    parser.add_argument("--include-failed", action="store_true", help="with --all: every FAILED one too")
    parser.add_argument("--max-attempts", type=int, metavar="N", help="Absurd: attempts in all; else one more than now")
    parser.add_argument("--spawn-new", action="store_true", help="Absurd: spawn failed tasks anew, from their start")


def run(args: argparse.Namespace) -> int:
    """Resume."""
    if args.all and args.ids:
        raise UsageError("both --all and ids are given", "give one of them")
    if args.include_failed and not args.all:
        raise UsageError("--include-failed goes with --all", "name the failed ones, or give --all")
    every = {Status.RESUMABLE} if args.all else set()
    if args.include_failed:
        every.add(Status.FAILED)
    if args.max_attempts is not None and args.max_attempts < 1:
        raise UsageError(f"--max-attempts {args.max_attempts}: one attempt at least")
    given = Given(max_attempts=args.max_attempts, as_new=args.spawn_new)
    return run_action(args, ActionKind.RESUME, every=frozenset(every), given=given)
