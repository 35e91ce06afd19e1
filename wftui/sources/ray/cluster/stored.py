"""The storage of a cluster, a directory or a bucket, as this process reads it: the app, or the observer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import TargetError, UsageError
from wftui.sources.stores.objects.url import KINDS

if TYPE_CHECKING:
    from wftui.sources.base import Source, SourceOptions

BUCKETS = tuple(f"{scheme}://" for scheme in KINDS)
"""How the URLs of object stores begin."""


def open_storage(place: str, options: SourceOptions, target: str) -> Source:
    """Open it.

    Args:
        place: A path, or the URL of an object store as pyarrow takes it.
        options: How to open it.
        target: What it is called in keys.

    Raises:
        TargetError: It cannot be read from here; never a `TargetGone`, for the cluster is still there.
    """
    try:
        storage = _made(place, options, target)
        try:
            storage.open()
        except BaseException:
            storage.close()
            raise
    except (TargetError, UsageError) as error:
        raise TargetError(error.message, error.hint) from None
    return storage


def _made(place: str, options: SourceOptions, target: str) -> Source:
    if place.lower().startswith(BUCKETS):
        from wftui.sources.ray.object_source import ObjectSource

        return ObjectSource(place, options, target=target)
    from wftui.sources.ray.storage_source import StorageSource

    return StorageSource(place, options, target=target)
