"""The public map: its bytes, its block, and what people see of it in real Chromium."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browser import chromium, opened
from hostile import hostile_strings
from hypothesis import given
from hypothesis import strategies as st
from public_town import BANDS, public_town

from safeaudit.errors import OutputError
from safeaudit.languages import read_language
from safeaudit.languages.labels import Parts, compose
from safeaudit.outputs import webmap
from safeaudit.outputs.parts import columns, overview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from safeaudit.tables.public import Public

WIDE = {"width": 1440, "height": 900}
ENGLISH = read_language("en")
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page_of(tmp_path: Path) -> Path:
    return written(public_town(), tmp_path)


def written(public: Public, folder: Path) -> Path:
    target = folder / "map.html"
    webmap.write(public, target)
    return target


def one_place(kind: str, geometry: shapely.Geometry | None = None) -> Public:
    """Return a town of one place, which is then in the middle of the map."""
    town = public_town()
    places = town.places[town.places["kind"] == kind].head(1)
    if geometry is not None:
        places = places.set_geometry([geometry], crs=4326)
    parts = {
        "label_kind": "alone",
        "label_name": "Only Place",
        "label_from": None,
        "label_to": None,
        "label_mark": None,
    }
    return replace(town, places=places.assign(name="Only Place", label="Only Place", **parts))


def centre(page: Page) -> None:
    """Bring what is on the map into its middle: the legend, which is left free otherwise, away."""
    page.evaluate("document.getElementById('legend').hidden = true")
    page.locator("#fit").click()


def click_map(page: Page, right: int = 0) -> None:
    centre(page)
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2)


def leading(locator: Locator) -> list[str]:
    """Return the distinct texts of some elements, in order."""
    return list(dict.fromkeys(locator.all_text_contents()))


# --- the file -------------------------------------------------------------------------------------------------------


def test_same_input_gives_the_same_bytes_whatever_the_order_of_the_conditions() -> None:
    town = public_town()
    shuffled = replace(town, conditions=town.conditions.sample(frac=1, random_state=7))
    assert webmap.render(town) == webmap.render(public_town())
    assert webmap.render(shuffled) == webmap.render(town)


def test_the_input_is_left_as_it_was() -> None:
    town, same = public_town(), public_town()
    webmap.render(town)
    assert town.places.equals(same.places)
    assert town.conditions.equals(same.conditions)
    assert town.backdrop.equals(same.backdrop)


def test_the_policy_lets_constants_run_and_nothing_else() -> None:
    page = webmap.render(public_town())
    policy = re.search(rb'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert b"unsafe" not in policy[1]
    assert policy[1].startswith(b"default-src 'none'")
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(rb"<style>(.*?)</style>", page, re.DOTALL)
    assert (len(scripts), len(styles)) == (2, 2)
    for constant in scripts + styles:
        assert base64.b64encode(hashlib.sha256(constant).digest()) in policy[1]


def test_a_link_to_the_licence_of_the_places_is_the_only_address() -> None:
    page = re.sub(rb"<script>.*?</script>", b"", webmap.render(public_town()), flags=re.DOTALL)
    assert re.findall(rb'(?:src|href)="(?!#|data:)([^"]*)"', page) == [b"https://www.openstreetmap.org/copyright"]


def test_100_000_streets_stay_under_4_megabytes() -> None:
    assert len(webmap.render(public_town(100_000))) < 4_000_000


def test_a_map_that_does_not_read_back_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = written(public_town(), tmp_path)
    before = target.read_bytes()
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda *_: 0)
    with pytest.raises(OutputError, match="does not read back"):
        webmap.write(public_town(streets=10), target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]


def test_the_picture_has_bands_and_no_text() -> None:
    picture = overview.draw(public_town()).decode()
    assert "<text" not in picture
    assert "Street" not in picture
    assert {"#440154", "#414487", "#2b758e", "#20a486", "#b9b4a8"} <= set(re.findall(r"#\w{6}", picture))


def test_the_picture_stays_small_for_a_large_city() -> None:
    assert len(overview.draw(public_town(100_000))) < 400_000


# --- the block ------------------------------------------------------------------------------------------------------


def unpacked(block: bytes) -> tuple[dict[str, object], dict[str, list[int]]]:
    """Read a block number by number, in the plainest way."""
    raw = zlib.decompress(base64.b64decode(block))
    (size,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + size])
    rest = iter(raw[4 + size :])
    found = {name: [one_varint(rest) for _ in range(count)] for name, count in header["columns"]}
    assert not list(rest)
    return header, found


def one_varint(rest: Iterator[int]) -> int:
    value = shift = 0
    for byte in rest:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value


@given(st.lists(st.integers(0, 2**31 - 1)))
def test_whole_numbers_come_back(values: list[int]) -> None:
    _, found = unpacked(columns.pack({"title": "Ж"}, {"a": np.array(values, dtype=np.int64)}))
    assert found == {"a": values}


@pytest.mark.parametrize("value", [-1, 2**31])
def test_numbers_that_do_not_fit_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        columns.varint(np.array([3, value]))


@given(
    st.lists(
        st.lists(st.tuples(st.integers(-179, 179), st.integers(-85, 85)), min_size=2, max_size=9, unique=True),
        max_size=9,
    )
)
def test_coordinates_come_back(lines: list[list[tuple[int, int]]]) -> None:
    shapes = columns.shapes(np.array([shapely.LineString(line) for line in lines], dtype=object))
    folded = shapes["x"]
    east = np.cumsum((folded >> 1) ^ -(folded & 1)) / columns.STEPS_PER_DEGREE
    assert shapes["vertices"].tolist() == [len(line) for line in lines]
    assert east.tolist() == [point[0] for line in lines for point in line]


def test_vertices_that_fall_together_are_stored_once() -> None:
    line = shapely.LineString([[0, 0], [0.000001, 0], [0.00002, 0.00001]])
    assert columns.shapes(np.array([line], dtype=object))["vertices"].tolist() == [2]


def test_the_smallest_buildings_go_first_when_there_are_too_many() -> None:
    side = np.linspace(0.0001, 0.0005, 50_000)
    west = np.arange(len(side)) % 250 * 0.001
    south = np.arange(len(side)) // 250 * 0.001
    boxes = shapely.box(west, south, west + side, south + side)
    buildings = gpd.GeoDataFrame({"kind": ["building"] * len(boxes)}, geometry=boxes, crs=4326)
    header, found = unpacked(columns.encode(replace(public_town(), backdrop=buildings), ENGLISH))
    assert header["dropped"] == 10_000
    assert sum(found["backdrop.vertices"]) == columns.MAX_BACKDROP_VERTICES
    assert min(np.array(found["backdrop.vertices"])) == 5


def test_the_browser_reads_what_was_written(browser: Browser, page_of: Path) -> None:
    town = public_town()
    places = columns.drawing_order(town.places, columns.PLACE_KINDS)
    script = """async block => {
        const { header, places, seen } = await safeaudit.decode(block);
        return { codes: header.codes, seen: Object.entries(seen).map(([key, values]) => [key, Array.from(values)]),
            lonlat: Array.from(places.east, (x, i) => [x / 1e5, places.north[i] / 1e5]) };
    }"""
    with opened(browser, page_of) as shown:
        read = shown.page.evaluate(script, columns.encode(town, ENGLISH).decode())
    assert read["codes"] == places["place_code"].tolist()
    assert np.abs(np.array(read["lonlat"]) - shapely.get_coordinates(places.geometry)).max() < 1e-5
    seen = dict(read["seen"])
    ids = places["place_id"].to_numpy()
    rows = zip(*(seen[key] for key in ("place", "indicator", "light", "band")), strict=True)
    back = {(ids[place], indicator, light): band for place, indicator, light, band in rows}
    names = [indicator.name for indicator in town.indicators]
    assert back == {
        (row.place_id, names.index(row.indicator), columns.LIGHTS.index(row.light)): row.band
        for row in town.conditions.itertuples()
    }


def test_old_browsers_unpack_it_themselves(browser: Browser, tmp_path: Path) -> None:
    target = written(public_town(3_000), tmp_path)
    with opened(browser, target, before="delete window.DecompressionStream;") as shown:
        assert shown.page.evaluate("typeof DecompressionStream") == "undefined"
        assert shown.page.locator("#title").text_content() == "Town"
        assert shown.complaints == []


@pytest.mark.parametrize(
    "packed", [zlib.compress(b"abc", 0), zlib.compress(b"a" * 2000), zlib.compress(bytes(range(256)) * 90)]
)
def test_every_kind_of_packing_is_understood(browser: Browser, page_of: Path, packed: bytes) -> None:
    with opened(browser, page_of, before="delete window.DecompressionStream;") as shown:
        found = shown.page.evaluate("text => Array.from(safeaudit.inflate(Uint8Array.from(text)))", list(packed))
    assert bytes(found) == zlib.decompress(packed)


# --- in a browser ---------------------------------------------------------------------------------------------------


def test_it_opens_alone_and_without_complaint(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        assert shown.page.title() == "Town: Safety audit map"
        assert shown.page.locator("#remarks").text_content() == "Simulated audits"
        assert leading(shown.page.locator("#bands li"))[:4] == [f"{n}{word}" for n, word in enumerate(BANDS, 1)]
        assert shown.page.locator("#credit").text_content() == "© OpenStreetMap contributors"
        assert (shown.requests, shown.complaints) == ([], [])


def test_the_share_not_audited_is_never_rounded_to_all_or_nothing(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of) as shown:
        texts = shown.page.locator("#shares li").all_text_contents()
    assert texts == ["62% street length", "1% area of public spaces", "100% stops"]


def test_the_map_is_painted(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        assert {"440154", "414487", "2b758e", "20a486", "bfd9e6"} <= set(shown.page.evaluate(COLOURS))


def test_a_click_tells_what_was_seen(browser: Browser, tmp_path: Path) -> None:
    line = shapely.LineString([[24.93, 60.16], [24.934, 60.16]])
    with opened(browser, written(one_place("segment", line), tmp_path), viewport=WIDE) as shown:
        page = shown.page
        click_map(page)
        card = page.locator("#card")
        assert page.locator("#card-title").text_content() == "Only Place"
        assert page.locator("#card-place").text_content() == "footway · Code T00000"
        # Place 0: band 0 after dark, band 1 by day, few, 1-2 ratings, no quarter.
        assert card.locator("h3").all_text_contents() == [
            "To be mended",
            "Street condition after dark",
            "Lighting after dark",
            "Street condition by day",
            "Lighting by day",
        ]
        lighting = card.locator(".finding").nth(2).locator("p").all_text_contents()
        assert lighting == [
            "None: no light at all",
            "1Needs attention",
            "Half or more chose the lowest level",
        ]
        assert card.locator("#card-body > .facts").first.text_content() == (
            "1-2 answers (3-4 people) · date unknown · few people: only a hint yet"
        )
        assert page.evaluate("document.activeElement.id") == "card-title"
        page.keyboard.press("Escape")
        assert not card.is_visible()
        assert page.evaluate("document.activeElement.id") == "map"


COLOURS = """() => { const colours = new Set();
    for (const tile of document.querySelectorAll('canvas.leaflet-tile')) {
        const { data } = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height);
        for (let i = 0; i < data.length; i += 4) {
            colours.add((data[i] << 16 | data[i + 1] << 8 | data[i + 2]).toString(16));
        }
    } return [...colours]; }"""


def test_what_the_map_says_is_drawn_only_when_it_is_asked_for(browser: Browser, page_of: Path) -> None:
    bands = {"fbd7a8", "f4b169", "dd8231"}
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        assert not bands & set(page.evaluate(COLOURS))
        page.locator("#mapped summary").click()
        page.get_by_label("Lit, says the map").check()
        assert bands <= set(page.evaluate(COLOURS))
        assert page.locator("#steps-title").text_content() == "Lit, says the map"
        assert page.locator("#steps li").all_text_contents()[1:] == [
            *("lit", "lit for some hours", "not lit"),
            "Known for 60% of the street length. Streets without a band: nothing of that, or not known.",
        ]
        page.get_by_label("Nothing more").check()
        assert not page.locator("#steps").is_visible()
        assert not bands & set(page.evaluate(COLOURS))
        page.get_by_label("Lamps (12)").check()
        assert "40%" in (page.locator("#steps").text_content() or "")


def test_a_card_says_what_is_to_be_mended_and_by_whom(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.locator("#search").fill("T00000")
        page.locator("#search-results button").click()
        assert page.locator("#card section li").all_text_contents() == [
            "Lamp does not work 1-2 reports · 2026 Q2 · Street 0 · open",
            "Open drain or hole 5 or more reports · 2026 Q3 · not mentioned by a later walk: please check",
        ]
        page.locator("#search").fill("T00005")
        page.locator("#search-results button").click()
        assert page.locator("#card section li").all_text_contents() == [
            "Lamp does not work 3-4 reports · Street 0 · an old report",
            "Dead ends: dead end",  # of its light nothing is known, so nothing is said
        ]


def test_faults_are_listed_with_the_number_of_places(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        assert page.locator("#mend li").all_text_contents() == [
            "Lamp does not workStreet 02 places",
            "Open drain or holeWho can mend it is not known yet1 place",
        ]
        page.locator("#to-do").click()
        page.locator("#mend button").last.click()
        assert page.locator("#card-place b").text_content() == "T00000"
        page.locator("#mend button").first.click()
        assert page.locator("#card-title").text_content() == "Lamp does not work"
        assert page.locator("#card-place").text_content() == "Street 0 · 2 places"
        assert page.locator("#card .name").all_text_contents() == [
            "Street 0, between Street 4 and Street 3 (1 of 2)",
            "Street 5",
        ]
        page.locator("#card .place").last.click()
        assert page.locator("#card-place b").text_content() == "T00005"


def test_a_quick_run_has_no_layers_to_offer(browser: Browser, tmp_path: Path) -> None:
    town = public_town()
    quick = replace(town, layers=(), evidence=town.evidence[["place_id"]], lamps=town.lamps.head(0))
    with opened(browser, written(quick, tmp_path)) as shown:
        assert not shown.page.locator("#mapped").is_visible()
        assert shown.complaints == []


@pytest.mark.parametrize(("right", "found"), [(10, True), (30, False)])
def test_a_finger_reaches_12_pixels(browser: Browser, tmp_path: Path, *, right: int, found: bool) -> None:
    line = shapely.LineString([[24.93, 60.16], [24.93, 60.162]])
    with opened(browser, written(one_place("segment", line), tmp_path), viewport=PHONE, has_touch=True) as shown:
        click_map(shown.page, right)
        assert shown.page.locator("#card").is_visible() == found


@pytest.mark.parametrize("kind", ["space", "stop"])
def test_spaces_and_stops_can_be_opened_by_keyboard(browser: Browser, tmp_path: Path, kind: str) -> None:
    town = one_place(kind, shapely.box(24.93, 60.16, 24.932, 60.161) if kind == "space" else None)
    with opened(browser, written(town, tmp_path), viewport=WIDE) as shown:
        centre(shown.page)
        shown.page.locator("#map").focus()
        shown.page.keyboard.press("Enter")
        assert shown.page.locator("#card-title").text_content() == "Only Place"


def test_an_unaudited_place_says_that_nothing_is_known(browser: Browser, tmp_path: Path) -> None:
    town = one_place("stop")
    nameless = town.places.assign(name=None, label="stop near Elm Lane", label_name="stop near Elm Lane")
    town = replace(town, places=nameless, conditions=town.conditions.head(0))
    with opened(browser, written(town, tmp_path)) as shown:
        click_map(shown.page)
        assert shown.page.locator("#card-title").text_content() == "stop near Elm Lane"
        assert "Nobody has audited this place" in str(shown.page.locator("#card-body").text_content())
        assert "No place that could be judged" in str(shown.page.locator("#attention").text_content())


def test_indicator_and_light_change_by_keyboard(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.locator("#indicators input").first.focus()
        page.keyboard.press("ArrowDown")
        assert page.locator("#showing").text_content() == "Lighting · After dark"
        before = page.locator("#attention li").all_text_contents()
        page.locator("#lights input").first.focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#showing").text_content() == "Lighting · By day"
        assert page.locator("#attention li").all_text_contents() != before


def by_street(town: Public) -> pd.DataFrame:
    """Return the band after dark of each place with its street: a row per place that somebody looked at then."""
    seen = town.conditions.query("indicator == 'street_condition' and light == 'dark'")
    seen = seen.merge(town.places, on="place_id")
    return seen.assign(street=seen["kind"] + " " + seen["name"].fillna(seen["place_code"]))


def test_the_lists_have_a_row_for_each_street_worst_and_best_first(browser: Browser, page_of: Path) -> None:
    seen = by_street(public_town())
    looked_at = seen.groupby("street").size()
    audited = seen[seen["state"] == "audited"]
    wanted = {
        "attention": audited[audited["list"] == "likely"],
        "look": audited[audited["list"] == "look"],
        "strengths": audited[(audited["band"] == 3) & (audited["list"] == "none")],
    }
    with opened(browser, page_of) as shown:
        listed = {name: shown.page.locator(f"#{name} li").all_text_contents() for name in wanted}
    for name, rows in wanted.items():
        assert len(listed[name]) == rows["street"].nunique(), name
        hits = rows.groupby("street").size()
        for street in hits.index[looked_at[hits.index] > 1]:
            kind, _, called = street.partition(" ")
            told = f"{hits[street]} of {looked_at[street]} {'stretches' if kind == 'segment' else 'places'} looked at"
            assert sum(text.startswith(f"{called}{told}") for text in listed[name]) == 1, street
    assert listed["attention"]
    assert listed["look"]


def test_a_row_of_a_list_leads_to_the_card_of_its_street(browser: Browser, page_of: Path) -> None:
    town = public_town()
    seen = by_street(town)
    worst = seen[(seen["state"] == "audited") & (seen["band"] <= 1) & (seen["kind"] == "segment")]
    name = worst.loc[worst["name"].map(seen["name"].value_counts()) > 1, "name"].iloc[0]
    stretches = town.places.query("name == @name and kind == 'segment'")["place_id"]
    every, looked_at = len(stretches), int(stretches.isin(town.conditions["place_id"]).sum())
    bands = [BANDS[band] for band in seen.loc[seen["place_id"].isin(stretches), "band"]]
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.locator("#to-do").click()
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        assert page.locator("#card-title").text_content() == name
        assert str(page.locator("#card-place").text_content()).startswith(f"street · {every} stretches, ")
        assert f"{looked_at} of {every} stretches" in str(page.locator("#card-body > p").first.text_content())
        assert sorted(page.locator("#card .stretches .band span").all_text_contents()) == sorted(bands)
        page.locator("#to-map").click()
        page.locator("#indicators input").last.check()
        assert page.locator("#card h3").text_content() == "Lighting"


def row_of_streets(names: list[str | None], seen: list[int]) -> Public:
    """Return a town of stretches from west to east, of which some, by their number, were looked at."""
    town = public_town()
    lines = [shapely.LineString([[24.93 + n / 1000, 60.16], [24.931 + n / 1000, 60.16]]) for n in range(len(names))]
    places = town.places.head(len(names)).set_geometry(lines, crs=4326)
    ends = {"label_kind": "between", "label_from": [f"Corner {n}" for n in range(len(names))], "label_near": None}
    ends |= {"label_to": [f"Corner {n + 1}" for n in range(len(names))], "label_mark": None, "name": names}
    places = places.assign(**ends, label_name=pd.Series(names).fillna("path").to_numpy())
    row = town.conditions.head(1)
    conditions = pd.concat([row.assign(place_id=places["place_id"].iloc[n], band=n % 4) for n in seen])
    return replace(town, places=places, conditions=conditions, faults=town.faults.head(0))


def test_the_card_of_a_street_has_its_stretches_in_order_and_leads_to_them(browser: Browser, tmp_path: Path) -> None:
    town = row_of_streets([*["Elm Road"] * 6, "Oak Road"], seen=[5, 0, 3, 2])
    shuffled = replace(town, places=town.places.sample(frac=1, random_state=3))
    with opened(browser, written(shuffled, tmp_path), viewport=WIDE) as shown:
        page = shown.page
        page.fill("#search", "elm")
        assert page.locator("#search-results li").all_text_contents() == ["Elm Roadstreet · 6 stretches, 330\xa0m"]
        page.keyboard.press("Enter")
        told = page.locator("#card .stretches .name").all_text_contents()
        wanted = [f"between Corner {n} and Corner {n + 1}" for n in (0, 2, 3, 5)]
        assert told in (wanted, wanted[::-1])
        assert page.locator("#card-body > p").text_content() == "People looked at 4 of 6 stretches, 220\xa0m."
        page.locator("#card .stretches button").nth(1).focus()
        page.keyboard.press("Enter")
        assert page.locator("#card-title").text_content() == f"Elm Road, {told[1]}"
        assert page.locator("#card .findings .finding").count() == 1
        page.get_by_role("button", name="All of Elm Road").click()
        assert page.locator("#card-title").text_content() == "Elm Road"
        page.fill("#search", "oak")
        page.keyboard.press("Enter")
        assert page.locator("#card-title").text_content() == "Oak Road, between Corner 6 and Corner 7"


def test_a_street_that_nobody_looked_at_says_so(browser: Browser, tmp_path: Path) -> None:
    town = row_of_streets(["Elm Road", "Elm Road", "Oak Road"], seen=[2])
    with opened(browser, written(town, tmp_path), viewport=WIDE) as shown:
        shown.page.fill("#search", "elm road")
        shown.page.keyboard.press("Enter")
        assert shown.page.locator("#card-title").text_content() == "Elm Road"
        assert "Nobody has looked at it yet" in str(shown.page.locator("#card-body").text_content())


FOUND = [
    ("park", ["Green", "Park Row", "Parking Exit", "Old Spark"]),
    ("احمد", ["شارع أحمد"]),
    ("شارع أحمد", ["شارع أحمد"]),
    ("مدرسه", ["مدرسة"]),
    ("oconnell", ["O'Connell St."]),
    ("strasse", ["Große Straße"]),
    ("...", ["..."]),
    ("o connell", []),
]


@pytest.mark.parametrize(("typed", "found"), FOUND)
def test_search_finds_what_people_mean(browser: Browser, tmp_path: Path, typed: str, found: list[str]) -> None:
    names = [
        "Parking Exit",
        "Park Row",
        "Old Spark",
        "شارع أحمد",
        "مدرسة",
        "O'Connell St.",
        "Große Straße",
        "...",
        "Green",
    ]
    town = row_of_streets([*names], seen=[0])
    kind, category = [*["segment"] * 8, "space"], [*["footway"] * 8, "park"]
    places = town.places.assign(kind=kind, category=category, label_kind="alone")
    with opened(browser, written(replace(town, places=places), tmp_path)) as shown:
        shown.page.fill("#search", typed)
        assert shown.page.locator("#search-results .name").all_text_contents() == found


def test_what_somebody_looked_at_is_found_first(browser: Browser, tmp_path: Path) -> None:
    town = row_of_streets(["Elm Lane", "Elm Boulevard", "Elm Road"], seen=[1])
    with opened(browser, written(town, tmp_path), viewport=WIDE) as shown:
        shown.page.fill("#search", "elm")
        shown.page.keyboard.press("Enter")
        assert str(shown.page.locator("#card-title").text_content()).startswith("Elm Boulevard")


def every_label(names: list[str]) -> Public:
    """Return a town that has every kind of label, with and without a mark, made of some names."""
    town = public_town()
    number = np.arange(len(town.places))
    kind = np.array(columns.LABEL_KINDS)[number % len(columns.LABEL_KINDS)]
    word = np.array(names)[number % len(names)]
    start, end = np.roll(word, 1), np.where(np.isin(kind, ["between", "way_between"]), np.roll(word, 2), None)
    near = np.where(np.isin(kind, ["near", "way_near", "inside"]), start, None)
    start = np.where(np.isin(kind, ["between", "to_end", "way_between", "way_from"]), start, None)
    mark = np.array([None, "2/3", "2/3 north", "1/2 T00001"], dtype=object)[number % 4]
    labels = [compose(Parts(*row), ENGLISH) for row in zip(kind, word, start, end, near, mark, strict=True)]
    parts = {"label_kind": kind, "label_name": word, "label_from": start, "label_to": end, "label_near": near}
    name = np.where(np.char.startswith(kind.astype(str), "way") | (kind == "inside"), None, word)
    return replace(town, places=town.places.assign(**parts, label_mark=mark, label=labels, name=name))


def test_the_page_makes_the_labels_of_the_tables(browser: Browser, page_of: Path) -> None:
    town = every_label(["Elm Road", "Oak & {start} Lane", "شارع"])
    places = columns.drawing_order(town.places, columns.PLACE_KINDS)
    script = """async block => { const data = await safeaudit.decode(block);
        return Array.from(data.places.kind, (_, item) => safeaudit.labelOf(data, item)); }"""
    with opened(browser, page_of) as shown:
        assert shown.page.evaluate(script, columns.encode(town, ENGLISH).decode()) == places["label"].tolist()


def test_a_pointer_is_told_the_label(browser: Browser, tmp_path: Path) -> None:
    line = shapely.LineString([[24.93, 60.16], [24.934, 60.16]])
    with opened(browser, written(one_place("segment", line), tmp_path), viewport=WIDE) as shown:
        centre(shown.page)
        box = shown.page.locator("#map").bounding_box()
        assert box is not None
        shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert shown.page.locator(".tip").text_content() == "Only Place"
        shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 90)
        assert shown.page.locator(".tip").count() == 0


def test_a_street_is_found_by_name_and_a_place_by_code(browser: Browser, tmp_path: Path) -> None:
    town = public_town(texts=["Übergang Ä", "شارع الحرية", "राजपथ", "ถนน"])
    with opened(browser, written(town, tmp_path), viewport=WIDE) as shown:
        page = shown.page
        for text in ("ubergang", "شارع", "राजपथ", "ถนน"):
            page.fill("#search", text)
            assert page.locator("#search-results button").count() > 0
        page.fill("#search", "T00007")
        page.keyboard.press("Enter")
        assert page.locator("#card-place b").text_content() == "T00007"
        page.fill("#search", "nowhere at all")
        assert page.locator("#search-status").text_content() == "Nothing found."


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_phone_needs_no_sideways_scrolling(browser: Browser, tmp_path: Path, direction: str) -> None:
    town = public_town(
        texts=["שדרות ירושלים " * 9, "W" * 150, "شارع"], title="مدينة " * 12, remarks=["Simulated audits " * 9]
    )
    with opened(browser, written(town, tmp_path), viewport=PHONE, has_touch=True) as shown:
        page = shown.page
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        page.locator("#sheet").click()
        page.locator("#to-do").click()
        page.locator("#attention button, #look button").first.click()
        assert page.locator("#card").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_targets_are_large_enough_for_a_finger(browser: Browser, page_of: Path) -> None:
    script = """() => [...document.querySelectorAll('button, summary, label.choice, input[type=search], a')]
        .filter(e => e.offsetParent)
        .filter(e => Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 24)
        .map(e => e.outerHTML)"""
    with opened(browser, page_of, viewport=WIDE) as shown:
        assert shown.page.evaluate(script) == []


def test_paper_shows_map_legend_and_credit(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        page = shown.page
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator("#paper").is_visible()
        assert page.locator("#bands").is_visible()
        assert not page.locator("#choices").is_visible()
        assert page.locator("#attention").is_visible()
        assert page.locator("#printed").inner_text().split("\n") == [
            "Street condition · After dark",
            "© OpenStreetMap contributors",
        ]
        for paper in ("A4", "A3"):
            assert len(re.findall(rb"/Type /Page\b", page.pdf(format=paper, landscape=True))) == 2


def test_paper_with_a_layer_has_its_legend_on_the_page_of_the_map(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, viewport=WIDE) as shown:
        shown.page.locator("#mapped summary").click()
        shown.page.get_by_label("Lit, says the map").check()
        shown.page.get_by_label("Lamps (12)").check()
        for paper in ("A4", "A3", "Letter"):
            assert len(re.findall(rb"/Type /Page\b", shown.page.pdf(format=paper, landscape=True))) == 2


def test_without_scripts_there_is_a_picture_and_a_legend(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of, ready=False, java_script_enabled=False) as shown:
        page = shown.page
        box = page.locator(".no-script img").bounding_box()
        assert box is not None
        assert box["height"] > 100
        text = page.locator(".no-script").inner_text()
        for wanted in (
            "Town",
            "Simulated audits",
            *BANDS,
            "Nobody looked yet",
            "2026 Q3",
            "© OpenStreetMap contributors",
        ):
            assert wanted in text
        assert (shown.requests, shown.complaints) == ([], [])


def test_without_scripts_the_same_streets_are_listed(browser: Browser, page_of: Path) -> None:
    with opened(browser, page_of) as shown:
        names, words = (
            shown.page.locator(f":is(#attention, #look) {part}").all_text_contents() for part in (".name", ".band span")
        )
    with opened(browser, page_of, ready=False, java_script_enabled=False) as shown:
        listed = shown.page.locator(".no-script ol li").all_text_contents()
    wanted = [f"{name}: {BANDS.index(word) + 1} {word}" for name, word in zip(names, words, strict=True)]
    assert sorted(listed) == sorted(wanted)
    assert [text.endswith(BANDS[0]) for text in listed] == [word == BANDS[0] for word in words]


def test_a_town_without_places_or_indicators_still_opens(browser: Browser, tmp_path: Path) -> None:
    town = public_town()
    bare = replace(
        town,
        indicators=(),
        places=town.places.head(0),
        conditions=town.conditions.head(0),
        coverage=town.coverage.head(0),
        backdrop=town.backdrop.head(0),
    )
    with opened(browser, written(bare, tmp_path)) as shown:
        assert shown.complaints == []


def test_a_damaged_block_says_so(browser: Browser, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    block = columns.encode(public_town(), ENGLISH)
    target.write_bytes(webmap.render(public_town()).replace(block, block[: len(block) // 8 * 4]))
    with opened(browser, target, ready=False) as shown:
        shown.page.wait_for_selector("#damaged:visible")
        assert "Copy the file once more" in str(shown.page.locator("#damaged").text_content())


# --- hostile strings ------------------------------------------------------------------------------------------------


@pytest.fixture
def hostile(shared: Path) -> list[str]:
    return hostile_strings(shared)


def test_hostile_strings_are_shown_and_never_run(browser: Browser, hostile: list[str], tmp_path: Path) -> None:
    evil = " | ".join(hostile)
    town = public_town(texts=hostile, title=evil, remarks=hostile)
    target = written(replace(town, bands=tuple(hostile[:4])), tmp_path)
    with opened(browser, target, viewport=WIDE) as shown:
        page = shown.page
        assert page.locator("#title").text_content() == evil
        assert page.locator("#remarks p").all_text_contents() == hostile
        assert page.locator("#indicators label").all_text_contents() == [hostile[-1], hostile[0]]
        assert page.locator("#credit").text_content() == hostile[2]
        for text in hostile:
            page.fill("#search", f"code {text}")
            page.locator("#search-results button").first.hover()
            page.locator("#search-results button").first.click()
            assert page.locator("#card-place b").text_content() == f"code {text}"
            assert page.locator("#card-title").text_content() == text
            page.fill("#search", text)
            page.locator("#search-results button").first.click()
            assert page.locator("#card-title").text_content() == text
        page.locator("#map").hover()
        click_map(page)
        assert "49" not in str(page.locator("#remarks").text_content())
        assert not shown.pwned
        assert (shown.requests, shown.complaints) == ([], [])


def test_hostile_strings_in_labels_are_shown_and_never_run(
    browser: Browser, hostile: list[str], tmp_path: Path
) -> None:
    town = every_label(hostile)
    with opened(browser, written(town, tmp_path), viewport=WIDE) as shown:
        page = shown.page
        for code, label in zip(town.places["place_code"].head(30), town.places["label"].head(30), strict=True):
            page.fill("#search", code)
            page.locator("#search-results button").first.click()
            assert page.locator("#card-title").text_content() == label
        click_map(page)
        assert not shown.pwned
        assert (shown.requests, shown.complaints) == ([], [])


def test_hostile_strings_do_not_run_where_scripts_are_off(browser: Browser, hostile: list[str], tmp_path: Path) -> None:
    target = written(public_town(texts=hostile, title="".join(hostile), remarks=hostile), tmp_path)
    with opened(browser, target, ready=False, java_script_enabled=False) as shown:
        assert shown.page.locator(".no-script h1").text_content() == "".join(hostile)
        assert shown.page.locator(".no-script script").count() == 0
        assert (shown.requests, shown.complaints) == ([], [])


def test_a_script_that_is_no_constant_is_refused(browser: Browser, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    target.write_bytes(webmap.render(public_town()).replace(b"</body>", b"<script>window.__pwn = 1</script></body>"))
    with opened(browser, target) as shown:
        assert not shown.pwned
        assert any("CSP" in text for text in shown.complaints)
