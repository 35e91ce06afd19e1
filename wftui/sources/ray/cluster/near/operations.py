"""Operations that are carried out near the data: in the driver, or in the observer, an actor of ours in the cluster.

The driver does it where it is on a node of the cluster, the observer where it is not (`ray://`).

To add one: write a class whose method takes and gives plain data that can be pickled (our frozen model too), in a
module that imports the standard library, `wftui.model`, `wftui.errors` and, inside the method, ray; then name it in
`NEAR`. The source calls it with `source.call("its name", …)`. The class is made without arguments at its first use,
once in a process, and its methods are called from several threads. They only read: a read-only source sends them,
too. They may raise `TargetError`, `TargetGone` and `NotFoundError`, which arrive as they are; anything else arrives
as `DriverRaised`.
"""

from __future__ import annotations

import importlib
import threading
from types import MappingProxyType

_HERE = "wftui.sources.ray.cluster.near"

NEAR = MappingProxyType(
    {
        "look": ("looking", "ManagerLooking", "look"),
        "identify": ("looking", "ManagerLooking", "identify"),
        "open": ("observing", "Observing", "open"),
        "observe": ("observing", "Observing", "observe"),
        "storage": ("observing", "Observing", "storage"),
        "where": ("whereabouts", "Whereabouts", "where"),
        "output": ("task_output", "TaskOutput", "read"),
        "output here": ("task_output", "TaskOutput", "read_here"),
        "watch output": ("task_output", "TaskOutput", "watch"),
    }
)
"""Operation: module of this package, class, method."""


class Nearby:
    """Carries them out in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], object] = {}

    def carry_out(self, operation: str, *arguments: object) -> object:
        """Do it.

        Raises:
            Exception: Whatever the operation raises.
        """
        module, name, method = NEAR[operation]
        return getattr(self._one(module, name), method)(*arguments)

    def _one(self, module: str, name: str) -> object:
        with self._lock:
            if (module, name) not in self._made:
                self._made[module, name] = getattr(importlib.import_module(f"{_HERE}.{module}"), name)()
            return self._made[module, name]
