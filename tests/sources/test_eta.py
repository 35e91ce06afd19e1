"""`wftui eta` on a real storage, as Ray leaves it on disk."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNS = 8


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight nights, one under way, and another workflow that ran often."""
    made = MadeStorage(tmp_path_factory.mktemp("eta") / "storage")
    random = Random(11)
    for night in range(RUNS + 1):
        workflow_id, start = f"nightly-{night}", NOW + 1_000 * night
        load, train = 10 * random.uniform(0.9, 1.1), 30 * random.uniform(0.9, 1.1)
        is_over = night < RUNS
        status, end = ("SUCCESSFUL", start + load + train + 1) if is_over else ("RUNNING", None)
        made.workflow(workflow_id, status, start=start, end=end)
        made.index(status, workflow_id, start + 60)
        made.entry(workflow_id, "train")
        made.task(workflow_id, "load", start=start, end=start + load, output=1)
        begin, done, output = start + load, start + load + train if is_over else None, 2 if is_over else None
        made.task(workflow_id, "train", upstream=["load"], start=begin, end=done, output=output)
    for number in range(3):
        made.workflow(f"other-{number}", "SUCCESSFUL", start=NOW, end=NOW + 500)
        made.entry(f"other-{number}", "copy")
        made.task(f"other-{number}", "copy", start=NOW, end=NOW + 500, output=1)
    return made.path


@pytest.fixture
def wftui(storage: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*argv: str) -> tuple[int, str, str]:
        code = main([*argv, "-t", str(storage)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def test_a_run_under_way_is_told_by_the_nights_before(wftui: Any) -> None:
    moment = NOW + 1_000 * RUNS + 20
    code, out, _ = wftui("eta", f"nightly-{RUNS}", "--at", str(moment), "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["done"], told["known"], told["runs"], told["why"]) == (1, 2, RUNS, None)
    end = NOW + 1_000 * RUNS + 41
    assert told["earliest"] < end < told["latest"]
    assert told["likely"] == pytest.approx(end, abs=4)
    assert told["left"]["likely"] == pytest.approx(told["likely"] - moment)
    assert told["slow"] == []


def test_what_takes_longer_than_ever_has_no_end_that_anybody_knows(wftui: Any) -> None:
    code, out, err = wftui("eta", f"nightly-{RUNS}")  # years later
    assert code == 0
    assert "1 of 2 known tasks done; continuations can add some" in out
    assert "unknown when it will be done: it takes longer than any of 8 earlier runs did" in out
    assert "slower" not in out  # of a bare storage nobody knows whether it still runs
    assert "nobody knows whether it still runs" in err


def test_what_has_ended_and_what_is_unknown(wftui: Any) -> None:
    code, out, _ = wftui("eta", "nightly-3", "--json")
    assert code == 0
    assert json.loads(out)["why"] == "it has ended"
    assert json.loads(out)["likely"] is None
    assert wftui("eta", "nope")[0] == 4
    assert wftui("eta")[0] == 2
    assert wftui("eta", "nightly-3", "--backtest")[0] == 2


def test_the_backtest_takes_each_workflow_for_itself(wftui: Any) -> None:
    code, out, _ = wftui("eta", "--backtest", "--json")
    assert code == 0
    nightly, other = json.loads(out)
    assert nightly["runs"] == [f"nightly-{night}" for night in range(RUNS)]
    assert other["runs"] == [f"other-{number}" for number in range(3)]
    overall = nightly["scores"][-1]
    assert overall["unknown"] == 5
    assert overall["said"] == 5 * (RUNS - 1)
    assert overall["off"] < 0.2
    code, out, _ = wftui("eta", "--backtest", "--name", "nightly*", "--limit", "4")
    assert code == 0
    assert "4 runs of load, train; they took" in out
    assert out.splitlines()[-2].startswith("all ")


def test_nothing_to_backtest_is_said(wftui: Any) -> None:
    code, out, err = wftui("eta", "--backtest", "--name", "nightly-1")
    assert (code, out) == (1, "")
    assert "no two are of the same workflow" in err
