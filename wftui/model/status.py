"""Statuses common to all engines, and where one comes from."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """The common status of a workflow or task; the value is the word in JSON and on screen.

    READY is for tasks only: every upstream is done, the task has not started.
    """

    FAILED = "FAILED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    READY = "READY"
    PENDING = "PENDING"
    RESUMABLE = "RESUMABLE"
    CANCELED = "CANCELED"
    UNKNOWN = "UNKNOWN"
    SUCCESSFUL = "SUCCESSFUL"

    # Members are one of a kind, and looked up in tables for every row: `Enum` would hash their names, in Python.
    __hash__ = object.__hash__

    @property
    def is_terminal(self) -> bool:
        """Whether nothing moves any more unless somebody acts."""
        return self in _TERMINAL

    @property
    def is_active(self) -> bool:
        """Whether an engine may be working on it."""
        return self in _ACTIVE


_TERMINAL = frozenset({Status.SUCCESSFUL, Status.FAILED, Status.CANCELED, Status.RESUMABLE})
_ACTIVE = frozenset({Status.RUNNING, Status.WAITING, Status.PENDING, Status.READY})


class StatusSource(Enum):
    """Who says so: the provenance of a status."""

    CLUSTER = "cluster"
    STORAGE = "storage"
    DATABASE = "database"


class TimeSource(Enum):
    """Where an end time comes from: written by the engine, or the time of a file."""

    RECORDED = "recorded"
    FILE = "file"
