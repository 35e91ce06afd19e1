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
import traceback
import urllib.error
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hostile_pickles import HOSTILE
from wftui.model.task import ErrorInfo
from wftui.sources.ray.storage.exception_classes import BUILTIN_RULES, KNOWN_RULES, PLAIN
from wftui.sources.ray.storage.exceptions import read_exception

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def caught(do: Callable[[], object]) -> BaseException:
    """What calling it raises."""
    try:
        do()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def type_as_printed(error: BaseException) -> str:
    """The class as Python's traceback prints it."""
    return traceback.format_exception_only(type(error), error)[-1].split(":")[0].strip()


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


# -- classes that only their name is known of


class Named(Exception):
    """Importable from here, so pickled by name."""


class NamedWithStr(Exception):
    def __str__(self) -> str:
        return "anything"


def test_of_a_class_known_by_name_only_the_arguments_are_told() -> None:
    for error in (Named("item", 5), NamedWithStr("item", 5)):
        told = read_exception(pickle.dumps(error))
        name = type(error).__name__
        assert told.type == f"{__name__}.{name}" == type_as_printed(error)
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


# -- classes written by value


@pytest.fixture
def cloudpickle() -> Any:
    return pytest.importorskip("ray.cloudpickle", reason="needs the ray extra")


def by_value(source: str, make: str, **names: object) -> BaseException:
    """An exception of a class that no module has: defined as in a script that is run."""
    space: dict[str, Any] = {"__name__": "__main__", **names}
    exec(source, space)
    made = eval(make, space)
    assert isinstance(made, BaseException)
    return made


BY_VALUE_CERTAIN = {
    "plain": ("class E(Exception): pass", "E('a', 1)"),
    "no arguments": ("class E(Exception): pass", "E()"),
    "own attributes": ("class E(ValueError):\n def __init__(s, a, b):\n  super().__init__(a)\n  s.b = b", "E('a', 1)"),
    "no super": ("class E(Exception):\n def __init__(s, a, b):\n  s.a = a", "E('a', 1)"),
    "keywords": ("class E(Exception):\n def __init__(s, *, a):\n  s.a = a", "E(a=1)"),
    "own new": ("class E(Exception):\n def __new__(c, *a):\n  return super().__new__(c, 'x')", "E('a', 1)"),
    "repr": ("class E(Exception):\n def __repr__(s): return 'no'", "E('a')"),
    "derived": ("class A(KeyError): pass\nclass E(A): pass", "E('a')"),
    "two bases": ("class E(ValueError, KeyError): pass", "E('a')"),
    "two bases of ours": ("class A(KeyError): pass\nclass B(Exception): pass\nclass E(B, A): pass", "E('a')"),
    "mixin": ("class M:\n def m(s): pass\nclass E(M, OSError): pass", "E(2, 'no', 'f')"),
    "os error": ("class E(OSError): pass", "E(2, 'no', 'f', None, 'g')"),
    "os error, no super": ("class E(OSError):\n def __init__(s, a, b): pass", "E(2, 'no')"),
    "file not found": ("class E(FileNotFoundError): pass", "E(2, 'no', 'f')"),
    "unicode": ("class E(UnicodeDecodeError): pass", "E('utf-8', b'\\xff', 0, 1, 'why')"),
    "syntax": ("class E(SyntaxError): pass", "E('a', ('f.py', 1, 2, 'c'))"),
    "slots": ("class E(Exception):\n __slots__ = ('a',)", "E('a')"),
    "attribute args": ("class E(Exception):\n @property\n def args(s): return ('no',)", "E('a')"),
    "dataclass": ("import dataclasses\n@dataclasses.dataclass\nclass E(Exception):\n a: int\n b: str", "E(1, 'b')"),
    "process": ("import subprocess\nclass E(subprocess.CalledProcessError): pass", "E(1, 'cmd')"),
}


@pytest.mark.parametrize("name", BY_VALUE_CERTAIN)
def test_by_value_the_text_is_certain_where_nothing_changes_it(name: str, cloudpickle: Any) -> None:
    error = by_value(*BY_VALUE_CERTAIN[name])
    told = read_exception(cloudpickle.dumps(error))
    assert told.type == "E" == type_as_printed(error).removeprefix("__main__.")
    assert told.message == str(error)


