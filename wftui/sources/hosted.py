"""A throw-away server of a demonstration: in a temporary folder, in a process group of its own, gone when we are.

Both sides of it: `HostedServer` starts the group's first process and asks it for its address; `serve` is what that
process does. It watches a pipe from us: when we end, in whatever way, it stops the server and removes the folder.
Standard library only: it runs before anything else is there.
"""

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
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

START_TIMEOUT = 90.0
STOP_TIMEOUT = 12.0
_START = "import sys; sys.path[:] = {path!r}; from {module} import main; main({arguments})"


def python(module: str, *arguments: object) -> list[str]:
    """The command that calls `main` of a module of ours in a new interpreter, with the same packages as this one."""
    return [
        sys.executable,
        "-c",
        _START.format(path=sys.path, module=module, arguments=", ".join(map(repr, arguments))),
    ]


class HostedServer:
    """The first process of a server's group, and its folder.

    Args:
        what: What is started, in words: "the demonstration's Ray".
        module: Whose `main(folder, *arguments)` calls `serve`.
        arguments: For it.
        environ: Settings for it beside our own.
    """

    def __init__(
        self, what: str, module: str, arguments: Sequence[object] = (), environ: Mapping[str, str] | None = None
    ) -> None:
        self._what = what
        self._module = module
        self._arguments = tuple(arguments)
        self._environ = dict(environ or {})
        self._root: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> Path:
        """Its folder. Only between `start` and `stop`."""
        return cast("Path", self._root)

    def start(self) -> dict[str, str]:
        """Start it; takes some seconds.

        Returns:
            What it told of itself.

        Raises:
            TargetError: It does not start.
        """
        # Short: the names of sockets lie below it, and a socket's name holds 107 bytes at most.
        self._root = Path(tempfile.mkdtemp(prefix="wftui-", dir="/tmp"))
        with open(self._root / "host.log", "wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                python(self._module, str(self._root), *self._arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **self._environ},
                start_new_session=True,
            )
        line = self._first_line()
        if line is None:
            why = self._last_words()
            self.stop()
            raise TargetError(f"{self._what} does not start: {why}")
        answer = cast("dict[str, str]", json.loads(line))
        if "error" in answer:
            self.stop()
            raise TargetError(answer["error"], answer.get("hint", ""))
        return answer

    def stop(self) -> None:
        """Stop it and remove the folder. May be called at any time and twice."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                cast("IO[bytes]", process.stdin).close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT)
            # The server's processes are of the host's group; whatever did not end in time ends now.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            cast("IO[bytes]", process.stdout).close()
        root, self._root = self._root, None
        if root is not None:
            _remove(root)

    def _first_line(self) -> bytes | None:
        """What the host tells once the server is up; None if it ends before or takes too long."""
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


def serve(root: Path, start: Callable[[Path], tuple[Mapping[str, str], Callable[[], None]]]) -> None:
    """Start a server, tell of it on stdout, wait for the end of stdin, stop the server, remove `root`.

    Args:
        root: The folder.
        start: Starts it; gives what is to be told, an "error" if there is nothing to wait for, and what stops it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the server prints goes into the log
    requests = os.fdopen(os.dup(0), "rb")
    told, stop = start(root)
    try:
        # Whoever asked may be gone already.
        with suppress(BrokenPipeError):
            print(json.dumps(dict(told)), file=answers, flush=True)
        if "error" not in told:
            requests.read()
    finally:
        stop()
        _remove(root)


def _remove(root: Path) -> None:
    """Remove the folder; a process that is just ending may still write into it."""
    for _ in range(20):
        shutil.rmtree(root, ignore_errors=True)
        if not root.exists():
            return
        time.sleep(0.1)
