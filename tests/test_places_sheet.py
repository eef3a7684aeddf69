"""office/places.xlsx: what was seen, for who has a spreadsheet; what the office may not see is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
from projects import safeaudit
from walked import NORTH, SOUTH, row, streets, town

if TYPE_CHECKING:
    from pathlib import Path

ENDS = "[publish]\nlone_ends_m = 0"


def sheets(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    said = safeaudit("run", folder, "--out", folder / "out", "--quick")
    assert said.code == 0, said.stderr
    work = openpyxl.load_workbook(folder / "out" / "office" / "places.xlsx")
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in work}


def test_a_row_for_each_place_that_somebody_looked_at(tmp_path: Path) -> None:
    rows = [row(n, level=n % 3, walk_id=f"w{n}") for n in range(4)]
    three = streets({"South": SOUTH[0], "North": NORTH[0], "Far": 19.08})
    found = sheets(town(tmp_path / "town", rows, ENDS, streets=three))
    assert list(found) == ["Streets", "Public spaces", "Stops", "About"]
    head, *places = found["Streets"]
    assert len(places) == 1
    south = dict(zip(head, places[0], strict=True))
    assert (south["Place"].startswith("South"), south["Light"], south["How well seen"]) == (
        True,
        "After dark",
        "enough ratings",
    )
    assert south["Lighting: low"] < south["Lighting"] < south["Lighting: high"]
    assert (south["People"], south["Latest rating"], south["Kind"]) == (4, "2026 Q1", "street")
    assert south["Lighting"] == round(south["Lighting"], 1)
    assert ("Streets", "1 of 3 looked at. 0.1 of 0.3 km.") in found["About"]
    assert len(found["Stops"]) == 1


def test_what_few_people_said_of_people_and_feeling_is_not_in_it(tmp_path: Path) -> None:
    rows = [row(1, people=0, feeling=0, security=0), *(row(n, NORTH, walk_id=f"w{n}") for n in range(2, 8))]
    head, *places = sheets(town(tmp_path / "town", rows, ENDS))["Streets"]
    by_name = {line[1].split(",")[0]: dict(zip(head, line, strict=True)) for line in places}
    assert by_name["South"]["Lighting"] is not None
    private = ("People", "Feeling", "Security", "Audit condition index")
    hidden = [name for name in head if name.partition(":")[0] in private[1:]]
    assert len(hidden) >= 3
    assert [by_name["South"][name] for name in hidden] == [None] * len(hidden)
    assert all(by_name["North"][name] is not None for name in hidden)


def test_a_label_that_would_be_computed_is_text(tmp_path: Path) -> None:
    evil = streets({"=HYPERLINK(1)": SOUTH[0]})
    (_, place), *_ = [sheets(town(tmp_path / "town", [row(1)], ENDS, streets=evil))["Streets"]]
    assert place[1].startswith("'=HYPERLINK")
    first = (tmp_path / "town" / "out" / "office" / "places.xlsx").read_bytes()
    sheets(tmp_path / "town")
    assert (tmp_path / "town" / "out" / "office" / "places.xlsx").read_bytes() == first
