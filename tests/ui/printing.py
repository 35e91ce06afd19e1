"""A workflow one task of which prints: for tests of the output, and its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.scenes import NOW, TARGET, Scene, etl
from wftui.model.output import Stream
from wftui.sources.fake import FakeClock
from wftui.sources.fake_printing import PrintingFake
from wftui.widgets.output_view import OutputView

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

WORKFLOW, TASK = "nightly-orders-2026-11-04", "fct_orders"
OUT, ERR = Stream.OUT, Stream.ERR
PRINTED = (
    (OUT, "loading dim_products: 48,211 rows\nloading dim_customers: 1,204,993 rows\n"),
    (ERR, "WARNING orders: 3 rows have no currency, EUR is assumed\n"),
    (OUT, "joining orders \u00d7 products on sku\n\x1b[32mjoined\x1b[0m 2,310,447 rows in 14.2 s\n"),
    (ERR, "".join(f"\rwriting parquet {at:3d}% {'#' * (at // 5):20}" for at in range(68))),
)


def printing_scene(**app: Any) -> Scene:
    """One source, and in it a workflow whose task `fct_orders` runs and has printed something."""
    clock = FakeClock(NOW)
    source = PrintingFake(TARGET, [etl(WORKFLOW, at=132)], clock=clock)
    source.prints(WORKFLOW, TASK, *PRINTED)
    return Scene(source, clock=clock, **app)


def has_printed(app: App[int]) -> bool:
    """Whether what it printed is on its screen."""
    return any(view.lines.lines for view in app.screen.query(OutputView))
