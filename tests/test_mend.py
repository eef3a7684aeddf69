"""office/mend.xlsx: what stands in it, and that what people and spreadsheets do to it comes back whole."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from projects import safeaudit, snapshot
from walked import NORTH, SOUTH, row, streets, town

from safeaudit.languages import LANGUAGES, read_language

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Said

DAY = ("--day", "2026-06-01")
POWER = '[faults]\nagencies = { lamp_out = "Power" }'
ENDS = "[publish]\nlone_ends_m = 0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a town: lamps out in South and North, rubbish that nobody owns in South, vendors in North."""
    rows = [
        row(1, faults="lamp_out", walk_id="w1"),
        row(2, faults="lamp_out rubbish", walk_id="w2"),
        row(3, NORTH, faults="lamp_out vendors", walk_id="w3"),
    ]
    return town(tmp_path / "town", rows, ENDS, POWER)


def actions(folder: Path, *more: object) -> Said:
    return safeaudit("actions", folder, "--out", folder / "out", *DAY, *more)


def book(folder: Path) -> Path:
    return folder / "out" / "office" / "mend.xlsx"


def edited(folder: Path, edit: Callable[[Any], None], name: str = "back.xlsx") -> Path:
    """Return the workbook as somebody saves it after an edit."""
    if not book(folder).exists():
        assert actions(folder).code == 0
    work = openpyxl.load_workbook(book(folder))
    edit(work)
    work.save(folder / name)
    return folder / name


