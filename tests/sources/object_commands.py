"""What tests of commands on object stores share: a few workflows in the bucket, and what is said of trouble."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.sources.object_server import SECRET
from wftui.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.sources.object_server import ObjectServer


@contextmanager
def three_running(server: ObjectServer, prefix: str) -> Iterator[str]:
    """Three workflows below a prefix, for as long."""
    server.put(f"{prefix}/_valid")
    server.fill(prefix, "RUNNING", 3)
    server.put(f"{prefix}/workflows/flow-000001/pre_run_metadata.json", b'{"start_time": 5}')
    yield prefix
    server.drop_below(f"{prefix}/")


def one_line(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command says whose target cannot be read: one line, in which no secret is."""
    assert main(list(argv)) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert SECRET not in err
    return err
