"""What an observer tells and how it is taken in, without Ray: answers that are lost, observers that die, its code."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
import threading
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.sources.manager_making import Manager, State, chain
from tests.sources.ray_clusters import eventually
from wftui.errors import TargetError, TargetGone
from wftui.model.change import Removed
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.answers import ObserverLost, attempt, value_of
from wftui.sources.ray.cluster.looks import ManagerLooks
from wftui.sources.ray.cluster.near import manager as in_manager
from wftui.sources.ray.cluster.near.observing import Observing
from wftui.sources.ray.cluster.near.operations import NEAR
from wftui.sources.ray.cluster.observer import actor as observer_actor
from wftui.sources.ray.cluster.observer import carrier, shipping
from wftui.sources.ray.cluster.observer.observed import Observed
from wftui.sources.ray.cluster.observer.observer import Sent
from wftui.sources.ray.cluster.observer.observers import Observers, Reads
from wftui.sources.ray.cluster.observer.storage import ObservedStorage
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TARGET = "ray://here"


class Storage:
    """A storage with an index, written as Ray does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = path / "workflows"
        (self._root / "__status__").mkdir(parents=True)
        self.words: dict[str, str] = {}

    def set(self, workflow_id: str, word: str) -> None:
        before = self.words.get(workflow_id)
        (self._root / workflow_id / "tasks").mkdir(parents=True, exist_ok=True)
        (self._root / workflow_id / "workflow_meta.json").write_text(json.dumps({"status": word}))
        (self._root / "__status__" / word).mkdir(exist_ok=True)
        (self._root / "__status__" / word / workflow_id).touch()
        if before not in (None, word):
            (self._root / "__status__" / str(before) / workflow_id).unlink()
        self.words[workflow_id] = word


class Cluster:
    """In the place of the driver and the cluster: an observer in this process, and a way to it that breaks."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.manager = Manager()
        self.lose: Callable[[], bool] = lambda: False
        self.at_once = self.most_at_once = self.calls = 0
        self._lock = threading.Lock()
        self._observing: Observing | None = None

    def kill_observer(self) -> None:
        self._observing = None

    def call(self, operation: str, *arguments: object, timeout: float) -> object:
        if operation == "send":
            self._observing = Observing(self._look)
            return Sent("10.0.0.1", 1, 1)
        observing = self._observing
        if observing is None:
            raise ObserverLost("the observer in the cluster is gone: it was killed")
        with self._lock:
            self.calls += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            given = pickle.loads(pickle.dumps(arguments))
            outcome = attempt(getattr(observing, NEAR[operation][2]), *given)
            if operation == "observe" and self.lose():
                raise TargetGone("the answer is lost")
            return value_of(*pickle.loads(pickle.dumps(outcome)))
        finally:
            with self._lock:
                self.at_once -= 1

    def _look(self, known: object, budget: int) -> tuple[str, object, float]:
        return "ok", pickle.loads(in_manager.look(self.manager, known, budget)), 0.001  # type: ignore[arg-type]

    def run(self, workflow_id: str, state: State) -> None:
        self.manager._workflow_executors[workflow_id] = state


class App:
    """The app's end, as `Connection` puts it together."""

    def __init__(self, cluster: Cluster, interval: float = 0.05) -> None:
        self.looks = ManagerLooks(cluster.call, interval)
        self.observers = Observers(cluster.call, lambda: None)
        self.observers.send()
        self.observed = Observed(self.observers, self.looks, interval)
        options = SourceOptions(poll=0.05)
        self.observers.read(Reads(str(cluster.storage.path), options, TARGET))
        self.storage = ObservedStorage(TARGET, self.observers, self.observed)
        self.words: dict[str, str] = {}

    def list(self) -> None:
        cursor: str | None = None
        self.words = {}
        while True:
            page = self.storage.page(cursor, 1000)
            self.words |= {row.key.id: row.recorded_status for row in page.workflows}
            cursor = page.next
            if cursor is None:
                return

    def take(self) -> None:
        delta = self.storage.changes()
        for change in delta.changes:
            if isinstance(change, Removed):
                self.words.pop(change.key.id, None)
            else:
                self.words[change.key.id] = change.summary.recorded_status
        if delta.relist:
            self.list()

    def close(self) -> None:
        self.observers.close()
        self.observed.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    storage = Storage(tmp_path / "storage")
    for number in range(5):
        storage.set(f"w{number}", "SUCCESSFUL")
    return Cluster(storage)


