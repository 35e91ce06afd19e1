"""An archive as a store: indexed in one pass, read in place, never unpacked to disk and never written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.stores.archive.bounds import Bounds, variable
from wftui.sources.stores.archive.catalogue import Folder
from wftui.sources.stores.archive.contents import Contents
from wftui.sources.stores.archive.file import Identity, identity_of, unreadable
from wftui.sources.stores.base import Blob, Entry, Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.sources.stores.base import Range, Watch


def _keep_all(_name: bytes, size: int) -> int:
    return size


class ArchiveStore:
    """What lies in an archive, below a folder of it.

    It shows one state of the archive; when another takes its place, `is_current` tells, and a new store shows that.

    Args:
        path: Where the archive is.
        target: What it is called in keys; the path when not given.
        bounds: How much of it is looked at.
        keep: How many bytes of a file of that name (its last part, raw) and size are worth keeping in memory, where
            the archive cannot be read at any place.

    Raises:
        TargetError: It cannot be opened, or is empty.
    """

    def __init__(
        self,
        path: str,
        *,
        target: str | None = None,
        bounds: Bounds | None = None,
        keep: Callable[[bytes, int], int] = _keep_all,
    ) -> None:
        self._path = path
        self._target = path if target is None else target
        self._contents = Contents(path, self._target, bounds or Bounds(), keep)
        self._catalogue = self._contents.catalogue
        self._base: Folder = self._catalogue.top

    @property
    def target(self) -> str:
        """What it is called."""
        return self._target

    # -- the archive as a whole ------------------------------------------------------------------------------

    def index(self, seconds: float | None = None) -> bool:
        """Read what it holds, for about so long (None: to the end). Returns whether that is done.

        Everything else does this first, to the end.

        Raises:
            TargetError: It is no archive that can be read.
        """
        return self._contents.index(seconds)

    @property
    def progress(self) -> float:
        """Which part of the archive has been read, 0 to 1."""
        return self._contents.progress

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was refused or skipped, by its name in the archive, and what is damaged; after the index is made."""
        problems = [Problem(one.path or self._target, one.what) for one in self._catalogue.problems]
        if unheld := self._contents.unheld:
            what = f"the contents of {unheld} files are more than is kept in memory: they are unpacked when needed"
            problems.append(Problem(self._target, f"{what}, which takes long ({variable('memory')} sets it)"))
        return tuple(problems)

    @property
    def is_whole(self) -> bool:
        """Whether the archive was read to its end."""
        return self._catalogue.is_whole

    @property
    def top(self) -> Folder:
        """The folder that holds everything; to be looked at only."""
        self.index()
        return self._catalogue.top

    @property
    def identity(self) -> Identity:
        """Which state of the file this shows."""
        return self._contents.identity

    def enter(self, folder: Folder) -> None:
        """Show only what lies below that folder, as if it were the top."""
        self._base = folder

    # -- as a store ------------------------------------------------------------------------------------------

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:  # noqa: ARG002 - of the protocol
        """List each prefix; see `Store.scan`. Sizes and times cost nothing here, and are always told."""
        self.index()
        return [self._scan_one(prefix) for prefix in prefixes]

    def _scan_one(self, prefix: str) -> Listing:
        catalogue = self._catalogue
        found = catalogue.find(self._base, prefix)
        if isinstance(found, str):
            return Listing(error=found, missing=True)
        if isinstance(found, int):
            return Listing(error="not a directory")
        sizes, mtime, folder_mtime = catalogue.sizes, catalogue.mtime, catalogue.folder_mtime
        entries = tuple(
            [
                Entry(name, False, sizes[inner], mtime(inner))
                if isinstance(inner, int)
                else Entry(name, True, None, folder_mtime(inner))
                for name, inner in found.items()
            ]
        )
        return Listing(entries, mtime=folder_mtime(found))

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        """Read each range, in one batch; see `Store.read`."""
        self.index()
        catalogue = self._catalogue
        found = [catalogue.find(self._base, name) for name, _ in ranges]
        wanted = [
            (what, length)
            for what, (_, length) in zip(found, ranges, strict=True)
            if isinstance(what, int) and length > 0
        ]
        contents = iter(self._contents.read(wanted))
        blobs: list[Blob] = []
        for what, (_, length) in zip(found, ranges, strict=True):
            if isinstance(what, str):
                blobs.append(Blob(error=what, missing=True))
            elif isinstance(what, Folder):
                error = "is a directory" if length else ""
                blobs.append(Blob(error=error, mtime=catalogue.folder_mtime(what)))
            else:
                data = next(contents) if length else b""
                size, mtime = catalogue.sizes[what], catalogue.mtime(what)
                blobs.append(Blob(error=data) if isinstance(data, str) else Blob(data, size, mtime))
        return blobs

    def watch(self, prefixes: Sequence[str], wake: Callable[[], None]) -> Watch | None:  # noqa: ARG002 - of the protocol
        """None: an archive is looked at again and again, for the price of one `stat`."""
        return None

    def close(self) -> None:
        """Leave a pass that is under way. The file is closed when nothing reads it any more."""
        self._contents.leave()


def identity_now(path: str, target: str) -> Identity:
    """The identity of whatever is at that path now.

    Raises:
        TargetError: There is nothing, or it cannot be looked at.
    """
    try:
        return identity_of(os.stat(path))  # noqa: PTH116 - raw names
    except (OSError, ValueError) as error:
        raise unreadable(target, error) from None
