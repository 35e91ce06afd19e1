"""What the person at the terminal asks of a running workflow, asked on the demonstration within two keys.

The answers are held against Ray's own State API, the log files of its workers, and the files of the storage.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.demonstration import DEMO, Demonstration, environment
from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.ray

PATIENCE = 240.0
ENTER = "\r"

# Ray's State API in a process of its own: what it says of all tasks and nodes.
_STATE_API = """
import json, ray
from ray.util.state import list_nodes, list_tasks
ray.init(log_to_driver=False, logging_level="CRITICAL")
tasks = [
    [t.state, t.worker_pid, t.start_time_ms, t.required_resources] for t in list_tasks(detail=True, limit=10_000)
]
nodes = [[n.node_ip, n.resources_total] for n in list_nodes()]
print(json.dumps({"tasks": tasks, "nodes": nodes}))
"""


class Asked:
    """The app on the demonstration, with one workflow alone in the list."""

    def __init__(self, terminal: Terminal, workflow_id: str) -> None:
        self._terminal = terminal
        terminal.until("SUCCESSFUL", PATIENCE)
        terminal.press(f"/{workflow_id}")
        terminal.until(lambda screen: f"/ {workflow_id}" in screen and "keep" in screen.splitlines()[-1])
        terminal.press(ENTER)
        chosen = re.compile(rf"❯ .{{14}}{re.escape(workflow_id)} ")
        terminal.until(lambda screen: "keep" not in screen.splitlines()[-1] and bool(chosen.search(screen)), PATIENCE)

    def finds(self, pattern: str, keys: str = "") -> re.Match[str]:
        """Press at most two keys, and find that on screen."""
        assert len(keys) <= 2
        self._terminal.press(keys)
        found = re.compile(pattern, re.DOTALL)
        match = found.search(self._terminal.until(lambda screen: bool(found.search(screen)), PATIENCE))
        assert match is not None
        return match


class Demo(Demonstration):
    """The demonstration, and what else can tell about it."""

    def __init__(self, terminal: Terminal, env: dict[str, str]) -> None:
        super().__init__(terminal)
        self._environment = env
        self.storage = self.folder / "storage"
        self.logs = self.folder / "ray" / "session_latest" / "logs"

    @contextmanager
    def asked(self, workflow_id: str) -> Iterator[Asked]:
        """Ask about that workflow."""
        command = [sys.executable, "-m", "wftui", "-t", self.address]
        with Terminal(command, columns=160, rows=50, env=self._environment) as terminal:
            yield Asked(terminal, workflow_id)

    def state_api(self) -> dict[str, Any]:
        """What Ray says of its tasks and nodes."""
        command = [sys.executable, "-W", "ignore", "-c", _STATE_API]
        env = {**self._environment, "RAY_ADDRESS": self.address}
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        assert ran.returncode == 0, ran.stderr
        told: dict[str, Any] = json.loads(ran.stdout)
        return told

    def times(self, workflow_id: str, task_id: str) -> tuple[float | None, float | None]:
        """When a task started and ended, as its files have it."""
        folder = self.storage / "workflows" / workflow_id / "tasks" / task_id
        return _time(folder / "pre_task_metadata.json"), _time(folder / "post_task_metadata.json")

    def run_times(self, workflow_id: str) -> tuple[float, float | None]:
        """The same of a workflow."""
        folder = self.storage / "workflows" / workflow_id
        began = _time(folder / "pre_run_metadata.json")
        assert began is not None
        return began, _time(folder / "post_run_metadata.json")


def _time(path: Path) -> float | None:
    if not path.exists():
        return None
    told = json.loads(path.read_text())
    return float(told.get("start_time", told.get("end_time")))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    state = str(tmp_path_factory.mktemp("state"))
    env = environment(XDG_CONFIG_HOME=state, XDG_STATE_HOME=state, LC_ALL="C.UTF-8")
    with Terminal(DEMO, env=env) as terminal:
        yield Demo(terminal, env)


def test_when_will_it_be_done(demo: Demo) -> None:
    with demo.asked("nightly-etl-2026-11-20") as asked:
        found = asked.finds(r"about (?:(\d+)m)?(\d+)s? left")
        said = time.time() + 60 * int(found[1] or 0) + int(found[2])
        began, ended = demo.run_times("nightly-etl-2026-11-19")
        assert ended is not None
        took = ended - began
        asked.finds(r"· ended \d\d:\d\d:\d\d")
        began, ended = demo.run_times("nightly-etl-2026-11-20")
        assert ended is not None
        assert abs(said - ended) < took
    # What takes longer than ever has no end that could be told, and that is said.
    with demo.asked("hourly-scores-12") as asked:
        asked.finds(r"takes longer than any of 6 earlier runs")


def test_what_is_it_doing_right_now_and_on_which_machine(demo: Demo) -> None:
    with demo.asked("train-churn-model") as asked:
        found = asked.finds(r"running: (epoch_\d+) \(([\d.]+), pid (\d+)")
        before = time.time()
    began, ended = demo.times("train-churn-model", found[1])
    assert began is not None
    assert began < before
    assert ended is None or ended > before - 5.0, "it ran just now"
    told = demo.state_api()
    # Ray knows the workflow's task under a name of its own: it is the one that began then.
    starts = [start / 1000 for _, pid, start, _ in told["tasks"] if pid == int(found[3]) and start is not None]
    assert min(abs(start - began) for start in starts) < 1.0
    assert [address for address, _ in told["nodes"]] == [found[2]]


def test_what_does_it_print(demo: Demo) -> None:
    with demo.asked("train-churn-model") as asked:
        asked.finds(r"running: epoch_\d+.* o output ")
        number = asked.finds(r"(epoch \d+: 48211 samples in 96 batches, learning rate [\d.]+)", "o")[1]
        assert any(number in path.read_text(errors="replace") for path in demo.logs.glob("worker-*.out"))
        # What is under way, on the other stream: it has grown when somebody looks again.
        batch = asked.finds(r"epoch \d+ \[[# ]{24}\] (\d+)/96")[1]
        asked.finds(rf"\] (?!{batch}/)\d+/96|\] 96/96")


def test_why_does_that_task_not_start(demo: Demo) -> None:
    with demo.asked("finetune-support-bot") as asked:
        found = asked.finds(r"waiting: finetune_model \(asks (\d+) GPU, ([\d.]+) CPU; no node has a GPU\)")
        told = demo.state_api()
        needed = [
            needs for state, _, _, needs in told["tasks"] if state == "PENDING_NODE_ASSIGNMENT" and "GPU" in needs
        ]
        assert needed == [{"GPU": float(found[1]), "CPU": float(found[2])}]
        assert not any("GPU" in total for _, total in told["nodes"])


def test_is_it_slower_than_usual(demo: Demo) -> None:
    with demo.asked("hourly-scores-12") as asked:
        found = asked.finds(r"slower than usual.*95 of 100 took ([\d.]+)s at most, in (\d+) earlier runs")
        took = []
        for hour in range(6, 12):
            began, ended = demo.times(f"hourly-scores-{hour:02}", "score_orders")
            assert began is not None
            assert ended is not None
            took.append(ended - began)
        assert int(found[2]) == len(took)
        assert min(took) - 0.05 <= float(found[1]) <= max(took) + 0.05
        began, ended = demo.times("hourly-scores-12", "score_orders")
        assert began is not None
        assert ended is None


def test_where_did_the_time_go(demo: Demo) -> None:
    with demo.asked("image-thumbnails") as asked:
        asked.finds(r"· ended \d\d:\d\d:\d\d")
        found = asked.finds(r"wall (\d+)s .*most time: ([\w ,.%·]+)\n", "i")
        began, ended = demo.run_times("image-thumbnails")
        assert ended is not None
        assert abs(ended - began - int(found[1])) <= 1
        # The longest way through: the listing, the longest thumbnail, the sheet; each with what it queued.
        folder = demo.storage / "workflows" / "image-thumbnails" / "tasks"
        times = {path.name: demo.times("image-thumbnails", path.name) for path in folder.iterdir()}
        ran = {name: (start, end) for name, (start, end) in times.items() if start is not None and end is not None}
        made = [name for name in ran if name.startswith("thumbnail_")]
        longest = max(made, key=lambda name: ran[name][1] - ran[name][0])
        took = {
            "list_images": ran["list_images"][1] - began,
            longest: ran[longest][1] - ran["list_images"][1],
            "contact_sheet": ran["contact_sheet"][1] - max(ran[name][1] for name in made),
        }
        told = [part.split()[0] for part in found[2].split(" · ")]
        assert told == sorted(took, key=lambda name: -took[name])


def test_it_ends_when_it_is_quit_and_leaves_nothing_behind(demo: Demo) -> None:
    """The last one: it is the end of the demonstration."""
    demo.terminal.until(lambda screen: bool(re.search(r"FAILED +\S", screen)), PATIENCE)
    demo.terminal.press("q")
    demo.ends_with(0)
