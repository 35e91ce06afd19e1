"""Definitions from text: JSON needs nothing but the standard library, YAML an extra."""

from __future__ import annotations

import json
from collections import Counter

from wftui.errors import TargetError
from wftui.highway.definition import Definition, Doubled, is_definition, read_definition

_LONGEST_NUMBER = 18


def parsed(text: str, *, is_json: bool) -> object:
    """The data in a text.

    Raises:
        TargetError: It is not well-formed, too large, or PyYAML is missing.
    """
    if not is_json:
        from wftui.highway.yamltext import load

        return load(text)
    try:
        return json.loads(text, object_pairs_hook=mapping, parse_int=_number)
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise TargetError(f"not well-formed JSON: {what}", "see what another parser says to it") from error


def definition_in(data: object) -> Definition | None:
    """The definition in what was parsed; None where that is not meant as one.

    Raises:
        TargetError: It is meant as one, but of another shape, or too large.
    """
    return read_definition(data) if is_definition(data) else None


def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object that knows which of its keys came twice."""
    data = dict(pairs)
    if len(data) == len(pairs):
        return data
    counts = Counter(key for key, _ in pairs)
    doubled = Doubled(tuple(key for key, count in counts.items() if count > 1))
    doubled.update(data)
    return doubled


def _number(text: str) -> int | str:
    # Python takes its time for a number of a million digits, or refuses it.
    return int(text) if len(text) <= _LONGEST_NUMBER else text
