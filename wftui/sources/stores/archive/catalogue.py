"""What an archive holds, as a tree in memory: made in one pass, small enough for millions of files."""

from __future__ import annotations

import math
import sys
from array import array
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.stores.archive.bounds import variable
from wftui.sources.stores.archive.names import LONGEST, BadName, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.sources.stores.archive.bounds import Bounds

_MOST_PROBLEMS = 1_000
_MEMBER_MARK = "…"
_MOST_PACKED = 16


class Enough(Exception):  # noqa: N818 - no error of ours: the archive asks for more than it gets
    """A bound was met: what was read until here is all that is shown. The text says which."""


class Damaged(Exception):  # noqa: N818 - as above
    """The archive cannot be read on from here. The text says why."""


class Folder:
    """A folder: other folders, and the numbers of files.

    A storage has hundreds of thousands of them, most with the same few names in them, whose files follow each other in
    the archive: a folder that is `packed` shares its names with all that are like it. It may still be filled.

    Attributes:
        mtime: Unix seconds, NaN where the archive tells none.
    """

    __slots__ = ("_filled", "_first", "_inner", "_names", "mtime")

    def __init__(self) -> None:
        self.mtime = math.nan
        self._filled: dict[str, Folder | int] | None = {}
        # While it is packed: what has which name; or, where these are files in a row, the number of the first.
        self._names: tuple[str, ...] = ()
        self._inner: tuple[Folder | int, ...] | None = None
        self._first = 0

    def get(self, name: str) -> Folder | int | None:
        """What is in it under that name."""
        if self._filled is not None:
            return self._filled.get(name)
        if name not in self._names:
            return None
        at = self._names.index(name)
        return self._first + at if self._inner is None else self._inner[at]

    def values(self) -> Iterable[Folder | int]:
        """All that is in it."""
        if self._filled is not None:
            return self._filled.values()
        return range(self._first, self._first + len(self._names)) if self._inner is None else self._inner

    def items(self) -> Iterable[tuple[str, Folder | int]]:
        """All that is in it, with the names."""
        return self._filled.items() if self._filled is not None else zip(self._names, self.values(), strict=True)

    def put(self, name: str, inner: Folder | int) -> None:
        """Have this in it under that name."""
        if self._filled is None:
            self._filled = dict(self.items())
            self._names, self._inner = (), None
        self._filled[sys.intern(name)] = inner

    def pack(self, shapes: dict[tuple[str, ...], tuple[str, ...]]) -> None:
        """Take little room, if it holds few things.

        Args:
            shapes: The names of all folders that were packed, each once.
        """
        filled = self._filled
        if filled is None or len(filled) > _MOST_PACKED:
            return
        names, inner = tuple(filled), tuple(filled.values())
        first = inner[0] if inner else 0
        self._names = shapes.setdefault(names, names)
        if isinstance(first, int) and inner == tuple(range(first, first + len(inner))):
            self._first, self._inner = first, None
        else:
            self._inner = inner
        self._filled = None


