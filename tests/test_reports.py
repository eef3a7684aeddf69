"""Small inputs that real use broke: each is read as its field means it, and so are others of its kind.

The inputs lie in ../shared/reports; where that folder is absent, as in a user's clone, those tests are skipped.
"""

# ruff: noqa: RUF001 - digits of other scripts are meant

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from openpyxl import Workbook
from rows import GOOD, HEADER, audits, cells, one, problem

from safeaudit.audits import read_audits, sources
from safeaudit.audits.normalise.written_times import guess_date_format
from safeaudit.config import AuditSettings, config_from_dict
from safeaudit.errors import ConfigError
from safeaudit.files.admit import admit
from safeaudit.place_codes import Directory
from safeaudit.places import read_places
from safeaudit.start import start

if TYPE_CHECKING:
    from safeaudit.tables import Audits

REPORTS = Path(__file__).resolve().parents[2] / "shared" / "reports"
here = pytest.mark.skipif(not REPORTS.is_dir(), reason="../shared/reports is absent")
EVENING = pd.Timestamp("2026-03-05T16:30:00Z")


def report(name: str, tmp_path: Path, **changed: object) -> Audits:
    """Read the audits of a report, its settings changed, and in a CSV the one place code that is known there."""
    folder = shutil.copytree(REPORTS / name, tmp_path / name)
    given = tomllib.loads((folder / "safeaudit.toml").read_text())
    given["audits"][0] |= changed
    config = config_from_dict(given, folder=folder)
    places = read_places(config.places, config.city.crs, {Path("town.osm"): admit(folder / "town.osm")})
    for file in folder.glob("*.csv"):
        file.write_text(file.read_text().replace("S2CA84Q", places.segments["place_code"][0]))
    files = {audit.file: admit(folder / audit.file) for audit in config.audits}
    return read_audits(config, files, places)


def moment(text: str, **given: object) -> pd.Timestamp:
    """Return when a row with this time was made."""
    return one({"start": text}, timezone="Africa/Nairobi", **given).submissions["observed_at"][0]


# --- times -----------------------------------------------------------------------------------------------------------


@here
def test_utc_as_a_word_is_utc(tmp_path: Path) -> None:
    read = report("time_says_utc", tmp_path)
    assert read.submissions["observed_at"].min() == EVENING
    assert set(read.submissions["light"]) == {"dark"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05 16:30:00 UTC",
        "2026-03-05 16:30 GMT",
        "2026-03-05T16:30Z",
        "2026-03-05 16:30 z",
        "2026-03-05 16:30:00 +00",
        "2026-03-05 19:30:00 +03:00",
        "2026-03-05 19:30 UTC+3",
        "2026-03-05 11:00:00 GMT-0530",
        "2026-03-05 19:30:00 GMT+0300 (East Africa Time)",
        "2026-03-05 19:30 EAT",
        "2026-03-05 19:30",
        "Mar 5, 2026 7:30:00 PM",
        "March 5, 2026, 19:30",
        "Mar 5, 2026 4:30:00 PM UTC",
    ],
)
def test_a_zone_that_is_written_counts(text: str) -> None:
    assert moment(text) == EVENING


@pytest.mark.parametrize("end", ["", " UTC", " %Z", "%z", " GMT"])
@pytest.mark.parametrize("zone", [" UTC", "Z", " +00", " GMT"])
def test_a_zone_counts_whatever_the_format_says_of_it(end: str, zone: str) -> None:
    assert moment(f"05.03.2026 16:30{zone}", date_format=f"%d.%m.%Y %H:%M{end}") == EVENING


def test_a_zone_that_is_not_known_or_lacks_rejects_the_row() -> None:
    assert problem({"start": "2026-03-05 19:30 IST"}, timezone="Africa/Nairobi")[0] == "DATE_ZONE"
    assert problem({"start": "2026-03-05 19:30 EAT"}, timezone="Asia/Kolkata")[0] == "DATE_ZONE"
    assert problem({"start": "2026-03-05 19:30 EAT"}, timezone=None)[0] == "DATE_ZONE"
    assert problem({"start": "2026-03-05 19:30"}, date_format="%Y-%m-%d %H:%M UTC")[0] == "DATE_FORMAT"
    assert problem({"start": "Feb 30, 2026 1:00 PM"})[0] == "DATE_FORMAT"
    assert problem({"start": "Mar 5, 2026 13:00 PM"})[0] == "DATE_FORMAT"


