"""What the commands that draw have in common: the room they take, what they group, words that stand for a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from wftui.dag.picture import Pen
from wftui.errors import UsageError
from wftui.present.format import duration
from wftui.present.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from enum import Enum

    from wftui.present.glyphs import Glyphs

# Where stdout is no terminal and no width is given.
WIDTH = 80

_Choice = TypeVar("_Choice", bound="Enum")


def add_width(parser: argparse.ArgumentParser, what: str = "cells to draw in (default: the terminal's, or 80)") -> None:
    """Add `--width`."""
    parser.add_argument("--width", type=cells, metavar="N", help=what)


def add_group(parser: argparse.ArgumentParser, alike: str, every: str) -> None:
    """Add `--group` and `--no-group`; neither is None: grouped where there is much."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--group", action="store_true", default=None, help=alike)
    group.add_argument("--no-group", action="store_false", dest="group", help=every)


def cells(text: str) -> int:
    """A width.

    Raises:
        ValueError: It is none; argparse says so.
    """
    value = int(text)
    if not 1 <= value <= 10_000:
        raise ValueError(text)
    return value


def named(choices: type[_Choice], what: str) -> Callable[[str], _Choice]:
    """What finds a choice by its word, for argparse; for any other word it raises a `UsageError` with all of them."""

    def find(word: str) -> _Choice:
        for choice in choices:
            if choice.value == word:
                return choice
        raise UsageError(f"there is no {what} {word!r}", f"use one of {', '.join(choice.value for choice in choices)}")

    return find


def pen_for(glyphs: Glyphs) -> Pen:
    """What to draw with."""
    return Pen(glyphs.status, visible, duration, ascii_only=glyphs.mark.isascii())
