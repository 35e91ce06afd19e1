"""`wftui eta` on a real database of Absurd: tasks of the same name tell, step by step."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.sources.absurd_server import Shop, execute
from wftui.cli.main import main

if TYPE_CHECKING:
    from tests.sources.absurd_server import AbsurdServer

# Each step ends so many seconds after the start; the whole a little later.
STEPS = {"reserve": 10.0, "charge": 25.0}
TOOK = 30.0


def _times(url: str, task_id: str, start: float, factor: float) -> None:
    """Let a task of the shop have run then."""
    execute(url, "update absurd.t_shop set first_started_at = to_timestamp(%s) where task_id = %s", [start, task_id])
    execute(
        url,
        "update absurd.r_shop set started_at = to_timestamp(%s), completed_at = case when completed_at is not null "
        "then to_timestamp(%s) end where task_id = %s",
        [start, start + TOOK * factor, task_id],
    )
    for step, after in STEPS.items():
        execute(
            url,
            "update absurd.c_shop set updated_at = to_timestamp(%s) where task_id = %s and checkpoint_name = %s",
            [start + after * factor, task_id, step],
        )


@pytest.mark.parametrize("held", [False, True])
def test_a_task_is_told_by_those_of_its_name(
    absurd_server: AbsurdServer, capsys: pytest.CaptureFixture[str], held: bool
) -> None:
    url = absurd_server.database()
    shop = Shop(url)
    try:
        before = [shop.order(f"sku-{number}") for number in range(6)]
        shop.work()
        now = time.time()
        for number, task_id in enumerate(before):
            _times(url, task_id, now - 1_000 * (number + 1), 0.95 + number * 0.02)
        running = shop.order("sku-now", sleep=3_600)
        shop.work()
        start = now - 100
        _times(url, running, start, 1.0)
    finally:
        shop.close()
    moment = start + (90 if held else 27)
    assert main(["eta", running, "-t", url, "--json", "--at", str(moment)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["can_grow"]) == (6, True)
    if held:  # what came before never slept
        assert told["latest"] is None
        return
    assert told["earliest"] < start + TOOK < told["latest"]
    assert told["likely"] == pytest.approx(start + TOOK, abs=1)
    assert main(["eta", "--backtest", "-t", url]) == 0
    assert "6 runs of order.fulfil; they took 28s to 32s" in capsys.readouterr().out
