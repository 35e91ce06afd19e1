"""Makes the pictures of Absurd: `python -m screenshots.absurd [--into DIR]`. The demonstration, some way into it."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from screenshots.make import HERE, to_png
from tests.ui.states import until
from wftui.app import WftuiApp
from wftui.monitor.events import Health
from wftui.sources.absurd.demo.database import DemoDatabase, definitions
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary

# Name, size, filter of the list, what its first row must have, keys.
PICTURES: tuple[tuple[str, tuple[int, int], str, str, tuple[str, ...]], ...] = (
    ("absurd", (120, 36), "", "import_suppliers", ("home",)),
    ("absurd", (80, 24), "", "import_suppliers", ("home",)),
    ("absurd_run", (160, 44), "name:order status:failed", "order_fulfilment", ("home", "enter", "w")),
    ("absurd_fan_out", (120, 36), "name:report status:running", "daily_report", ("home", "enter", "w")),
    ("absurd_wait", (120, 36), "name:sign", "sign_contract", ("home", "enter", "t", "down")),
)
SETTLING = 25.0
"""Seconds until enough has happened."""


async def picture(url: str, name: str, size: tuple[int, int], text: str, wanted: str, keys: tuple[str, ...]) -> str:
    """One picture, as SVG."""
    source = AbsurdSource(url, SourceOptions(definitions=(str(definitions()),)))
    app = WftuiApp([source])
    async with app.run_test(size=size) as pilot:
        main = app.main
        await until(pilot, lambda: all(it.health not in (Health.CONNECTING, Health.LISTING) for it in main.states))
        main.set_filter(text)

        def there() -> bool:
            row: WorkflowSummary | None = main.table.cursor_row
            return row is not None and (row.name or "") == wanted

        for key in keys[:1]:
            await pilot.press(key)
        await until(pilot, there, wanted)
        for key in keys[1:]:
            await pilot.press(key)
            await until(pilot, lambda: main.settled, name)
        await until(pilot, lambda: main.settled, name)
        svg = app.export_screenshot(title="wftui", simplify=True)
    source.close()
    return svg


def main() -> None:
    """All of them."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE)
    into = parser.parse_args().into
    with DemoDatabase() as demo:
        url = demo.start(print)
        time.sleep(SETTLING)
        for name, size, text, wanted, keys in PICTURES:
            svg = asyncio.run(picture(url, name, size, text, wanted, keys))
            to_png(svg, into / f"{name}-{size[0]}x{size[1]}.png")
            print(f"{name} {size[0]}x{size[1]}")


if __name__ == "__main__":
    main()
