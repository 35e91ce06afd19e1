"""What it costs to follow a task that prints at full speed, on a real Ray cluster and in a real terminal of 120x36.

    python -m tests.benchmarks.bench_output [SECONDS]

A task of a workflow prints coloured lines as fast as it can. The app follows it (`o`), then `wftui logs -f` does, into
a file. Told are the bytes that the task wrote, the bytes that came to the terminal, the time from a key to the screen,
and CPU time and memory of the app, which has to stay where it was.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import closing

from tests.benchmarks.measuring import cpu_of, memory_of
from tests.e2e.terminal import Terminal
from tests.sources.ray_clusters import TestCluster, eventually

WFTUI = [sys.executable, "-m", "wftui"]
KEYS = 12
MOST = 6_000_000_000
"""Bytes: no more than a disk holds."""
SCRIPT = """
import sys, time
import ray
from ray import workflow
ray.init(address=sys.argv[1], log_to_driver=False)
seconds, most = float(sys.argv[2]), int(sys.argv[3])
@ray.remote(num_cpus=0.2)
def flood():
    until, line = time.monotonic() + seconds, 0
    while time.monotonic() < until and line * 60 < most:
        rows = (f"\\x1b[32mINFO\\x1b[0m row {line + at:9d} of the flood, and more\\n" for at in range(500))
        print("".join(rows), end="")
        line += 500
    return line
workflow.run(flood.options(**workflow.options(task_id="flood")).bind(), workflow_id="floods")
"""


def printed(cluster: TestCluster) -> int:
    """Bytes that the task wrote so far."""
    return max((path.stat().st_size for path in cluster.root.glob("r/session_*/logs/worker-*.out")), default=0)


def followed(cluster: TestCluster, seconds: float) -> None:
    """The app in a terminal."""
    command = [*WFTUI, cluster.address, "--read-only"]
    with Terminal(command, columns=120, rows=36) as terminal:
        terminal.until("floods")
        terminal.press("\r")
        terminal.until("Graph")
        terminal.press("t")
        terminal.until("STATUS")
        terminal.press("\x1b[H")
        terminal.until(lambda screen: "o output" in screen and "\u276f" in screen)
        terminal.press("o")
        terminal.until("live, following")
        pid = terminal.process.pid
        memory, used = memory_of(pid), cpu_of(pid)
        wrote, began = printed(cluster), time.monotonic()
        got = len(_bytes(terminal, seconds))
        passed = time.monotonic() - began
        print(f"the task wrote       {(printed(cluster) - wrote) / passed / 1e6:8.1f} MB/s")
        print(f"the terminal got     {got / passed / 1e3:8.1f} kB/s")
        print(f"the app's processor  {100 * (cpu_of(pid) - used) / passed:8.1f} %")
        print(f"the app's memory     {memory_of(pid):8.1f} MB, {memory:.1f} MB at first")
        times = [
            _answer(terminal, "f", b"live, not following" if at % 2 == 0 else b"live, following") for at in range(KEYS)
        ]
        middle, most = (1000 * one for one in (sorted(times)[KEYS // 2], max(times)))
        print(f"key to screen        {middle:8.0f} ms in the middle, {most:.0f} ms at most")
        terminal.press("/")
        _bytes(terminal, 1.0)
        print(f"search to screen     {1000 * _answer(terminal, 'flood', b' found', b' of '):8.0f} ms")
        print(f"the app's memory     {memory_of(pid):8.1f} MB with what was found")
        print(f"printed in all       {printed(cluster) / 1e6:8.1f} MB")


def _bytes(terminal: Terminal, seconds: float, *until: bytes) -> bytes:
    """What comes within so many seconds, or until it holds one of these. The emulator would be slower than the app."""
    data, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not any(one in data for one in until):
        if select.select([terminal._fd], [], [], left)[0]:
            data += os.read(terminal._fd, 1 << 16)
    return data


def _answer(terminal: Terminal, keys: str, *words: bytes) -> float:
    """Seconds from keys to the screen that has one of these words."""
    pressed = time.monotonic()
    terminal.press(keys)
    told = _bytes(terminal, 60.0, *words)
    assert any(word in told for word in words), told[-500:]
    return time.monotonic() - pressed


def piped(cluster: TestCluster, seconds: float) -> None:
    """`wftui logs -f` into a file."""
    with tempfile.TemporaryFile() as file:
        command = [*WFTUI, "logs", "floods", "flood", "-f", "--tail", "10", "--stdout", "-t", cluster.address]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        eventually(lambda: file.seek(0, 2) > 0, 60)
        began, size, used = time.monotonic(), file.seek(0, 2), cpu_of(process.pid)
        time.sleep(seconds)
        passed = time.monotonic() - began
        print(f"logs -f wrote        {(file.seek(0, 2) - size) / passed / 1e6:8.1f} MB/s")
        print(f"its processor        {100 * (cpu_of(process.pid) - used) / passed:8.1f} %")
        print(f"its memory           {memory_of(process.pid):8.1f} MB")
        process.kill()
        process.wait()


def main() -> None:
    """Measure."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with closing(TestCluster()) as cluster:
        cluster.start()
        script = cluster.root / "script.py"
        script.write_text(SCRIPT)
        command = [sys.executable, "-W", "ignore", str(script), cluster.address, str(seconds * 2 + 90), str(MOST)]
        with subprocess.Popen(command, env=cluster.environment, cwd=cluster.root, stderr=subprocess.DEVNULL) as driver:
            eventually(lambda: printed(cluster) > 100_000, 120)
            followed(cluster, seconds)
            piped(cluster, seconds / 2)
            driver.kill()


if __name__ == "__main__":
    main()
