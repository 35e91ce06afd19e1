"""What an observer in the cluster costs, in calls, bytes and time: `python -m tests.benchmarks.bench_observer`.

Starts a cluster whose storage cannot be read from here, opens it through Ray Client as the app does, and counts what
goes over the wire: while tasks end all the time, while 1,000 tasks wait and nothing happens, and with either on an open
page. Calls and bytes are those of the observer alone: what Ray puts around them comes on top.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, cast

from tests.sources.contract import listed
from tests.sources.ray_clusters import eventually, open_as_the_monitor_does
from tests.sources.test_ray_observer import HiddenCluster
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.observer.shipping import packed_sources
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.ray.cluster.observer.observer import Traffic
    from wftui.sources.ray.cluster.observer.storage import ObservedStorage

WAITING = 1_000
SECONDS = 20.0
ROUNDS = 100
CHAINS, STEPS = 20, 60


class Rate(NamedTuple):
    """What went over the wire in a second."""

    calls: float
    sent: float
    received: float


def follow(source: ClusterSource, seconds: float, opened: str | None = None) -> Rate:
    """Take changes for a while, as the monitor does, and read the open workflow after each that told something."""
    woken = threading.Event()
    source.watch(woken.set)
    source.attend(frozenset([opened] if opened else []))
    before = cast("Traffic", source.call("traffic"))
    begun = time.monotonic()
    while (left := begun + seconds - time.monotonic()) > 0:
        woken.wait(min(source.info.interval, left))
        woken.clear()
        source.changes()
        if opened:
            source.detail(opened)
    after = cast("Traffic", source.call("traffic"))
    took = time.monotonic() - begun
    return Rate(*((now - was) / took for now, was in zip(after, before, strict=True)))


def median(call: Callable[[], object]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def say(what: str, rate: Rate) -> None:
    """Print a rate."""
    print(f"{what:<58} {rate.calls:6.2f} calls/s {rate.sent:8,.0f} B/s sent {rate.received:9,.0f} B/s received")


def measure_wide(source: ClusterSource) -> None:
    """With many tasks that wait."""
    source.changes()
    eventually(lambda: len(source.detail("wide").tasks) > WAITING, 300.0)
    print(f"{'a call that looks at the manager now, ms':<58} {median(source._looks.look):.1f}")
    say("nothing happens", follow(source, SECONDS))
    before = cast("Traffic", source.call("traffic"))
    storage = cast("ObservedStorage", source._storage)
    storage._kept.clear()  # as if it was never read
    storage.detail("wide")
    after = cast("Traffic", source.call("traffic"))
    print(f"{f'the whole of {WAITING:,} tasks':<58} {after.received - before.received:,} B")
    say(f"nothing happens, {WAITING:,} tasks on an open page", follow(source, SECONDS, "wide"))


def main() -> int:
    """Measure, and print."""
    print(f"{'our sources, sent once, compressed':<58} {len(packed_sources()):,} B")
    with closing(HiddenCluster(cpus=2)) as cluster:
        cluster.start()
        source = ClusterSource(cluster.client_address, SourceOptions())
        with closing(cluster.driver()) as user, closing(source):
            begun = time.perf_counter()
            open_as_the_monitor_does(source)
            print(f"{'attached and observed, ms':<58} {(time.perf_counter() - begun) * 1000:,.0f}")
            for number in range(CHAINS):
                user.do("submit", kind="chain", gate="", size=STEPS, id=f"busy-{number}")
            listed(source)
            eventually(lambda: any(task.ended_at for task in source.detail("busy-0").tasks), 300.0)
            say(f"{CHAINS} workflows of {STEPS} tasks run", follow(source, SECONDS))
            say("the same, one of them on an open page", follow(source, SECONDS, "busy-0"))
            user.do("submit", kind="fan", gate="never", size=WAITING, id="wide")
            measure_wide(source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
