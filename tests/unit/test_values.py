"""Arguments and outputs, looked into inertly: what is told, what is not, and what is masked."""

from __future__ import annotations

import collections
import datetime
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz_pickles import look
from tests.unit.array_pickles import ARRAYS
from tests.unit.hostile_pickles import HOSTILE
from wftui.model.values import ShownValue, StoredValue, TaskValues
from wftui.present.values import values_json, values_lines
from wftui.sources.ray.storage.pickle_tree import DEPTH, MEMBERS, NODES, shown, shown_args
from wftui.sources.ray.storage.pickle_values import UnreadablePickle
from wftui.sources.ray.storage.pickles import read_pickle
from wftui.sources.ray.storage.values import READ_AT_MOST, read_values
from wftui.sources.stores.base import Blob

DUMMY = b"__RAY_DUMMY__"


class Order:
    def __init__(self, item: str, api_key: str) -> None:
        self.item = item
        self.api_key = api_key


def tree(value: object, protocol: int = 5) -> ShownValue:
    return shown(read_pickle(pickle.dumps(value, protocol)))


def lines(value: ShownValue, *, show: bool = False, upstream: tuple[str, ...] = ()) -> list[str]:
    values = TaskValues(StoredValue(10, value))
    return ["".join(text for text, _ in row) for row in values_lines("t", values, upstream, show=show)]


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_and_tables_tell_class_shape_and_type(name: str) -> None:
    data, type_name, text = ARRAYS[name]
    value = shown(read_pickle(data))
    assert (value.type, value.text) == (type_name, text)


@pytest.mark.parametrize("protocol", range(6))
def test_scalars_and_containers(protocol: int) -> None:
    value = tree({"a": [1, 2.5, None], "b": (True, "x"), 3: {1}}, protocol)
    assert lines(value)[1:5] == ["  args    dict {3}  10 B", "    a: list [3]", "      1", "      2.5"]
    assert [member.name for member in value.members] == ["a", "b", "3"]


def test_objects_tell_their_class_and_attributes() -> None:
    value = tree(Order("tea", "sk-123"))
    assert value.type == f"{__name__}.Order"
    assert [member.name for member in value.members] == ["item", "api_key"]
    assert tree(datetime.date(2020, 1, 2)) == ShownValue("datetime.date", "datetime.date(2020, 1, 2)")
    assert tree(collections.OrderedDict(a=1)).members[0].name == "a"


def test_arguments_are_told_by_position_and_name() -> None:
    call = b"cray.workflow.serialization_context\n_resolve_workflow_refs\n"
    flat = b"](" + b"C\x0d" + DUMMY + call + b"K\x01\x85R" + b"X\x04\x00\x00\x00sizeK\x05e."
    value = shown_args(read_pickle(flat))
    assert lines(value, upstream=("load", "cle\x1ban"))[1:4] == [
        "  args    arguments (2)  10 B",
        "    the output of cle␛an",
        "    size: 5",
    ]
    assert values_json(TaskValues(StoredValue(1, value)), ["load", "clean"], show=False)["args"] == {
        "size": 1,
        "problem": None,
        "value": {
            "type": "arguments",
            "text": None,
            "size": 2,
            "members": [
                {"name": None, "value": json_value("upstream", upstream="clean")},
                {"name": "size", "value": json_value("int", "5")},
            ],
            "more": 0,
            "upstream": None,
        },
    }


def json_value(type_name: str, text: str | None = None, upstream: str | None = None) -> dict[str, object]:
    return {"type": type_name, "text": text, "size": None, "members": [], "more": 0, "upstream": upstream}


def test_what_ray_client_pickled_twice_is_read_twice_and_no_oftener() -> None:
    data = pickle.dumps([DUMMY, 7])
    for _ in range(2):
        assert shown_args(read_pickle(loads(data))).members[0].value.text == "7"
    for _ in range(5):
        data = loads(data)
    assert "loads" in shown_args(read_pickle(data)).type


def loads(data: bytes) -> bytes:
    return b"cray.cloudpickle\nloads\nB" + len(data).to_bytes(4, "little") + data + b"\x85R."


