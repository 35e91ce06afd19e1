"""Finds the command, imports only that one, and turns what goes wrong into one line and an exit code.

A command is a module of this package with `add_arguments(parser)` and `run(args)`, which returns the exit code. Nothing
here is imported that the command does not need: `wftui --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys

from wftui.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_TARGET, WftuiError

TYPE_CHECKING = False  # typing itself would be a good part of what `wftui --help` imports
if TYPE_CHECKING:
    import argparse
    from typing import Protocol

    class Command(Protocol):
        """A module of this package."""

        def add_arguments(self, parser: argparse.ArgumentParser) -> None:
            """Add what this command takes, and set the parser's epilog."""

        def run(self, args: argparse.Namespace) -> int:
            """Do it. Returns the exit code."""


# Word: (module, what it does). A command word wins over a target of that name.
COMMANDS = {
    "ls": ("ls", "list workflows: failed first, then running, newest first"),
    "show": ("show", "all of one workflow: tasks, times, errors, critical path"),
    "dag": ("dag", "the graph of a workflow as text"),
    "timeline": ("timeline", "what of a workflow ran when, a bar per task"),
    "eta": ("eta", "when a workflow will be done, told by earlier runs"),
    "draw": ("draw", "any graph of a file as text: JSON, DOT, Mermaid"),
    "watch": ("watch", "a line for every change, until interrupted"),
    "logs": ("logs", "what a task printed or prints"),
    "wait": ("wait", "block until workflows have ended; the exit code tells how"),
    "cancel": ("cancel", "cancel running workflows"),
    "resume": ("resume", "run failed or interrupted workflows again from their checkpoints"),
    "emit": ("emit", "send an event to a task of Absurd that waits for it"),
    "delete": ("delete", "remove workflows with their checkpoints and history"),
    "demo": ("demo", "an engine (ray, absurd) with workflows of all kinds, and the monitor"),
}
MONITOR = "monitor"
# Options before the command that take the next word; see `options.add_common`.
_TAKES_A_WORD = frozenset({"-t", "--target", "--poll", "--interval", "--definitions", "--theme"})


def main(argv: list[str]) -> int:
    """Run what `argv` (without the program's name) asks for. Returns the exit code."""
    # Rows and tasks come in hundreds of thousands and refer to nothing in circles: as Python sets it, up to a third of
    # the time would go into looking for garbage among them.
    gc.set_threshold(100_000, 20, 100)
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return EXIT_OK
    except WftuiError as error:
        _say(str(error))
        return error.exit_code
    except OSError as error:
        # A full disk under stdout, say: the interpreter must not try to write the rest again at its end.
        _give_up_stdout()
        _say(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return EXIT_TARGET
    except Exception as defect:
        if isinstance(defect.__context__, KeyboardInterrupt):  # which left something half done: argparse trips then
            return EXIT_INTERRUPTED
        if os.environ.get("WFTUI_DEBUG"):
            raise
        _say(f"internal error: {type(defect).__name__}: {defect}; WFTUI_DEBUG=1 shows where: please report it")
        return EXIT_TARGET


def _run(argv: list[str]) -> int:
    word, rest = split_command(argv)
    if word is None and asks_for(("-h", "--help"), rest):
        from wftui.cli.helptext import HELP

        return _print(HELP)
    if asks_for(("--version",), rest):
        from wftui import __version__

        return _print(f"wftui {__version__}\n")
    module = _load(COMMANDS[word][0] if word else MONITOR)
    from wftui.cli.options import Parser, add_common, parse

    summary = COMMANDS[word][1] if word else "watch durable workflows"
    parser = Parser(prog=f"wftui {word}" if word else "wftui", description=f"{summary[0].upper()}{summary[1:]}.")
    module.add_arguments(parser)
    add_common(parser, draws=word in (None, "demo"))
    try:
        args = parse(parser, rest)
    except SystemExit as done:  # argparse printed --help or --version
        _flush()
        return done.code if isinstance(done.code, int) else EXIT_OK
    code = module.run(args)
    _flush()
    return code


def split_command(argv: list[str]) -> tuple[str | None, list[str]]:
    """The command word, if the first word that is no option is one, and the other arguments."""
    for at, argument in _words(argv):
        if not argument.startswith("-") or argument == "-":
            return (argument, argv[:at] + argv[at + 1 :]) if argument in COMMANDS else (None, argv)
    return None, argv


def asks_for(options: tuple[str, ...], argv: list[str]) -> bool:
    """Whether one of these options is given."""
    return any(argument in options for _, argument in _words(argv))


def _words(argv: list[str]) -> list[tuple[int, str]]:
    """The arguments up to `--` with their places, but for the values of the options that every command takes."""
    words: list[tuple[int, str]] = []
    at = 0
    while at < len(argv) and argv[at] != "--":
        words.append((at, argv[at]))
        at += 2 if argv[at] in _TAKES_A_WORD else 1
    return words


def _load(name: str) -> Command:
    from importlib import import_module

    module: Command = import_module(f"wftui.cli.{name}")
    return module


def _say(what: str) -> None:
    from wftui.cli.output import message

    message(what)


def _print(text: str) -> int:
    if sys.stdout is not None:
        encoding = sys.stdout.encoding
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    _flush()
    return EXIT_OK


def _flush() -> None:
    # Here and not at the interpreter's end, where a closed pipe could only be a traceback.
    if sys.stdout is not None:
        sys.stdout.flush()


def _give_up_stdout() -> None:
    """Whoever read our output has gone: nothing more may be written, not even at the interpreter's end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
