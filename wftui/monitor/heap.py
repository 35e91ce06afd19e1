"""Gives memory back to the system that a long listing needed on its way."""

from __future__ import annotations

import sys

WORTH_IT = 20_000
"""Rows from which on there is something to give back."""


def give_back() -> None:
    """Let the C library return what is free instead of keeping it for later.

    Only glibc can be told so; elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # takes some milliseconds: nothing that a start should wait for

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
