"""Makes the pictures: `python -m screenshots.make [NAME…]`. Fake sources, a fixed clock, everything else real.

Writes an SVG and a PNG for each state and size. The PNG is drawn by cairo with DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from pathlib import Path

import cairosvg

from tests.ui.states import SIZES, STATES, reach

HERE = Path(__file__).parent


def to_png(svg: str, path: Path) -> None:
    """Draw with the one font that has every glyph; the web font of the SVG is not on this machine."""
    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    local = re.sub(r"font-family:[^;]*;", "font-family: DejaVu Sans Mono;", local)
    # Rich lays cells out for a font a little wider; cairo does not stretch text to its length.
    local = local.replace("font-size: 20px", "font-size: 20.26px")
    cairosvg.svg2png(bytestring=local.encode(), write_to=str(path), scale=1.2)


async def picture(name: str, size: tuple[int, int], into: Path) -> None:
    """One state at one size."""
    state = STATES[name]
    scene = state.make()
    async with scene.app.run_test(size=size) as pilot:
        await reach(pilot, scene, state)
        svg = scene.app.export_screenshot(title="wftui", simplify=True)
    stem = f"{name}-{size[0]}x{size[1]}"
    (into / f"{stem}.svg").write_text(svg, encoding="utf-8")
    to_png(svg, into / f"{stem}.png")


def main() -> None:
    """All pictures, or the named ones; `--into DIR` puts them elsewhere, `--size WxH` makes one size."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    words = sys.argv[1:]
    into, sizes = HERE, list(SIZES)
    if "--into" in words:
        at = words.index("--into")
        into = Path(words[at + 1])
        del words[at : at + 2]
    if "--size" in words:
        at = words.index("--size")
        width, height = words[at + 1].split("x")
        sizes = [(int(width), int(height))]
        del words[at : at + 2]
    for name in words or STATES:
        for size in sizes:
            asyncio.run(picture(name, size, into))
            print(f"{name} {size[0]}x{size[1]}")


if __name__ == "__main__":
    main()
