"""Our own sources as bytes, for an actor in a cluster that has no wftui.

Only what needs nothing but the standard library (and ray) goes along: the model, the storage reader and its stores, and
what is done near the data.
"""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import zlib
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.abc import InspectLoader

_MODULES = ("wftui", "wftui.errors", "wftui.sources", "wftui.sources.base", "wftui.sources.forked")
_PACKAGES = ("wftui.model", "wftui.sources.ray", "wftui.sources.stores")
_LEFT_OUT = frozenset({"wftui.sources.ray.demo", "wftui.sources.ray.engine", "wftui.sources.stores.archive"})


@cache
def packed_sources() -> bytes:
    """`{module: (source, is package)}`, pickled and compressed; `actor.py` imports from it."""
    sources = {}
    for name in _names():
        spec = find_spec(name)
        if spec is None or spec.loader is None:
            raise ImportError(f"no source of {name}", name=name)
        source = cast("InspectLoader", spec.loader).get_source(name) or ""
        sources[name] = (source, spec.submodule_search_locations is not None)
    return zlib.compress(pickle.dumps(sources, protocol=5), 9)


def _names() -> Iterator[str]:
    yield from _MODULES
    for package in _PACKAGES:
        yield from _below(package)


def _below(package: str) -> Iterator[str]:
    yield package
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        if module.name not in _LEFT_OUT:
            if module.ispkg:
                yield from _below(module.name)
            else:
                yield module.name
