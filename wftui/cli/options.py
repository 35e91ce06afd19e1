"""What every command takes, and how arguments are parsed."""

from __future__ import annotations

import argparse

from wftui.errors import UsageError

TYPE_CHECKING = False  # see main
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

EXIT_CODES = """\
exit codes: 0 ok, 1 the answer is no, 2 usage, 3 the target cannot be reached or read,
            4 no such workflow or task, 5 refused, 130 interrupted"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line that says what to do."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=26),
            allow_abbrev=False,  # an abbreviation in a script would break with the next option
        )

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving.

        Raises:
            UsageError: Always.
        """
        hint = "an id that begins with - goes behind --" if message.startswith("unrecognized arguments: -") else ""
        raise UsageError(message, f"{hint + ': ' if hint else ''}see {self.prog} --help")


def add_common(parser: argparse.ArgumentParser, *, draws: bool) -> None:
    """Add the options of every command. They may stand before the command word, too.

    Args:
        parser: Where to.
        draws: Whether the command opens the monitor; elsewhere what only concerns that is taken, but not listed.
    """
    group = parser.add_argument_group("everywhere")
    add = group.add_argument
    add("-t", "--target", action="append", default=[], metavar="TARGET", dest="targets",
        help="what to look at; several times: one list (default: $WFTUI_TARGET, then what is found here)")  # fmt: skip
    add("--read-only", action="store_true", help="change nothing, whatever is asked (also WFTUI_READ_ONLY=1)")
    add("--poll", type=seconds, metavar="S", help="look every S seconds instead of watching files")
    add("--interval", type=seconds, metavar="S", help="seconds between updates from a cluster")
    add("--no-observer", action="store_true",
        help="start no process of wftui's inside a cluster (also WFTUI_NO_OBSERVER=1)")  # fmt: skip
    add("--definitions", action="append", default=[], metavar="PATH",
        help="Highway definitions, a file or a folder; several times: all of them, and $WFTUI_DEFINITIONS")  # fmt: skip
    add("--show-secrets", action="store_true", help="do not mask what looks like a password or key in metadata")
    add("--no-color", action="store_true", help="no colours (also NO_COLOR)")
    add("--ascii", action="store_true", help="plain ASCII (chosen by itself where the locale is not UTF-8)")
    add("--no-mouse", action="store_true", help="leave the mouse to the terminal" if draws else argparse.SUPPRESS)
    add("--theme", metavar="NAME", help="a theme, such as textual-light" if draws else argparse.SUPPRESS)
    add("--version", action="store_true", help="print the version")  # main answers it before anything is parsed


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print data as strict JSON in ASCII")


def seconds(text: str) -> float:
    """A positive number of seconds.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def parse(parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """Parse; options and other words may stand in any order, and everything after `--` is no option.

    Raises:
        UsageError: They do not fit.
    """
    words = _joined(argv)
    split = words.index("--") if "--" in words else len(words)
    # `parse_intermixed_args` gets "--" wrong, each version of Python in its own way. So what follows it goes in under
    # names that nobody can type and that look like no option, and becomes itself again afterwards.
    hidden = {f"\0{at}": word for at, word in enumerate(words[split + 1 :])}
    try:
        args = parser.parse_intermixed_args([*words[:split], *hidden])
    except UsageError as error:
        raise UsageError(_named(error.message, hidden), error.hint) from None
    for name, value in vars(args).items():
        if isinstance(value, list):
            setattr(args, name, [hidden.get(word, word) for word in value])
        elif isinstance(value, str):
            setattr(args, name, hidden.get(value, value))
    return args


def _joined(argv: Sequence[str]) -> list[str]:
    """The words, `--at` and its value as one: argparse would take "-5m" for an option."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] == "--at" and "--" not in words and word[:1] == "-" and word[1:2].isdecimal():
            words[-1] = f"--at={word}"
        else:
            words.append(word)
    return words


def _named(message: str, hidden: dict[str, str]) -> str:
    for name, word in hidden.items():
        message = message.replace(name, word).replace(repr(name), repr(word))
    return message
