"""From hostile inputs through the whole run to the page in a real browser, and to the bytes of every output."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from html import unescape
from typing import TYPE_CHECKING

import pytest
from browser import chromium, opened
from decoded import everything_in
from projects import safeaudit, write_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from browser import Opened
    from playwright.sync_api import Browser, Page

EVIL = "<img src=x onerror=window.__pwn=1> Z{{7*7}}Z ${window.__pwn=1} `"
COLUMNS = ", ".join(
    f'{field} = "{header}"'
    for field, header in {
        "submission_id": "_uuid",
        "observed_at": "_submission_time",
        "latitude": "latitude",
        "longitude": "longitude",
        "lighting": "lighting",
        "visibility": "visibility",
        "feeling": "feeling",
        "note": "comment",
    }.items()
)
HEADER = "<img src=x onerror=window.__pwn=1>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what runs audits in a city that has hostile names wherever a name can be."""
    bad = shared / "badinputs"

    def run(audits: str) -> Path:
        folder = tmp_path_factory.mktemp("evil")
        toml = f"""
            [city]
            name = '''{EVIL}'''
            remark = '''{EVIL} remark'''
            timezone = "Asia/Kolkata"
            [places]
            osm = '{bad}/xml/evil_tags.osm'
            {audits.replace("BAD", str(bad))}
            [rubric.indicators.own]
            label = '''{HEADER}'''
            levels = ["{{{{7*7}}}}", "one", "two", "three"]
            public = "place"
        """
        said = safeaudit("run", write_toml(folder / "project", toml), "--out", folder / "out")
        assert said.code == 0, said.stderr
        return folder / "out"

    return run


@pytest.fixture(scope="module")
def out(run: Callable[[str], Path]) -> Path:
    """Run audits in which the city, the street and every note try to run as code."""
    return run(f"""
        [[audits]]
        file = 'BAD/csv/25_html_js_injection.csv'
        consent = "conditions"
        columns = {{ {COLUMNS} }}
        [[audits]]
        file = 'BAD/csv/26_jinja_injection.csv'
        consent = "conditions"
        columns = {{ {COLUMNS} }}
        [publish]
        lone_ends_m = 0
    """)


@pytest.fixture(scope="module")
def headers(run: Callable[[str], Path]) -> Path:
    """Run audits in which the header of an indicator tries to."""
    return run(f"""
        [[audits]]
        file = 'BAD/csv/27_injection_in_header.csv'
        consent = "conditions"
        columns = {{ latitude = "latitude", longitude = "longitude", own = "{HEADER}" }}
        [publish]
        lone_ends_m = 0
    """)


def walk_over(page: Page) -> None:
    """Hover over the map and click on it."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    for x in range(10, int(box["width"]), 60):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def cards(page: Page, out: Path) -> list[tuple[str, str]]:
    """Search for every place by its code and return title and body of its card."""
    with closing(sqlite3.connect(out / "office" / "planning.gpkg")) as connection:
        codes = [row[0] for row in connection.execute("SELECT place_code FROM segments")]
    found = []
    for code in codes:
        page.locator("#search").fill(code)
        page.locator("#search-results button").first.click()
        page.locator("#card").wait_for()
        found.append(
            (page.locator("#card-title").text_content() or "", page.locator("#card-body").text_content() or "")
        )
    assert found
    return found


def assert_harmless(found: Opened) -> None:
    assert not found.pwned
    assert found.requests == []
    assert found.complaints == []
    assert "Z49Z" not in (found.page.locator("body").text_content() or "")


def test_hostile_names_are_shown_as_they_are_and_nothing_runs(browser: Browser, out: Path) -> None:
    with opened(browser, out / "office" / "preview.html") as found:
        page = found.page
        assert page.locator("#title").text_content() == EVIL
        assert {title for title, _ in cards(page, out)} == {f"{EVIL} (1 of 2)", f"{EVIL} (2 of 2)"}
        page.keyboard.press("Escape")
        walk_over(page)
        assert_harmless(found)


def test_a_hostile_header_is_a_label_and_nothing_runs(browser: Browser, headers: Path) -> None:
    with opened(browser, headers / "office" / "preview.html") as found:
        assert HEADER in (found.page.locator("#indicators").text_content() or "")
        assert any(HEADER in body for _, body in cards(found.page, headers))
        walk_over(found.page)
        assert_harmless(found)


def test_the_searcher_sees_what_is_packed(out: Path) -> None:
    assert "Z{{7*7}}Z ${window" in everything_in(out / "office" / "preview.html").replace("\\", "")


@pytest.mark.parametrize("name", ["office/preview.html", "office/planning.gpkg", "run.json"])
def test_notes_are_in_no_public_or_office_byte(shared: Path, out: Path, name: str) -> None:
    said = everything_in(out / name)
    for file in ("25_html_js_injection.csv", "26_jinja_injection.csv"):
        with (shared / "badinputs" / "csv" / file).open(encoding="utf-8", newline="") as stream:
            notes = [row["comment"] for row in csv.DictReader(stream) if len(row["comment"]) > 12]
        notes = [note for note in notes if unescape(note) not in EVIL]
        assert [note for note in notes if note in said] == []
        with closing(sqlite3.connect(out / "private" / "result.gpkg")) as connection:
            kept = {row[0] for row in connection.execute("SELECT note FROM submissions")}
        assert set(notes) <= kept


def test_no_id_time_or_position_of_a_submission_is_public(out: Path) -> None:
    said = everything_in(out / "office" / "preview.html")
    with closing(sqlite3.connect(out / "private" / "result.gpkg")) as connection:
        ids = [row[0] for row in connection.execute("SELECT submission_id FROM submissions")]
    assert ids
    assert [word for word in (*ids, "00000000-0000-4000", "2024-03-05") if word in said] == []
