"""Any exception is told as Python tells it, and whatever a file holds, reading it raises nothing."""

from __future__ import annotations

import builtins
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hostile_pickles import HOSTILE
from wftui.model.task import ErrorInfo
from wftui.sources.ray.storage.exception_classes import BUILTIN_RULES
from wftui.sources.ray.storage.exceptions import read_exception

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_what_cannot_be_read_has_no_type_and_says_why() -> None:
    assert read_exception(b"") == ErrorInfo(None, "the file is empty")
    data = pickle.dumps(ValueError("a" * 100))
    assert read_exception(data[:60]) == ErrorInfo(None, "the file is cut short after 60 bytes; it began as ValueError")
    assert read_exception(data[:5]) == ErrorInfo(None, "the file is cut short after 5 bytes")
    assert read_exception(b"hello").type is None
    assert read_exception(b'{"a": 1}').message.startswith("the file is no pickle")


def test_of_a_large_file_the_class_is_told() -> None:
    data = pickle.dumps(ValueError("a" * 100))
    assert read_exception(data[:60], truncated=True) == ErrorInfo(
        "ValueError", "the file is too large: only its first 60 bytes were read"
    )
    assert read_exception(data, truncated=True).message == "a" * 100


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_makes_it_raise(name: str) -> None:
    for truncated in (False, True):
        told = read_exception(HOSTILE[name], truncated=truncated)
        assert told.message or told.type
        assert len(told.message) < 70_000
        assert len(told.type or "") <= 1_001


# -- any arguments at all

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
arguments = st.lists(plain | st.lists(plain) | st.tuples(plain, plain) | st.dictionaries(st.text(), plain), max_size=6)
CLASSES = sorted(
    name
    for name in BUILTIN_RULES
    if isinstance(cls := getattr(builtins, name, None), type) and issubclass(cls, BaseException)
)


def made(name: str, args: list[Any]) -> Iterator[BaseException]:
    """The exception, where it can be made of these arguments."""
    cls = getattr(builtins, name)
    try:
        yield cls(*args)
    except (TypeError, ValueError, OverflowError):
        return


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CLASSES), arguments, st.sampled_from([0, 2, 3, 5]))
def test_any_builtin_exception_is_told_as_python_tells_it(name: str, args: list[Any], protocol: int) -> None:
    for error in made(name, args):
        told = read_exception(pickle.dumps(error, protocol))
        assert told.message == str(error)


spans = st.integers(-2, 8)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=6), st.binary(max_size=6), spans, spans, st.text(max_size=5), st.sampled_from(range(3)))
def test_any_unicode_error_is_told_as_python_tells_it(
    text: str, data: bytes, start: int, end: int, reason: str, which: int
) -> None:
    error: UnicodeError = (
        UnicodeDecodeError("utf-8", data, start, end, reason),
        UnicodeEncodeError("ascii", text, start, end, reason),
        UnicodeTranslateError(text, start, end, reason),
    )[which]
    told = read_exception(pickle.dumps(error))
    size = len(data) if which == 0 else len(text)
    if 0 <= start < end <= size:
        assert told.message == str(error)
    else:  # Pythons differ here, and some print what lies beyond the end
        assert told.message.startswith(type(error).__name__ + "(")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(HOSTILE)), st.binary(max_size=8), st.integers(0, 400))
def test_nothing_damaged_makes_it_raise(name: str, inserted: bytes, where: int) -> None:
    data = HOSTILE[name][:400]
    read_exception(data[:where] + inserted + data[where:])
