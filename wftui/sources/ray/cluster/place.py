"""The cluster's workflow storage, as far as this machine can read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from wftui.model.secrets import mask_url
from wftui.sources.ray.cluster.stored import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Callable

VALID = "_valid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the storage lies.

    Attributes:
        shown: For people: credentials masked.
        path: The directory on this machine; None where it cannot be read from here.
        why: Why not, one line; "" when it can.
        there: The directory, or the URL of an object store with its credentials, as the machines of the cluster name
            it; None where it is neither.
    """

    shown: str
    path: str | None
    why: str = ""
    there: str | None = field(default=None, repr=False)


def find_place(uri: str, identify: Callable[[str], tuple[int, int] | None]) -> Place:
    """Where the storage of a cluster is.

    Args:
        uri: What the cluster was given.
        identify: What the workflow manager sees at a path, if there is one: a path here may be another disk there.
    """
    if not uri:
        return Place("", None, "the cluster has no workflow storage (ray start --storage=…)")
    shown = mask_url(uri)
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file") or parts.netloc:
        bucket = uri if uri.lower().startswith(BUCKETS) else None
        return Place(shown, None, f"the storage {shown} cannot be read from this machine", bucket)
    path = unquote(parts.path) if parts.scheme else uri
    valid = Path(path) / VALID
    try:
        here = valid.stat()
    except OSError as error:
        return Place(shown, None, f"the storage {shown} cannot be read from this machine: {error.strerror}", path)
    there = identify(str(valid))
    if there is not None and there != (here.st_ino, here.st_mtime_ns):
        return Place(shown, None, f"the storage {shown} of the cluster is not the directory of that name here", path)
    return Place(shown, path, there=path)
