"""The app on a scene, as a program of its own for tests in a pseudo-terminal: `python -m tests.ui.program HOW`."""

from __future__ import annotations

import sys

from tests.ui import scenes
from tests.ui.scenes import NOW, TARGET
from wftui.app import WftuiApp, run_app
from wftui.model.clock import SystemClock
from wftui.model.status import Status
from wftui.sources.fake import FakeClock, FakeSource


def crash() -> None:
    """Fail once the list is on screen, as a defect would."""

    def fail(app: WftuiApp) -> None:
        app.set_timer(0.3, lambda: 1 // 0)

    original = WftuiApp.on_mount

    def on_mount(app: WftuiApp) -> None:
        original(app)
        fail(app)

    WftuiApp.on_mount = on_mount  # type: ignore[method-assign,assignment] # a program of its own: nobody else sees it


def main(how: str) -> int:
    """Open the app in some way."""
    if how == "crash":
        crash()
    clock = FakeClock(NOW)
    details = [scenes.workflow(f"wf-{at:03}", Status.SUCCESSFUL, took=5.0) for at in range(30)]
    if how == "ticking":
        now = SystemClock().time()
        details.append(scenes.workflow("runs", Status.RUNNING, ago=NOW - now + 7))
    source = FakeSource(TARGET, details, clock=clock)
    return run_app(
        [source],
        read_only=False,
        ascii_only=how == "ascii",
        mouse=how != "nomouse",
        keymap={"app.quit": "X"} if how == "keymap" else {},
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
