"""The pipe to the Ray driver process, without a cluster."""

from __future__ import annotations

from contextlib import closing

import pytest

from wftui.errors import TargetGone
from wftui.sources.ray.cluster.link import Link
from wftui.sources.ray.cluster.wire import FrameWriter


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