@pytest.fixture
def app(cluster: Cluster) -> Iterator[App]:
    with closing(App(cluster)) as opened:
        opened.list()
        yield opened


@pytest.mark.parametrize("seed", range(4))
def test_an_answer_that_is_lost_loses_nothing(cluster: Cluster, app: App, seed: int) -> None:
    chance = random.Random(seed)
    lost = 0
    clock = 2e9
    for step in range(60):
        states = cluster.manager._workflow_executors
        what = chance.choice(["begin", "submit", "end", "kill", "list", "nothing"])
        if what == "begin":
            cluster.run(f"r{step}", chain())
            cluster.storage.set(f"r{step}", "RUNNING")
        elif what == "submit" and states:
            clock += 1.0
            chance.choice(list(states.values())).submit(chance.choice("abc"), clock)
        elif what == "end" and states:
            ended = chance.choice(list(states))
            del states[ended]
            cluster.storage.set(ended, chance.choice(["SUCCESSFUL", "FAILED"]))
        elif what == "kill" and chance.random() < 0.3:
            cluster.kill_observer()
            app.observers._lost_at.clear()  # as if minutes lay between
        elif what == "list" and chance.random() < 0.3:
            app.list()
        cluster.lose = lambda: chance.random() < 0.4
        try:
            app.take()
        except TargetGone:
            lost += 1
    cluster.lose = lambda: False
    app.take()
    assert lost > 5
    assert app.words == cluster.storage.words
    assert app.looks.memory.ids() == set(cluster.manager._workflow_executors)
    for workflow_id, state in cluster.manager._workflow_executors.items():
        told = {task.id: task.submitted for task in app.looks.memory.tasks(workflow_id)}
        real = dict.fromkeys(state.tasks)
        assert told == real | {i: run.submit_time for i, run in state.task_execution_metadata.items()}


def test_one_call_is_in_flight_and_what_comes_wakes(cluster: Cluster, app: App) -> None:
    woken = threading.Event()
    cluster.calls = cluster.most_at_once = 0
    app.observed.follow(woken.set)
    for number in range(5):
        cluster.storage.set("w0", "FAILED" if number % 2 else "RUNNING")
        cluster.run(f"r{number}", chain())

        def is_there(number: int = number) -> bool:
            woken.wait(0.1)
            woken.clear()
            app.take()
            return f"r{number}" in app.looks.memory.ids() and app.words["w0"] == cluster.storage.words["w0"]

        eventually(is_there, 60.0)
    assert cluster.most_at_once == 1


def test_nobody_takes_and_nobody_asks(cluster: Cluster, app: App) -> None:
    """A monitor that pauses is no reason to go on asking, nor to keep what came without bound."""
    woken = threading.Event()
    app.observed.follow(woken.set)
    assert woken.wait(60.0)
    app.take()
    woken.clear()
    cluster.storage.set("w0", "RUNNING")
    assert woken.wait(60.0)
    eventually(lambda: cluster.at_once == 0, 60.0)
    asked = cluster.calls
    woken.clear()
    cluster.storage.set("w1", "RUNNING")
    assert not woken.wait(0.5)
    assert cluster.calls == asked

    def is_seen() -> bool:
        app.take()
        return app.words["w1"] == "RUNNING"

    eventually(is_seen, 60.0)


def test_closing_ends_what_waits(cluster: Cluster, app: App) -> None:
    app.observed.follow(lambda: None)
    cluster.storage.set("w0", "RUNNING")
    eventually(lambda: cluster.at_once == 0 and cluster.calls > 2, 60.0)  # it waits for somebody to take
    app.close()
    eventually(lambda: "wftui-observed" not in [thread.name for thread in threading.enumerate()], 60.0)


def test_observers_that_are_killed_again_and_again_are_given_up(cluster: Cluster, app: App) -> None:
    def kill_and_take() -> None:
        for _ in range(5):
            cluster.kill_observer()
            app.take()
            assert "another took over" in app.observers.note

    with pytest.raises(TargetGone, match="within a minute"):
        kill_and_take()


