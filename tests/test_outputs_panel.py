"""The panel of the map's page in real Chromium: tabs, the sentence, a place's address, languages, large type."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from browser import chromium, opened
from public_town import public_town

from safeaudit.languages import read_language
from safeaudit.outputs import webmap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("panel") / "map.html"
    webmap.write(public_town(), target, [read_language(code) for code in ("fr", "ar")])
    return target


def test_the_panel_has_three_tabs_and_one_is_open(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        tabs, panels = page.get_by_role("tab"), ("#tab-map", "#tab-do", "#tab-about")
        assert tabs.count() == len(panels)
        assert [page.locator(panel).is_visible() for panel in panels] == [True, False, False]
        tabs.first.focus()
        page.keyboard.press("ArrowRight")
        assert [page.locator(panel).is_visible() for panel in panels] == [False, True, False]
        assert page.evaluate("document.activeElement.id") == "to-do"
        page.locator("#attention button").first.click()
        assert page.locator("#card").is_visible()
        assert page.locator("#tab-do").is_visible()  # the list stays where it is


def test_an_address_opens_its_place_and_a_card_says_its_own(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.fill("#search", "T00007")
        page.keyboard.press("Enter")
        address = page.url
        assert address.endswith("#place=T00007")
        page.keyboard.press("Escape")
        assert "#" not in page.url
        page.goto(address.replace("T00007", "t00009"))
        page.wait_for_selector("html[data-ready] #card:not([hidden])")
        assert page.locator("#card-place b").text_content() == "T00009"
        page.evaluate("location.hash = '#place=%E0%A4%A'")  # no place, and no text either
        page.evaluate("location.hash = '#place=__proto__'")
        assert shown.complaints == []


def test_the_sentence_says_what_was_looked_at_in_this_light_and_no_more(browser: Browser, tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    for conditions, words in (
        (town.conditions, ("After dark, people looked at ", "Very likely in need of attention: ", "Too few people")),
        (town.conditions.assign(list="none", state="audited"), ("Of what could be judged, nothing is on a list.",)),
        (town.conditions.query("light == 'day'"), ("By day, people looked at ",)),
        (town.conditions.head(0), ("Nobody has looked at this here in this light yet.",)),
    ):
        webmap.write(replace(town, conditions=conditions), target)
        with opened(browser, target, viewport=WIDE) as shown:
            sentence = str(shown.page.locator("#sentence").text_content())
        assert [text for text in words if text not in sentence] == []


def test_the_page_is_read_in_each_of_its_languages(browser: Browser, page_of: Path) -> None:
    french, arabic = (read_language(code) for code in ("fr", "ar"))
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        assert page.locator("#language option").all_text_contents() == [french.name, arabic.name, "English"]
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["fr", "ltr"]
        assert page.locator("#to-do").text_content() == french["page.tab.do"]
        page.locator("#language").select_option("ar")
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
        assert page.locator("#to-do").text_content() == arabic["page.tab.do"]
        assert arabic["fault.lamp_out"] in str(page.locator("#mend").text_content())
        assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == arabic["page.map.zoom_in"]
        assert arabic["page.draft"] in str(page.locator("#remarks").text_content())
        page.locator("#language").select_option("en")
        assert "After dark, people looked at" in str(page.locator("#sentence").text_content())
        assert shown.complaints == []


def test_wards_and_sites_are_drawn_and_found(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.locator("#language").select_option("en")
        page.fill("#search", "ostermalm")
        assert page.locator("#search-results li").all_text_contents() == ["Östermalmproject site"]
        page.keyboard.press("Enter")
        assert not page.locator("#card").is_visible()  # nothing is said of it
        page.fill("#search", "north")
        assert "<b onclick=alert(1)>North</b>ward" in page.locator("#search-results li").all_text_contents()
        assert shown.complaints == []


def test_an_area_is_one_picture_to_send_by_phone(browser: Browser, page_of: Path, tmp_path: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        pictures = []
        for name in ("", "Östermalm"):
            if name:
                page.locator("#areas summary").click()
                page.locator("#areas button", has_text=name).click()
            with page.expect_download() as told:
                page.locator("#picture").click()
            assert ("ostermalm" in told.value.suggested_filename) == bool(name)
            told.value.save_as(tmp_path / "picture.png")
            pictures.append((tmp_path / "picture.png").read_bytes())
            assert pictures[-1][:8] == b"\x89PNG\r\n\x1a\n"
            assert struct.unpack(">II", pictures[-1][16:24]) == (1080, 1440)
        assert pictures[0] != pictures[1]
        assert shown.complaints == []


def test_a_picture_stands_there_until_the_map_does(browser: Browser, page_of: Path) -> None:
    watch = "new MutationObserver(() => { window.__first ||= !!document.getElementById('first'); })"
    with opened(browser, page_of, before=f"{watch}.observe(document, {{ childList: true, subtree: true }});") as shown:
        assert shown.page.evaluate("window.__first") is True
        assert shown.page.locator("#first").count() == 0
        assert shown.complaints == []


def test_a_band_of_the_legend_is_a_filter(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        first = shown.page.locator("#bands button").first
        picture = "() => document.querySelector('canvas.leaflet-tile').toDataURL()"
        before = shown.page.evaluate(picture)
        first.click()
        assert first.get_attribute("aria-pressed") == "true"
        assert shown.page.evaluate(picture) != before
        first.click()
        assert shown.page.evaluate(picture) == before


def test_large_type_for_a_hall(browser: Browser, page_of: Path) -> None:
    size = "() => parseFloat(getComputedStyle(document.querySelector('#sentence')).fontSize)"
    with opened(browser, page_of, viewport=WIDE) as shown:
        before = shown.page.evaluate(size)
        shown.page.locator("#hall").click()
        assert shown.page.evaluate(size) > before


def test_on_a_phone_the_panel_is_a_sheet_over_the_map(browser: Browser, page_of: Path) -> None:
    height = "() => document.querySelector('#panel').getBoundingClientRect().height"
    with opened(browser, page_of, viewport=PHONE, has_touch=True) as shown:
        page = shown.page
        heights = [page.evaluate(height)]
        for _ in range(2):
            page.locator("#sheet").click()
            heights.append(page.evaluate(height))
        assert heights == sorted(heights)
        assert heights[0] < PHONE["height"] / 3
        assert heights[-1] > PHONE["height"] * 0.9
        page.locator("#sheet").click()
        assert page.evaluate(height) == heights[0]
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_what_changed_is_told_by_area_for_what_the_map_shows(browser: Browser, tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    webmap.write(town, target)
    with opened(browser, target, viewport=WIDE) as shown:
        page, told = shown.page, shown.page.locator("#changed")
        told.locator("summary").click()
        assert told.locator("li").all_inner_texts() == [
            "Östermalm\nproject site\n\N{EN DASH} street · May be chance: +2 points (between -4 and +8)"
        ]
        page.get_by_label("Lighting").check()
        assert told.locator("p").inner_text().startswith("The same places, walked in the rounds “before” and “after”")
        city, ward, site = told.locator("li").all_inner_texts()
        assert city.startswith("Town\n▲ street · Better: +11 points (between +3 and +19)\nPart of this rise")
        assert ward.endswith("ward\n▼ street · Worse: -8 points (between -12 and -4)")
        assert site.endswith("Too few auditors to tell")
        page.get_by_label("By day").check()
        assert told.locator("p").inner_text().startswith("Nothing can be told of this in this light")
        assert told.locator("li").count() == 0
    webmap.write(replace(town, changes=town.changes.head(0)), target)
    with opened(browser, target, viewport=WIDE) as shown:
        assert not shown.page.locator("#changed").is_visible()


def test_what_changed_is_told_without_a_script(tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    webmap.write(town, target)
    page = target.read_text(encoding="utf-8")
    assert "Östermalm, street: May be chance: +2 points (between -4 and +8)" in page
    assert "Better: +11" not in page  # of lighting, which is not what the page opens on


def test_how_groups_felt_is_told_for_the_light_that_is_shown(browser: Browser, tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    webmap.write(town, target, [read_language("fr"), read_language("en")])
    with opened(browser, target, viewport=WIDE) as shown:
        page, told = shown.page, shown.page.locator("#felt")
        told.locator("summary").click()
        women, able = told.locator("li").all_inner_texts()
        assert women.split("\n")[-2:] == ["partout · 41 sur 100 (entre 34 et 47)", "parc · 34 sur 100 (entre 27 et 40)"]
        assert able.startswith("Handicap · Non")
        page.locator("#language").select_option("en")
        assert told.locator("li").first.inner_text().startswith("Sex · Woman\nafter\neverywhere · 41 of 100")
        page.get_by_label("By day").check()
        assert told.locator("p").inner_text().startswith("In this light no group was large enough")
        assert told.locator("li").count() == 0
    webmap.write(replace(town, groups=town.groups.head(0)), target)
    with opened(browser, target, viewport=WIDE) as shown:
        assert not shown.page.locator("#felt").is_visible()


def test_by_day_nobody_can_judge_lighting(browser: Browser, tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    street_condition, lighting = town.indicators
    rows = town.conditions[(town.conditions["indicator"] != "lighting") | (town.conditions["light"] == "dark")]
    webmap.write(
        replace(town, conditions=rows, indicators=(street_condition, replace(lighting, needs_dark=True))), target
    )
    with opened(browser, target, viewport=WIDE) as shown:
        page = shown.page
        page.get_by_label("By day").check()
        page.get_by_label("Lighting").check()
        assert page.locator("#sentence").inner_text() == "By day nobody can judge this: it needs the dark."
        page.get_by_role("tab").nth(1).click()
        assert page.locator("#attention > p").inner_text().endswith("By day nobody can judge this: it needs the dark.")


def test_who_reaches_what_is_said_once_for_both_lights(browser: Browser, tmp_path: Path) -> None:
    town, target = public_town(), tmp_path / "map.html"
    webmap.write(town, target)
    with opened(browser, target, viewport=WIDE) as shown:
        told = shown.page.locator("#reach")
        told.locator("summary").click()
        school, stop = told.locator("li").all_inner_texts()
        assert school.endswith("of 1.2 km of streets within 400 m of 3 of 11, 0.3 (0.1 … 0.9) reach one.")
        assert "1,790 (1,730 … 2,320) reach one by day and 950 (140 … 1,800) after dark." in stop
        assert "No route is meant" in told.locator("p").inner_text()
    webmap.write(replace(town, reach=town.reach.head(0)), target)
    with opened(browser, target, viewport=WIDE) as shown:
        assert not shown.page.locator("#reach").is_visible()
