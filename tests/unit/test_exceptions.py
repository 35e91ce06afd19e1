"""What a pickled exception says, against what Python and Ray say of the real one."""

from __future__ import annotations

import asyncio
import builtins
import concurrent.futures
import datetime
import decimal
import importlib
import json
import pickle
import shutil
import sqlite3
import struct
import subprocess
import sys
import urllib.error
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.exception_samples import PROTOCOLS, Named, NamedWithStr, type_as_printed
from wftui.sources.ray.storage.exception_classes import BUILTIN_RULES, KNOWN_RULES, PLAIN
from wftui.sources.ray.storage.exceptions import read_exception

if TYPE_CHECKING:
    from collections.abc import Callable


def caught(do: Callable[[], object]) -> BaseException:
    """What calling it raises."""
    try:
        do()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def qualified(error: BaseException) -> str:
    cls = type(error)
    return cls.__name__ if cls.__module__ in ("builtins", "__main__") else f"{cls.__module__}.{cls.__qualname__}"


CERTAIN: list[BaseException] = [
    ValueError(),
    ValueError("one"),
    ValueError("two\nlines"),
    ValueError("\x1b[31mred\x1b[0m [b]markup[/b]"),
    ValueError("\ud800"),
    ValueError(""),
    ValueError(None),
    ValueError(1),
    ValueError(1.5),
    ValueError(b"bytes"),
    ValueError("a", 1),
    ValueError(("a",)),
    ValueError(["a", {"b": (1,)}]),
    ValueError({1}),
    ValueError(ValueError("inner")),
    ValueError(KeyError("inner")),
    ValueError(ValueError("inner"), 2),
    ValueError([KeyError("a", 1)]),
    ValueError(int),
    RuntimeError("x" * 60_000),
    ValueError(decimal.Decimal("1.5")),
    ValueError(Path("/a/b")),
    KeyError(Path("/a/b")),
    FileNotFoundError(2, "no", Path("/a/b")),
    KeyError("day", datetime.date(2024, 1, 2)),
    ValueError(datetime.timedelta(1)),
    KeyError(),
    KeyError("key"),
    KeyError(1),
    KeyError(("a", 1)),
    KeyError("a", "b"),
    IndexError("list index out of range"),
    caught(lambda: {"a": 1}["missing"]),
    caught(lambda: [][1]),
    caught(lambda: 1 / 0),
    caught(lambda: int("x")),
    caught(lambda: object().nothing),  # type: ignore[attr-defined]
    caught(lambda: importlib.import_module("no_such_module_at_all")),
    caught(lambda: Path("/no/such/file").read_text()),
    caught(lambda: Path("/").read_text()),
    caught(lambda: shutil.copy("/no/such/file", "/tmp")),
    caught(lambda: b"\xff".decode("utf-8")),
    caught(lambda: b"ok\xe4\xb8".decode("utf-8")),
    caught(lambda: b"abc\x80\x81".decode("ascii")),
    caught(lambda: "ü".encode("ascii")),
    caught(lambda: "aЖЖ".encode("latin-1")),
    caught(lambda: "\U0001f600".encode("ascii")),
    caught(lambda: "\ud800".encode()),
    UnicodeTranslateError("aЖb", 1, 2, "why"),
    UnicodeTranslateError("aЖb", 0, 3, "why"),
    caught(lambda: compile("a b", "/some/file.py", "exec")),
    caught(lambda: compile("if 1:\na", "f.py", "exec")),
    SyntaxError(),
    SyntaxError("only text"),
    SyntaxError("text", ("f.py", 3, 1, "code")),
    SyntaxError("text", (None, 3, 1, "code")),
    SyntaxError("text", ("f.py", None, 1, "code")),
    OSError(),
    OSError("one"),
    OSError(2, "No such file"),
    OSError(2, "No such file", "name"),
    OSError(2, "No such file", b"name"),
    OSError(17, "File exists", "a", None, "b"),
    OSError(99999, "unknown"),
    OSError("a", "b"),
    OSError(None, None),
    OSError(None, None, "file"),
    OSError(1, 2, None),
    OSError(1, 2, 3, 4, 5, 6),
    FileNotFoundError(2, "No such file", "it's"),
    PermissionError(13, "Permission denied", "/root"),
    BlockingIOError(11, "would block", 5),
    BlockingIOError(11, "would block", "name"),
    ConnectionResetError(104, "Connection reset by peer"),
    TimeoutError("late"),
    subprocess.CalledProcessError(3, ["false", "x"]),
    subprocess.CalledProcessError(0, "cmd"),
    subprocess.CalledProcessError(-9, "killed"),
    subprocess.CalledProcessError(-999, "odd"),
    caught(lambda: subprocess.run(["false"], check=True)),
    subprocess.TimeoutExpired(["sleep", "1"], 0.5),
    caught(lambda: json.loads('{"a": 1,\n x}')),
    caught(lambda: json.loads("")),
    SystemExit(3),
    SystemExit("bye"),
    SystemExit(),
    KeyboardInterrupt(),
    GeneratorExit("x"),
    StopIteration(5),
    StopAsyncIteration(),
    AssertionError("a"),
    NotImplementedError("not yet"),
    RecursionError("maximum recursion depth exceeded"),
    DeprecationWarning("old"),
    decimal.InvalidOperation("x"),
    struct.error("unpack requires a buffer of 4 bytes"),
    zipfile.BadZipFile("File is not a zip file"),
    sqlite3.OperationalError("no such table: x"),
    asyncio.CancelledError(),
    asyncio.InvalidStateError("x"),
    concurrent.futures.BrokenExecutor("x"),
    concurrent.futures.TimeoutError("x"),
    shutil.SameFileError("a and b are the same"),
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("error", CERTAIN, ids=lambda error: repr(error)[:50])
def test_what_is_certain_is_told_as_python_tells_it(error: BaseException, protocol: int) -> None:
    told = read_exception(pickle.dumps(error, protocol))
    assert told.message == str(error)
    assert told.args == tuple(repr(arg) for arg in error.args) or "x" * 100 in str(error)
    assert told.causes == ()
    assert told.traceback is None
    # Up to protocol 2 `pickle` writes some classes as those of Python 2 (a ModuleNotFoundError as an ImportError).
    assert told.type == qualified(error if protocol > 2 else pickle.loads(pickle.dumps(error, protocol)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_class_is_named_as_a_traceback_names_it(protocol: int) -> None:
    for error in (ValueError("a"), json.JSONDecodeError("a", "b", 0), zipfile.BadZipFile("c")):
        assert read_exception(pickle.dumps(error, protocol)).type == type_as_printed(error)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python has exception groups from 3.11 on")
def test_groups_tell_their_parts_as_causes() -> None:
    group = builtins.ExceptionGroup  # type: ignore[attr-defined]
    error = group("several", [ValueError(1), group("inner", [KeyError("k")]), OSError(2, "no")])
    told = read_exception(pickle.dumps(error))
    assert (told.type, told.message) == ("ExceptionGroup", str(error) + "")
    assert [(cause.type, cause.message) for cause in told.causes] == [
        ("ValueError", "1"),
        ("ExceptionGroup", "inner (1 sub-exception)"),
        ("FileNotFoundError", "[Errno 2] no"),
        ("KeyError", "'k'"),
    ]


def test_groups_are_read_where_python_has_none() -> None:
    data = b"\x80\x04cbuiltins\nExceptionGroup\nX\x01\x00\x00\x00g](cbuiltins\nValueError\n)Re\x86R."
    assert read_exception(data).message == "g (1 sub-exception)"
    assert read_exception(data).type == "ExceptionGroup"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python has notes from 3.11 on")
def test_notes_are_told_apart_from_the_message() -> None:
    error = ValueError("bad")
    error.add_note("look at \x1b[1mthis")  # type: ignore[attr-defined]
    told = read_exception(pickle.dumps(error))
    assert told.message == "bad"
    assert told.notes == ("look at \x1b[1mthis",)


def test_attributes_set_args_as_python_sets_them() -> None:
    data = b"\x80\x04cbuiltins\nValueError\nX\x01\x00\x00\x00a\x85R}X\x04\x00\x00\x00argsX\x01\x00\x00\x00b\x85sb."
    assert str(pickle.loads(data)) == "b"
    assert read_exception(data).message == "b"


def test_a_long_message_is_cut_and_says_so() -> None:
    told = read_exception(pickle.dumps(ValueError("x" * 100_000)))
    assert told.message == "x" * 65_536 + "…"
    assert len(told.args[0]) == 2_001


def test_of_a_class_known_by_name_only_the_arguments_are_told() -> None:
    for error in (Named("item", 5), NamedWithStr("item", 5)):
        told = read_exception(pickle.dumps(error))
        name = type(error).__name__
        assert told.type == f"{Named.__module__}.{name}" == type_as_printed(error)
        assert told.message == f"{name}('item', 5)"
        assert told.args == ("'item'", "5")
    assert read_exception(pickle.dumps(Named("item"))).message == "Named('item')"
    assert read_exception(pickle.dumps(Named())).message == "Named()"
    assert read_exception(pickle.dumps(urllib.error.URLError("no"))).message == "URLError('no')"


def test_a_class_of_main_is_named_without_it() -> None:
    assert read_exception(b"\x80\x04c__main__\nNoStock\nX\x01\x00\x00\x00a\x85R.").type == "NoStock"
    assert read_exception(b"\x80\x04c__main__\nOuter.Inner\n)R.").type == "Outer.Inner"
    # and is not taken for the builtin one of the same name
    told = read_exception(b"\x80\x04c__main__\nKeyError\nX\x01\x00\x00\x00a\x85R.")
    assert (told.type, told.message) == ("KeyError", "KeyError('a')")


def test_the_rules_fit_the_classes_that_they_are_for() -> None:
    """Each class that is said to be plain is: its `str` and its `__reduce__` are BaseException's."""
    checked = 0
    for name, rule in KNOWN_RULES.items():
        module, _, cls_name = name.rpartition(".")
        if module.startswith("ray."):
            continue
        cls = getattr(importlib.import_module(module), cls_name, None)
        if cls is None or f"{cls.__module__}.{cls.__qualname__}" != name:
            continue  # of another version of Python
        checked += 1
        if rule == PLAIN:
            assert cls.__str__ is BaseException.__str__, name
            assert cls.__reduce__ is BaseException.__reduce__, name
        elif rule in BUILTIN_RULES:
            assert cls.__str__ is getattr(builtins, rule).__str__, name
    assert checked > 60


def test_every_builtin_exception_has_a_rule() -> None:
    """Hypothesis goes through what the rules say."""
    found = {name for name, cls in vars(builtins).items() if isinstance(cls, type) and issubclass(cls, BaseException)}
    assert found <= set(BUILTIN_RULES)
