"""`wftui draw` as a process: whatever it is given, a picture or one line that says what is wrong, and the exit code."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from wcwidth import wcswidth

from wftui.cli.draw import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 300
WFTUI = [sys.executable, "-m", "wftui"]
ENV = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}


def draw(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*WFTUI, "draw", *arguments], input=stdin, capture_output=True, timeout=PATIENCE, env=ENV, check=False
    )


def told(run: subprocess.CompletedProcess[bytes], code: int) -> str:
    """What was said on stderr; nothing of a traceback, and nothing on stdout where it failed."""
    said = run.stderr.decode()
    assert run.returncode == code, said
    assert "Traceback" not in said
    if code:
        assert said.count("\n") == 1
        assert not run.stdout
    return said


def graph(nodes: list[str], edges: list[tuple[str, str]]) -> bytes:
    return json.dumps({"nodes": [{"id": node} for node in nodes], "edges": edges}).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"digraph { a -> b -> c -> a }", "a cycle: a > b > c > a"),
        (b'{"nodes": [{"id": "a"}], "edges": [["b", "a"]]}', "b is waited for but missing"),
        (b'{"nodes": [{"id": "a"}, {"id": "a"}], "edges": []}', "a is there twice: the first is drawn"),
        (b"tasks:\n  a: {}\n  a: {}\n", "a is there twice"),
        (b"digraph { }", "the graph is empty"),
        (b'{"nodes": []}', "the graph is empty"),
        (b'{"tasks": {}}', "the graph is empty"),
        (b"digraph { a -> a }", "a cycle: a > a"),
    ],
)
def test_what_is_not_right_is_told_and_the_rest_drawn(text: bytes, said: str) -> None:
    assert said in told(draw("-", stdin=text), 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no graph that can be read"),
        (b"\0" * 1000, "is no graph that can be read"),
        (b"hello", "is no graph that can be read"),
        (b'{"nodes": [', "not well-formed JSON"),
        (b"digraph { \0 }", "not well-formed DOT"),
        (b"\xff\xfe\xfd", "is no graph that can be read"),
        (b"tasks: \xff", "the YAML is not UTF-8"),
        (b"[" * 1_000_000, "not well-formed JSON"),
        (b"tasks: " + b"[" * 1_000_000, "not well-formed YAML"),
        (b"digraph {" + b"{" * 1_000_000, "at most 100 braces"),
        (b"flowchart LR\n" + b"a" * 100_000 + b"((\n", "line 2 is not understood"),
    ],
    ids=[
        "nothing",
        "NULs",
        "words",
        "half",
        "NUL",
        "bytes",
        "YAML bytes",
        "deep",
        "deep YAML",
        "deep DOT",
        "long line",
    ],
)
def test_what_cannot_be_read(text: bytes, said: str) -> None:
    assert said in told(draw("-", stdin=text), 3)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "Is a directory" in told(draw(str(tmp_path)), 3)
    assert "No such file" in told(draw(str(tmp_path / "gone.dot")), 3)
    assert "File name too long" in told(draw("x" * 5000), 3)
    closed = tmp_path / "closed.dot"
    closed.write_text("digraph { a }")
    closed.chmod(0)
    if not os.access(closed, os.R_OK):  # root may read everything
        assert "Permission denied" in told(draw(str(closed)), 3)


def test_endless_and_very_large_files(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(2**30)
    said = f"is larger than {MOST_BYTES // 2**20} MB; draw a part of it"
    assert said in told(draw(str(large)), 3)
    assert said in told(draw("/dev/zero"), 3)


def test_stdin_is_closed() -> None:
    command = f"exec {sys.executable} -m wftui draw - <&-"
    run = subprocess.run(["sh", "-c", command], capture_output=True, timeout=PATIENCE, env=ENV, check=False)
    assert "standard input is closed" in told(run, 3)


def test_bytes_that_are_not_utf8_are_shown() -> None:
    run = draw("-", stdin=b'digraph { "caf\xe9" -> b }')
    assert told(run, 0) == ""
    assert run.stdout.decode() == "caf\\xe9──b\n"


def test_utf16_as_powershell_writes_it() -> None:
    assert draw("-", stdin="digraph { a -> é }".encode("utf-16")).stdout.decode() == "a──é\n"


@pytest.mark.parametrize("view", ["layers", "lanes", "tree"])
def test_odd_labels_keep_to_their_cells(view: str) -> None:
    """Wide, combining, zero-width and bidi characters, escapes: each line is as wide as it looks, nothing acts."""
    names = [
        "日本語" * 30,
        "e\u0301" * 50,
        "a\u200b\u200bb",
        "x\u202ey\u2066z",
        "\x1b[31mred\x1b]0;t\x07",
        "👩‍👩‍👧‍👦 ok",
        "\ufeff",
        "\u0301",
        "",
        " ",
    ]
    edges = [(names[i], names[i + 1]) for i in range(len(names) - 1)]
    run = draw("-", "--view", view, "--width", "60", stdin=graph(names, edges))
    assert told(run, 0) == ""
    for line in run.stdout.decode().splitlines():
        assert wcswidth(line) >= 0
        assert not {"\x1b", "\x07", "\u202e", "\u2066", "\u200b"} & set(line)
        if view != "layers":
            assert wcswidth(line) <= 60


def test_very_long_labels_are_cut() -> None:
    run = draw("-", stdin=graph(["x" * 10_000, "y"], [("x" * 10_000, "y")]))
    assert told(run, 0) == ""
    assert max(map(len, run.stdout.decode().splitlines())) < 200


SHAPES: dict[str, Callable[[int], list[tuple[int, int]]]] = {
    "chain": lambda n: [(i, i + 1) for i in range(n - 1)],
    "fan": lambda n: [(0, i) for i in range(1, n)],
    "random": lambda n: [((i * 7919) % i, i) for i in range(1, n)] + [((i * 104_729) % i, i) for i in range(2, n, 2)],
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_hundred_thousand_nodes(shape: str) -> None:
    n = 100_000
    names = [f"n{i}" for i in range(n)]
    run = draw("-", stdin=graph(names, [(names[a], names[b]) for a, b in SHAPES[shape](n)]))
    told(run, 0)
    assert run.stdout


def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C while it waits for its input: no traceback, 130."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    run = subprocess.Popen([*WFTUI, "draw", str(fifo)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
    writer = _opened_by_reader(fifo)  # it is read from now on
    try:
        out, err = _interrupted(run)
    finally:
        os.close(writer)
    assert (run.returncode, out) == (130, b"")
    assert b"Traceback" not in err


def _interrupted(run: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Once more where it does not end: a signal between Python's look for one and its wait in the kernel is missed."""
    for _ in range(PATIENCE // 60):
        run.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return run.communicate(timeout=60)
    raise AssertionError("it does not hear of its interrupt")


def _opened_by_reader(fifo: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # nobody reads it yet
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("the file was never opened")


def test_a_closed_pipe() -> None:
    """`wftui draw … | head -1` ends without a word."""
    names = [f"{'abcdefghij'[i % 10]}{i}" for i in range(5_000)]
    text = graph(names, [(names[0], name) for name in names[1:]])
    run = subprocess.Popen(
        [*WFTUI, "draw", "-", "--view", "tree", "--no-group"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV,
    )  # fmt: skip
    assert run.stdin is not None
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdin.write(text)
    run.stdin.close()
    assert run.stdout.readline()
    run.stdout.close()
    said = run.stderr.read()
    run.stderr.close()
    run.wait(PATIENCE)
    assert said == b""
