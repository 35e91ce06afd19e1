"""Nodes that are there no more: those that were lost, and those that were ended because nothing ran there. No Ray."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.unit.test_ray_places import running
from wftui.sources.ray.cluster.near.whereabouts import NODES_AGE, Node, Told, Whereabouts
from wftui.sources.ray.cluster.places import Places

if TYPE_CHECKING:
    import pytest

HEAD = Node("head", "head", {"CPU": 1.0}, None)
GONE = [Node(name, name, {"CPU": 1.0}, None) for name in ("killed", "stopped", "idle", "scaled down", "of an old Ray")]
# What Ray 2.47 tells of nodes that were killed, were stopped by hand, and were ended by its two autoscalers.
REASONS: dict[str, dict[str, Any]] = {
    "killed": {
        "DeathReason": 2,
        "DeathReasonMessage": "health check failed due to missing too many heartbeats",
    },
    "stopped": {"DeathReason": 1, "DeathReasonMessage": "received SIGTERM"},
    "idle": {"DeathReason": 4, "DeathReasonMessage": "idle for long"},
    "scaled down": {"DeathReason": 1, "DeathReasonMessage": "Terminated by autoscaler."},
    "of an old Ray": {},
}


def table(*, alive: bool) -> list[dict[str, Any]]:
    """What `ray.nodes()` gives."""
    head = {"NodeID": "head", "Alive": True, "DeathReason": 0, "DeathReasonMessage": ""}
    others = ({"NodeID": node.id, "Alive": alive, **({} if alive else REASONS[node.id])} for node in GONE)
    return [head, *others]


def test_nodes_that_were_ended_because_they_were_idle_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = table(alive=True)
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(nodes=lambda: nodes))
    monkeypatch.setitem(sys.modules, "ray._private", SimpleNamespace(state=None))
    asking, other, now = Whereabouts(), Whereabouts(), time.monotonic()
    asking._ask_nodes(now)
    assert asking.where([]).idle == frozenset()
    nodes = table(alive=False)
    asking._ask_nodes(now + NODES_AGE)
    assert asking.where([]).idle == {"idle", "scaled down"}
    assert other.where([]).idle == frozenset(), "it never saw them alive"


def test_only_what_was_not_idle_is_told_as_lost() -> None:
    memory, _, _ = running("a")
    answers = [
        Told({}, (HEAD, *GONE), "", 0.01),
        Told({}, (HEAD,), "", 0.01, idle=frozenset({"idle", "scaled down", "long ago"})),
    ]

    class Asked:
        def __call__(self, operation: str, *arguments: object, timeout: float) -> object:
            return answers.pop(0)

    places = Places(Asked(), memory, lambda: None)
    places._ask([])
    assert places.notes[:-1] == ()
    places._ask([])
    lost = "nodes killed, stopped, of an old Ray are lost: what ran there is tried again, or failed"
    assert places.notes[:-1] == (lost,)
    # It is known by its name all the same.
    assert places._lost["idle"] == "idle"
