"""The filter language of the list. Pure; never raises on what a person types.

    text              the id, name, error or note holds it, whatever the case
    status:failed     the status begins so; several with commas
    id:  error:  source:  name:  version:  queue:   that field holds the text
    key=value         user metadata has that value (`*` stands for anything); dots reach into nested metadata;
                      of a secret only whether there is one: a guess is never confirmed
    -term  !term      not so
    "two words"       one term

Terms are separated by spaces, and all must hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.secrets import mask_value
from wftui.present.workflow_cells import as_text, metadata_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.model.workflow import WorkflowSummary

    _Test = Callable[[WorkflowSummary], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter.

    Attributes:
        text: As it was typed.
        tests: What must hold, all of it.
        problems: What could not be understood, in words; such terms are left out.
        needle: What `haystack` of a row holds, or the row is not accepted; "" where nothing so simple can be said.
        decides: Whether the needle is all that is asked for: what holds it is accepted, or with `excludes` what does
            not.
        excludes: See there.
    """

    text: str = ""
    tests: tuple[_Test, ...] = ()
    problems: tuple[str, ...] = ()
    needle: str = ""
    decides: bool = False
    excludes: bool = False

    @property
    def accepts(self) -> Callable[[WorkflowSummary], bool] | None:
        """The test of all terms; None when everything passes."""
        tests = self.tests
        if not tests:
            return None
        if len(tests) == 1:
            return tests[0]
        return lambda row: all(test(row) for test in tests)


NO_FILTER = Filter()


def parse(text: str) -> Filter:
    """What the text asks for; what it cannot mean is told in `problems`."""
    words, problems = _split(text)
    tests: list[_Test] = []
    for word, quoted in words:
        negated = not quoted and len(word) > 1 and word[0] in "-!"
        test, problem = _term(word[1:] if negated else word, quoted)
        if problem:
            problems.append(problem)
        elif test is not None:
            tests.append(_negation(test) if negated else test)
    if len(words) == 1 and len(tests) == 1:
        ((word, quoted),) = words
        excludes = not quoted and len(word) > 1 and word[0] in "-!"
        word = word[1:] if excludes else word
        if _is_plain(word, quoted) and (needle := _needle(word)):
            return Filter(text, tuple(tests), tuple(problems), needle, True, excludes)
    plain = (_needle(word) for word, quoted in words if _is_plain(word, quoted))
    return Filter(text, tuple(tests), tuple(problems), max(plain, key=len, default=""))


def _is_plain(word: str, quoted: bool) -> bool:
    """Whether a word is looked for as it is."""
    if quoted:
        return bool(word)
    field = word.partition(":")[0].lower()
    return (
        bool(word)
        and "=" not in word
        and word[0] not in "-!"
        and not (":" in word and (field == "status" or field in _FIELDS))
    )


def _needle(word: str) -> str:
    return "" if BETWEEN in word else word.casefold()


BETWEEN = "\0"
"""Stands between the texts of a row, and between rows, when many are searched at once; no needle holds it."""


def haystack(row: WorkflowSummary) -> str:
    """All that a plain word is looked for in, folded; a word that is not in there does not accept the row."""
    if row.error is None and not row.note and row.name is None:  # most rows
        return row.key.id.casefold()
    return BETWEEN.join((row.key.id, more_text(row))).casefold()


def more_text(row: WorkflowSummary) -> str:
    """What of a row is searched beside its id, as it is."""
    return BETWEEN.join((row.name or "", _error_text(row), row.note))


def _split(text: str) -> tuple[list[tuple[str, bool]], list[str]]:
    """Words, each with whether it began with a quote (then it is plain text, whatever it holds)."""
    words: list[tuple[str, bool]] = []
    word, quote, began_quoted, open_word = "", "", False, False
    for char in text:
        if quote:
            if char == quote:
                quote = ""
            else:
                word += char
        elif char in "\"'":
            began_quoted = began_quoted or not open_word
            quote, open_word = char, True
        elif char.isspace():
            if open_word:
                words.append((word, began_quoted))
            word, began_quoted, open_word = "", False, False
        else:
            word, open_word = word + char, True
    if open_word:
        words.append((word, began_quoted))
    return words, [f"the quote {quote} is not closed"] if quote else []


def _term(word: str, quoted: bool) -> tuple[_Test | None, str]:
    if quoted or not word:
        return (_plain(word) if word else None), ""
    field, colon, rest = word.partition(":")
    key, equals, value = word.partition("=")
    if equals and (not colon or len(key) < len(field)):
        if not key:
            return None, f"no metadata key before = in {word!r}"
        return (_metadata(key, value) if value else None), ""
    if colon and field.lower() == "status":
        return _status(rest)
    if colon and field.lower() in _FIELDS:
        return (_field(_FIELDS[field.lower()], rest) if rest else None), ""
    return _plain(word), ""


def _negation(test: _Test) -> _Test:
    return lambda row: not test(row)


def _plain(text: str) -> _Test:
    wanted = text.casefold()

    def test(row: WorkflowSummary) -> bool:
        if wanted in row.key.id.casefold():
            return True
        error = row.error
        if error is None and not row.note and row.name is None:  # most rows
            return False
        return (
            (row.name is not None and wanted in row.name.casefold())
            or (error is not None and wanted in f"{error.type or ''}: {error.message}".casefold())
            or (bool(row.note) and wanted in row.note.casefold())
        )

    return test


def _status(rest: str) -> tuple[_Test | None, str]:
    wanted: set[Status] = set()
    for word in filter(None, rest.upper().split(",")):
        # A running word may match while it is typed: CANC is CANCELED, and so is the other spelling.
        found = {s for s in Status if s.value.startswith(word) or (word == "CANCELLED" and s is Status.CANCELED)}
        if not found:
            known = ", ".join(status.value.lower() for status in Status if status is not Status.READY)
            return None, f"no status begins with {word.lower()!r}: {known}"
        wanted |= found
    statuses = frozenset(wanted)
    return (lambda row: row.status in statuses) if statuses else None, ""


def _metadata(key: str, value: str) -> _Test:
    folded = value.casefold()
    pattern = re.compile(".*".join(re.escape(part) for part in folded.split("*")) + r"\Z", re.DOTALL)
    matches = folded.__eq__ if "*" not in folded else lambda text: pattern.match(text) is not None
    is_plain = mask_value(key, folded) == folded

    def test(row: WorkflowSummary) -> bool:
        found = row.user_metadata.get(key)
        if type(found) is str and is_plain:
            return matches(found.casefold())
        if type(found) is int:
            return matches(str(found))
        found = metadata_value(row.user_metadata, key)
        if found is None and key not in row.user_metadata:
            return False
        return matches(as_text(mask_value(key, found)).casefold())

    return test


def _field(read: Callable[[WorkflowSummary], str], text: str) -> _Test:
    wanted = text.casefold()
    return lambda row: wanted in read(row).casefold()


def _error_text(row: WorkflowSummary) -> str:
    return f"{row.error.type or ''}: {row.error.message}" if row.error else ""


_FIELDS: dict[str, Callable[[WorkflowSummary], str]] = {
    "id": lambda row: row.key.id,
    "name": lambda row: row.name or "",
    "version": lambda row: row.version or "",
    "queue": lambda row: row.key.namespace or "",
    "namespace": lambda row: row.key.namespace or "",
    "error": _error_text,
    "source": lambda row: row.key.target,
    "target": lambda row: row.key.target,
    "engine": lambda row: row.key.engine,
}
