"""Cancels that are armed until their workflow starts."""

from __future__ import annotations

import threading

from wftui.sources.ray.cluster.acting.armed import ArmedCancels


def test_what_is_being_fired_cannot_be_taken_back() -> None:
    """Else somebody is told "disarmed" of a workflow that is cancelled at that moment."""
    firing, go_on = threading.Event(), threading.Event()

    def fire(_: str) -> bool:
        firing.set()
        return go_on.wait(10.0)

    armed = ArmedCancels(fire, lambda _: None)
    armed.arm("a")
    assert firing.wait(10.0)
    threading.Timer(0.3, go_on.set).start()
    assert not armed.disarm("a")
    assert "a" not in armed


def test_what_waits_can_be_taken_back() -> None:
    tried = threading.Event()

    def fire(_: str) -> bool:
        tried.set()
        return False

    armed = ArmedCancels(fire, lambda _: None)
    armed.arm("a")
    assert tried.wait(10.0)
    assert armed.disarm("a")
    assert not armed.disarm("a")
