"""`wftui emit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.act import RULES, add_action_arguments, run_action
from wftui.errors import UsageError
from wftui.model.action import ActionKind, Given
from wftui.model.payload import checked_payload

if TYPE_CHECKING:
    import argparse

_EPILOG = f"""\
The event goes into the queue of the task or run, and wakes all tasks there that wait for it. Absurd keeps the first
payload that an event was emitted with: a second one is refused.

examples:
  wftui emit 0190f3a2-7c1e-7b3e-9f00-0d1c5a2b7e11 order.paid
  wftui emit 0190f3a2-7c1e-7b3e-9f00-0d1c5a2b7e11 order.paid --payload '{{"by": "card"}}' --yes

{RULES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `emit` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs=1, metavar="ID", help="the task or run that waits")
    parser.add_argument("event", metavar="EVENT", help="the name of the event")
    parser.add_argument("--payload", default="null", metavar="JSON", help="what the event carries; null by default")
    add_action_arguments(parser, ids=False)


def run(args: argparse.Namespace) -> int:
    """Emit."""
    if not args.event.strip():
        raise UsageError("the event has no name")
    checked_payload(args.payload)
    payload = args.payload if args.payload.strip() else "null"
    return run_action(args, ActionKind.EMIT, given=Given(event=args.event, payload=payload))
