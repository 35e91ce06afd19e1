"""A throw-away Ray cluster with workflows on it, in a temporary folder, that ends when we do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.sources.hosted import HostedServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_ENVIRON = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_prestart_worker_first_driver": "0",
    # Ray ends a worker that has nothing to do for a second, and then takes one to start another.
    "RAY_idle_worker_killing_time_threshold_ms": "10000",
}


class DemoCluster:
    """A local Ray with a workflow storage.

    Args:
        submit: Whether the demonstration's workflows are submitted.
    """

    def __init__(self, *, submit: bool = True) -> None:
        self._server = HostedServer("the demonstration's Ray", "wftui.sources.ray.demo.host", (submit,), _ENVIRON)

    def __enter__(self) -> DemoCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def storage(self) -> Path:
        """The workflow storage. Only after `start`."""
        return self._server.root / "storage"

    def start(self, progress: Callable[[str], None]) -> str:
        """Start Ray and begin to submit workflows; takes some seconds.

        Args:
            progress: Gets a line now and then.

        Returns:
            The address to open.

        Raises:
            TargetError: Ray is not installed, or does not start.
        """
        progress("starting a local Ray in a temporary folder…")
        address = self._server.start()["address"]
        progress(f"Ray is up at {address}; workflows are coming in")
        return address

    def stop(self) -> None:
        """Stop Ray and remove the folder. May be called at any time and twice."""
        self._server.stop()