BY_VALUE_UNCERTAIN = {
    "own str": ("class E(Exception):\n def __str__(s): return 'x'", "E('a', 1)", "E('a', 1)"),
    "str above": ("class A(Exception):\n def __str__(s): return 'x'\nclass E(A): pass", "E('a')", "E('a')"),
    "str in a mixin": ("class M:\n def __str__(s): return 'x'\nclass E(M, ValueError): pass", "E('a')", "E('a')"),
    "own reduce": ("class E(Exception):\n def __reduce__(s): return E, (1, 2)", "E('a')", "E(1, 2)"),
    "own syntax": ("class E(SyntaxError):\n def __init__(s, a): pass", "E('a')", "E('a')"),
    "base by name": ("class E(Named): pass", "E('a')", "E('a')"),
}


@pytest.mark.parametrize("name", BY_VALUE_UNCERTAIN)
def test_by_value_the_arguments_are_told_where_it_is_not(name: str, cloudpickle: Any) -> None:
    source, make, expected = BY_VALUE_UNCERTAIN[name]
    told = read_exception(cloudpickle.dumps(by_value(source, make, Named=Named)))
    assert (told.type, told.message) == ("E", expected)


def test_what_is_no_exception_says_so(cloudpickle: Any) -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec("class Point:\n pass\ndef function(): pass", space)
    told = {
        name: read_exception(cloudpickle.dumps(value))
        for name, value in {
            "int": 5,
            "list": [1, "a"],
            "dict": {"a": 1},
            "NoneType": None,
            "Point": space["Point"](),
            "type": space["Point"],
        }.items()
    }
    assert {name: error.type for name, error in told.items()} == {name: name for name in told}
    assert all(error.message.startswith("not an exception: ") for error in told.values())
    assert told["list"].message == "not an exception: [1, 'a']"
    assert told["type"].message == "not an exception: <class '__main__.Point'>"
    assert read_exception(pickle.dumps(ValueError)).message == "not an exception: <class 'ValueError'>"
    function = read_exception(cloudpickle.dumps(space["function"]))
    assert (function.type, function.message) == ("function", "not an exception: <function function>")


# -- Ray


def ray_errors() -> Any:
    return pytest.importorskip("ray.exceptions", reason="needs the ray extra")


TRACEBACK = "Traceback (most recent call last):\n  File 'task.py', line 3, in work\nValueError: boom"


def wrapped(cause: BaseException, text: str = TRACEBACK) -> Any:
    return ray_errors().RayTaskError("work", text, cause, proctitle="ray::work", pid=7, ip="10.0.0.1")


def test_an_error_that_ray_wrapped_tells_its_cause_and_its_traceback(cloudpickle: Any) -> None:
    error = wrapped(ValueError("boom"))
    told = read_exception(cloudpickle.dumps(error))
    cause = ErrorInfo("ValueError", "boom", ("'boom'",))
    assert told.type == "ray.exceptions.RayTaskError"
    assert told.message == "boom"
    assert told.traceback == TRACEBACK
    assert told.causes == (cause,)

    dual = error.as_instanceof_cause()
    told = read_exception(cloudpickle.dumps(dual))
    assert told.type == type_as_printed(dual) == "ray.exceptions.RayTaskError(ValueError)"
    assert told.message == "boom"
    assert told.traceback == str(dual)
    assert "\x1b[36m" in str(told.traceback)
    assert told.causes == (cause,)


def test_older_rays_write_the_same_from_another_module(cloudpickle: Any) -> None:
    """Before cloudpickle 3 half of it was a module `cloudpickle_fast`."""
    data = cloudpickle.dumps(wrapped(KeyError("k")).as_instanceof_cause())
    older = data.replace(b"\x8c\x1bray.cloudpickle.cloudpickle", b"\x8c\x20ray.cloudpickle.cloudpickle_fast")
    assert older != data
    assert read_exception(older) == read_exception(data)


def test_the_module_of_a_class_by_value_may_be_in_its_dict_only() -> None:
    """As cloudpickle 2 writes it."""
    told = read_exception(
        b"\x80\x04cray.cloudpickle.cloudpickle\n_make_skeleton_class\n(cbuiltins\ntype\nX\x01\x00\x00\x00E"
        b"cbuiltins\nKeyError\n\x85}X\x02\x00\x00\x00idNtRq\x01cray.cloudpickle.cloudpickle_fast\n_class_setstate\n"
        b"h\x01}X\x0a\x00\x00\x00__module__X\x04\x00\x00\x00shops}\x86\x86R0X\x01\x00\x00\x00k\x85R."
    )
    assert (told.type, told.message) == ("shop.E", "'k'")


