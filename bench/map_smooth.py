"""Move about on the map of a large city, and tell its longest task at full speed and its frames as a phone would.

Chromium itself reports tasks longer than 50 ms. A frame is one that the page was asked to paint, on a processor slowed
down six times; with no screen, it is drawn by software.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from city import make_project
from measure import tell_command
from playwright.sync_api import sync_playwright

from safeaudit import pipeline, writing
from safeaudit.config import load_config

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = 180_000
PHONE = 6
MIDDLE = (640, 450)
_WATCH = """() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) window.longTasks.push(task.duration);
    }).observe({ type: "longtask" });
    window.frames_ = 0;
    const count = () => { window.frames_ += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count);
}"""


def main() -> None:
    """Make the page of a city, zoom and pan on it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=100_000)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        make_project(folder, given.segments)
        config = load_config(folder)
        page = writing.write(pipeline.run(config, quick=True), config, folder / "out")["preview"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        tab.goto(page.as_uri(), wait_until="commit", timeout=PATIENCE_MS)
        tab.wait_for_selector("html[data-ready]", state="attached", timeout=PATIENCE_MS)
        tab.evaluate(_WATCH)
        _move_about(tab)
        longest = max([0.0, *tab.evaluate("window.longTasks")])
        print(f"longest task while zooming and panning: {longest:.0f} ms (wanted: no more than 100; 0: none over 50)")
        tab.context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": PHONE})
        print(f"frames while panning, slowed down {PHONE} times: {_frames(tab):.0f} a second (wanted: 30)")
        browser.close()


def _move_about(tab: Page) -> None:
    """Zoom in four times, pan, and zoom out again, each to its end."""
    tab.mouse.move(*MIDDLE)
    for wheel in (-240, -240, -240, -240, 0, 600):
        if wheel:
            tab.mouse.wheel(0, wheel)
        else:
            _pan(tab)
        tab.wait_for_timeout(2000)


def _pan(tab: Page) -> None:
    """Drag the map to and fro."""
    x, y = MIDDLE
    tab.mouse.move(x, y)
    tab.mouse.down()
    for step in range(60):
        side = step if step < 30 else 60 - step
        tab.mouse.move(x + 12 * side, y + 6 * side)
    tab.mouse.up()


def _frames(tab: Page) -> float:
    """Return the frames a second while the map is dragged."""
    look = "() => [window.frames_, performance.now()]"
    frames, began = tab.evaluate(look)
    for _ in range(3):
        _pan(tab)
    later, ended = tab.evaluate(look)
    return 1000 * float(later - frames) / float(ended - began)


if __name__ == "__main__":
    main()
