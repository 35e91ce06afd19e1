"""Secrets in metadata: masked everywhere on screen until a key is pressed, and again after the next."""

from __future__ import annotations

import pytest

from tests.ui import scenes
from tests.ui.driving import pressed, running, screen_text
from tests.ui.scenes import scene
from tests.ui.states import until
from tests.unit.making import task
from wftui.model.status import Status
from wftui.present.columns import Placed
from wftui.present.filters import parse
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.order import Sort, sort_key
from wftui.present.workflow_cells import Choice, cell, columns_for
from wftui.screens.main import MainScreen

SECRET = "hunter2"
METADATA = {"owner": "ml", "password": SECRET, "db": {"Api-Key": SECRET, "token": {"a": SECRET}}}


async def test_a_key_shows_secrets_and_hides_them_again() -> None:
    tasks = [task("load", options={"env": {"AWS_SECRET": SECRET}}, user_metadata={"token": SECRET})]
    made = scene([scenes.workflow("wf", Status.SUCCESSFUL, tasks=tasks, took=5.0, user_metadata=METADATA)])
    async with running(made, size=(160, 50)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        screen.show_columns(("owner", "password", "db", "db.token.a"))
        await pressed(pilot, "m")
        await until(pilot, lambda: "User metadata" in screen_text(pilot.app))
        for tab in ("m", "t", "g", "e", "m"):
            await pressed(pilot, tab)
            assert SECRET not in screen_text(pilot.app), tab
        await pressed(pilot, "S")
        await until(pilot, lambda: f'"{SECRET}"' in screen_text(pilot.app))
        assert screen_text(pilot.app).count(SECRET) >= 3  # the tab and the columns
        await pressed(pilot, "t")
        await until(pilot, lambda: screen_text(pilot.app).count(f'"{SECRET}"') >= 2)
        await pressed(pilot, "S")
        await until(pilot, lambda: SECRET not in screen_text(pilot.app))


@pytest.mark.parametrize("key", ["password", "db", "db.Api-Key", "db.token.a", "db.token"])
def test_columns_mask_them(key: str) -> None:
    row = scenes.workflow("wf", Status.SUCCESSFUL, user_metadata=METADATA).summary
    for glyphs in (UNICODE, ASCII):
        for show in (False, True):
            column = next(c for c in columns_for(Choice((key,), show_secrets=show)) if c.id.startswith("meta:"))
            text = "".join(span.text for span in cell(Placed(column, 80), row, 0.0, glyphs))
            assert (SECRET in text) is show
            assert text.isascii() or glyphs is UNICODE


@pytest.mark.parametrize("typed", ["password=hunter2", "password=h*", "db.Api-Key=hunter2", "db=*hunter*", SECRET])
def test_a_filter_confirms_no_guess(typed: str) -> None:
    row = scenes.workflow("wf", Status.SUCCESSFUL, user_metadata=METADATA).summary
    accepts = parse(typed).accepts
    assert accepts is not None
    assert not accepts(row)
    there = parse("password=*").accepts
    assert there is not None
    assert there(row)


def test_the_order_of_secrets_tells_nothing() -> None:
    rows = [scenes.workflow("wf", Status.FAILED, user_metadata={"password": p}).summary for p in ("a", "b")]
    order = sort_key(Sort("meta:password"))
    assert order(rows[0]) == order(rows[1])