@here
def test_milliseconds_are_asked_for_proposed_and_read(tmp_path: Path) -> None:
    unread = report("times_as_numbers", tmp_path / "a")
    assert set(unread.rejected["code"]) == {"DATE_FORMAT"}
    assert unread.rejected["message"].str.contains('write date_format = "epoch_ms"').all()
    read = report("times_as_numbers", tmp_path / "b", date_format="epoch_ms")
    assert read.submissions["observed_at"].min() == EVENING
    start(tmp_path / "c", audits=[REPORTS / "times_as_numbers" / "audit.geojson"])
    written = tomllib.loads((tmp_path / "c" / "safeaudit.toml").read_text())
    assert written["audits"][0]["date_format"] == "epoch_ms"


@pytest.mark.parametrize(
    ("text", "date_format"),
    [("1772728200", "epoch_s"), ("1772728200000", "epoch_ms"), ("46086.8125", "excel"), ("46086,8125", "excel")],
)
def test_times_that_count(text: str, date_format: str) -> None:
    assert moment(text, date_format=date_format) == EVENING
    assert date_format in problem({"start": text.replace(",", ".")})[1]


@pytest.mark.parametrize("text", ["1772728200", "soon", "nan", "-1"])
def test_a_number_that_counts_something_else_is_no_time(text: str) -> None:
    assert problem({"start": text}, date_format="epoch_ms")[0] in ("DATE_IMPLAUSIBLE", "DATE_FORMAT")


def test_a_whole_day_of_a_spreadsheet_is_a_day() -> None:
    assert one({"start": "46086"}, date_format="excel").submissions["flags"][0] == "DATE_ONLY"


@here
def test_day_and_time_in_two_columns_are_found_and_proposed(tmp_path: Path) -> None:
    read = report("date_and_time_in_two_columns", tmp_path)
    assert read.submissions["observed_at"].min() == EVENING
    start(tmp_path / "new", audits=[REPORTS / "date_and_time_in_two_columns" / "audit.xlsx"])
    written = tomllib.loads((tmp_path / "new" / "safeaudit.toml").read_text())
    assert written["audits"][0]["columns"]["observed_at"] == ["Date", "Time"]


@pytest.mark.parametrize(
    ("day", "clock", "date_format"),
    [
        ("2026-03-05", "19:30", None),
        ("2026-03-05T00:00:00", "1899-12-30T19:30:00", None),
        ("2026-03-05", "7:30 pm", None),
        ("2026-03-05", "19.30", None),
        ("2026-03-05", "16:30 UTC", None),
        ("05/03/2026", "19:30:00", "%d/%m/%Y"),
        ("05/03/2026", "7.30 PM", "%d/%m/%Y %I.%M %p"),
    ],
)
def test_a_day_and_a_time_are_one_moment(day: str, clock: str, date_format: str | None) -> None:
    columns = dict(zip(("submission_id", "observed_at", "latitude", "longitude", "lighting"), HEADER, strict=False))
    columns |= {"time_of_day": "at"}
    row = {"at": clock, "start": day}
    read = one(row, timezone="Africa/Nairobi", date_format=date_format, columns=columns)
    assert read.submissions["observed_at"][0] == EVENING


def test_a_day_without_its_time_is_a_day_and_a_time_without_its_day_is_none() -> None:
    columns = {"observed_at": "start", "time_of_day": "at", "latitude": "latitude", "longitude": "longitude"}
    given = {"columns": columns | {"lighting": "lighting"}}
    assert one({"start": "2026-03-05", "at": ""}, **given).submissions["flags"][0] == "DATE_ONLY"
    assert problem({"start": "", "at": "19:30"}, **given)[0] == "DATE_FORMAT"
    assert problem({"start": "05/03/2026", "at": "19:30"}, **given)[0] == "DATE_AMBIGUOUS"


def test_two_columns_are_named_as_a_list(tmp_path: Path) -> None:
    audit = {"file": "a.csv", "columns": {"observed_at": ["Fecha", "Hora"], "lighting": "luz"}}
    given = {"city": {"name": "x"}, "places": {"osm": "x.osm"}, "audits": [audit]}
    columns = config_from_dict(given, folder=tmp_path).audits[0].columns
    assert (columns["observed_at"], columns["time_of_day"]) == ("Fecha", "Hora")
    audit["columns"] = {"time_of_day": "Hora"}
    with pytest.raises(ConfigError, match="time_of_day without observed_at"):
        config_from_dict(given, folder=tmp_path)


