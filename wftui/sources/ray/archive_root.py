"""Where in an archive a storage lies: at the top, below leading folders, or as the `workflows/` folder alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.sources.ray.storage import layout
from wftui.sources.stores.archive.catalogue import Folder

if TYPE_CHECKING:
    from wftui.sources.stores.archive.store import ArchiveStore

_APPLE = "__MACOSX"
"""What macOS puts into a zip beside the files: a tree like theirs, of their attributes."""
_NAMED = 2


def enter_storage(store: ArchiveStore) -> str:
    """Have the store show the one storage in its archive. Returns the folder it lies in, "" for the top.

    Raises:
        TargetError: There is none, or there are several.
    """
    found, weak = _find(store.top)
    found = found or weak
    if len(found) > 1:
        names = sorted(path or "the top" for path, _ in found)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise TargetError(
            f"several storages in {store.target}: {' and '.join(names[:_NAMED])}{more}",
            "make an archive of one of them",
        )
    if not found:
        why = f" ({store.problems[0].path}: {store.problems[0].what})" if store.problems else ""
        raise TargetError(
            f"no Ray workflow storage in {store.target}{why}",
            f"it holds neither {layout.VALID_NAME}, {layout.ROOT_NAME}/ nor {layout.STATUS_DIR}/",
        )
    path, folder = found[0]
    store.enter(folder)
    return path


def _find(top: Folder) -> tuple[list[tuple[str, Folder]], list[tuple[str, Folder]]]:
    """Folders that surely are storages, and folders that may be one that has no workflows yet; none in another."""
    sure: list[tuple[str, Folder]] = []
    weak: list[tuple[str, Folder]] = []
    level = [("", top)]
    while level:
        deeper: list[tuple[str, Folder]] = []
        for path, folder in level:
            if _is_storage(folder):
                sure.append((path, folder))
                continue
            if isinstance(folder.get(layout.ROOT_NAME), Folder):
                weak.append((path, folder))
            lead = path + "/" if path else ""
            inner = [(lead + name, below) for name, below in folder.items() if isinstance(below, Folder)]
            deeper += inner if path else [one for one in inner if one[0] != _APPLE]
        level = deeper
    return sure, weak


def _is_storage(folder: Folder) -> bool:
    workflows = folder.get(layout.ROOT_NAME)
    return (
        isinstance(folder.get(layout.VALID_NAME), int)
        or isinstance(folder.get(layout.STATUS_DIR), Folder)
        or (isinstance(workflows, Folder) and isinstance(workflows.get(layout.STATUS_DIR), Folder))
    )
