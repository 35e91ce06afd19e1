"""The app in a real pseudo-terminal: what it leaves behind, and what it writes."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

# Set and reset: the other screen, the hidden cursor, the mouse, pasting, focus.
MODES = (b"1049", b"1000", b"1003", b"2004", b"1004")


def program(how: str = "plain", **env: str) -> Terminal:
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return Terminal([sys.executable, "-m", "tests.ui.program", how], columns=100, rows=24, env={**clean, **env})


def left_clean(terminal: Terminal) -> None:
    """The terminal's settings are as before, and every mode that was switched on is off again."""
    assert terminal.modes == terminal.before
    written = bytes(terminal.written)
    for mode in MODES:
        on, off = written.rfind(b"\x1b[?" + mode + b"h"), written.rfind(b"\x1b[?" + mode + b"l")
        assert off >= on, mode
    assert written.rfind(b"\x1b[?25h") > written.rfind(b"\x1b[?25l")


def _sends(number: int) -> Callable[[Terminal], None]:
    return lambda terminal: os.kill(terminal.process.pid, number)


def _presses(keys: str) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.press(keys)


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (_presses("q"), 0),
        (_presses("\x03"), 130),
        (_sends(signal.SIGINT), 130),
        (_sends(signal.SIGTERM), 143),
        (_sends(signal.SIGHUP), 129),
    ],
    ids=["q", "ctrl-c", "SIGINT", "SIGTERM", "SIGHUP"],
)
def test_the_terminal_is_restored(leave: Callable[[Terminal], None], code: int) -> None:
    with program() as terminal:
        terminal.until("wf-000")
        assert terminal.modes != terminal.before
        leave(terminal)
        assert terminal.wait() == code
        left_clean(terminal)


def test_it_ends_when_the_terminal_is_gone() -> None:
    with program() as terminal:
        terminal.until("wf-000")
        terminal.hang_up()
        # As tmux does it: whoever is stopped shall hear that it is over.
        os.kill(terminal.process.pid, signal.SIGCONT)
        assert terminal.process.wait(60) == 128 + signal.SIGHUP


def test_who_is_told_to_go_on_without_having_stopped_restores_the_terminal() -> None:
    with program() as terminal:
        terminal.until("wf-000")
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.press("?")
        terminal.until("Keys")
        terminal.press("\x03")
        assert terminal.wait() == 130
        left_clean(terminal)


def test_the_terminal_is_restored_after_a_crash() -> None:
    with program("crash") as terminal:
        assert terminal.wait() == 1
        left_clean(terminal)
        last = terminal.written.decode().rsplit("\x1b[?1049l", 1)[-1]
        assert "wftui: internal error: ZeroDivisionError" in last
        assert "Traceback" not in last


def test_ctrl_c_leaves_from_a_dialog_and_from_the_filter() -> None:
    for keys in ("?", "/"):
        with program() as terminal:
            terminal.until("wf-000")
            terminal.press(keys)
            terminal.until("Keys" if keys == "?" else "key=value")
            terminal.press("\x03")
            assert terminal.wait() == 130


def test_an_idle_screen_writes_nothing() -> None:
    with program() as terminal:
        terminal.until("live")
        # What is still being loaded is shown first; on a busy machine that takes its time.
        until = time.monotonic() + 60.0
        while terminal.read(3.0):
            assert time.monotonic() < until, "never silent for 3 s"
        assert terminal.process.poll() is None


def test_ascii_is_ascii() -> None:
    with program("ascii") as terminal:
        terminal.until("+ SUCCESSFUL")
        steps: tuple[tuple[str, Callable[[str], bool]], ...] = (
            ("\r", lambda screen: "Tasks" in screen),
            ("\x1b", lambda screen: "Tasks" not in screen),
            ("?", lambda screen: "Keys" in screen),
            # Gone for sure: an escape right before the next key would be read as one key with it.
            ("\x1b", lambda screen: "Keys" not in screen),
            ("D", lambda screen: "Delete wf-" in screen),
        )
        for keys, done in steps:
            terminal.press(keys)
            terminal.until(done)
            assert terminal.text.isascii(), [line for line in terminal.lines if not line.isascii()]


def test_no_color_is_monochrome() -> None:
    with program(NO_COLOR="1") as terminal:
        terminal.until("wf-000")
        for parameters in re.findall(r"\x1b\[([0-9;]*)m", terminal.written.decode("utf-8", "replace")):
            plain = re.sub(r"[34]8;2;(\d+);\1;\1(;|$)", "", parameters)  # greys: as dark or light as the colours were
            assert set(plain.split(";")) <= {"", "0", "1", "2", "3", "4", "7", "9"}, parameters


@pytest.mark.parametrize(("how", "on"), [("plain", True), ("nomouse", False)])
def test_the_mouse_is_a_choice(how: str, on: bool) -> None:
    with program(how) as terminal:
        terminal.until("wf-000")
        assert (b"\x1b[?1000h" in terminal.written) is on


def test_keys_can_be_bound_elsewhere() -> None:
    with program("keymap") as terminal:
        terminal.until("X quit")
        terminal.press("X")
        assert terminal.wait() == 0
