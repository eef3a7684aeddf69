"""Weigh the map of a large city and time until it is interactive in Chromium, against plain folium.GeoJson.

Both show the same streets. There is no internet: the peer gets its Leaflet from this repository, the rest of what it
asks for comes back empty, at once.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import folium
from city import make_project
from measure import tell, tell_command
from playwright.sync_api import sync_playwright

from safeaudit import pipeline, writing
from safeaudit.config import load_config

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from safeaudit.tables import AuditResult

LEAFLET = Path(pipeline.__file__).parent / "outputs" / "assets" / "leaflet"
COLOURS = ("#440154", "#414487", "#2a788e", "#22a884")
PATIENCE_MS = 180_000
OURS_READY = "document.documentElement.dataset.ready === '1'"
PEER_READY = "document.readyState === 'complete' && document.querySelector('path.leaflet-interactive') !== null"
_DRAWN = """() => new Promise((done, fail) => {{
    const look = () => {ready}
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
        : performance.now() > {patience} ? fail(new Error("the page was never drawn")) : setTimeout(look, 5);
    look();
}})"""


def main() -> None:
    """Make both pages, open them in turns and print weights, times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    tell_command()
    with tempfile.TemporaryDirectory() as name:
        ours, peer = _pages(Path(name), given.segments)
        tell("size of the page", *(page.stat().st_size / 1e6 for page in (ours, peer)), "MB", "wanted: under 4 MB")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            times = [
                (_seconds(browser, ours, OURS_READY), _seconds(browser, peer, PEER_READY)) for _ in range(given.runs)
            ]
            browser.close()
    tell(
        "interactive in Chromium",
        *(statistics.median(found) for found in zip(*times, strict=True)),
        "s",
        "wanted: under 0.1",
    )


def _pages(folder: Path, segments: int) -> tuple[Path, Path]:
    make_project(folder, segments)
    config = load_config(folder)
    result = pipeline.run(config, quick=True)
    ours = writing.write(result, config, folder / "out")["preview"]
    peer = folder / "folium.html"
    _plain_folium(result).save(peer)
    return ours, peer


def _plain_folium(result: AuditResult) -> folium.Map:
    """Return what a page of plain folium would be: the streets in the colour of their lighting, with a tooltip."""
    headline = result.scores[result.scores["headline"] & (result.scores["indicator"] == "lighting")]
    lighting = headline.set_index("place_id")["score"]
    streets = result.places.segments[["name", "highway", "place_id", "geometry"]].to_crs(4326)
    streets["lighting"] = streets.pop("place_id").map(lighting).round(1)
    west, south, east, north = streets.total_bounds
    page = folium.Map([(south + north) / 2, (west + east) / 2], zoom_start=13)
    layer = folium.GeoJson(
        streets,
        style_function=lambda feature: {"color": _colour(feature["properties"]["lighting"])},
        tooltip=folium.GeoJsonTooltip(["name", "lighting"]),
    )
    layer.add_to(page)
    return page


def _colour(score: float | None) -> str:
    return "#888888" if score is None or score != score else COLOURS[min(int(score // 25), 3)]  # noqa: PLR0124 - NaN


def _seconds(browser: Browser, page: Path, ready: str) -> float:
    """Return seconds from opening a page until it is drawn."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.route(re.compile("^https?:"), _from_here)
    tab.goto(page.as_uri(), wait_until="commit", timeout=PATIENCE_MS)
    milliseconds = tab.evaluate(_DRAWN.format(ready=ready, patience=PATIENCE_MS))
    context.close()
    return milliseconds / 1000


def _from_here(route: Route) -> None:
    """Answer a request of the page: Leaflet from this repository, all else empty."""
    file = LEAFLET / route.request.url.rpartition("/")[2]
    body = file.read_bytes() if file.is_file() else b""
    kind = "text/css" if file.suffix == ".css" else "application/javascript"
    route.fulfill(body=body, content_type=kind)


if __name__ == "__main__":
    main()
