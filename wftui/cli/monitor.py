"""`wftui [TARGET]`: the monitor itself."""

from __future__ import annotations

import os
import sys

from wftui.errors import TargetError, UsageError

TYPE_CHECKING = False  # see main
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the monitor takes. Its help is `helptext.HELP`."""
    parser.add_argument("target_words", nargs="*", default=[], metavar="TARGET", help="what to watch")


def run(args: argparse.Namespace) -> int:
    """Open the monitor."""
    from wftui.cli.targets import DEMO, resolve

    require_terminal()
    targets = resolve(args)
    if targets == [DEMO]:
        from wftui.cli.demo import run as run_demo

        args.engine, args.targets = "ray", []
        return run_demo(args)
    if DEMO in targets:
        raise UsageError("the demonstration cannot stand beside other targets", "open it alone: wftui demo")
    return open_monitor(args, targets)


def require_terminal() -> None:
    """See that there is a terminal to draw on.

    Raises:
        UsageError: There is none.
    """
    # Textual draws on stderr, so that it counts, too.
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UsageError("the monitor needs a terminal", "for pipes and scripts there is wftui ls: see wftui --help")


def open_monitor(args: argparse.Namespace, targets: Sequence[str], *, read_only: bool = False) -> int:
    """Open the targets, then the app on them. Without targets the app says what to pass.

    Raises:
        TargetError: No target can be reached or read; one of several that cannot is shown in the app.
        UsageError: A target or a setting is wrong.
    """
    import gc
    from contextlib import ExitStack

    # What a start makes stays: looking through it for garbage again and again is a tenth of it. The app turns this on.
    gc.disable()
    from wftui.cli.opening import Opening
    from wftui.cli.targets import is_read_only, make_sources
    from wftui.config import from_environment, speaks_utf8

    args.read_only = read_only or is_read_only(args)
    settings = from_environment(os.environ)
    keymap = _read_keymap()
    if args.no_color or settings.no_color:
        os.environ["NO_COLOR"] = "1"  # as Textual reads it
    else:
        os.environ.pop("NO_COLOR", None)  # an empty one is none (no-color.org), which Textual does not know
    with ExitStack() as stack:
        sources = make_sources(args, targets, stack)
        # Opening takes as long as importing the app does; the user waits for the longer of the two.
        opening = Opening(sources)
        from wftui.app import run_app

        try:
            return run_app(
                opening.opened(),
                read_only=args.read_only,
                ascii_only=args.ascii or not speaks_utf8(sys.stdout.encoding, os.environ),
                mouse=not args.no_mouse,
                keymap=keymap,
                theme=args.theme,
                show_secrets=args.show_secrets,
                when_hopeless=opening.when_hopeless,
            )
        except TargetError as error:
            raise _perhaps_a_command(error, targets) from None


def _perhaps_a_command(error: TargetError, targets: Sequence[str]) -> TargetError:
    """The error of a target that does not open, with a hint when a command was meant."""
    import difflib

    from wftui.cli.main import COMMANDS

    close = difflib.get_close_matches(targets[0], COMMANDS, n=1, cutoff=0.6) if len(targets) == 1 else []
    return type(error)(error.message, f"did you mean wftui {close[0]}?") if close else error


def _read_keymap() -> dict[str, str]:
    from wftui.config import KEYS_FILE, read_keymap
    from wftui.paths import config_dir
    from wftui.present.keys import KEYS

    try:
        keymap = read_keymap(os.path.join(config_dir(os.environ), KEYS_FILE))
    except ValueError as error:
        raise UsageError(str(error)) from None
    known = {key.id for key in KEYS}
    for binding in keymap:
        if binding not in known:
            raise UsageError(f"{KEYS_FILE} binds {binding!r}, which is none of {', '.join(sorted(known))}")
    return keymap
