"""A throw-away Ray cluster with workflows on it, in a temporary folder, that ends when we do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import IO

START_TIMEOUT = 90.0
STOP_TIMEOUT = 12.0
_START = "import sys; sys.path[:] = {path!r}; from wftui.sources.ray.demo.host import main; main({root!r}, {submit!r})"


class DemoCluster:
    """A local Ray with a workflow storage, in a process group of its own.

    The group's first process watches a pipe from us: when we end, in whatever way, it stops Ray and removes the folder.

    Args:
        submit: Whether the demonstration's workflows are submitted.
    """

    def __init__(self, *, submit: bool = True) -> None:
        self._submit = submit
        self._root: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DemoCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def storage(self) -> Path:
        """The workflow storage. Only after `start`."""
        return cast("Path", self._root) / "storage"

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
        # Short: the names of Ray's sockets lie below it, and a socket's name holds 107 bytes at most.
        self._root = Path(tempfile.mkdtemp(prefix="wftui-", dir="/tmp"))
        with open(self._root / "host.log", "wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", _START.format(path=sys.path, root=str(self._root), submit=self._submit)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_prestart_worker_first_driver": "0"},
                start_new_session=True,
            )
        line = self._first_line()
        if line is None:
            why = self._last_words()
            self.stop()
            raise TargetError(f"the demonstration's Ray does not start: {why}")
        answer = cast("dict[str, str]", json.loads(line))
        if "error" in answer:
            self.stop()
            raise TargetError(answer["error"], answer.get("hint", ""))
        progress(f"Ray is up at {answer['address']}; workflows are coming in")
        return answer["address"]

    def stop(self) -> None:
        """Stop Ray and remove the folder. May be called at any time and twice."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                cast("IO[bytes]", process.stdin).close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT)
            # Ray's processes are of the host's group; whatever did not end in time ends now.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            cast("IO[bytes]", process.stdout).close()
        root, self._root = self._root, None
        if root is not None:
            _remove(root)

    def _first_line(self) -> bytes | None:
        """What the host tells once Ray is up; None if it ends before or takes too long."""
        process = cast("subprocess.Popen[bytes]", self._process)
        lines: list[bytes] = []
        reader = threading.Thread(
            target=lambda: lines.append(cast("IO[bytes]", process.stdout).readline()), name="wftui-demo", daemon=True
        )
        reader.start()
        reader.join(START_TIMEOUT)
        return lines[0] if lines and lines[0] else None

    def _last_words(self) -> str:
        log = (cast("Path", self._root) / "host.log").read_text(errors="replace")
        lines = [line.strip() for line in log.splitlines() if line.strip()]
        return lines[-1] if lines else "no reason given"


def _remove(root: Path) -> None:
    """Remove the folder; a process that is just ending may still write into it."""
    for _ in range(20):
        shutil.rmtree(root, ignore_errors=True)
        if not root.exists():
            return
        time.sleep(0.1)