def test_who_asks_while_another_observer_starts_waits_for_it(cluster: Cluster, app: App) -> None:
    """Until then there is none, and then one that has not opened the storage yet: neither can answer."""
    sending, go_on = threading.Event(), threading.Event()
    call = cluster.call

    def slowly(operation: str, *arguments: object, timeout: float) -> object:
        if operation == "open":
            sending.set()
            assert go_on.wait(60.0)
        return call(operation, *arguments, timeout=timeout)

    app.observers._call = slowly
    cluster.kill_observer()
    replacing = threading.Thread(target=lambda: app.storage.page(None, 10))
    replacing.start()
    assert sending.wait(60.0)
    told: list[int] = []
    asking = threading.Thread(target=lambda: told.append(len(app.storage.page(None, 10).workflows)))
    asking.start()
    asking.join(0.2)
    assert told == []
    go_on.set()
    for thread in (replacing, asking):
        thread.join(60.0)
    assert told == [len(cluster.storage.words)]


def test_a_storage_that_is_not_there_is_said(cluster: Cluster, tmp_path: Path) -> None:
    with closing(App(cluster)) as app:
        with pytest.raises(TargetError, match="no such directory") as caught:
            app.observers.read(Reads(str(tmp_path / "nowhere"), SourceOptions(), TARGET))
        assert not isinstance(caught.value, TargetGone)


def test_the_same_rows_and_details_as_without(cluster: Cluster, app: App) -> None:
    with closing(StorageSource(str(cluster.storage.path), SourceOptions(), target=TARGET)) as here:
        here.open()
        ids = sorted(cluster.storage.words)
        assert app.storage.summaries(ids) == here.summaries(ids)
        first = app.storage.detail("w0")
        assert first == here.detail("w0")
        # What did not change does not come again, but is there all the same.
        assert app.storage.detail("w0") is first
        cluster.storage.set("w0", "FAILED")
        assert app.storage.detail("w0") == here.detail("w0") != first


def test_large_answers_come_in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(carrier, "ANSWER_BYTES", 64)
    carried = carrier.Carrier()
    target = random.Random(0).randbytes(200).hex()  # does not compress well
    request = pickle.dumps(("open", (str(tmp_path / "nowhere"), SourceOptions(), target)))
    ticket, size, data = carried.carry_out(request)
    assert ticket
    assert len(data) == 64 < size
    while len(data) < size:
        part = carried.rest(ticket, len(data))
        assert 0 < len(part) <= 64
        data += part
    assert carrier.unpacked(data) == ("target", (f"no such directory: {target}", ""))
    assert carried.rest(ticket, 0) == b""
    with pytest.raises(TargetError, match="in part"):
        carrier.unpacked(data[:-5])


def test_answers_that_are_too_large_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(carrier, "MOST_BYTES", 64)
    request = pickle.dumps(
        ("open", (str(tmp_path / "nowhere"), SourceOptions(), "x" + random.Random(0).randbytes(99).hex()))
    )
    ticket, size, data = carrier.Carrier().carry_out(request)
    assert (ticket, size) == (0, len(data))
    assert "is too much to bring here" in str(carrier.unpacked(data)[1])


def test_what_is_sent_needs_the_standard_library_only(tmp_path: Path, cluster: Cluster) -> None:
    """Where something else is called wftui, and no package is installed; urllib3 and ray are imported when needed."""
    (tmp_path / "wftui.py").write_text("raise ImportError('the wrong one')\n")
    (tmp_path / "packed").write_bytes(shipping.packed_sources())
    sources = pickle.loads(zlib.decompress(shipping.packed_sources()))
    assert not [name for name in sources if "absurd" in name or "demo" in name]
    script = (
        "import sys, importlib, pickle, zlib\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        f"space = {{'__name__': 'sent'}}; exec(open({observer_actor.__file__!r}).read(), space)\n"
        f"packed = open({str(tmp_path / 'packed')!r}, 'rb').read()\n"
        "space['Observer'](packed)\n"
        "from wftui.sources.ray.cluster.near.operations import NEAR\n"
        "for module, name, method in NEAR.values():\n"
        "    getattr(getattr(importlib.import_module('wftui.sources.ray.cluster.near.' + module), name), method)\n"
        "from wftui.sources.ray.cluster.near.observing import Observing\n"
        "from wftui.sources.base import SourceOptions\n"
        "observing = Observing(lambda *_: ('none', None, 0.0))\n"
        f"observing.open({str(cluster.storage.path)!r}, SourceOptions(), 'x')\n"
        "print(len(observing.storage('page', None, 100)[1].workflows))\n"
        "assert not [m for m in sys.modules if m in ('ray', 'textual', 'urllib3', 'watchfiles')]\n"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, "5"), ran.stderr
