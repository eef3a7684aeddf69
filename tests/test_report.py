"""office/report.html: one page of counts and of what may be shown; no name runs, no small group is counted out."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

from projects import safeaudit, write_toml
from walked import NIGHT, NOON, NORTH, SOUTH, office, row, streets, town

if TYPE_CHECKING:
    from pathlib import Path

ENDS = "[publish]\nlone_ends_m = 0"
POWER = '[faults]\nagencies = { lamp_out = "Power <i>Ltd</i>" }'


def report(folder: Path, *words: str) -> str:
    said = safeaudit("run", folder, "--out", folder / "out", *words)
    assert said.code == 0, said.stderr
    return (folder / "out" / "office" / "report.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_it_says_what_was_walked_what_is_sure_and_what_is_to_be_mended(tmp_path: Path) -> None:
    about = {"auditor_sex": "woman", "faults": "lamp_out"}
    rows = [row(n, level=0, walk_id=f"w{n}", auditor=f"a{n}", **about) for n in range(10)]
    rows += [row(20 + n, NORTH, walk_id="w20", auditor=f"b{n}", auditor_sex="man") for n in range(2)]
    said = words(report(town(tmp_path / "town", rows, ENDS, POWER), "--quick"))
    assert "12 forms of 11 walks, by at least 12 people." in said
    assert "Woman 10." in said
    assert "Man 2" not in said  # fewer than ten: a person could be told by it
    assert "After dark: 0.2 of 0.2 km of streets were looked at." in said
    assert "very likely below the standard. The surest: South" in said
    assert "too few people looked at 1 of" in said
    assert "There are not two rounds of walks that can be compared." in said
    assert re.search(r"South[^.]* Lamp does not work Power <i>Ltd</i> 10 \(2026 Q1\) mended open", said)
    assert "safety walks, as of 2026 Q1." in said


def test_what_is_to_be_mended_and_not_shown_is_counted(tmp_path: Path) -> None:
    many = {f"Street {n}": 19.07 + n / 1000 for n in range(14)}
    rows = [row(n, (19.07 + n / 1000, 72.8805), walk_id=f"w{n}", faults="lamp_out") for n in range(14)]
    said = words(report(town(tmp_path / "town", rows, ENDS, streets=streets(many)), "--quick"))
    assert said.count("Lamp does not work") == 12
    assert "2 more: safeaudit actions writes the whole list." in said


def test_it_says_how_the_same_streets_differ_after_dark_in_the_latest_round(tmp_path: Path) -> None:
    rows = []
    for year, noon in (("2024", 1), ("2026", 3)):
        for n in range(8):
            for spot, where in enumerate((SOUTH, NORTH)):
                about = {"campaign": year, "auditor": f"a{n}", "walk_id": f"{year} {n % 4}"}
                for light, level in ((NOON, noon), (NIGHT, 1 - n % 2)):
                    at = light.replace("2026", year)
                    rows.append(row(len(rows), where, feeling=level if spot else 1, observed_at=at, **about))
    said = words(report(town(tmp_path / "town", rows, ENDS)))
    assert "Feeling, on the same 2 streets: 67 of 100 by day, 25 after dark (" in said
    assert "Audit condition index, on the same 2 streets: 67 of 100 by day, 67 after dark" in said


def test_a_name_from_the_map_is_text(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>{{7*7}}{km}'
    rows = [row(n, level=0, walk_id=f"w{n}", auditor=f"a{n}") for n in range(6)]
    page = report(town(tmp_path / "town", rows, ENDS, streets=streets({evil: SOUTH[0]})), "--quick")
    assert "<script" not in page
    assert evil in words(page)
    assert "default-src 'none'" in page


def test_a_team_without_anything_to_show_gets_a_page_that_says_so(tmp_path: Path) -> None:
    rows = [row(1, consent="analysis")]
    said = words(report(town(tmp_path / "town", rows), "--quick"))
    assert "Nothing was rated that may be shown." in said
    assert "Nothing that is to be mended was reported." in said


STOP = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": "Ferry <b>"},
            "geometry": {"type": "Point", "coordinates": [SOUTH[1], SOUTH[0]]},
        }
    ],
}


def test_it_says_who_reaches_what_in_both_lights(tmp_path: Path) -> None:
    """By day both streets are good; after dark the one with the stop is not."""
    rows = []
    for n in range(12):
        for where, after_dark in ((SOUTH, 0), (NORTH, 3)):
            for light, level in ((NOON, 3), (NIGHT, after_dark)):
                about = {"auditor": f"a{n}", "walk_id": f"w{n}"}
                rows.append(row(len(rows), where, level, observed_at=light, **about))
    folder = town(tmp_path / "town", rows, ENDS)
    said = words(report(folder))
    assert "Who reaches a stop, toilet, school or market The map shows none." in said
    (folder / "stops.geojson").write_text(json.dumps(STOP), encoding="utf-8")
    settings = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    stops = '[places]\nstops = { file = "stops.geojson" }'
    write_toml(folder, settings.replace("[places]", stops))
    said = words(report(folder))
    both = (
        "of 0.1 km of streets within 400 m of 1 of 1, 0.1 (0.1 … 0.1) reach one by day and 0.0 (0.0 … 0.0) after dark."
    )
    assert f"Stops, Street condition: {both}" in said
    assert "Stops, Lighting" not in said  # that is for the table: it is one page
    assert "safe route" not in said.lower()
    table = office(folder, "reach_by_destination")
    assert table["label"].unique().tolist() == ["Ferry <b>"]
    assert set(table.geom_type) == {"Point"}


def test_after_a_quick_run_it_says_nothing_of_reach(tmp_path: Path) -> None:
    assert "Who reaches" not in words(report(town(tmp_path / "town", [row(1)]), "--quick"))
