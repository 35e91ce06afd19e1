"""Which definition is that of a run: by its hash, else by name and version. Pure."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.highway.definition import Definition
    from wftui.model.workflow import Problem

DEFAULT_VERSION = "2.0.0"
"""What `highway_dsl` takes for the version of a definition that names none."""
# So much JSON is worth to be written down again in a dozen forms; digits of a digest that tell it from any other.
_MOST_FORMS = 2**18
_FEWEST_DIGITS = 12
_NAMED = 3
_PARTS = re.compile(r"\d+|[^\d.\-_+]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """A definition, and where it is from.

    Attributes:
        path: Its file; raw.
        definition: What the file holds.
        changed: When the file changed, Unix seconds.
        digests: The hashes under which a run may name it, see `digests`; lower case.
        twice: Ids that came twice in it: the last of each counts.
    """

    path: str
    definition: Definition
    changed: float = 0.0
    digests: frozenset[str] = frozenset()
    twice: int = 0

    @property
    def version(self) -> str:
        """Its version, as the reference reads it."""
        return self.definition.version or DEFAULT_VERSION

    @property
    def title(self) -> str:
        """What it is called in a sentence: "shop 1.2"; raw."""
        return f"{self.definition.name or '(no name)'} {self.version}"


@dataclass(frozen=True, slots=True)
class Match:
    """The definition of a run.

    Attributes:
        known: Which.
        doubt: Why it may not be the one, in words; "" where that is certain.
    """

    known: Known
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """All definitions that there are, and what could not be read."""

    known: tuple[Known, ...] = ()
    problems: tuple[Problem, ...] = ()
    _by_name: dict[str, list[Known]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for known in self.known:
            self._by_name.setdefault(known.definition.name, []).append(known)

    def find(self, name: str | None, version: str | None, digest: str | None) -> Match | None:
        """The definition of a run of that name, version and hash; None if there is none."""
        hashed = _hashed(self.known, digest)
        named = self._by_name.get(name or "", [])
        if hashed:
            # Copies of one file are no doubt.
            best = next((known for known in hashed if known in named), hashed[0])
            other = "" if name in (None, best.definition.name) else f"found by the hash, but it is that of {best.title}"
            return Match(best, other)
        exact = [known for known in named if known.version == version]
        if exact:
            return Match(_latest(exact), _one_of_several(exact))
        if not named:
            return None
        newest = max(_order(known.version) for known in named)
        chosen = [known for known in named if _order(known.version) == newest]
        asked = f"there is no definition of {name} {version}" if version else "the run has no version"
        return Match(_latest(chosen), f"{asked}: the newest is taken, {_latest(chosen).version}")


def digests(data: bytes, content: object = None) -> frozenset[str]:
    """The hashes that a run may name a definition by.

    `workflow_hash` is a SHA-256 of the definition, and what of it is whoever's creates the run: neither the tracking
    client nor `highway_dsl` computes one. So these are the file's, and those of its content in the forms in which
    `json.dumps` and pydantic's `model_dump_json` write it.

    Args:
        data: The file.
        content: What is in it, parsed, if it is JSON.
    """
    texts = {data, data.strip()}
    if content is not None and len(data) <= _MOST_FORMS:
        try:
            texts.update(_forms(content))
        except RecursionError:
            texts = {data, data.strip()}  # read, but too deep to be written
    return frozenset(hashlib.sha256(text).hexdigest() for text in texts)


def _forms(content: object) -> Iterator[bytes]:
    for is_sorted in (False, True):
        for is_ascii in (False, True):
            for indent, separators in ((None, (", ", ": ")), (None, (",", ":")), (2, (",", ": "))):
                text = json.dumps(
                    content, sort_keys=is_sorted, ensure_ascii=is_ascii, indent=indent, separators=separators
                )
                yield text.encode("utf-8", "surrogatepass")


def _hashed(known: Sequence[Known], digest: str | None) -> list[Known]:
    wanted = (digest or "").strip().lower().removeprefix("sha256:").removeprefix("sha256-")
    if len(wanted) < _FEWEST_DIGITS:
        return []
    return [one for one in known if any(own.startswith(wanted) for own in one.digests)]


def _latest(known: Sequence[Known]) -> Known:
    return max(known, key=lambda one: (one.changed, one.path))


def _one_of_several(known: Sequence[Known]) -> str:
    """That there are several which differ; "" for one, and for copies of one, be they in another format."""
    if all(_shape(one) == _shape(known[0]) for one in known[1:]):
        return ""
    names = [os.path.basename(one.path) for one in known]
    if len(set(names)) < len(names):
        names = [one.path for one in known]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    latest = _latest(known)
    return (
        f"{len(known)} definitions are {latest.title} and differ ({', '.join(names[:_NAMED])}{more}):"
        " the one that changed last is taken"
    )


def _shape(known: Known) -> object:
    raw = known.definition.raw
    return {node.id: node for node in raw.nodes}, set(raw.edges)


def _order(version: str) -> tuple[tuple[int, int, str], ...]:
    """The order of versions: 1.10 after 1.9, 2.0 after 2.0-rc1."""
    parts = tuple(
        (1, int(part), "") if part.isdigit() and len(part) < 19 else (-1, 0, part) for part in _PARTS.findall(version)
    )
    return (*parts, (0, 0, ""))
