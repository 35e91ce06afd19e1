"""A million tasks and 100,000 workflow runs in Absurd: `python -m tests.benchmarks.bench_absurd [TASKS [RUNS]]`.

On an embedded server, beside `absurdctl list-tasks` and the plain SQL. Prints ratios and what they are made of; both
sides of each ratio are measured in turns in one run.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg

from tests.benchmarks.absurd_filling import fill
from tests.benchmarks.measuring import memory_of, process, wall
from tests.e2e.terminal import Terminal
from tests.sources.absurd_server import AbsurdServer, absurdctl
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 30
_FIRST = b"select * from absurd.t_big order by task_id desc limit 50"
_WFTUI = [sys.executable, "-m", "wftui"]


def _opened(url: str) -> AbsurdSource:
    source = AbsurdSource(url, SourceOptions())
    source.open()
    return source


def _pairs(ours: Callable[[], float], other: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """The ratio of what is undisturbed on each side, and both in milliseconds: other work on the machine only adds."""
    pairs = [(ours(), other()) for _ in range(rounds)]
    low, plain = (statistics.quantiles(side, n=10)[0] for side in zip(*pairs, strict=True))
    return low / plain, 1e3 * low, 1e3 * plain


def _first_page(url: str) -> tuple[float, float, float]:
    """Each in a session that is new, but for what opening it reads."""

    def ours() -> float:
        source = _opened(url)
        try:
            return wall(lambda: source.page(None, 50))
        finally:
            source.close()

    def plain() -> float:
        with psycopg.connect(url, autocommit=True) as connection:
            return wall(lambda: connection.execute(_FIRST).fetchall())

    return _pairs(ours, plain, 15)


def _list(source: AbsurdSource) -> int:
    cursor, count = None, 0
    while True:
        page = source.page(cursor, 5_000)
        count += len(page.workflows)
        cursor = page.next
        if cursor is None:
            return count


def _idle(source: AbsurdSource, plain: psycopg.Connection[Any]) -> tuple[float, float, float]:
    until = time.monotonic() + 30
    while time.monotonic() < until and source.changes().changes:
        pass
    return _pairs(
        lambda: wall(source.changes), lambda: wall(lambda: plain.execute(b"select 1").fetchall()), 10 * ROUNDS
    )


def _memory(url: str, empty: str) -> tuple[float, float]:
    """Resident megabytes of the app on the full and on an empty database, once all is listed."""
    sizes = []
    for target in (url, empty):
        with Terminal([*_WFTUI, "-t", target], columns=160) as terminal:
            terminal.until("of ≈" if target == url else "no workflow", 300)
            last, quiet = 0.0, 0
            while quiet < 5:
                terminal.read(1.0)
                now = memory_of(terminal.process.pid)
                quiet = quiet + 1 if abs(now - last) < 1 else 0
                last = now
            sizes.append(last)
            terminal.press("q")
    return sizes[0], sizes[1]


def main() -> None:
    """Measure and print."""
    given = [int(word) for word in sys.argv[1:]]
    tasks, runs = [*given, *(1_000_000, 100_000)[len(given) :]]
    server = AbsurdServer()
    try:
        url, empty = server.database(), server.database()
        fill(url, "big", tasks, runs)
        gc.set_threshold(100_000, 20, 100)  # as the command line sets it
        with psycopg.connect(url, autocommit=True) as plain:
            _print("first page of 50 / SELECT … LIMIT 50 by primary key", _first_page(url))
            source = _opened(url)
            took = wall(lambda: print(f"{_list(source):,} rows listed"))
            print(f"{'listing them all, seconds':70} {took:.1f}")
            source.changes()
            print("notes:", "; ".join(source.info.notes))
            _print("idle look / empty round trip", _idle(source, plain))
            source.close()
        _commands(url)
        full, none = _memory(url, empty)
        print(f"{'memory of the app, full and empty, MB':70} {full:.0f}, {none:.0f}: {full - none:.0f} more")
    finally:
        server.close()


def _commands(url: str) -> None:
    """Whole processes."""
    ctl = min(wall(lambda: absurdctl(url, "list-tasks", "--queue", "big", "--limit", "50")) for _ in range(3))
    for words in (["--limit", "50"], ["--status", "running"], ["--status", "failed", "--limit", "50"]):
        ours = min(process(["-m", "wftui", "ls", "--json", "-t", url, *words])[0] for _ in range(3))
        print(f"{'wftui ls ' + ' '.join(words) + ' / absurdctl list-tasks --limit 50':70} {ours / ctl:.2f}"
              f"   ({ours:.2f} s, {ctl:.2f} s)")  # fmt: skip
    for words in (["--since", "1h"], ["--name", "order.ref*", "--limit", "50"]):
        ours = process(["-m", "wftui", "ls", "--json", "-t", url, *words])[0]
        print(f"{'wftui ls ' + ' '.join(words) + ', seconds':70} {ours:.2f}")


def _print(what: str, measured: tuple[float, float, float]) -> None:
    ratio, ours, other = measured
    print(f"{what:70} {ratio:.1f}   ({ours:.2f} ms, {other:.3f} ms)", flush=True)


if __name__ == "__main__":
    main()
