"""Every hostile or broken input leads to what its README says, in words.

One table per folder: file -> what it must lead to. A file that has no entry fails the first test.
"""

# ruff: noqa: RUF001 - letters and digits of other scripts are what is tested
from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from safeaudit.audits import sources
from safeaudit.audits.normalise import normalise
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Audits

MUMBAI = (72.8, 19.0, 72.95, 19.2)
TO_FOUR = MappingProxyType({"scale": (0.0, 4.0)})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What one file leads to: a refusal with this sentence, or these rows.

    `rejected` holds (line, code) in order; `said` stands in one of the remarks or messages.
    """

    refused: str = ""
    accepted: int = 0
    rejected: tuple[tuple[int, str], ...] = ()
    duplicates: int = 0
    said: str = ""
    settings: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))


CSV = {
    "00_good.csv": Expected(accepted=5, settings=TO_FOUR),
    "01_utf16le_bom.csv": Expected(accepted=2, settings=TO_FOUR, said="It is read as UTF-16"),
    "02_utf8_bom.csv": Expected(accepted=2, settings=TO_FOUR),
    "03_cp1252.csv": Expected(refused="line 2: It is not UTF-8 at byte 162 (line 2, value 0xE9). It may be cp1252"),
    "04_mixed_encodings.csv": Expected(
        accepted=1, rejected=((2, "ENCODING"),), said="letters in another encoding than the rest of the file"
    ),
    "05_semicolon_decimal_comma.csv": Expected(
        rejected=((2, "DATE_AMBIGUOUS"),), said='In "05.03.2024 18:30" day and month cannot be told apart.'
    ),
    "06_decimal_comma_quoted.csv": Expected(accepted=1, said='such as "19,0700"; they were read as degrees.'),
    "07_swapped_latlon.csv": Expected(refused="All 5 points fall in the city when latitude and longitude are swapped"),
    "08_null_island.csv": Expected(
        accepted=1, rejected=((2, "NULL_ISLAND"), (3, "NULL_ISLAND")), said="the phone had no fix"
    ),
    "09_projected_utm.csv": Expected(
        rejected=((2, "COORD_RANGE"), (3, "COORD_RANGE")), said='looks like metres of a map grid: set crs = "EPSG:..."'
    ),
    "10_dms.csv": Expected(accepted=3, said='3 values of "latitude" are not plain numbers'),
    "11_dates.csv": Expected(  # lines 8 and 15 name their month: they cannot be misread
        accepted=3,
        rejected=(
            (2, "DATE_AMBIGUOUS"),
            (3, "DATE_FORMAT"),
            (5, "DATE_FORMAT"),
            (6, "DATE_FORMAT"),
            (7, "DATE_FORMAT"),
            (9, "DATE_IMPLAUSIBLE"),
            (10, "DATE_IMPLAUSIBLE"),
            (11, "DATE_FORMAT"),
            (12, "DATE_IMPLAUSIBLE"),
            (13, "DATE_IMPLAUSIBLE"),
            (14, "DATE_IMPLAUSIBLE"),
            (16, "DATE_FORMAT"),
        ),
        said='Say which: date_format = "%d/%m/%Y" or "%m/%d/%Y"',
    ),
    "12_duplicate_uuid.csv": Expected(
        accepted=2, duplicates=2, settings=TO_FOUR, said="2 rows share an id with another row of other content"
    ),
    "13_missing_uuid.csv": Expected(accepted=3, said="2 rows are alike and have no id: they may be duplicates"),
    "14_truncated_in_quote.csv": Expected(
        accepted=1, rejected=((3, "TRUNCATED"),), said="The file ends inside a quoted text that begins in this row."
    ),
    "15_truncated_in_number.csv": Expected(
        accepted=1, rejected=((3, "TRUNCATED"),), said="The file ends in the middle of this row."
    ),
    "16_truncated_in_utf8.csv": Expected(rejected=((2, "TRUNCATED"),), said="Export or copy it once more."),
    "17_nan_inf.csv": Expected(
        rejected=(
            (2, "COORD_FORMAT"),
            (3, "COORD_FORMAT"),
            (4, "LEVEL_UNKNOWN"),
            (5, "LEVEL_RANGE"),
            (6, "LEVEL_RANGE"),
            (7, "LEVEL_RANGE"),
            (8, "COORD_MISSING"),
            (9, "COORD_FORMAT"),
            (10, "LEVEL_UNKNOWN"),
        ),
        said='17_nan_inf.csv line 10, column "lighting": "#REF!" is no known answer',
    ),
    "18_nul_bytes.csv": Expected(rejected=((2, "CONTROL_CHAR"),), said="a control character, such as NUL"),
    "19_ragged.csv": Expected(
        accepted=1,
        rejected=((3, "FIELD_COUNT"), (4, "FIELD_COUNT")),
        said="line 4: This row has 10 fields; the header has 8.",
    ),
    "20_duplicate_columns.csv": Expected(refused="Column latitude appears twice."),
    "21_empty.csv": Expected(refused="This file is empty."),
    "22_header_only.csv": Expected(said="It holds a header and no rows."),
    "23_blank_lines.csv": Expected(accepted=5, settings=TO_FOUR),
    "24_formula.csv": Expected(accepted=10),
    "25_html_js_injection.csv": Expected(accepted=19),
    "26_jinja_injection.csv": Expected(accepted=7),
    "27_injection_in_header.csv": Expected(
        refused="found: latitude, longitude, <img src=x onerror=window.__pwn=1>, Z{{"
    ),
    "28_sql_injection.csv": Expected(accepted=2),
    "29_digits_unicode.csv": Expected(accepted=2, rejected=((4, "OUTSIDE_AREA"),), said='such as "١٩٫٠٧"'),
    "30_score_out_of_range.csv": Expected(
        rejected=((2, "LEVEL_RANGE"), (3, "LEVEL_RANGE"), (4, "LEVEL_RANGE"), (5, "LEVEL_UNKNOWN")),
        settings=TO_FOUR,
        said='"2.7" is not a whole number from 0 to 4 for lighting.',
    ),
    "31_mac_cr_lines.csv": Expected(accepted=5, settings=TO_FOUR),
    "32_html_login_page.csv": Expected(refused="This is an HTML page, probably a log-in page."),
    "33_missing_columns.csv": Expected(refused="It has no latitude/longitude column; found: id, note."),
    "34_kobo_geopoint.csv": Expected(
        accepted=2, rejected=((4, "COORD_MISSING"),), said="1 rows have a fix worse than 100 m (LOW_PRECISION)."
    ),
    "35_pii_comment.csv": Expected(accepted=5),
    "36_far_outside_city.csv": Expected(
        accepted=1, rejected=((2, "OUTSIDE_AREA"),), said="The point lies 1132 km outside the city's places."
    ),
    "37_impossible_latlon.csv": Expected(
        rejected=((2, "COORD_RANGE"), (3, "COORD_RANGE"), (4, "COORD_RANGE")),
        said='line 3, column "longitude": "181.0" is no longitude',
    ),
    "38_long_cell.csv": Expected(accepted=1),
    "39_xlsx_named.csv": Expected(accepted=3),  # the content decides, not the name
    "40_bomb.csv.gz": Expected(refused="line 3: A line is longer than 1000000 bytes."),
}

ZIP = {
    "bomb_200MB.xlsx": Expected(refused="It would unpack to 196016118 bytes, 340 times its size."),
    "bomb_300MB.kmz": Expected(refused="It would unpack to 300000182 bytes, 1027 times its size."),
    "dimension_lie.xlsx": Expected(accepted=3),
    "good.kmz": Expected(refused="This is a KMZ: places without ratings. Export the audits as CSV, XLSX or GeoJSON."),
    "good.xlsx": Expected(accepted=3),
    "many_entries.zip": Expected(refused="It is an archive of 20000 files; at most 1000 are read."),
    "nested.zip": Expected(refused='It is an archive that holds another one: "inner.zip".'),
    "truncated.kmz": Expected(refused="It is a damaged or locked archive: File is not a zip file."),
    "zip_slip.kmz": Expected(refused='a file whose name leads elsewhere: "../../../opt/safeaudit_zip_slip_canary"'),
}
_DTD = "line 1: It declares a document type or entities, which are not allowed."
_KML = "line 1: This is KML: places without ratings."
XML = {
    "billion_laughs.gpx": Expected(refused=_DTD),
    "billion_laughs.kml": Expected(refused=_DTD),
    "deep_nesting.kml": Expected(refused=_KML),
    "good.gpx": Expected(rejected=((1, "NO_ANSWER"),), said="GPX holds where and when, no ratings"),
    "good.kml": Expected(refused=_KML),
    "gpx_no_time_nan.gpx": Expected(rejected=((1, "COORD_FORMAT"),), said="no latitude and longitude in degrees."),
    "quadratic.gpx": Expected(refused=_DTD),
    "quadratic.kml": Expected(refused=_DTD),
    "truncated.gpx": Expected(refused="line 1: It is cut or damaged"),
    "truncated.kml": Expected(refused=_KML),
    "undeclared_entity.gpx": Expected(refused="line 1: It is cut or damaged: undefined entity"),
    "undeclared_entity.kml": Expected(refused=_KML),
    "xxe_file.gpx": Expected(refused=_DTD),
    "xxe_file.kml": Expected(refused=_DTD),
}
FILES = {
    f"{folder}/{name}": e for folder, found in (("csv", CSV), ("zip", ZIP), ("xml", XML)) for name, e in found.items()
}
EXTRACTS = ".osm"
"""What ends so in xml/ is no audit file: tests/test_badinputs_places.py has it."""


def read(path: Path, **settings: Any) -> Audits:
    audit = AuditSettings(file=path, **settings)
    chunks = sources.read(admit(path), audit)
    return normalise([(audit, chunks)], rubric=STANDARD, timezone="Asia/Kolkata", extent=MUMBAI, key=b"key")


@pytest.mark.parametrize("folder", ["csv", "zip", "xml"])
def test_every_file_has_its_expectation(shared: Path, folder: str) -> None:
    there = {f"{folder}/{path.name}" for path in (shared / "badinputs" / folder).iterdir() if path.suffix != EXTRACTS}
    assert there == {name for name in FILES if name.startswith(folder)}


@pytest.mark.parametrize("name", FILES)
def test_each_file_leads_to_what_it_must(shared: Path, name: str) -> None:
    expected = FILES[name]
    path = shared / "badinputs" / name
    if expected.refused:
        with pytest.raises(InputError) as refusal:
            read(path, **expected.settings)
        assert expected.refused in str(refusal.value)
        assert str(refusal.value).startswith(path.name)
        return
    found = read(path, **expected.settings)
    (count,) = found.counts
    assert (count.accepted, count.duplicates) == (expected.accepted, expected.duplicates)
    assert tuple(zip(found.rejected["line"], found.rejected["code"], strict=True)) == expected.rejected
    assert expected.said in "\n".join([*count.remarks, *found.rejected["message"]])


@pytest.mark.parametrize(
    ("name", "settings", "accepted"),
    [
        ("03_cp1252.csv", {"encoding": "cp1252"}, 1),
        ("05_semicolon_decimal_comma.csv", {"date_format": "%d.%m.%Y %H:%M"}, 1),
        ("09_projected_utm.csv", {"crs": "EPSG:32643"}, 1),
        (
            "07_swapped_latlon.csv",
            {"columns": MappingProxyType({"latitude": "longitude", "longitude": "latitude", "lighting": "lighting"})},
            5,
        ),
        (
            "27_injection_in_header.csv",
            {
                "columns": MappingProxyType(
                    {"latitude": "latitude", "longitude": "longitude", "lighting": "<img src=x onerror=window.__pwn=1>"}
                )
            },
            1,
        ),
    ],
)
def test_the_remedy_that_the_sentence_names_works(
    shared: Path, name: str, settings: dict[str, Any], accepted: int
) -> None:
    assert read(shared / "badinputs" / "csv" / name, **settings).counts[0].accepted == accepted


def test_texts_are_kept_letter_by_letter(shared: Path) -> None:
    folder = shared / "badinputs" / "csv"
    notes = read(folder / "24_formula.csv").submissions["note"]
    assert {"=1+1", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", " =1+1", "＝1+1"} <= set(notes)
    assert (
        read(folder / "03_cp1252.csv", encoding="cp1252").submissions["note"][0] == "café près du marché – très sombre"
    )
    assert len(read(folder / "38_long_cell.csv").submissions["note"][0]) == 200_000
    forms = read(folder / "28_sql_injection.csv").submissions["form"]
    assert "x' OR '1'='1" in set(forms)
