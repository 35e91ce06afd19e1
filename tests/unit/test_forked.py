"""Work shared out among processes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, cast

from tests.sources.storage_making import NOW, MadeStorage
from wftui.sources.forked import processors, shared_out

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

# A process of its own: that of the tests may have threads, and then nothing is forked.
_LEAD = """
import json, os
from wftui.sources import forked
forked.processors = lambda: 3
here = os.getpid()
"""


def _told(code: str, *args: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", _LEAD + code, *args], capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout)


def test_every_item_is_worked_on_once_by_one_of_several_processes() -> None:
    code = """
found = forked.shared_out(lambda part: [(item * item, os.getpid() == here) for item in part], range(10))
print(json.dumps(found))
"""
    assert _told(code) == [
        [[0, True], [9, True], [36, True], [81, True]],
        [[1, False], [16, False], [49, False]],
        [[4, False], [25, False], [64, False]],
    ]


def test_what_a_fork_could_not_do_is_done_here() -> None:
    code = """
def work(part):
    if os.getpid() != here and 1 in part:
        os.abort()
    return [(item, os.getpid() == here) for item in part]
print(json.dumps(forked.shared_out(work, range(3))))
"""
    assert _told(code) == [[[0, True]], [[1, True]], [[2, False]]]


def test_an_error_leaves_no_process_behind() -> None:
    code = """
import time
def work(part):
    if os.getpid() != here:
        time.sleep(3600)
    raise ValueError("no")
try:
    forked.shared_out(work, range(3))
except ValueError as error:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        print(json.dumps(str(error)))
"""
    assert _told(code) == "no"


def test_where_no_process_may_be_had_and_where_none_is_waited_for_the_work_is_done() -> None:
    code = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # inherited from what started us, say
found = [forked.shared_out(list, range(3))]
def refused():
    raise BlockingIOError(11, "Resource temporarily unavailable")
fork, os.fork = os.fork, refused
found.append(forked.shared_out(list, range(3)))
os.fork, os.pipe = fork, refused
found.append(forked.shared_out(list, range(3)))
print(json.dumps([found, len(os.listdir("/dev/fd"))]))
"""
    done, files = cast("tuple[object, int]", _told(code))
    assert done == [[[0], [1], [2]]] * 3
    assert files <= 4  # the three that every process has, and the one that looks


def test_an_interrupt_while_results_come_leaves_no_process_behind() -> None:
    code = """
import time, signal
def work(part):
    if os.getpid() != here:
        time.sleep(3600)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    return list(part)
signal.signal(signal.SIGALRM, signal.default_int_handler)
try:
    forked.shared_out(work, range(3))
except KeyboardInterrupt:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        print(json.dumps("none left"))
"""
    assert _told(code) == "none left"


def test_one_process_does_all_where_no_other_may_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.fork", raising=False)
    assert processors() == 1
    assert shared_out(list, "abc") == [["a", "b", "c"]]


def test_a_list_is_the_same_whoever_read_its_rows(tmp_path: Path) -> None:
    made = MadeStorage(tmp_path)
    for number in range(12):
        status = ("SUCCESSFUL", "FAILED", "CANCELED", "RUNNING")[number % 4]
        made.workflow(f"ünï \x1b[1m{number}", status, end=NOW + number, team="a", run=float("nan"))
        made.task(f"ünï \x1b[1m{number}", "t", start=NOW, raised=b"\x80\x04." if status == "FAILED" else None)
    made.index("FAILED", "of nothing \udcff")
    code = """
import contextlib, io, sys
from wftui.cli import listing
from wftui.cli.main import main
listing._WORTH_SHARING = 2
def ls(count, *options):
    listing.processors = forked.processors = lambda: count
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        code = main(["ls", "-t", sys.argv[1], *options])
    return code, out.getvalue()
whole = ls(1, "--json")
some = "--json", "--status", "failed", "--name", "*1*"
print(json.dumps([len(json.loads(whole[1])), whole == ls(3, "--json"), ls(1) == ls(3), ls(1, *some) == ls(3, *some)]))
"""
    assert _told(code, str(tmp_path)) == [13, True, True, True]
