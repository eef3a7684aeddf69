"""XLSX as it comes: which sheet, repeat groups, dates and numbers as text, and what is refused unread."""

from __future__ import annotations

import io
import os
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook

from safeaudit.audits import sources
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files import worksheets
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from safeaudit.audits.cells import Cells

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)
Sheets = "Mapping[str, Sequence[Sequence[object]]]"


class When(float):
    """A number that the sheet shows as date and time: days since 1899-12-30."""


def column(number: int) -> str:
    return chr(ord("A") + number)


def cell(reference: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
        case When():
            return f'<c r="{reference}" s="1"><v>{value}</v></c>'
        case int() | float():
            return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def worksheet(rows: Sequence[Sequence[object]]) -> str:
    lines = (
        f'<row r="{at}">' + "".join(cell(f"{column(i)}{at}", value) for i, value in enumerate(row)) + "</row>"
        for at, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def parts(**held: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return the parts of a workbook, as small as Excel would still open it."""
    named = list(enumerate(held, start=1))
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in named)
    links = "".join(
        f'<Relationship Id="r{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at, _ in named
    )
    styles = f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    book = f'<Relationship Id="b" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE.replace("relationships", "content-types")}"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">{book}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}{styles}</Relationships>',
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{at}.xml": worksheet(held[name]) for at, name in named},
    }


def write(folder: Path, held: Mapping[str, str], name: str = "walk.xlsx") -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in held.items():
            archive.writestr(part, content)
    path = folder / name
    path.write_bytes(stream.getvalue())
    return path


def cells(path: Path, **settings: Any) -> Cells:
    (found,) = sources.read(admit(path), AuditSettings(file=path, **settings))
    return found


def rows(found: Cells) -> list[tuple[object, ...]]:
    return list(zip(found.lines.tolist(), *found.columns, strict=True))


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as refused:
        cells(path)
    return str(refused.value)


def test_cells_are_text_as_people_would_write_it(tmp_path: Path) -> None:
    held = [
        ["when", "lat", "level", "yes", "note"],
        [When(46086.75), 19.0712, 2.0, True, "2.0"],
        [None, -1, 0, 1, None],
    ]
    assert rows(cells(write(tmp_path, parts(walk=held)))) == [
        (2, "2026-03-05T18:00:00", "19.0712", "2", "true", "2.0"),
        (3, "", "-1", "0", "1", ""),
    ]


def test_lines_are_rows_of_the_sheet(tmp_path: Path) -> None:
    found = cells(write(tmp_path, parts(walk=[[None], ["a", "b"], ["#x", None], [1, 2], [None, None], [3, 4]])))
    assert found.header == ("a", "b")
    assert rows(found) == [(4, "1", "2"), (6, "3", "4")]
    assert found.remarks == ("The second row holds HXL tags and was skipped.", "1 empty rows were skipped.")


def test_the_sheet_with_most_cells_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, parts(readme=[["how to"]], walk=[["a", "b"], [1, 2], [3, 4]], codes=[["c"], [1]]))
    found = cells(path)
    assert found.header == ("a", "b")
    assert found.remarks == ('Sheet "walk" was read. To read "readme", "codes", name its columns under columns.',)


def test_the_sheet_whose_columns_are_named_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, parts(walk=[["a", "b"], [1, 2], [3, 4]], other=[["lat"], [5]]))
    assert rows(cells(path, columns={"latitude": "lat"})) == [(2, "5")]


FORM = [["start", "_uuid", "_index"], ["t1", "u1", 1], ["t2", "u2", 2], ["t3", "u3", 3]]
REPEAT = ["_index", "_parent_table_name", "_parent_index"]


def test_a_group_asked_place_by_place_is_joined_to_its_form(tmp_path: Path) -> None:
    stops = [
        ["_gps_latitude", "lighting", *REPEAT],
        [19.1, 1, 1, "form", 2],
        [19.2, 2, 2, "form", 1],
        [19.3, 0, 3, "form", 2],
    ]
    found = cells(write(tmp_path, parts(form=FORM, stops=stops)))
    assert found.header == ("_gps_latitude", "lighting", *REPEAT, "start", "_uuid")
    assert [(line, lat, start, uuid) for line, lat, _, _, _, _, start, uuid in rows(found)] == [
        (2, "19.1", "t2", "u2/stops/1"),
        (3, "19.2", "t1", "u1/stops/2"),
        (4, "19.3", "t2", "u2/stops/3"),
        (4, "", "t3", "u3"),
    ]
    assert found.remarks == ('Its rows are those of the group "stops", each with what "form" says of it.',)


def test_a_group_asked_of_people_is_left_until_its_columns_are_named(tmp_path: Path) -> None:
    people = [["age", *REPEAT], [12, 1, "form", 1], [60, 2, "form", 1]]
    path = write(tmp_path, parts(form=FORM, people=people))
    assert len(cells(path).lines) == 3
    assert cells(path).remarks == ('Sheet "form" was read. To read "people", name its columns under columns.',)
    named = cells(path, columns={"auditor_age": "age", "observed_at": "start"})
    assert [row[1] for row in rows(named)] == ["12", "60", "", ""]


def test_a_group_within_a_group_has_the_form_of_both(tmp_path: Path) -> None:
    walks = [["walk", *REPEAT], ["w1", 1, "form", 1], ["w2", 2, "form", 1]]
    stops = [["_gps_latitude", *REPEAT], [19.1, 1, "walks", 2]]
    found = cells(write(tmp_path, parts(form=FORM, walks=walks, stops=stops)), columns={"latitude": "_gps_latitude"})
    by_name = dict(zip(found.header, rows(found)[0][1:], strict=True))
    assert (by_name["_gps_latitude"], by_name["walk"], by_name["start"]) == ("19.1", "w2", "t1")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("audits.csv", "This is a zip archive of CSV files. Unpack it, and name the file with the audits."),
        ("content.xml", "This is an OpenDocument sheet. Save it as XLSX, or as CSV UTF-8."),
        ("photo.jpg", "This is a zip archive, not an XLSX file."),
        ("C:/autoexec", 'It holds a file whose name leads elsewhere: "C:/autoexec".'),
        ("/etc/x", 'It holds a file whose name leads elsewhere: "/etc/x".'),
    ],
)
def test_other_archives_are_refused_by_what_they_hold(tmp_path: Path, name: str, sentence: str) -> None:
    assert sentence in refusal(write(tmp_path, {name: "a,b\n1,2\n"}))


def test_cells_far_apart_are_refused_before_they_are_laid_out(tmp_path: Path) -> None:
    far = f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1"/><c r=\'XFD1048576\'><v>1</v></c></row>'
    held = parts(walk=[["a"]]) | {"xl/worksheets/sheet1.xml": far + "</sheetData></worksheet>"}
    assert "A sheet has 1048576 rows and 16384 columns; at most 20000000 cells" in refusal(write(tmp_path, held))


def test_empty_and_damaged_workbooks_are_refused(tmp_path: Path) -> None:
    assert "All its sheets are empty." in refusal(write(tmp_path, parts(walk=[[None]])))
    broken = parts(walk=[["a"], [1]]) | {"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"}
    assert "It is a damaged XLSX file" in refusal(write(tmp_path, broken))


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, parts(walk=[["a"], *([n] for n in range(20_000))]))
    held = zipfile.ZipFile(path).getinfo("xl/worksheets/sheet1.xml")
    true, lie = (size.to_bytes(4, "little") for size in (held.file_size, 1_000))
    content = path.read_bytes()
    assert content.count(true) == 2
    path.write_bytes(content.replace(true, lie))
    assert "It is a damaged or locked archive" in refusal(path)


@pytest.mark.parametrize("block_bytes", [1, 50, 8 * 1024**2])
def test_a_sheet_is_measured_block_by_block(monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(worksheets, "_BLOCK_BYTES", block_bytes)
    near = b'<row r="1"><c r="A1"/><c r="B1"/></row><row r="1200000"><c r="ZZ9"/></row>'
    with pytest.raises(InputError, match="A sheet has 1200000 rows and 702 columns"):
        worksheets._check_extent(near, "walk.xlsx")
    worksheets._check_extent(b"<sheetData/>", "walk.xlsx")


@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/SharedStrings.xml"])
def test_texts_that_would_fill_the_memory_are_refused_by_the_directory(tmp_path: Path, name: str) -> None:
    texts = "<si><t>ab</t></si>" * (worksheets.MAX_WORDS_BYTES // 18 + 1)
    held = parts(walk=[["a"], [1]]) | {name: texts}
    path = write(tmp_path, held)
    with zipfile.ZipFile(path, "a") as archive:  # a photo that hides how much the rest unpacks to
        archive.writestr("xl/media/a.png", os.urandom(1024**2))
    assert "Its texts take 67108878 bytes; at most 67108864 are read." in refusal(path)


def test_a_title_and_two_rows_of_names_as_merged_cells_leave_them(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ("Marcha exploratoria",),
        (),
        ("Fecha", "Lugar", None, "Calificación", None),
        (None, "Latitud", "Longitud", "Luz", "Gente"),
        ("2026-03-05", 1.5, 2.5, 3, 2),
        ("2026-03-06", 1.5, 2.5, 1, 0),
    ):
        book.active.append(row)
    for merged in ("A1:E1", "A3:A4", "B3:C3", "D3:E3"):
        book.active.merge_cells(merged)
    book.save(tmp_path / "a.xlsx")
    (read,) = sources.read(admit(tmp_path / "a.xlsx"), AuditSettings(file=tmp_path / "a.xlsx"))
    assert read.header == ("Fecha", "Lugar/Latitud", "Lugar/Longitud", "Calificación/Luz", "Calificación/Gente")
    assert read.lines.tolist() == [5, 6]
    assert read.row(0) == ["2026-03-05", "1.5", "2.5", "3", "2"]
    assert read.remarks[:2] == (
        "1 rows above the names of the columns were left out.",
        "The names of the columns stand in two rows and were joined.",
    )