class Catalogue:
    """The tree, and of each file, by its number, what is known.

    Attributes:
        top: The folder that holds everything.
        sizes: Bytes of each file.
        times: Unix seconds of its last write; NaN where the archive does not tell.
        faults: Why a file's content is not read, by its number; of most there is nothing.
        is_whole: Whether the pass came to the archive's end.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.top = Folder()
        self.sizes = array("q")
        self.times = array("d")
        self.faults: dict[int, str] = {}
        self.is_whole = False
        self._most = bounds.members
        self._folders = 0
        self._problems: list[Problem] = []
        self._left_out = 0
        self._last: tuple[str, Folder] = ("", self.top)
        # The folders from the top to the last one, each with its name; what is left is packed.
        self._trail: list[tuple[str, Folder]] = []
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was refused, skipped or damaged; the first 1,000, and a count of the others."""
        if not self._left_out:
            return tuple(self._problems)
        return (*self._problems, Problem(_MEMBER_MARK, f"{self._left_out} more problems of the archive"))

    def complain(self, name: str, what: str) -> None:
        """Note a problem of a member, or of the archive itself (then `name` is "")."""
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(name[:LONGEST], what))
        else:
            self._left_out += 1

    # -- filling ---------------------------------------------------------------------------------------------

    def add_file(self, raw_name: str, size: int, mtime: float) -> int | None:
        """Add a file. Returns its number; None where its name is refused, which is then among the problems.

        Raises:
            Enough: There are more members than are read.
        """
        try:
            name = tidy(raw_name)
        except BadName as why:
            self.complain(raw_name, str(why))
            return None
        lead, _, own = name.rpartition("/")
        folder = self._last[1] if lead == self._last[0] else self._open(lead, name)
        if folder is None or not own:
            if not own:
                self.complain(raw_name, "a file without a name: not read")
            return None
        before = folder.get(own)
        if isinstance(before, Folder):
            self.complain(name, "both a folder and a file: the file is not read")
            return None
        if before is not None:
            self.complain(name, "is in the archive more than once: the last one is read")
        number = len(self.sizes)
        if number + self._folders >= self._most:
            raise Enough(f"holds more than {self._most} files: the others are left out ({variable('members')} sets it)")
        self.sizes.append(size)
        self.times.append(mtime if math.isfinite(mtime) else math.nan)
        folder.put(own, number)
        return number

    def add_folder(self, raw_name: str, mtime: float) -> None:
        """Add a folder, or learn the time of one that is known.

        Raises:
            Enough: There are more members than are read.
        """
        try:
            name = tidy(raw_name)
        except BadName as why:
            self.complain(raw_name, str(why))
            return
        folder = self._open(name, name)
        if folder is not None and math.isfinite(mtime):
            folder.mtime = mtime

    def _open(self, path: str, member: str) -> Folder | None:
        """The folder of that tidy path, made where there is none; None where a file is in the way."""
        folder = self.top
        trail, depth = self._trail, 0
        for part in path.split("/") if path else ():
            if depth < len(trail) and trail[depth][0] == part:
                folder = trail[depth][1]
                depth += 1
                continue
            self._leave(depth)
            inner = folder.get(part)
            if inner is None:
                if len(self.sizes) + self._folders >= self._most:
                    what = f"holds more than {self._most} files: the others are left out"
                    raise Enough(f"{what} ({variable('members')} sets it)")
                inner = Folder()
                folder.put(part, inner)
                self._folders += 1
            elif isinstance(inner, int):
                self.complain(member, "lies below what is a file: not read")
                return None
            folder = inner
            trail.append((part, folder))
            depth += 1
        self._leave(depth)
        self._last = (path, folder)
        return folder

    def _leave(self, depth: int) -> None:
        """Pack what lies on the way to the last folder, deeper than this."""
        while len(self._trail) > depth:
            self._trail.pop()[1].pack(self._shapes)

    # -- looking ---------------------------------------------------------------------------------------------

    def find(self, base: Folder, name: str) -> Folder | int | str:
        """What a name below `base` is: a folder, a file's number, or why there is none."""
        here: Folder | int = base
        for part in name.split("/") if name else ():
            if isinstance(here, int):
                return "not a directory"
            inner = here.get(part)
            if inner is None:
                return "no such file"
            here = inner
        return here

    def mtime(self, number: int) -> float | None:
        """When a file was last written; None where the archive does not tell."""
        when = self.times[number]
        return when if when == when else None  # not NaN

    def folder_mtime(self, folder: Folder) -> float | None:
        """When a folder last changed; the newest time of what is in it where the archive has none of its own."""
        if folder.mtime == folder.mtime:  # not NaN
            return folder.mtime
        times = [self.times[inner] if isinstance(inner, int) else inner.mtime for inner in folder.values()]
        return max((when for when in times if when == when), default=None)  # not NaN
