"""Rejected rows come back mended: each replaces the row of its file and line, and no row is counted twice."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from projects import project, safeaudit, write_csv

from safeaudit import load_config, pipeline, writing
from safeaudit.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = ("id", "cuando", "lat", "lon", "luz", "nota", "Telefono")
ROWS = (
    ("1", "05/03/2026 18:30", "19.0701", "72.8801", "Nada", "", "0711222333"),
    ("2", "05/03/2026 18:40", "", "72.8802", "Mucha", "=1+1", "0711222334"),
    ("3", "05/03/2026 18:50", "19.0703", "72.8803", "verde", "'=2", "0711222335"),
    ("4", "05/03/2026 18:55", "19.0703", "72.8803", "Nada", "x", "0711222336"),
)
WALK = """
[[audits]]
file = "walk.csv"
date_format = "%d/%m/%Y %H:%M"
levels.lighting = { "Nada" = 0, "Mucha" = 3 }
[audits.columns]
submission_id = "id"
observed_at = "cuando"
latitude = "lat"
longitude = "lon"
lighting = "luz"
note = "nota"
consent = "si"
"""
MENDED = '[[audits]]\nfile = "mended.csv"\nmends = "walk.csv"'


def city(folder: Path, *more: str, consents: str = "yyyy") -> Path:
    rows = [(*row, "no" if said == "n" else "yes") for row, said in zip(ROWS, consents, strict=True)]
    project(folder, WALK, *more)
    write_csv(folder / "walk.csv", (*HEADER, "si"), rows)
    return folder


def run(folder: Path) -> pipeline.AuditResult:
    config = load_config(folder)
    result = pipeline.run(config, quick=True)
    writing.write(result, config, folder / "out")
    return result


def rejected_of(folder: Path, name: str = "walk.csv") -> list[dict[str, str]]:
    with (folder / "out" / "private" / "rejected" / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def mend(
    folder: Path, change: Callable[[dict[str, str]], object], name: str = "mended.csv", of: str = "walk.csv"
) -> None:
    """Write the rejected rows as a person saves them, some cells changed."""
    rows = rejected_of(folder, of)
    for row in rows:
        change(row)
    write_csv(folder / name, list(rows[0]), [list(row.values()) for row in rows])


def fill_in(row: dict[str, str]) -> None:
    """Mend what is wrong with the rows of `ROWS`."""
    row |= {"2": {"lat": "19.0702"}, "3": {"luz": "Nada"}}.get(row["id"], {})


def numbers(result: pipeline.AuditResult) -> list[tuple[str, int, int, int, int, int]]:
    return [(c.file, c.read, c.accepted, c.rejected, c.duplicates, c.replaced) for c in result.audits.counts]


def test_a_source_has_a_file_of_its_own_columns_that_are_loaded(tmp_path: Path) -> None:
    run(city(tmp_path))
    two, three = rejected_of(tmp_path)
    assert list(two) == ["id", "cuando", "lat", "lon", "luz", "nota", "si", "_file_sha256", "_line", "_problem"]
    assert (two["_line"], three["_line"]) == ("3", "4")
    assert two["_file_sha256"] == load_hash(tmp_path)
    assert (two["nota"], three["nota"]) == ("'=1+1", "''=2")
    assert two["cuando"] == "'05/03/2026 18:40"
    assert "'verde' is" not in three["_problem"]
    assert '"verde" is no known answer for lighting' in three["_problem"]
    assert "0711222334" not in (tmp_path / "out" / "private" / "rejected" / "walk.csv").read_text(encoding="utf-8")


def load_hash(folder: Path) -> str:
    from safeaudit.files.admit import admit  # noqa: PLC0415 - of this helper alone

    return admit(folder / "walk.csv").sha256


def test_mended_rows_replace_the_rejected_ones(tmp_path: Path) -> None:
    run(city(tmp_path))
    mend(tmp_path, fill_in)
    result = run(city(tmp_path, MENDED))
    assert numbers(result) == [("walk.csv", 4, 2, 0, 0, 2), ("mended.csv", 2, 2, 0, 0, 0)]
    people = result.audits.submissions.set_index("form")
    assert people["source"].to_dict() == {"1": "walk.csv", "2": "mended.csv", "3": "mended.csv", "4": "walk.csv"}
    assert people["note"].fillna("").to_dict() == {"1": "", "2": "=1+1", "3": "=2", "4": "x"}
    assert str(people.loc["2", "observed_at"]) == "2026-03-05 13:10:00+00:00"
    assert people["walk_id"].nunique() == 1  # a mended row is of the walk that it was made on
    assert not (tmp_path / "out" / "private" / "rejected" / "walk.csv").exists()
    said = safeaudit("check", tmp_path)
    assert said.code == 0
    assert "walk.csv: 4 rows read = 2 accepted + 0 rejected + 0 duplicates + 2 replaced" in said.stdout
    assert any("walks are told" in remark for count in result.audits.counts for remark in count.remarks)


def test_what_is_not_mended_yet_is_told_of_once(tmp_path: Path) -> None:
    run(city(tmp_path))
    mend(tmp_path, lambda row: row.update(luz="Nada") if row["id"] == "3" else None)
    result = run(city(tmp_path, MENDED))
    assert numbers(result) == [("walk.csv", 4, 2, 0, 0, 2), ("mended.csv", 2, 1, 1, 0, 0)]
    document = safeaudit("check", tmp_path, "--json").document
    (reason,) = document["reasons"]
    assert (reason["code"], reason["rows"], reason["file"], reason["line"]) == ("COORD_MISSING", 1, "mended.csv", 2)
    assert reason["message"].startswith('mended.csv line 2, column "lat"')
    assert [file["replaced"] for file in document["files"]] == [2, 0]
    # What is left is mended in turn: from the file that the last run wrote.
    mend(tmp_path, fill_in, "again.csv", "mended.csv")
    more = '[[audits]]\nfile = "again.csv"\nmends = "mended.csv"'
    result = run(city(tmp_path, more, MENDED))
    assert numbers(result)[0] == ("walk.csv", 4, 2, 0, 0, 2)
    assert set(numbers(result)[1:]) == {("mended.csv", 2, 1, 0, 0, 1), ("again.csv", 1, 1, 0, 0, 0)}
    assert [file["read"] for file in safeaudit("check", tmp_path, "--json").document["files"]] == [4, 1, 2]


def test_a_row_mends_one_rejected_row_of_the_file_as_it_is(tmp_path: Path) -> None:
    run(city(tmp_path))
    mend(tmp_path, fill_in)
    lines = (tmp_path / "mended.csv").read_text(encoding="utf-8").splitlines()
    accepted = lines[1].replace(",3,", ",2,")  # the line of a row that was accepted
    (tmp_path / "mended.csv").write_text("\n".join([lines[0], lines[1], lines[1], accepted]), encoding="utf-8")
    result = run(city(tmp_path, MENDED))
    assert numbers(result) == [("walk.csv", 4, 2, 1, 0, 1), ("mended.csv", 3, 1, 2, 0, 0)]
    assert set(result.audits.rejected["code"]) == {"MENDS_NOTHING", "LEVEL_UNKNOWN"}
    with (tmp_path / "walk.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    result = pipeline.run(load_config(tmp_path), quick=True)  # the file is another now
    assert set(result.audits.rejected["code"]) == {"COORD_MISSING", "MENDS_NOTHING", "LEVEL_UNKNOWN"}


def test_nobody_mends_a_row_whose_author_refused(tmp_path: Path) -> None:
    run(city(tmp_path, consents="ynyy"))
    refused = rejected_of(tmp_path)[0]
    assert {name: cell for name, cell in refused.items() if cell and not name.startswith("_")} == {}
    agreed = {**dict(zip(HEADER[:-1], ROWS[0], strict=False)), "si": "yes"}
    mend(tmp_path, lambda row: row.update({} if row["id"] else agreed))
    result = run(city(tmp_path, MENDED, consents="ynyy"))
    assert result.audits.rejected["code"].tolist() == ["CONSENT_NONE", "LEVEL_UNKNOWN"]
    assert result.audits.rejected["row"][0] == ""
    assert set(result.audits.submissions["form"]) == {"1", "4"}


def test_a_file_that_is_mended_in_its_place_is_not_written_over(tmp_path: Path) -> None:
    run(city(tmp_path))
    more = MENDED.replace('"mended.csv"', '"out/private/rejected/walk.csv"')
    with pytest.raises(OutputError, match="It is an input, and would be written over"):
        run(city(tmp_path, more))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[audits]]\nfile = "b.csv"\nmends = "wolk.csv"', 'mends = "wolk.csv" under "b.csv" names no other file'),
        ('[[audits]]\nfile = "b.csv"\nmends = "b.csv"', 'mends = "b.csv" under "b.csv" names no other file'),
        (f"{MENDED}\nscale = [0, 4]", '"mended.csv" mends "walk.csv", so it is read as that file is.'),
    ],
)
def test_what_a_file_mends_must_be_another_and_be_read_alike(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_config(city(tmp_path, more))


def test_what_mends_a_file_that_is_refused_is_refused_with_it(tmp_path: Path) -> None:
    run(city(tmp_path))
    mend(tmp_path, fill_in)
    city(tmp_path, MENDED)
    (tmp_path / "walk.csv").write_text("id,nothing\n1,2\n", encoding="utf-8")
    first, second = safeaudit("check", tmp_path, "--json").document["refused"]
    assert "walk.csv" in first
    assert "It mends walk.csv, which cannot be used." in second


def test_ragged_rows_come_with_empty_cells_to_be_filled(tmp_path: Path) -> None:
    city(tmp_path)
    with (tmp_path / "walk.csv").open("a", encoding="utf-8") as stream:
        stream.write("5,06/03/2026 18:30,0711222337\n")
    run(tmp_path)
    assert "0711222337" not in (tmp_path / "out" / "private" / "rejected" / "walk.csv").read_text(encoding="utf-8")
    whole = {"id": "5", "cuando": "06/03/2026 18:30", "lat": "19.0703", "lon": "72.8803", "luz": "Nada", "si": "yes"}
    mend(tmp_path, lambda row: fill_in(row) if row["id"] else row.update(whole))
    project(tmp_path, WALK, MENDED)
    assert numbers(run(tmp_path)) == [("walk.csv", 5, 2, 0, 0, 3), ("mended.csv", 3, 3, 0, 0, 0)]


def test_a_workbook_or_another_delimiter_will_do(tmp_path: Path) -> None:
    run(city(tmp_path))
    rows = rejected_of(tmp_path)
    for row in rows:
        fill_in(row)
    book = Workbook()
    for row in (list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(row)
    book.save(tmp_path / "mended.csv")
    assert numbers(run(city(tmp_path, MENDED)))[1] == ("mended.csv", 2, 2, 0, 0, 0)
    text = "\n".join(";".join(row) for row in (rows[0], *(row.values() for row in rows)))
    (tmp_path / "mended.csv").write_bytes(text.encode("cp1252"))
    assert numbers(run(city(tmp_path, MENDED)))[1] == ("mended.csv", 2, 2, 0, 0, 0)
