"""The demonstration with a real Ray, terminated. How it is quit is the end of `tests/e2e/test_ray_questions.py`."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.demonstration import DEMO, Demonstration, environment
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.ray


def test_a_demonstration_that_is_terminated_leaves_nothing_behind() -> None:
    with Terminal(DEMO, env=environment()) as terminal:
        demo = Demonstration(terminal)
        terminal.until("RUNNING", 300)
        terminal.process.send_signal(signal.SIGTERM)
        demo.ends_with(128 + signal.SIGTERM)
