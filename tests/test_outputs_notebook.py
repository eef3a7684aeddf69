"""The public map in a notebook: alone, the same every time, and deaf to what data says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from browser import chromium, opened
from hostile import hostile_strings
from public_town import public_town

from safeaudit.outputs import assets, notebook
from safeaudit.outputs.parts import palette
from safeaudit.outputs.parts.symbols import draw_symbols

if TYPE_CHECKING:
    from pathlib import Path

CONSTANTS = (
    "leaflet/leaflet.js",
    "leaflet/leaflet.css",
    "decode.js",
    "labels.js",
    "draw.js",
    "card.js",
    "notebook.js",
    "notebook.css",
)


@pytest.mark.parametrize("constant", [*map(assets.read, CONSTANTS), palette.script(), draw_symbols()])
def test_no_constant_can_be_taken_for_a_template(constant: bytes) -> None:
    assert not any(mark in constant for mark in (b"{{", b"{%", b"{#"))


def test_the_same_map_has_the_same_bytes() -> None:
    first, second = (notebook.to_folium(public_town()).get_root().render() for _ in range(2))
    assert first == second


def test_it_draws_alone_and_tells_what_was_seen(tmp_path: Path) -> None:
    target = tmp_path / "notebook.html"
    notebook.to_folium(public_town()).save(str(target))
    with chromium() as browser, opened(browser, target, viewport={"width": 1000, "height": 700}) as shown:
        page = shown.page
        assert page.locator("canvas.leaflet-tile").count() > 0
        assert page.locator(".audit .remark").text_content() == "Simulated audits"
        page.select_option(".audit select", label="Lighting")
        # Dark and day are never on one map.
        assert page.locator(".audit select").last.locator("option").all_text_contents() == ["After dark", "By day"]
        page.select_option(".audit select >> nth=1", label="By day")
        assert (shown.requests, shown.complaints) == ([], [])


def test_a_popup_has_the_label_of_its_place(tmp_path: Path) -> None:
    town = public_town()
    label = "Elm Road, between Oak Lane and Ash Lane"
    ends = {"label_from": "Oak Lane", "label_to": "Ash Lane", "label_mark": None}
    one = town.places.head(1).assign(name="Elm Road", label=label, label_name="Elm Road", label_kind="between", **ends)
    target = tmp_path / "notebook.html"
    notebook.to_folium(replace(town, places=one)).save(str(target))
    with chromium() as browser, opened(browser, target, viewport={"width": 1000, "height": 700}) as shown:
        popup = shown.page.locator(".leaflet-popup .label")
        for y in range(300, 400, 12):  # until a click meets the street; one more would close what it opened
            shown.page.mouse.click(500, y)
            if popup.count():
                break
        assert popup.first.text_content() == label
        assert (shown.requests, shown.complaints) == ([], [])


def test_hostile_strings_are_shown_and_never_run(shared: Path, tmp_path: Path) -> None:
    target = tmp_path / "notebook.html"
    hostile = hostile_strings(shared)
    notebook.to_folium(public_town(texts=hostile, title=hostile[0], remarks=hostile)).save(str(target))
    with chromium() as browser, opened(browser, target, viewport={"width": 1000, "height": 700}) as shown:
        page = shown.page
        assert page.locator(".audit > b").first.text_content() == hostile[0]
        assert page.locator(".audit .remark").all_text_contents() == hostile
        for across in range(100, 700, 60):
            page.mouse.move(across, 400)
            page.mouse.click(across, 400)
        assert not shown.pwned
        assert (shown.requests, shown.complaints) == ([], [])