def column(sheet: Any, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def write(sheet: Any, line: int, **cells: object) -> None:
    for heading, value in cells.items():
        sheet.cell(line, column(sheet, heading.replace("_", " ")), value)


def lines(folder: Path) -> list[dict[str, str]]:
    text = (folder / "actions.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_sheet_for_each_agency_and_what_has_none(folder: Path) -> None:
    said = actions(folder)
    assert said.stdout.splitlines()[:2] == ["No owner yet: 1 to be mended.", "Power: 2 to be mended."]
    work = openpyxl.load_workbook(book(folder))
    assert work.sheetnames == ["Power", "No owner yet", "To discuss with", "Hall", "Help"]
    power = [[cell.value for cell in line] for line in work["Power"].iter_rows()]
    head = power[0]
    south = dict(zip(head, next(line for line in power if str(line[1]).startswith("South")), strict=True))
    assert (south["What is wrong"], south["Reported since"], south["Reports"]) == ("Lamp does not work", "2026 Q1", 2)
    assert (south["Seen since then"], south["Who mends it"], south["Status"]) == ("open", "Power", None)
    (discuss,) = work["To discuss with"].iter_rows(min_row=2, values_only=True)
    assert (discuss[1].startswith("North"), discuss[3]) == (True, 1)
    lists = {str(rule.sqref).split(":")[0][:1]: rule.formula1 for rule in work["Power"].data_validations.dataValidation}
    assert '"planned,under way,mended,cannot be mended"' in lists.values()
    assert '"accepted,refused"' in lists.values()


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    actions(folder)
    first = book(folder).read_bytes()
    book(folder).unlink()
    actions(folder)
    assert book(folder).read_bytes() == first
    with zipfile.ZipFile(book(folder)) as archive:
        assert b"2020-01-01" in archive.read("docProps/core.xml")


def test_what_is_filled_in_comes_back_and_goes_out_again(folder: Path) -> None:
    def fill(work: Any) -> None:
        text = work["Power"].cell(2, column(work["Power"], "Measure"), "=New lamp")
        text.data_type = "s"  # as Excel keeps it in a cell of text
        said = {"Quantity": 2, "Unit": "lamps", "Cost": 1200.5, "Asset_id": "00012"}
        words = {"Accepted_or_refused": "accepted", "Status": "planned", "Due_on": datetime(2026, 11, 30)}  # noqa: DTZ001
        write(work["Power"], 2, **said, **words)
        work["Hall"].append([work["Power"].cell(2, 3).value, "", "disagree", "two lamps are out", 14, "2026-05-30"])

    said = actions(folder, "--read", edited(folder, fill))
    assert "back.xlsx: 2 changes taken, 0 not taken." in said.stdout, said.stdout
    action, hall = lines(folder)
    assert (action["measure"], action["cost"], action["asset_id"]) == ("'=New lamp", "'1200.5", "'00012")
    assert (action["due"], action["day"], action["decision"]) == ("'2026-11-30", "'2026-06-01", "accepted")
    assert (hall["about"], hall["agree"], hall["votes"]) == ("hall", "disagree", "14")
    work = openpyxl.load_workbook(book(folder))
    values = [cell.value for cell in work["Power"][2]]
    assert "'=New lamp" in values
    assert 1200.5 in values
    assert work["Hall"].cell(2, 4).value == "two lamps are out"
    # Read once more, nothing is new; and the first line stands as it stood.
    before = (folder / "actions.csv").read_bytes()
    said = actions(folder, "--read", book(folder))
    assert "mend.xlsx: 0 changes taken, 0 not taken." in said.stdout
    assert (folder / "actions.csv").read_bytes() == before
    again = edited(folder, lambda work: write(work["Power"], 2, Measure="Two lamps"), "again.xlsx")
    actions(folder, "--read", again)
    assert lines(folder)[:2] == [action, hall]
    assert [line["measure"] for line in lines(folder)] == ["'=New lamp", "", "Two lamps"]
    assert len(list((folder / "actions").iterdir())) == 3


def test_rows_sorted_columns_moved_a_title_above_and_a_sheet_taken_out(folder: Path) -> None:
    def shuffle(work: Any) -> None:
        sheet = work["Power"]
        write(sheet, 2, Measure="first")
        write(sheet, 3, Measure="second")
        rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
        work.remove(sheet)
        other = work.create_sheet("Power (copy)")
        other.append(["Lamps, as of June"])
        for line in [rows[0], *reversed(rows[1:])]:
            other.append([None, *reversed(line)])
        del work["No owner yet"]

    said = actions(folder, "--read", edited(folder, shuffle))
    assert "2 changes taken, 0 not taken." in said.stdout, said.stdout
    assert "1 actions of nobody yet are not in it: they stay as they were." in said.stdout
    labels = {line["measure"]: line["label"] for line in lines(folder)}
    work = openpyxl.load_workbook(book(folder))
    sheet = work["Power"]
    assert [sheet.cell(line, column(sheet, "Measure")).value for line in (2, 3)] == ["first", "second"]
    assert labels["first"] == sheet.cell(2, 2).value


def test_two_people_who_changed_the_same_row(folder: Path) -> None:
    ann = edited(folder, lambda work: write(work["Power"], 2, Status="planned", Measure="Lamp"), "ann.xlsx")
    bob = edited(folder, lambda work: write(work["Power"], 2, Status="mended", Unit="lamps"), "bob.xlsx")
    said = actions(folder, "--read", ann, "--read", bob)
    assert said.code == 1
    assert "ann.xlsx: 1 changes taken, 0 not taken." in said.stdout
    assert "bob.xlsx: 1 changes taken, 1 not taken." in said.stdout
    sentence = 'status: "mended" was not taken: since that sheet was written somebody made it "planned"'
    assert sentence in said.stdout
    assert 'Sheet "Power" row 2' in said.stdout
    last = lines(folder)[-1]
    assert (last["status"], last["measure"], last["unit"]) == ("planned", "Lamp", "lamps")
    kept = [line for line in lines(folder) if line["state"] == "not_taken"]
    assert [(line["status"], sentence in line["why"]) for line in kept] == [("mended", True)]
    before = (folder / "actions.csv").read_bytes()
    actions(folder, "--read", bob)  # read again, it is not written down again
    assert (folder / "actions.csv").read_bytes() == before


HABITS = [
    ("Due_on", 46356, "due", "2026-11-30"),
    ("Due_on", "30.11.2026", "due", "2026-11-30"),
    ("Due_on", "30-Nov-26", "due", "2026-11-30"),
    ("Due_on", "2026/11/30", "due", "2026-11-30"),
    ("Cost", "1 200,50", "cost", "1200.5"),
    ("Cost", "1,200,000", "cost", "1200000"),
    ("Budget_line", 4711, "budget_line", "4711"),
    ("Status", "MENDED", "status", "mended"),
    ("Status", "réparé", "status", "mended"),
    ("Status", "done, I think", "status", None),
    ("Due_on", "03/04/2026", "due", None),
    ("Due_on", "next week", "due", None),
    ("Due_on", "31.02.2026", "due", None),
    ("Cost", "1,200", "cost", None),
    ("Cost", "much", "cost", None),
    ("Asset_id", datetime(2026, 4, 3), "asset_id", None),  # noqa: DTZ001 - what Excel makes of 3-4
    ("Asset_id", 12345678901234567890, "asset_id", None),
]


@pytest.mark.parametrize(("heading", "cell", "name", "expected"), HABITS)
def test_habits_of_spreadsheets(folder: Path, heading: str, cell: object, name: str, expected: str | None) -> None:
    said = actions(folder, "--read", edited(folder, lambda work: write(work["Power"], 2, **{heading: cell})))
    (line,) = lines(folder)
    if expected is None:
        assert said.code == 1
        assert f'{name}: "' in said.stdout
        assert (line["state"], bool(line[name])) == ("not_taken", True)
    else:
        assert said.code == 0, said.stdout
        assert (line["state"], line[name].removeprefix("'")) == ("taken", expected)


def test_a_row_about_a_place_that_is_gone_and_one_of_the_offices_own(folder: Path) -> None:
    def own(work: Any) -> None:
        code = work["Power"].cell(2, 3).value
        for about in ((code, "Benches"), ("SZZZZZZ", "Benches"), (code, "")):
            work["No owner yet"].append(["", "Somewhere", *about, *[""] * 4, "Council"])

    file = edited(folder, own)
    said = actions(folder, "--read", file)
    assert 'no place here has the code "SZZZZZZ", or it is no longer on the map' in said.stdout
    assert "it does not say what is wrong there" in said.stdout
    assert "1 changes taken, 2 not taken." in said.stdout
    assert "Council: 1 to be mended." in said.stdout
    # North is taken off the map: what was said of it stays, and is named.
    fill = edited(folder, lambda work: [write(work["Power"], line, Measure="Lamp") for line in (2, 3)], "both.xlsx")
    actions(folder, "--read", fill)
    (folder / "streets.geojson").write_text(json.dumps(streets({"South": SOUTH[0]})), encoding="utf-8")
    late = edited(folder, lambda work: [write(work["Power"], line, Unit="lamps") for line in (2, 3)], "late.xlsx")
    said = actions(folder, "--read", late)
    assert "the place is no longer on the map; what was said of it is kept." in said.stdout
    assert sum(line["unit"] == "lamps" for line in lines(folder)) == 2
    work = openpyxl.load_workbook(book(folder))
    told = [line[4] for line in work["No owner yet"].iter_rows(min_row=2, values_only=True)]
    assert told.count("no longer on the map") == 1


def test_a_workbook_that_was_not_read_is_not_written_over(folder: Path) -> None:
    file = edited(folder, lambda work: write(work["Power"], 2, Measure="Lamp"))
    book(folder).write_bytes(file.read_bytes())
    before = snapshot(folder)
    said = actions(folder)
    assert said.code == 2
    assert "It holds 1 changes that were not read yet" in said.stderr
    assert snapshot(folder) == before
    assert actions(folder, "--read", book(folder)).code == 0


def test_settings_that_name_another_agency_later_change_no_word_of_the_office(folder: Path) -> None:
    actions(folder)
    old = folder / "old.xlsx"
    old.write_bytes(book(folder).read_bytes())
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    (folder / "safeaudit.toml").write_text(toml.replace('"Power"', '"Light Ltd"'), encoding="utf-8")
    said = actions(folder)  # nothing was filled in: it may be written over
    assert (said.code, "Light Ltd: 2 to be mended." in said.stdout) == (0, True), said.stderr
    assert "old.xlsx: 0 changes taken, 0 not taken." in actions(folder, "--read", old).stdout
    moved = edited(folder, lambda work: write(work["Light Ltd"], 2, Who_mends_it="Council"))
    assert "Council: 1 to be mended." in actions(folder, "--read", moved).stdout
    unread = edited(folder, lambda work: write(work["Council"], 2, Unit="lamps"), "late.xlsx")
    assert "late.xlsx: 1 changes taken, 0 not taken." in actions(folder, "--read", unread).stdout


def test_a_place_that_is_gone_and_of_which_nothing_was_said_stops_nothing(folder: Path) -> None:
    actions(folder)
    (folder / "streets.geojson").write_text(json.dumps(streets({"South": SOUTH[0]})), encoding="utf-8")
    assert actions(folder).code == 0


def test_a_code_and_what_is_wrong_are_enough_for_an_action_of_the_offices_own(folder: Path) -> None:
    def own(work: Any) -> None:
        work["No owner yet"].append(["", "", work["Power"].cell(2, 3).value, "Benches"])

    said = actions(folder, "--read", edited(folder, own))
    assert "No owner yet: 2 to be mended." in said.stdout
    assert lines(folder)[0]["issue"] == "Benches"
    assert "0 changes taken" in actions(folder, "--read", book(folder)).stdout


def test_reports_that_belong_to_no_place_are_counted(folder: Path) -> None:
    far = [row(9, (SOUTH[0] + 0.0006, 72.8805), faults="lamp_out", walk_id="w9"), row(1, faults="lamp_out")]
    town(folder, far, ENDS, POWER)
    found = actions(folder, "--json").document
    assert (found["actions"], found["without_place"]) == ({"Power": 1}, 1)
    assert "Reports that belong to no place, and are in no list: 1." in actions(folder).stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", "This is no XLSX file."),
        (None, "None of its sheets is a list of actions."),
    ],
)
def test_another_file_is_refused_and_nothing_is_kept(folder: Path, content: bytes | None, expected: str) -> None:
    file = folder / "other.xlsx"
    if content is None:
        work = openpyxl.Workbook()
        work.active.append(["Name", "Amount"])
        work.save(file)
    else:
        file.write_bytes(content)
    good = edited(folder, lambda work: write(work["Power"], 2, Measure="Lamp"))
    said = actions(folder, "--read", good, "--read", file)
    assert (said.code, expected in said.stderr) == (2, True)
    assert not (folder / "actions.csv").exists()


