"""The pipe to the Ray driver process, without a cluster."""

from __future__ import annotations

from contextlib import closing

import pytest

from wftui.errors import RefusedError, TargetGone
from wftui.frames import FrameWriter
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.driver.link import Link
from wftui.sources.ray.cluster.source import ClusterSource


def test_a_call_that_meets_the_close_of_another_thread_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monitor replaces a broken link while somebody asks for a workflow's detail."""
    with closing(Link()) as link:
        plain = FrameWriter.write

        def write(writer: FrameWriter, frame: tuple[object, ...]) -> None:
            link.close()
            plain(writer, frame)

        monkeypatch.setattr(FrameWriter, "write", write)
        with pytest.raises(TargetGone, match="closed"):
            link.call("look", {}, 1, timeout=5.0)


@pytest.mark.parametrize("operation", ["cancel", "resume", "delete"])
def test_a_read_only_source_sends_nothing_that_writes(operation: str) -> None:
    with closing(ClusterSource("127.0.0.1:1", SourceOptions(read_only=True))) as source:
        with pytest.raises(RefusedError, match="read-only"):
            source.call(operation, "a")
        with pytest.raises(TargetGone):
            source.call("status", "a")