# --- answers ---------------------------------------------------------------------------------------------------------


@here
def test_own_words_are_added_to_what_is_known(tmp_path: Path) -> None:
    read = report("or_other_in_a_rating", tmp_path)
    lighting = read.observations[read.observations["indicator"] == "lighting"]
    assert sorted(lighting["level"]) == [1, 1, 2]


def test_an_own_word_wins_over_a_built_in_meaning() -> None:
    read = audits(
        cells([(answer, *GOOD[1:4], answer, "") for answer in ("1", "3", "Bright: brightly lit", "bright")]),
        levels={"lighting": {"1": 3, "bright": 0}},
    )
    assert sorted(read.observations["level"]) == [0, 3, 3, 3]


# --- positions -------------------------------------------------------------------------------------------------------


@here
def test_a_default_position_beside_a_code_is_none(tmp_path: Path) -> None:
    read = report("default_position_beside_a_code", tmp_path)
    by_form = read.submissions.set_index("form")
    assert by_form.loc[["z1", "z2"], "place_code"].notna().all()
    assert by_form.loc[["z1", "z2"], "geometry"].isna().all()
    assert sorted(by_form.index) == ["z1", "z2", "z3"]
    assert read.rejected["code"].tolist() == ["COORD_MISSING"]


def test_a_default_position_beside_nothing_is_no_position() -> None:
    null = {"latitude": "0", "longitude": "0.0"}
    assert problem(null)[0] == "NULL_ISLAND"
    assert one({**null, "place_code": "S2CA84Q"}).submissions.geometry.isna().all()


@here
def test_a_row_that_names_no_place_is_rejected(tmp_path: Path) -> None:
    read = report("entry_sheet_row_without_place", tmp_path)
    rejected = read.rejected.set_index("line")
    assert rejected.loc[3, "code"] == "COORD_MISSING"
    assert "write its place code, or its street and its walk" in rejected.loc[3, "message"]


# --- cells -----------------------------------------------------------------------------------------------------------

MARKS = ("\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff")


@here
def test_invisible_marks_are_not_read(tmp_path: Path) -> None:
    read = report("invisible_marks", tmp_path)
    assert (len(read.submissions), len(read.rejected)) == (3, 0)


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_in_any_cell_or_header_changes_nothing(mark: str) -> None:
    plain = audits(cells([(*GOOD, "woman", "W1")], (*HEADER, "sex", "walk")))
    marked = [mark + cell[:1] + mark + cell[1:] + mark for cell in (*GOOD, "woman", "W1")]
    read = audits(cells([marked], [f"{mark}{name}{mark}" for name in (*HEADER, "sex", "walk")]))
    assert read.submissions["submission_id"].tolist() == plain.submissions["submission_id"].tolist()
    pd.testing.assert_frame_equal(pd.DataFrame(read.observations), pd.DataFrame(plain.observations))


def test_joiners_are_part_of_words() -> None:
    assert one({"walk": "\u0995\u200d\u09b7"}).submissions["walk_id"][0] == "\u0995\u200d\u09b7"


@here
def test_a_merged_cell_counts_for_all_its_rows(tmp_path: Path) -> None:
    read = report("merged_cells", tmp_path)
    assert read.submissions["observed_at"].tolist() == [EVENING] * 3
    assert set(read.submissions["walk_id"]) == {"W1"}
    assert any("2 cells are merged over several rows" in remark for remark in read.counts[0].remarks)


def test_a_title_or_header_that_is_merged_fills_no_row(tmp_path: Path) -> None:
    book = Workbook()
    for row in (("id", "walk", None), ("a", "W1", 1), (None, None, None), ("b", None, 2), ("c", "W2", 3)):
        book.active.append(row)
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("B2:C4")
    book.save(tmp_path / "a.xlsx")
    (read,) = sources.read(admit(tmp_path / "a.xlsx"), AuditSettings(file=tmp_path / "a.xlsx"))
    assert read.columns[1].tolist() == ["W1", "W1", "W2"]
    assert read.columns[2].tolist() == ["", "", "3"]
    assert read.lines.tolist() == [2, 4, 5]


