"""Runs commands in this process, on fake sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wftui.cli.main import main
from wftui.sources import registry
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.base import Source, SourceOptions


class Result(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.isascii()
        return json.loads(self.out, parse_constant=lambda name: pytest_fail(name))

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def pytest_fail(name: str) -> None:
    raise AssertionError(f"{name} is not strict JSON")


class FakeEngine:
    """Opens the targets it was given."""

    name = "ray"
    rank = 0

    def __init__(self) -> None:
        self.sources: dict[str, FakeSource] = {}
        self.default: str | None = None
        self.made: list[SourceOptions] = []

    def claims(self, target: str) -> bool:
        return target in self.sources

    def make(self, target: str, options: SourceOptions) -> Source:
        self.made.append(options)
        return cast("Source", self.sources[target])

    def default_target(self, environ: dict[str, str]) -> str | None:
        return self.default


class Commands:
    """Call it with arguments, as a shell would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.clock = FakeClock()
        self.engine = FakeEngine()
        monkeypatch.setattr(registry, "engines", lambda: (self.engine,))
        for variable in ("WFTUI_TARGET", "WFTUI_READ_ONLY", "WFTUI_DEFINITIONS", "NO_COLOR"):
            monkeypatch.delenv(variable, raising=False)

    def source(self, target: str, details: Iterable[WorkflowDetail], *, read_only: bool = False) -> FakeSource:
        """A target; the first one is the default."""
        source = FakeSource(target, details, clock=self.clock, read_only=read_only, interval=0.05)
        self.engine.sources[target] = source
        self.engine.default = self.engine.default or target
        return source

    def __call__(self, *argv: str) -> Result:
        code = main(list(argv))
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)
