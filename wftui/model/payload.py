"""JSON that a user typed, checked as strictly as a database of `jsonb` would."""

from __future__ import annotations

import json

from wftui.errors import UsageError


def checked_payload(text: str) -> object:
    """The value that the text says; nothing but blanks says null.

    Raises:
        UsageError: It is not JSON, or holds what PostgreSQL's `jsonb` cannot: NUL, half of a surrogate pair, NaN.
    """
    if not text.strip():
        return None
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} ({where})") from None
    except RecursionError:
        raise UsageError("not JSON that can be read: it is nested too deep") from None
    except ValueError as error:
        raise UsageError(f"not JSON: {error}") from None
    for found in _texts(value):
        if "\0" in found:
            raise UsageError("PostgreSQL holds no NUL (\\u0000) in JSON")
        if any(0xD800 <= ord(char) <= 0xDFFF for char in found):
            raise UsageError("PostgreSQL holds no half of a surrogate pair in JSON")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _texts(value: object) -> list[str]:
    """Every text in it, keys too."""
    found: list[str] = []
    due = [value]
    while due:
        item = due.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            found += item
            due += item.values()
        elif isinstance(item, list):
            due += item
    return found
