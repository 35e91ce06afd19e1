"""Hides what must not be read over a shoulder: secrets in metadata. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from wftui.model.secrets import is_secret

MASK = "••••••"


def mask(mapping: Mapping[str, object], show: bool, mark: str = MASK) -> Mapping[str, object]:
    """`mapping` with every text under a secret key replaced by `mark`, at any depth; numbers and empty texts stay.

    Args:
        mapping: Metadata or options, as read. It is not changed.
        show: Give it back as it is.
        mark: What stands in the place of a secret.
    """
    if show or not mapping or (set(map(type, mapping.values())) <= _PLAIN and not any(map(_is_secret, mapping))):
        return mapping
    masked: dict[str, object] = {}
    # By hand instead of by recursion: metadata may be nested as deep as its author likes.
    todo: list[tuple[object, dict[str, object] | list[object], bool]] = [(mapping, masked, False)]
    while todo:
        source, target, hidden = todo.pop()
        for key, value in _items(source):
            secret = hidden or _is_secret(key)
            copy: object = value
            if isinstance(value, Mapping):
                copy = {}
                todo.append((value, copy, secret))
            elif isinstance(value, (list, tuple)):
                copy = []
                todo.append((value, copy, secret))
            elif secret and isinstance(value, str) and value:
                copy = mark
            if isinstance(target, dict):
                target[key] = copy  # type: ignore[index] # keys of a mapping go to a dict, and stay what they are
            else:
                target.append(copy)
    return masked


def mask_value(key: str, value: object, mark: str = MASK) -> object:
    """What stands under a key, a dotted one perhaps, as `mask` would have it."""
    if not isinstance(value, (str, Mapping, list, tuple)):
        return value
    if any(map(is_secret, (key, *key.split(".")))):
        key = "secret"
    return mask({key: value}, show=False, mark=mark)[key]


_PLAIN = {str, int, float, bool, type(None)}


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and is_secret(key)


def _items(source: object) -> list[tuple[object, object]]:
    if isinstance(source, Mapping):
        return list(source.items())
    return [(None, value) for value in source] if isinstance(source, (list, tuple)) else []
