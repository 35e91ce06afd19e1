"""Makes the pictures: `python -m screenshots.make [NAME…]`. Fake sources, a fixed clock, everything else real.

Writes a PNG for each state and size, drawn from the screen's SVG with DejaVu Sans Mono.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import cairosvg

from tests.ui.states import SIZES, STATES, reach

HERE = Path(__file__).parent
# What a visitor should see; every other state can be named.
SMALL, MIDDLE, WIDE = SIZES
# What the README shows: the main screen at every size, each other state where it looks most like itself.
LANDING = {
    "failed": SIZES,
    "running": (WIDE,),
    "tasks": (MIDDLE,),
    "error": (SMALL, MIDDLE),
    "cancel": (MIDDLE,),
    "filter": (SMALL,),
    "stale": (MIDDLE,),
    "light": (MIDDLE,),
    "ascii": (SMALL,),
    "graph": (MIDDLE,),
    "graph_groups": (MIDDLE,),
    "graph_chain": (MIDDLE,),
    "graph_many": (MIDDLE,),
    "graph_lanes": (SMALL,),
    "graph_ascii": (MIDDLE,),
    "timeline_gap": (MIDDLE,),
    "travel": (MIDDLE,),
    "events": (MIDDLE,),
    "output": (MIDDLE,),
}
# The same without colours: what they tell is told without them, too.
PLAIN = {"graph": (MIDDLE,), "graph_groups": (MIDDLE,)}


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


async def picture(name: str, size: tuple[int, int], into: Path, *, plain: bool = False) -> None:
    """One state at one size; plain as `NO_COLOR` has it."""
    state = STATES[name]
    os.environ.pop("NO_COLOR", None)
    if plain:
        os.environ["NO_COLOR"] = "1"
    scene = state.make()
    async with scene.app.run_test(size=size) as pilot:
        await reach(pilot, scene, state)
        svg = scene.app.export_screenshot(title="wftui", simplify=True)
    stem = f"{name}{'-nocolor' if plain else ''}-{size[0]}x{size[1]}"
    to_png(svg, into / f"{stem}.png")


def main() -> None:
    """All pictures, or the named ones; `--into DIR` puts them elsewhere, `--size WxH` makes one size."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *STATES], default=[], metavar="NAME")
    parser.add_argument("--into", type=Path, default=HERE)
    parser.add_argument("--size", type=lambda text: tuple(map(int, text.split("x"))))
    args = parser.parse_args()
    wanted = dict.fromkeys(args.names, SIZES) if args.names else LANDING
    for name, sizes in wanted.items():
        for size in (args.size,) if args.size else sizes:
            asyncio.run(picture(name, size, args.into))
            print(f"{name} {size[0]}x{size[1]}")
    for name, sizes in ({} if args.names else PLAIN).items():
        for size in sizes:
            asyncio.run(picture(name, size, args.into, plain=True))
            print(f"{name} {size[0]}x{size[1]} without colours")


if __name__ == "__main__":
    main()
