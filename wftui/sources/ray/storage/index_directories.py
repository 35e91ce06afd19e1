"""One directory of the status index as last seen, and what came to and went from all of them between two looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.sources.ray.storage import layout

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTLED_AFTER = 2.0
"""Seconds for which one time of a directory may still hide another write: clocks of file systems tick slowly."""
UNSEEN = -1.0


@dataclass(slots=True)
class Directory:
    """What is known of one directory of the index. `first_seen` is monotonic, `mtime` as the store tells it.

    Attributes:
        names: What it holds.
        subdirectories: Those of them that are directories, where that was asked for.
        came: Names that it did not hold when its words were merged last.
        went: Names that it held then.
        error: Why it could not be read.
    """

    names: tuple[str, ...] = ()
    subdirectories: frozenset[str] = frozenset()
    mtime: float | None = UNSEEN
    first_seen: float = 0.0
    scanned: float = 0.0
    error: str = ""
    came: set[str] = field(default_factory=set)
    went: set[str] = field(default_factory=set)

    def is_current(self, mtime: float | None) -> bool:
        """Whether nothing can have changed since the last scan."""
        return mtime is not None and mtime == self.mtime and self.scanned - self.first_seen > SETTLED_AFTER

    def take(self, names: tuple[str, ...], mtime: float | None, now: float, *, notes: bool) -> bool:
        """Take over what it holds now. Returns whether these are other names than before.

        Args:
            names: What it holds, in any order.
            mtime: When it changed last.
            now: Monotonic seconds.
            notes: Note what came and went; nobody asks for that while nothing was merged.
        """
        if mtime != self.mtime:
            self.mtime, self.first_seen = mtime, now
        self.scanned = now
        self.error = ""
        if names == self.names:  # and keep the texts that others have, too
            return False
        if not notes:
            self.names = names
            return True
        fresh, old = set(names), set(self.names)
        if fresh == old:
            return False
        came, went = fresh - old, old - fresh
        self.went = (self.went | went) - came
        self.came = (self.came | came) - went
        self.names = names
        return True


def moved(directories: Mapping[str, Directory]) -> set[str]:
    """What came or went since the last merge."""
    return {name for directory in directories.values() for name in (*directory.came, *directory.went)}


def merged_anew(directories: Mapping[str, Directory]) -> tuple[dict[str, str], bool]:
    """The word of each name, and whether some name is in several directories."""
    words: dict[str, str] = {}
    listed = 0
    for word in layout.STATUSES:
        if (directory := directories.get(word)) is not None:
            words.update(dict.fromkeys(directory.names, word))
            listed += len(directory.names)
    return words, listed != len(words)


def merged_on(before: dict[str, str], directories: Mapping[str, Directory]) -> dict[str, str] | None:
    """The words before with what came and went since: a copy costs little, reading them together much.

    Args:
        before: What `merged_anew` gave, or this, when no name was in several directories.
        directories: All that there were then, and what is new.

    Returns:
        The words; None where a name is in several directories now.
    """
    words = before.copy()  # of a dict that had some taken out, many times as fast as `dict(before)`
    for word, directory in directories.items():
        for name in directory.went:
            if words.get(name) == word:
                del words[name]
    for word, directory in directories.items():
        for name in directory.came if word in layout.STATUSES else ():
            if name in words:
                return None
            words[name] = word
    return words


def forget_moves(directories: Mapping[str, Directory]) -> None:
    """What came and went is merged."""
    for directory in directories.values():
        directory.came, directory.went = set(), set()
