"""Every error that wftui raises on purpose, and the exit code it becomes.

    WftuiError
    ├── UsageError          2   the command line or a setting is wrong
    ├── TargetError         3   a target cannot be reached or read
    │   └── TargetGone      3   it was there and is not any more: worth another try
    ├── NotFoundError       4   no such workflow or task
    └── RefusedError        5   read-only, wrong status, not confirmed

Messages are one line: what is wrong; ``hint`` is what to do about it. Both may hold foreign text, so they are
made harmless on their way to a terminal like everything else.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_TARGET = 3
EXIT_NOT_FOUND = 4
EXIT_REFUSED = 5
EXIT_INTERRUPTED = 130


class WftuiError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        message: What is wrong, one line.
        hint: What to do about it, one line, or "".
    """

    exit_code = EXIT_NO

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class UsageError(WftuiError):
    """The command line or a setting is wrong."""

    exit_code = EXIT_USAGE


class TargetError(WftuiError):
    """A target cannot be reached or read."""

    exit_code = EXIT_TARGET


class TargetGone(TargetError):  # noqa: N818 - reads as what happened, and is retried, not reported, by the monitor
    """A target that answered before does not answer now."""


class NotFoundError(WftuiError):
    """No such workflow or task."""

    exit_code = EXIT_NOT_FOUND


class RefusedError(WftuiError):
    """An action was refused: read-only, wrong status, or not confirmed."""

    exit_code = EXIT_REFUSED
