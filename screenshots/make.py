"""Makes the pictures: `python -m screenshots.make [NAME…]`. Fake sources, a fixed clock, everything else real.

Writes an SVG and a PNG for each state and size. The PNG is drawn with DejaVu Sans Mono.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cairosvg

from tests.ui.states import SIZES, STATES, reach

HERE = Path(__file__).parent
# What a visitor should see; every other state can be named.
LANDING = ("failed", "running", "tasks", "error", "cancel", "filter", "stale", "light")


def to_png(svg: str, path: Path) -> None:
    """Draw with a local font that has every glyph: the web font of the SVG may not be reachable.

    A headless browser stretches text to the cells as the SVG says; cairo, which draws where there is no browser,
    does not, and frames come out a little ragged.
    """
    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    local = re.sub(r"font-family:[^;]*;", "font-family: 'DejaVu Sans Mono', monospace;", local)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        cairosvg.svg2png(bytestring=local.encode(), write_to=str(path), scale=1.2)
        return
    width, height = (int(float(n)) + 1 for n in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch, "page.html")
        body = f'<body style="margin:0;background:transparent"><div style="width:{width}px">{local}</div></body>'
        page.write_text(f'<meta charset="utf-8">{body}', encoding="utf-8")
        options = [
            "--headless",
            "--no-sandbox",
            "--hide-scrollbars",
            "--disable-gpu",
            f"--user-data-dir={scratch}/profile",
        ]
        options += ["--default-background-color=00000000", f"--window-size={width},{height}", f"--screenshot={path}"]
        subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True, timeout=120)


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
    for name in words or LANDING:
        for size in sizes:
            asyncio.run(picture(name, size, into))
            print(f"{name} {size[0]}x{size[1]}")


if __name__ == "__main__":
    main()
