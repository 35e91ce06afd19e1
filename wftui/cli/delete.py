"""`wftui delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.cli.act import RULES, add_action_arguments, run_action
from wftui.model.action import ActionKind

if TYPE_CHECKING:
    import argparse

_EPILOG = f"""\
Removes checkpoints and history for good. What runs or is queued is refused: cancel it first.

examples:
  wftui delete nightly.2026-11-03 --dry-run
  wftui delete nightly.2026-11-03

{RULES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `delete` takes."""
    parser.epilog = _EPILOG
    add_action_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Delete."""
    return run_action(args, ActionKind.DELETE)
