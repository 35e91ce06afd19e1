"""The Ray engine: which targets are Ray's, and what opens them. Importing this imports neither ray nor a reader."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from wftui.errors import UsageError

if TYPE_CHECKING:
    from wftui.sources.base import Source, SourceOptions

_HOST_PORT = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".zip")
_OBJECT_STORES = ("s3", "gs", "gcs", "az", "abfs", "abfss")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# What was meant as a URL, or as user and password before a host: it may hold a secret, so it is not said again.
_SLIPPED = re.compile(r"(?i)(ray|file|s3|gcs|gs|abfss|abfs|az|postgresql|postgres):/?(?!/)")
_USER = re.compile(r"[^/@\s]*:[^@\s]*@.*", re.DOTALL)
_CURRENT_CLUSTER = "ray_current_cluster"
_DEFAULT_STORAGE = "/tmp/ray/workflow_data"  # noqa: S108 - where `ray.workflow` itself puts it
_KNOCK = 0.2
"""Seconds that a cluster on this machine gets to answer."""


class RayEngine:
    """Opens clusters and storages of Ray Workflows."""

    @property
    def name(self) -> str:
        """The word in keys and JSON."""
        return "ray"

    @property
    def rank(self) -> int:
        """First: a cluster or a storage is looked for before a database."""
        return 0

    def claims(self, target: str) -> bool:
        """Whether it is a cluster's address, a storage's directory or one of the storages still to come."""
        scheme = _scheme(target)
        if scheme:
            return scheme in ("ray", "file", *_OBJECT_STORES)
        return target == "auto" or _is_address(target) or _is_path(target)

    def make(self, target: str, options: SourceOptions) -> Source:
        """A source for the target; nothing is opened yet.

        Raises:
            TargetError: It is of a kind that this version does not read, or ray is not installed for a cluster.
            UsageError: The URL is malformed.
        """
        scheme = _scheme(target)
        if not scheme and not _is_address(target) and not os.path.exists(target):
            _refuse_half_a_url(target)
        if scheme in _OBJECT_STORES:
            from wftui.sources.ray.object_source import ObjectSource

            return ObjectSource(target, options)
        if target == "auto" or scheme == "ray" or (not scheme and _is_address(target)):
            from wftui.sources.ray.cluster.source import ClusterSource

            return ClusterSource(target, options)
        path = _path_of(target) if scheme == "file" else target
        if path.lower().endswith(_ARCHIVES) and not os.path.isdir(path):
            from wftui.sources.ray.archive_source import ArchiveSource
            from wftui.sources.stores.archive.bounds import from_environment

            return ArchiveSource(path, options, from_environment(os.environ), target=target)
        from wftui.sources.ray.storage_source import StorageSource

        return StorageSource(path, options, target=target)

    def default_target(self, environ: dict[str, str]) -> str | None:
        """A cluster by `RAY_ADDRESS` or running here, else a storage by the environment or in Ray's own place."""
        address = environ.get("RAY_ADDRESS", "").strip()
        if address and address != "local":
            return address
        if _cluster_is_here(environ):
            return "auto"
        for variable in ("RAY_WORKFLOW_STORAGE", "RAY_STORAGE"):
            if environ.get(variable):
                return environ[variable]
        return _DEFAULT_STORAGE if os.path.isdir(_DEFAULT_STORAGE) else None


def _scheme(target: str) -> str:
    found = _SCHEME.match(target)
    return found[1].lower() if found else ""


def _is_address(target: str) -> bool:
    # "x:1" may also be the name of a directory: what is there wins.
    return _HOST_PORT.fullmatch(target) is not None and not os.path.isdir(target)


def _is_path(target: str) -> bool:
    """Whether it can only be meant as a path. What does not exist is reported as such when it is opened."""
    return target not in ("", "demo") and "\0" not in target


def _refuse_half_a_url(target: str) -> None:
    """Tell what is no path by its look, without its words.

    Raises:
        UsageError: It begins as a URL does, or as what stands before a host.
    """
    slipped = _SLIPPED.match(target)
    if slipped:
        raise UsageError(
            f"a {slipped[1].lower()} URL has two slashes behind the colon", f"write {slipped[1].lower()}://…"
        )
    if _USER.fullmatch(target):
        raise UsageError(
            "this looks like user and password before a host: a cluster's address has none",
            "write HOST:PORT, or the whole URL of a store or a database",
        )


def _path_of(url: str) -> str:
    from urllib.parse import unquote_to_bytes, urlsplit  # most targets are plain paths

    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"a file:// URL names no other host: {url}", "write file:///path")
    # urlsplit cuts at "?" and "#", which are plain characters in a path.
    raw = url.split("://", 1)[1]
    raw = raw[raw.index("/") :] if "/" in raw else ""
    if not raw:
        raise UsageError(f"no path in {url}", "write file:///path")
    return os.fsdecode(unquote_to_bytes(raw.encode("utf-8", "surrogateescape")))


def _cluster_is_here(environ: dict[str, str]) -> bool:
    """Whether a Ray cluster runs on this machine, told without importing ray.

    Ray writes the address of the cluster it started last to a file in its folder; something must listen there.
    """
    folder = environ.get("RAY_TMPDIR") or "/tmp"  # noqa: S108 - Ray's own place
    try:
        with open(os.path.join(folder, "ray", _CURRENT_CLUSTER), encoding="utf-8") as file:
            address = file.read(256).strip()
    except (OSError, UnicodeDecodeError):
        return False
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        return False
    import socket  # not to open a directory

    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK):
            return True
    except OSError:
        return False


ENGINE = RayEngine()
