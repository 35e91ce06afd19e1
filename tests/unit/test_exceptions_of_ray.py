"""Exceptions as Ray writes them: classes pickled by value, and its own errors around those of tasks."""

from __future__ import annotations

import builtins
import pickle
import sys
import warnings
from typing import Any

import pytest

from tests.unit.exception_samples import Named, type_as_printed
from wftui.model.task import ErrorInfo
from wftui.sources.ray.storage.exceptions import read_exception


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


def test_a_cut_class_by_value_is_not_taken_for_what_makes_it(cloudpickle: Any) -> None:
    data = cloudpickle.dumps(by_value(*BY_VALUE_CERTAIN["own attributes"]))
    for size in range(1, len(data)):
        told = read_exception(data[:size])
        assert told.type is None
        assert told.message in (
            f"the file is cut short after {size} bytes",
            f"the file is cut short after {size} bytes; it began as E",
        )
