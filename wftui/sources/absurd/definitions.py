"""The Highway definitions that files hold, and which of them is that of a run. Files are looked at again and again.

Looking is a `stat` of each file, at most once a second: that works on any file system, and costs nothing to speak of
within these bounds. What cannot be read is a problem with a name; the rest goes on, and so does what that file held
before, until it can be read again.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.highway.reading import definition_in, parsed
from wftui.model.workflow import Problem
from wftui.sources.absurd.definition_match import Book, Known, digests

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SUFFIXES = (".yaml", ".yml", ".json")
MOST_FILES = 1_000
MOST_ENTRIES = 20_000
DEEPEST = 8
MOST_BYTES = 4 * 2**20
"""Bytes of one file; of all that is read together it is four times that."""
MOST_OPERATORS = 20_000
PAUSE = 1.0
"""Seconds in which files are not looked at again."""

_Mark = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _File:
    """What is known of a file: what it held when it could be read last, and what is wrong with it now."""

    mark: _Mark | None
    known: Known | None = None
    problem: str = ""
    size: int = 0


class Definitions:
    """The definitions in some files and folders. May be asked from several threads.

    Args:
        paths: Files, and folders with what is below them.
        clock: Seconds that only grow.
    """

    def __init__(self, paths: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._paths = tuple(paths)
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        self._book = Book()
        self._looked: float | None = None

    def look(self) -> Book:
        """What there is now; the same object while nothing changed."""
        if not self._paths:
            return self._book
        with self._lock:
            now = self._clock()
            if self._looked is None or now - self._looked >= PAUSE:
                self._read_changed()
                self._looked = self._clock()
            return self._book

    def _read_changed(self) -> None:
        places, problems = _Finder().find(self._paths)
        files: dict[str, _File] = {}
        left = 4 * MOST_BYTES
        for path, (mark, is_named) in places.items():
            before = self._files.get(path)
            if before is not None and before.mark == mark:
                files[path] = before
                left -= before.size
            elif mark[2] > left:
                files[path] = _File(None, problem="not read: the definitions are too large together")
            else:
                files[path] = _read(path, mark, before, is_named=is_named)
                left -= files[path].size
        # A file that was there a moment ago is one that an editor is about to replace: `stat` tells at the next look.
        problems += [Problem(path, file.problem) for path, file in files.items() if file.problem]
        known = tuple(file.known for file in files.values() if file.known is not None)
        self._files = files
        if (known, tuple(problems)) != (self._book.known, self._book.problems):
            self._book = Book(known, tuple(problems))


class _Finder:
    """Walks files and folders, within bounds."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[_Mark, bool]] = {}
        self._problems: list[Problem] = []
        self._entries = MOST_ENTRIES
        self._folders: set[tuple[int, int]] = set()
        self._is_told = False

    def find(self, paths: Sequence[str]) -> tuple[dict[str, tuple[_Mark, bool]], list[Problem]]:
        """Every file, with its mark and whether it was named itself, and what is in the way."""
        for path in paths:
            try:
                found = Path(path).stat()
            except (OSError, ValueError) as error:
                self._problem(path, error)
                continue
            if stat.S_ISDIR(found.st_mode):
                self._folder(path, found, 0)
            elif stat.S_ISREG(found.st_mode):
                self._add(path, found, is_named=True)
            else:
                self._problems.append(Problem(path, "neither a file nor a folder"))
        return self._found, self._problems

    def _folder(self, path: str, found: os.stat_result, depth: int) -> None:
        if (found.st_dev, found.st_ino) in self._folders:
            return  # a link may lead back
        self._folders.add((found.st_dev, found.st_ino))
        if depth > DEEPEST:
            self._problems.append(Problem(path, f"not looked into: more than {DEEPEST} folders deep"))
            return
        try:
            names = sorted(os.listdir(path))
        except OSError as error:
            self._problem(path, error)
            return
        for name in names:
            self._entries -= 1
            if self._entries < 0 or len(self._found) >= MOST_FILES:
                if self._is_told:
                    return
                self._is_told = True
                told = f"more than {MOST_FILES:,} files or {MOST_ENTRIES:,} entries: the rest is not looked at"
                self._problems.append(Problem(path, told))
                return
            if not name.startswith("."):
                self._entry(os.path.join(path, name), depth)

    def _entry(self, path: str, depth: int) -> None:
        try:
            found = Path(path).stat()
        except (OSError, ValueError) as error:
            if path.lower().endswith(SUFFIXES):
                self._problem(path, error)
            return
        if stat.S_ISDIR(found.st_mode):
            self._folder(path, found, depth + 1)
        elif stat.S_ISREG(found.st_mode) and path.lower().endswith(SUFFIXES):
            self._add(path, found, is_named=False)

    def _add(self, path: str, found: os.stat_result, *, is_named: bool) -> None:
        mark = (found.st_ino, found.st_mtime_ns, found.st_size, found.st_ctime_ns)
        was_named = self._found[path][1] if path in self._found else False
        self._found[path] = (mark, is_named or was_named)

    def _problem(self, path: str, error: OSError | ValueError) -> None:
        self._problems.append(Problem(path, f"cannot be read: {_why(error)}"))


def _read(path: str, mark: _Mark, before: _File | None, *, is_named: bool) -> _File:
    """What a file holds; what it held before where it cannot be read now."""
    kept = before.known if before is not None else None
    try:
        return _File(mark, _known(path, mark, is_named=is_named), size=mark[2])
    except TargetError as error:
        told = str(error.message)
    except (OSError, ValueError) as error:
        told = f"cannot be read: {_why(error)}"
    if kept is not None:
        told += "; what it held before is used"
    return _File(mark, kept, told, mark[2])


def _known(path: str, mark: _Mark, *, is_named: bool) -> Known | None:
    """The definition in a file; None where it holds something else, and nobody named it.

    Raises:
        TargetError: It cannot be one.
        OSError: It cannot be read.
    """
    if mark[2] > MOST_BYTES:
        raise TargetError(f"larger than {MOST_BYTES // 2**20} MB")
    # What was a file may be a pipe by now, which would never open.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TargetError(f"larger than {MOST_BYTES // 2**20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TargetError("not UTF-8") from error
    is_json = path.lower().endswith(".json") or (not path.lower().endswith(SUFFIXES) and text.lstrip()[:1] == "{")
    content = parsed(text, is_json=is_json)
    definition = definition_in(content)
    if definition is None:
        if is_named:
            raise TargetError('no Highway definition: it has no "tasks"')
        return None
    if len(definition.raw.nodes) > MOST_OPERATORS:
        raise TargetError(f"more than {MOST_OPERATORS:,} operators")
    known = Known(path, definition, mark[1] / 1e9, digests(data, content if is_json else None))
    return replace(known, twice=len(definition.raw.nodes) - len({node.id for node in definition.raw.nodes}))


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return (error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)).lower()
    return str(error)