def test_a_long_traceback_keeps_its_end(cloudpickle: Any) -> None:
    told = read_exception(cloudpickle.dumps(wrapped(ValueError("boom"), "x" * 300_000 + TRACEBACK)))
    assert str(told.traceback).endswith("ValueError: boom")
    assert len(str(told.traceback)) == 262_145


def test_wrapping_goes_over_any_cause(cloudpickle: Any) -> None:
    for name, (source, make) in BY_VALUE_CERTAIN.items():
        if name == "attribute args":
            continue  # Ray itself fails on it
        cause = by_value(source, make)
        for error in (wrapped(cause), wrapped(cause).as_instanceof_cause()):
            told = read_exception(cloudpickle.dumps(error))
            assert told.message == str(cause)
            assert [(one.type, one.message) for one in told.causes] == [("E", str(cause))]
            assert told.traceback is not None


def test_a_chain_of_wrapped_errors_is_told_nearest_first(cloudpickle: Any) -> None:
    middle = wrapped(KeyError("inner"), "Traceback inner")
    told = read_exception(cloudpickle.dumps(wrapped(middle)))
    assert [cause.type for cause in told.causes] == ["ray.exceptions.RayTaskError", "KeyError"]
    assert told.causes[0].traceback == "Traceback inner"
    assert all(cause.causes == () for cause in told.causes)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python has exception groups from 3.11 on")
def test_a_wrapped_group_tells_its_parts(cloudpickle: Any) -> None:
    group = builtins.ExceptionGroup("g", [ValueError(1)])  # type: ignore[attr-defined]
    told = read_exception(cloudpickle.dumps(wrapped(group).as_instanceof_cause()))
    assert told.type == "ray.exceptions.RayTaskError(ExceptionGroup)"
    assert told.message == "g (1 sub-exception)"
    assert [cause.type for cause in told.causes] == ["ExceptionGroup", "ValueError"]


def test_rays_own_errors_are_told_as_ray_tells_them(cloudpickle: Any) -> None:
    ray = ray_errors()
    for error in (
        ray.RayError("x"),
        ray.WorkerCrashedError(),
        ray.LocalRayletDiedError(),
        ray.RayActorError("ab", "it died"),
        ray.ActorDiedError(),
        ray.ActorDiedError(wrapped(ValueError("in __init__"))),
        ray.ActorUnavailableError("gone", None),
        ray.OutOfMemoryError("too much"),
        ray.NodeDiedError("off"),
        ray.GetTimeoutError("late"),
        ray.RuntimeEnvSetupError("no pip"),
        ray.RuntimeEnvSetupError(),
        ray.TaskPlacementGroupRemoved(),
        ray.TaskUnschedulableError("no node"),
        ray.ActorUnschedulableError("no node"),
        ray.RpcError("closed", 14),
        ray.PendingCallsLimitExceeded("many"),
    ):
        told = read_exception(cloudpickle.dumps(error))
        assert (told.type, told.message) == (type_as_printed(error), str(error))
    told = read_exception(cloudpickle.dumps(ray.ObjectStoreFullError("full")))
    assert told.message == "ObjectStoreFullError('full')"


def test_errors_of_workflows_are_told_as_they_were_and_not_as_they_unpickle(cloudpickle: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Ray says that workflows are deprecated, once
        workflow = pytest.importorskip("ray.workflow.exceptions")
    error = workflow.WorkflowExecutionError("id")
    assert read_exception(cloudpickle.dumps(error)).message == str(error)


# -- what cannot be read


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


def test_a_cut_class_by_value_is_not_taken_for_what_makes_it(cloudpickle: Any) -> None:
    data = cloudpickle.dumps(by_value(*BY_VALUE_CERTAIN["own attributes"]))
    for size in range(1, len(data)):
        told = read_exception(data[:size])
        assert told.type is None
        assert told.message in (
            f"the file is cut short after {size} bytes",
            f"the file is cut short after {size} bytes; it began as E",
        )


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
