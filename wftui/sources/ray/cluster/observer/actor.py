"""The observer as Ray sees it: an actor that imports wftui from memory, whatever the cluster has under that name.

This module is pickled by value and runs where there is no wftui: standard library only, and nothing of ours at the top.
"""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import sys
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType


class FromMemory:
    """Finds and loads modules whose sources it was given; nothing is written to a disk.

    Args:
        sources: `{module: (source, is package)}`.
    """

    def __init__(self, sources: Mapping[str, tuple[str, bool]]) -> None:
        self._sources = sources

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """See `importlib.abc.MetaPathFinder`."""
        if name not in self._sources:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=self._sources[name][1])  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """See `importlib.abc.Loader`: the usual one."""

    def get_code(self, name: str) -> CodeType:
        """The code of a module."""
        return compile(self._sources[name][0], f"<wftui: {name}>", "exec", dont_inherit=True)

    def get_source(self, name: str) -> str:
        """Its source, which tracebacks show."""
        return self._sources[name][0]

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib.abc.Loader`."""
        exec(self.get_code(module.__name__), module.__dict__)  # noqa: S102 - our own source, see `shipping.py`


class Observer:
    """Carries out near operations inside the cluster.

    Args:
        sources: See `shipping.packed_sources`.
    """

    def __init__(self, sources: bytes) -> None:
        for name in [name for name in sys.modules if name == "wftui" or name.startswith("wftui.")]:
            del sys.modules[name]
        finder: Any = FromMemory(pickle.loads(zlib.decompress(sources)))  # noqa: S301 - from our own driver
        sys.meta_path.insert(0, finder)
        self._carrier = importlib.import_module("wftui.sources.ray.cluster.observer.carrier").Carrier()

    def carry_out(self, request: bytes) -> tuple[int, int, bytes]:
        """See `carrier.Carrier.carry_out`."""
        answer: tuple[int, int, bytes] = self._carrier.carry_out(request)
        return answer

    def rest(self, ticket: int, start: int) -> bytes:
        """See `carrier.Carrier.rest`."""
        part: bytes = self._carrier.rest(ticket, start)
        return part
