"""Exceptions to be pickled in tests, and how Python names them."""

from __future__ import annotations

import pickle
import traceback

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def type_as_printed(error: BaseException) -> str:
    """The class as Python's traceback prints it."""
    return traceback.format_exception_only(type(error), error)[-1].split(":")[0].strip()


# -- classes that only their name is known of


class Named(Exception):
    """Importable from here, so pickled by name."""


class NamedWithStr(Exception):
    def __str__(self) -> str:
        return "anything"
