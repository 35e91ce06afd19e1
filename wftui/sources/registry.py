"""Finds the engine that opens a target. A new engine is a new package here: nothing else names it."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, cast

import wftui.sources
from wftui.errors import UsageError

if TYPE_CHECKING:
    from wftui.sources.base import Engine, Source, SourceOptions


@cache
def engines() -> tuple[Engine, ...]:
    """Every engine package under `sources/`, by name."""
    found = []
    for module in sorted(pkgutil.iter_modules(wftui.sources.__path__), key=lambda m: m.name):
        name = f"wftui.sources.{module.name}.engine"
        if module.ispkg and importlib.util.find_spec(name) is not None:
            found.append(cast("Engine", importlib.import_module(name).ENGINE))
    return tuple(found)


def make_source(target: str, options: SourceOptions) -> Source:
    """A source for `target`; nothing is opened yet.

    Raises:
        UsageError: No engine opens targets of that form.
        TargetError: The engine is known, but cannot be used in this environment.
    """
    for engine in engines():
        if engine.claims(target):
            return engine.make(target, options)
    raise UsageError(f"nothing opens {target!r}", "give a directory, auto, host:port or a URL: see wftui --help")


def default_target(environ: dict[str, str]) -> str | None:
    """The target to open when none was given; None if nothing was found."""
    for engine in sorted(engines(), key=lambda engine: engine.rank):
        if (target := engine.default_target(environ)) is not None:
            return target
    return None