def test_what_does_not_fit_is_counted() -> None:
    value = tree(list(range(1000)))
    assert (len(value.members), value.more, value.size) == (MEMBERS, 1000 - MEMBERS, 1000)
    assert lines(value)[-2] == "    … 980 more"
    deep: Any = []
    for _ in range(50):
        deep = [deep]
    assert len(lines(tree(deep))) == DEPTH + 3  # with the task, what is left out, and the output
    wide = tree([[[[0] * 30] * 30] * 30] * 30)
    left, count = [wide], 0
    while left:
        node = left.pop()
        count += 1
        left += [member.value for member in node.members]
    assert count <= NODES
    text = tree("x" * 5000)
    assert text.size == 5000
    assert lines(text)[1].endswith("…' (5,000 characters)  10 B") or lines(text)[1].endswith(
        "… (5,000 characters)  10 B"
    )


SECRETS: list[object] = [
    {"password": "hunter2"},
    {"db": {"DB-Password": ["hunter2", {"x": "hunter2"}]}},
    {"a" * 300 + "_token": b"hunter2"},
    {b"secret": "hunter2"},
    Order("tea", "hunter2"),
    [Order("tea", "hunter2")],
    {"credentials": ValueError("hunter2")},
    {"token": datetime.date(2020, 1, 2)},
]


@pytest.mark.parametrize("value", SECRETS, ids=lambda value: str(value)[:30])
def test_secrets_are_masked_unless_asked_for(value: object) -> None:
    for protocol in (0, 2, 5):
        found = tree(value, protocol)
        values = TaskValues(StoredValue(1, found), StoredValue(1, found))
        for text in ("\n".join(lines(found)), str(values_json(values, (), show=False))):
            assert "hunter2" not in text
            assert "******" in text
            assert "datetime.date(" not in text
        if "hunter2" in str(vars(value) if isinstance(value, Order) else value):
            assert "hunter2" in str(values_json(values, (), show=True))


def test_named_arguments_that_are_secrets_are_masked() -> None:
    value = shown_args(read_pickle(pickle.dumps([DUMMY, "plain", "api_key", "hunter2", "retries_token", 3])))
    assert lines(value)[2:] == ["    'plain'", "    api_key: ******", "    retries_token: 3", "  output  none stored"]


class Files:
    """A store of a few names."""

    target = "here"

    def __init__(self, files: dict[str, Blob]) -> None:
        self.files = files
        self.asked: list[int] = []

    def read(self, ranges: list[Any]) -> list[Blob]:
        self.asked.append(sum(wanted.length > 0 for wanted in ranges))
        missing = Blob(error="no such file", missing=True)
        return [self.files.get(wanted.name, missing) for wanted in ranges]


def test_files_that_are_missing_broken_or_too_large() -> None:
    cut = pickle.dumps({"a": 1, "big": "x" * 1000})[:60]
    store: Any = Files(
        {
            "w/tasks/t/args.pkl": Blob(cut, READ_AT_MOST * 9),
            "w/tasks/u/args.pkl": Blob(cut, len(cut)),
            "w/tasks/u/output.pkl": Blob(b"\x80\xff", 2),
            "w/tasks/v/output.pkl": Blob(error="permission denied"),
        }
    )
    found = dict(read_values(store, "w", ["t", "u", "v", "x"]))
    assert found["x"] == TaskValues()
    assert found["t"].args is not None
    assert found["t"].args.problem == "only its first 60 bytes were read"
    assert found["t"].args.value is not None
    assert found["t"].args.value.type == "dict"
    assert found["u"].args is not None
    assert found["u"].args.problem == "the file is cut short after 60 bytes"
    assert found["u"].output == StoredValue(2, None, "the file is of pickle protocol 255, which is not known")
    assert found["v"].output == StoredValue(None, None, "permission denied")
    page = [row for task in found for row in values_lines(task, found[task], (), show=False)]
    assert "permission denied" in "".join(text for row in page for text, _ in row)


def test_large_files_are_not_all_held_at_once() -> None:
    store: Any = Files({f"w/tasks/{at}/output.pkl": Blob(b"N.", 1 << 40) for at in range(40)})
    assert len(dict(read_values(store, "w", [str(at) for at in range(40)]))) == 40
    assert max(store.asked) == 16  # 8 tasks: 32 MB at most


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_shown_or_refused(name: str) -> None:
    look(HOSTILE[name])
    try:
        value = shown(read_pickle(HOSTILE[name]))
    except UnreadablePickle:
        return
    for line in lines(value):
        assert line.isprintable()
        assert len(line) < 1000


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([data for data, _, _ in ARRAYS.values()]), st.data())
def test_damaged_arrays_are_shown_or_refused(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    look(bytes(damaged))