# --- collectors ------------------------------------------------------------------------------------------------------


@here
def test_surveycto_gives_the_visit_and_the_position(tmp_path: Path) -> None:
    read = report("surveycto_epicollect", tmp_path)
    assert len(read.submissions) == 3
    assert read.submissions["observed_at"].min() == EVENING + pd.Timedelta(seconds=24)


@here
def test_epicollect_gives_the_visit_and_the_position(tmp_path: Path) -> None:
    read = report("surveycto_epicollect", tmp_path, file="epicollect5.csv")
    assert sorted(read.submissions["form"]) == ["e0", "e1", "e2"]
    assert read.submissions["observed_at"].min() == EVENING + pd.Timedelta(seconds=22)
    assert read.submissions["accuracy_m"].tolist() == [5, 5, 5]
    assert not any("when the form was sent" in remark for remark in read.counts[0].remarks)


# --- times as they are written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026/03/05 19:30:00",
        "2026/03/05 19:30:00+03",
        "2026-3-5 19:30",
        "2026.03.05 19:30",
        "2026:03:05 19:30:00",
        "20260305_193000",
        "5 de marzo de 2026, 19:30",
        "5 mar. 2026 7:30 p. m.",
        "5 mars 2026 à 19h30",
        "5 de março de 2026 às 19h30",
        "5 Machi 2026 19:30",
        "٥ مارس ٢٠٢٦ ٧:٣٠ م",
        "5 مارس 2026 7:30 مساءً",
        "५ मार्च २०२६ १९:३०",
        "৫ মার্চ ২০২৬ ১৯:৩০",
        "2026-03-05 07:30 PM",
        "Mar 5, 2026, 7:30\u202fPM",
        "05-Mar-2026 19:30:00",
        "Thu Mar 05 2026 19:30:00 GMT+0300 (East Africa Time)",
        "Thu, 05 Mar 2026 16:30:00 GMT",
        "2026-03-05T16:30:00.000Z",
    ],
)
def test_times_as_programs_and_people_write_them(text: str) -> None:
    assert moment(text) == EVENING


@pytest.mark.parametrize(
    "text",
    [
        "2026-W10-4",
        "2026-064",
        "2026-03-05x19:30",
        "2026-03",
        "2026-03-05T19",
        "5 flurb 2026",
        "2026-13-05 19:30",
        "1930",
    ],
)
def test_what_a_parser_lets_through_by_accident_is_no_time(text: str) -> None:
    assert problem({"start": text}, timezone="Africa/Nairobi")[0] in ("DATE_FORMAT", "DATE_IMPLAUSIBLE")


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("05/03/2026 7:30 p. m.", "%d/%m/%Y %I:%M %p"),
        ("٠٥/٠٣/٢٠٢٦ ٧:٣٠ م", "%d/%m/%Y %I:%M %p"),
        ("05.03.26 19:30", "%d.%m.%y %H:%M"),
    ],
)
def test_a_declared_format_is_of_the_numbers_whatever_their_script(text: str, date_format: str) -> None:
    assert moment(text, date_format=date_format) == EVENING


@pytest.mark.parametrize(
    ("texts", "day_first", "date_format"),
    [
        (["05/03/2026 18:30", "13/03/2026 18:30"], None, "%d/%m/%Y %H:%M"),
        (["3/5/2026 6:30:00 PM", "3/13/2026 6:30:00 PM"], True, "%m/%d/%Y %I:%M:%S %p"),
        (["05/03/2026"], True, "%d/%m/%Y"),
        (["05/03/2026"], False, "%m/%d/%Y"),
        (["05/03/2026"], None, None),
        (["٠٥-٠٣-٢٠٢٦ ٦:٣٠ م"], True, "%d-%m-%Y %I:%M %p"),
        (["05/03/2026", "05.03.2026"], True, None),
        (["13/03/2026", "03/13/2026"], None, None),
        (["45/03/2026"], True, None),
        ([], True, None),
    ],
)
def test_how_dates_are_written_is_told_by_all_of_them(
    texts: list[str], day_first: Any, date_format: str | None
) -> None:
    assert guess_date_format(texts, day_first=day_first) == date_format