def test_how_far_it_is_from_a_junction_is_told_to_the_agency_alone(tmp_path: Path) -> None:
    west = {"type": "LineString", "coordinates": [[72.8800, SOUTH[0]], [72.8800, SOUTH[0] + 0.001]]}
    lines_ = streets({"South": SOUTH[0]})
    lines_["features"].append(
        {"type": "Feature", "properties": {"name": "West", "highway": "residential"}, "geometry": west}
    )
    spot = (SOUTH[0], 72.8804)  # 42 m east of the junction

    def told(consent: str, accuracy: object = 5, *lines: str) -> tuple[list[Any], list[Any]]:
        folder = tmp_path / f"{consent}-{accuracy}-{len(lines)}"
        rows = [
            row(n, spot, faults="lamp_out rubbish", consent=consent, walk_id=f"w{n}", accuracy_m=accuracy)
            for n in (1, 2)
        ]
        town(folder, rows, POWER, *lines, streets=lines_)
        actions(folder)
        work = openpyxl.load_workbook(book(folder))
        cells = (
            [line[4] for line in work[name].iter_rows(min_row=2, values_only=True)]
            for name in ("Power", "No owner yet")
        )
        power, nobody = cells
        return power, nobody

    assert told("conditions", 5, ENDS) == (["about 40 m from the junction with West"], [None])
    assert told("analysis", 5, ENDS) == ([None], [None])
    assert told("conditions", 25, ENDS) == ([None], [None])
    assert told("conditions") == ([None], [None])  # the ends of a walk by one person are held back


def test_a_city_speaks_its_language_and_reads_back_any(tmp_path: Path) -> None:
    folder = town(tmp_path / "town", [row(1, faults="lamp_out")], ENDS, POWER)
    toml = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    (folder / "safeaudit.toml").write_text(toml.replace("[city]", '[city]\nlanguages = ["fr"]'), encoding="utf-8")
    french = edited(folder, lambda work: write(work["Power"], 2, Mesure="Lampe", État="réparé"), "fr.xlsx")
    (folder / "safeaudit.toml").write_text(toml, encoding="utf-8")
    said = actions(folder, "--read", french)
    assert "1 changes taken, 0 not taken." in said.stdout, said.stdout
    assert (lines(folder)[0]["measure"], lines(folder)[0]["status"]) == ("Lampe", "mended")


@pytest.mark.parametrize("head", ["column", "decision", "status", "agree"])
def test_no_word_of_the_sheets_is_another_in_any_language(head: str) -> None:
    known: dict[str, str] = {}
    for code in LANGUAGES:
        for key, text in read_language(code).under(f"mend.{head}.").items():
            assert known.setdefault(text.casefold(), key) == key, (code, text)
