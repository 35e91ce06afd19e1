"""Pickles of any damage are read or refused, and nothing happens meanwhile."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.hostile_pickles import HOSTILE
from tests.unit.pickle_samples import PLAIN, PROTOCOLS, Point, read_or_refused
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickles import UnreadablePickle

HONEST = [PLAIN[-8:], Point(1, 2), ValueError({"a": (1, b"x")})]
SEEDS = [pickle.dumps(value, protocol) for value in HONEST for protocol in PROTOCOLS]
SEEDS += [data for data in HOSTILE.values() if len(data) < 500]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_pickles_are_read_or_refused(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        how = data.draw(st.sampled_from(["set", "insert", "cut", "repeat"]))
        if how == "set" and damaged:
            damaged[where] = data.draw(st.integers(0, 255))
        elif how == "insert":
            damaged[where:where] = data.draw(st.binary(min_size=1, max_size=6))
        elif how == "cut":
            del damaged[where : where + data.draw(st.integers(1, 8))]
        else:
            damaged[where:where] = damaged[where : where + data.draw(st.integers(1, 20))]
    value = read_or_refused(bytes(damaged))
    if not isinstance(value, UnreadablePickle):
        assert len(render(value, limit=200)) <= 201


# -- nothing happens

AUDITED = """
import sys, threading
from wftui.sources.ray.storage.exceptions import read_exception
from wftui.sources.ray.storage.pickle_rendering import render
from wftui.sources.ray.storage.pickle_tree import shown, shown_args
from wftui.sources.ray.storage.pickles import UnreadablePickle, read_pickle
from wftui.present.values import values_json, values_lines
from wftui.model.values import StoredValue, TaskValues
from tests.unit.array_pickles import ARRAYS
from tests.unit.hostile_pickles import HOSTILE
HOSTILE.update({name: data for name, (data, _, _) in ARRAYS.items()})
read_exception(HOSTILE["billion laughs in a call"])
happened = []
armed = True
def note(event, args):
    if armed and event != "builtins.id":
        happened.append((event, str(args)[:100]))
sys.addaudithook(note)
modules = set(sys.modules)
for name, data in HOSTILE.items():
    error = read_exception(data)
    assert type(error).__name__ == "ErrorInfo", name
    try:
        value = read_pickle(data)
    except UnreadablePickle:
        continue
    render(value, limit=1000)
    for tree in (shown(value), shown_args(value)):
        values = TaskValues(StoredValue(1, tree), None)
        list(values_lines("t", values, (), show=True))
        values_json(values, (), show=False)
armed = False
assert set(sys.modules) == modules, set(sys.modules) - modules
print(sorted(set(happened)))
"""


def test_reading_imports_opens_and_runs_nothing() -> None:
    """No audit event at all but of `id`: no import, open, exec, compile, os.*, subprocess.*, pickle.find_class."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(AUDITED)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
