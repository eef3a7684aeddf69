"""Rows without a position: by their code, by their street and the order of their walk, or rejected with the reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
import shapely
from rows import audits, cells
from town import METRIC, at, segments_of, spaces_of, stops_of, town

from safeaudit.config import MatchSettings
from safeaudit.crs import WGS84
from safeaudit.match import match
from safeaudit.place_codes import Directory

if TYPE_CHECKING:
    from safeaudit.tables import Audits, Places

HEADER = ("walk", "start", "latitude", "longitude", "place_code", "street", "lighting")
DAY = "2026-05-17T"


def long_street() -> Places:
    """Return a town: Main St from 0 to 200 m in two pieces, Side St up from 100, and another Side St 2 km away."""
    lines = {
        "main1": shapely.LineString([at(0, 0), at(100, 0)]),
        "main2": shapely.LineString([at(600, 0), at(700, 0)]),
        "side": shapely.LineString([at(100, 0), at(100, 100)]),
        "away": shapely.LineString([at(100, 2000), at(100, 2100)]),
    }
    segments = segments_of(lines)
    names = {"main1": "Main St", "main2": "Main St", "side": "Side St", "away": "Side St"}
    segments["name"] = segments["place_id"].map(names)
    return town(segments=segments, spaces=spaces_of({}), stops=stops_of({"halt": at(105, 60)}))


def degrees(x: float, y: float) -> tuple[str, str]:
    import geopandas as gpd  # noqa: PLC0415 - for one line

    point = gpd.GeoSeries([at(x, y)], crs=METRIC).to_crs(WGS84)[0]
    return str(point.y), str(point.x)


def read(*rows: tuple[str, ...], **overrides: str) -> Audits:
    directory = Directory(places=long_street(), overrides=MappingProxyType(overrides))
    return audits(cells(rows, HEADER), timezone="UTC", extent=None, directory=directory)


def spot(minute: int, x: float, y: float, walk: str = "1") -> tuple[str, ...]:
    return (walk, f"{DAY}18:{minute:02}", *degrees(x, y), "", "", "1")


def lost(minute: int, street: str, walk: str = "1", code: str = "") -> tuple[str, ...]:
    return (walk, f"{DAY}18:{minute:02}", "", "", code, street, "1")


def reason(found: Audits) -> tuple[str, str]:
    (code,), (message,) = found.rejected["code"], found.rejected["message"]
    return code, message


def test_a_code_of_no_place_is_rejected_with_its_value() -> None:
    code, message = reason(read(lost(0, "", code="S-MIAN1"), lost(1, "", code="s main1")))
    assert code == "UNKNOWN_PLACE"
    assert message == (
        'walk.csv line 2, column "place_code": No place here has the code "S-MIAN1", and this row has no position. '
        'Look for a mistyped sign, or say which place it is under [match]: overrides = {"S-MIAN1" = "S7K2QX4"}.'
    )


def test_a_code_of_no_place_beside_a_position_is_taken() -> None:
    row = ("1", f"{DAY}18:00", *degrees(50, 0), "S-MIAN1", "", "1")
    assert read(row).counts[0].accepted == 1


def test_what_the_settings_say_of_a_code_is_heeded_here_and_in_the_match() -> None:
    found = read(lost(0, "", code="Lamp 7"), **{"LAMP-7": "S-main1"})
    assert found.submissions["place_code"].tolist() == ["Lamp 7"]
    settings = MatchSettings(overrides=MappingProxyType({"LAMP-7": "S-main1"}))
    assert match(found.submissions.to_crs(METRIC), long_street(), settings)["place_id"].tolist() == ["main1"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_street_is_known_by_the_spots_before_and_after(order: tuple[int, ...]) -> None:
    rows = (spot(0, 90, 0), lost(5, "side  ST, corner Main"), spot(10, 120, 90))
    found = read(*(rows[at] for at in order))
    assert found.counts[0].accepted == 3
    placed = found.submissions[found.submissions["flags"] == "BY_STREET"]
    assert placed["place_code"].tolist() == ["SSIDE"]
    assert match(placed.to_crs(METRIC), long_street(), MatchSettings())["place_id"].tolist() == ["side"]
    assert any("placed by their street and walk (BY_STREET)" in said for said in found.counts[0].remarks)


def test_a_neighbour_may_be_known_by_its_code() -> None:
    assert read(lost(0, "", code="T-halt"), lost(5, "Side St")).counts[0].accepted == 2


def test_without_times_the_lines_are_the_order() -> None:
    rows = [("1", "", *row[2:]) for row in (spot(0, 90, 0), lost(5, "Side St"), spot(10, 5000, 0))]
    assert reason(read(*rows))[0] == "UNKNOWN_STREET"
    assert read(rows[0], rows[1]).counts[0].accepted == 2


def test_a_street_far_from_one_of_its_neighbours_is_not_it() -> None:
    # 151 m from the end of Main St's second piece, 149 m, and then on both sides of it
    assert reason(read(spot(0, 700 + 151, 0), lost(5, "Main St")))[0] == "UNKNOWN_STREET"
    assert read(spot(0, 700 + 149, 0), lost(5, "Main St")).counts[0].accepted == 2
    assert reason(read(spot(0, 700, 0), lost(5, "Main St"), spot(9, 0, 0)))[0] == "UNKNOWN_STREET"


def test_two_pieces_that_fit_are_not_guessed_between() -> None:
    places = long_street()
    places.segments.loc[places.segments["place_id"] == "side", "name"] = "Main St"
    directory = Directory(places=places, overrides={})
    rows = [spot(0, 90, 0), lost(5, "Main St")]
    code, message = reason(audits(cells(rows, HEADER), timezone="UTC", extent=None, directory=directory))
    assert code == "SEVERAL_PIECES"
    assert 'and 2 pieces of "Main St" lie beside the spots before and after it' in message


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((spot(0, 90, 0), lost(5, "Nowhere St")), "UNKNOWN_STREET"),
        ((spot(0, 90, 0, walk="2"), lost(5, "Side St")), "UNKNOWN_STREET"),
        ((spot(0, 90, 0), lost(5, "Side St", walk="")), "COORD_MISSING"),
        ((spot(0, 90, 0), lost(5, "")), "COORD_MISSING"),
    ],
)
def test_what_cannot_be_placed_is_rejected(rows: tuple[tuple[str, ...], ...], code: str) -> None:
    found = read(*rows)
    assert reason(found)[0] == code
    assert found.counts[0].accepted == 1


def test_the_id_is_of_what_the_form_holds_and_not_of_its_neighbours() -> None:
    ids = [
        set(read(*rows).submissions.loc[lambda frame: frame["flags"] == "BY_STREET", "submission_id"])
        for rows in ((spot(0, 90, 0), lost(5, "Side St")), (lost(5, "Side St"), spot(9, 110, 50)))
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1
