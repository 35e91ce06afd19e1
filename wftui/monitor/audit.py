"""The audit file: a JSON line for every action, in the user's state folder; only ever appended to.

Each line is one write to a file opened for appending, so that processes at work at once do not tear each other's lines.
What cannot be written is said once, and stops nothing: the action is what the user asked for.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from wftui.model.audit import Deed
from wftui.paths import state_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.workflow import WorkflowDetail

NAME = "audit.jsonl"
# So much of the end of the file is read: some 20,000 actions.
_TAIL = 8_000_000
_LONGEST_WHY = 2_000
_TRIES, _BETWEEN = 20, 0.01
_CALMLY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_TEXTS = ("user", "host", "target", "engine", "workflow", "action", "outcome", "why")
_FIELDS = tuple(one.name for one in fields(Deed))


class AuditFile:
    """The file, for writing and reading. Safe to use from several threads.

    Args:
        environ: Tells the state folder: `$XDG_STATE_HOME/wftui`, else `~/.local/state/wftui`.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.path = os.path.join(state_dir(environ), NAME)
        self._lock = threading.Lock()
        self._is_told = False
        self._stamp: tuple[int, int, int] | None = None
        self._kept: dict[tuple[str, str, str], tuple[Deed, ...]] = {}

    def append(self, deed: Deed) -> str:
        """Write a line. Returns what is to be told: why it could not be, the first time; otherwise ""."""
        content = {**asdict(deed), "why": deed.why[:_LONGEST_WHY]}
        try:
            self._write(json.dumps(content, allow_nan=False).encode("ascii") + b"\n")
        except OSError as error:
            with self._lock:
                if self._is_told:
                    return ""
                self._is_told = True
            return f"what is done is not kept in {self.path}: {error.strerror or error}"
        return ""

    def _write(self, line: bytes) -> None:
        Path(self.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not blocking: a pipe in the place of the file must not hold an action up.
        opened = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _CALMLY, 0o600)
        try:
            _lock(opened)
            if os.fstat(opened).st_size and _last_byte(opened) != b"\n":
                line = b"\n" + line  # a full disk cut the line before
            if os.write(opened, line) != len(line):
                raise OSError(0, "the disk took a part of the line only")
        finally:
            os.close(opened)

    def about(self, detail: WorkflowDetail) -> tuple[Deed, ...]:
        """What was done to a workflow or one of its tasks, oldest first; nothing where the file cannot be read."""
        key = detail.summary.key
        kept = self._read()
        if not kept:
            return ()
        ids = dict.fromkeys([key.id, *(task.id for task in detail.tasks)] if key.engine == "absurd" else [key.id])
        found = [deed for one in ids for deed in kept.get((key.target, key.engine, one), ())]
        return tuple(sorted(found, key=lambda deed: deed.at))

    def _read(self) -> dict[tuple[str, str, str], tuple[Deed, ...]]:
        """All that is in the file by target, engine and workflow; read again only when it changed."""
        with self._lock:
            try:
                now = Path(self.path).stat()
                stamp = (now.st_ino, now.st_size, now.st_mtime_ns)
                if stamp != self._stamp:
                    with open(self.path, "rb", opener=_calmly) as file:
                        if now.st_size > _TAIL:
                            file.seek(now.st_size - _TAIL)
                            file.readline()  # a part of a line
                        self._kept = _by_workflow(file.read(_TAIL).splitlines())
                    self._stamp = stamp
            except OSError:  # there is none, or it may not be read: then nothing is known of what was done
                self._stamp, self._kept = None, {}
            return self._kept


def _lock(opened: int) -> None:
    """Wait for others that write just now; but not for long: one that is stopped must not hold an action up."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system: lines are whole without them, too
        return
    for _ in range(_TRIES):
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or none here: NFS, say
            time.sleep(_BETWEEN)
        else:
            return


def _last_byte(opened: int) -> bytes:
    try:
        os.lseek(opened, -1, os.SEEK_END)
    except OSError:  # it is no file that one can go back in
        return b"\n"
    return os.read(opened, 1)


def _calmly(path: str, flags: int) -> int:
    return os.open(path, flags | _CALMLY)


def _by_workflow(lines: list[bytes]) -> dict[tuple[str, str, str], tuple[Deed, ...]]:
    found: dict[tuple[str, str, str], list[Deed]] = {}
    for line in lines:
        deed = _deed(line)
        if deed is not None:
            found.setdefault((deed.target, deed.engine, deed.workflow), []).append(deed)
    return {key: tuple(deeds) for key, deeds in found.items()}


def _deed(line: bytes) -> Deed | None:
    """The deed of a line; None for what is none: a line that was cut, or that somebody else wrote."""
    try:
        content = json.loads(line)
        kept = {name: content[name] for name in _FIELDS}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_one = isinstance(kept["at"], (int, float)) and isinstance(kept["given"], dict)
    return Deed(**kept) if is_one and all(isinstance(kept[name], str) for name in _TEXTS) else None


def account() -> str:
    """The account this process runs under: its name, or its number where it has none."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")


def machine() -> str:
    """The name of this machine."""
    import socket  # hardly anything needs it

    return socket.gethostname()