# --- positions as they come ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "POINT (72.8801 19.0712)",
        "Point Z (72.8801 19.0712 12.5)",
        "SRID=4326;POINT(72.8801 19.0712)",
        "MULTIPOINT ((72.8801 19.0712))",
        "(19.0712, 72.8801)",
        "19.0712,72.8801",
        "19,0712 72,8801",
        "19.0712; 72.8801",
        "19.0712 N, 72.8801 E",
        "19°04'16.32\"N 72°52'48.36\"E",
    ],
)
def test_a_position_is_read_as_programs_write_it(text: str) -> None:
    row = {"latitude": "", "longitude": "", "gps": text}
    columns = {name: name for name in ("latitude", "longitude", "lighting")} | {"position": "gps"}
    (point,) = one(row, columns=columns).submissions.geometry
    assert (round(point.x, 4), round(point.y, 4)) == (72.8801, 19.0712)


def test_a_position_as_wkt_is_known_without_a_name() -> None:
    found = audits(cells([("1", "POINT (72.8801 19.0712)", "2")], ("id", "geom", "lighting")))
    assert len(found.submissions) == 1


@pytest.mark.parametrize("text", ["MULTIPOINT ((72.88 19.07), (72.89 19.07))", "LINESTRING (72.88 19.07, 72.9 19.1)"])
def test_several_points_are_no_position(text: str) -> None:
    columns = {"position": "gps", "lighting": "lighting"}
    assert problem({"gps": text}, columns=columns)[0] == "COORD_FORMAT"


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("19.071.234", "72.880.123"),
        ("19,071234", "72,880123"),
        ("19.071234 N", "72.880123E"),
        ("N 19.071234", "72.880123 e"),
        ("19.071234°", "+72.880123"),
    ],
)
def test_degrees_in_a_spreadsheets_clothes(latitude: str, longitude: str) -> None:
    (point,) = one({"latitude": latitude, "longitude": longitude}).submissions.geometry
    assert (round(point.x, 6), round(point.y, 6)) == (72.880123, 19.071234)


def test_degrees_whose_point_is_lost_are_told_by_the_city_alone() -> None:
    mangled = {"latitude": "19.071.234"}
    assert problem(mangled, extent=None)[0] == "COORD_FORMAT"
    assert problem({"latitude": "88.071.234"})[0] == "COORD_FORMAT"
    said = one({**mangled, "longitude": "72.880.123"}).counts[0].remarks
    assert any('are not plain numbers, such as "19.071.234"' in remark for remark in said)


def test_west_may_be_written_in_spanish() -> None:
    (point,) = one({"latitude": "19.07 N", "longitude": "-72.88"}, extent=(-73, 19, -72, 20)).submissions.geometry
    (west,) = one({"latitude": "19.07 N", "longitude": "72.88 O"}, extent=(-73, 19, -72, 20)).submissions.geometry
    assert west.equals(point)


def test_a_collection_of_one_point_in_geojson_is_that_point(tmp_path: Path) -> None:
    shapes = [[[72.88, 19.07]], [[72.88, 19.07], [72.89, 19.07]]]
    features = [
        {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": shape}, "properties": {"lighting": 1}}
        for shape in shapes
    ]
    file = tmp_path / "a.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (read,) = sources.read(admit(file), AuditSettings(file=file))
    assert read.row(0) == ["72.88", "19.07", "1"]
    assert read.rejected["code"].tolist() == ["NOT_A_POINT"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("S9YG6S6 Ngong Road", "S9YG6S6"),
        ("s9yg 6s6, Ngong Road 12", "S9YG6S6"),
        ("S9YG6S6 (by the well)", "S9YG6S6"),
        ("S9-YG6-S6", "S9YG6S6"),
        ("S9YG6S6X Ngong Road", None),
        ("S9YG6S7 Ngong Road", None),
        ("Ngong Road S9YG6S6", None),
        ("Lamp 7", "S9M4TB2"),
    ],
)
def test_a_place_code_may_stand_with_its_street_behind_it(written: str, code: str | None) -> None:
    one_place = pd.DataFrame({"place_code": ["S9YG6S6"], "place_id": ["w1"], "label": ["Ngong Road"]})
    none = one_place.iloc[:0]
    places: Any = SimpleNamespace(segments=one_place, spaces=none, stops=none)
    directory = Directory(places=places, overrides={"Lamp 7": "S9M4TB2"})
    (found,) = directory.codes(pd.Series([written]))
    assert (found == code) if code else (found not in ("S9YG6S6", "S9M4TB2"))
