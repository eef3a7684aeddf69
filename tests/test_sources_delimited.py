"""CSV files as they come: delimiters, encodings, line numbers, and what cannot be read."""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from safeaudit.audits import sources
from safeaudit.audits.sources import feed
from safeaudit.audits.sources.survey import guess_encoding
from safeaudit.config import AuditSettings
from safeaudit.errors import ConfigError, InputError
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from safeaudit.audits.cells import Cells


def chunks(path: Path, **settings: Any) -> list[Cells]:
    return list(sources.read(admit(path), AuditSettings(file=path, **settings)))


def write(folder: Path, content: str | bytes, name: str = "walk.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path, **settings: Any) -> list[tuple[int, ...]]:
    """Give every record as (line, cell, cell ...)."""
    return [
        (int(line), *cells)
        for chunk in chunks(path, **settings)
        for line, *cells in zip(chunk.lines, *chunk.columns, strict=True)
    ]


def rejected(path: Path, **settings: Any) -> list[tuple[int, str]]:
    return [(int(row.line), row.code) for chunk in chunks(path, **settings) for row in chunk.rejected.itertuples()]


def remarks(path: Path) -> list[str]:
    return [remark for chunk in chunks(path) for remark in chunk.remarks]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", []),
        ("a;b\n1;2,5\n", ["Its columns are divided by semicolons."]),
        ("a\tb\n1\t2\n", ["Its columns are divided by tabs."]),
        ("a|b\n1|2\n", ["Its columns are divided by bars."]),
    ],
)
def test_delimiter_is_found_and_told(tmp_path: Path, text: str, said: list[str]) -> None:
    path = write(tmp_path, text)
    assert chunks(path)[0].header == ("a", "b")
    assert remarks(path) == said


def test_declared_delimiter_wins(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "a,b:c\n1,2:3\n"), delimiter=":") == [(2, "1,2", "3")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    assert rows(write(tmp_path, end.join(["a,b", "1,2", "", "3,4", ""]))) == [(2, "1", "2"), (4, "3", "4")]


def test_records_carry_their_first_line(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"one\ntwo\nthree"\n2,x\n')
    assert rows(path) == [(2, "1", "one\ntwo\nthree"), (5, "2", "x")]


def test_kobo_quotes_every_field(tmp_path: Path) -> None:
    path = write(tmp_path, '\ufeff"a";"b"\r\n"1";""\r\n"x;y";"say ""hi"""\r\n')
    assert rows(path) == [(2, "1", ""), (3, "x;y", 'say "hi"')]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_byte_order_marks(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "नाम,b\nअंधेरा,2\n".encode(encoding))
    assert chunks(path)[0].header == ("नाम", "b")
    assert rows(path) == [(2, "अंधेरा", "2")]


def test_declared_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\ncafé,2\n".encode("cp1252"))
    assert rows(path, encoding="cp1252") == [(2, "café", "2")]
    with pytest.raises(InputError, match=r'line 2: It is not UTF-8 at byte 7 \(line 2.*encoding = "cp1252"'):
        chunks(path)
    with pytest.raises(ConfigError, match="'latin-nine' is none that a table is written in"):
        chunks(path, encoding="latin-nine")


def test_far_bad_byte_has_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n" + b"1,2\n" * 400_000 + b"caf\xe9,2\n")
    with pytest.raises(InputError, match=r"at byte 1600007 \(line 400002"):
        chunks(path)


def test_damaged_letters_in_a_utf8_file_cost_one_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\nété,1\n".encode() + b"caf\xe9,2\nx,3\n")
    assert rows(path) == [(2, "été", "1"), (4, "x", "3")]
    assert rejected(path) == [(3, "ENCODING")]


def test_a_row_that_another_program_wrote_is_told_by_what_parts_it(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,2,3\n4;5;6\n")
    (told,) = chunks(path)[0].rejected["message"]
    assert told == (
        "walk.csv line 3: This row has 1 field; the header has 3. "
        "Its cells are parted by semicolons, those of the header by commas: export it as the rest."
    )


def test_ragged_rows_say_how_many_fields(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1\n1,2\n1,2,3\n")
    found = chunks(path)[0].rejected
    assert found["message"].tolist() == [
        "walk.csv line 2: This row has 1 field; the header has 2. Look for a missing quote.",
        "walk.csv line 4: This row has 3 fields; the header has 2. Look for a missing quote.",
    ]
    assert json.loads(found["row"][1]) == ["1", "2", "3"]
    assert rows(path) == [(3, "1", "2")]


def test_truncated_last_row(tmp_path: Path) -> None:
    assert rejected(write(tmp_path, "a,b\n1,2\n3")) == [(3, "TRUNCATED")]
    assert rejected(write(tmp_path, 'a,b\n1,2\n3,"cut')) == [(3, "TRUNCATED")]
    assert rejected(write(tmp_path, 'a,b\n1,2\n3,"cut\nin the middle')) == [(3, "TRUNCATED")]
    assert rejected(write(tmp_path, "a,b\nनाम,".encode() + "ा".encode()[:2])) == [(2, "TRUNCATED")]
    assert rejected(write(tmp_path, "a,b\n1,2\n3,4")) == []


def test_an_open_quote_costs_its_own_row_alone(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,"open\n2,x\n3,"y"\n4,z\n')
    assert rows(path) == [(3, "2", "x"), (4, "3", "y"), (5, "4", "z")]
    assert rejected(path) == [(2, "QUOTES")]
    assert rejected(write(tmp_path, 'a,b\n1,"open\n2,x\n3,y\n')) == [(2, "QUOTES")]


def test_control_characters(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,x\x00y\n2,tab\there\n")
    assert rejected(path) == [(2, "CONTROL_CHAR")]
    assert rows(path) == [(3, "2", "tab\there")]


def test_empty_rows_are_skipped_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, "\n  \na,b\n1,2\n,\n , \n\n3,4\n")
    assert [row[0] for row in rows(path)] == [4, 8]
    assert remarks(path) == ["3 empty rows were skipped."]


def test_hxl_tags_are_skipped_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n#geo+lat,\n1,2\n")
    assert rows(path) == [(3, "1", "2")]
    assert remarks(path) == ["The second row holds HXL tags and was skipped."]


def test_header_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="It has no header"):
        chunks(write(tmp_path, ",,\n,,\n"))
    assert chunks(write(tmp_path, "a,,\n1,2,3\n"))[0].header == ("a", "", "")


def test_a_header_alone_gives_one_chunk(tmp_path: Path) -> None:
    (chunk,) = chunks(write(tmp_path, "a,b\n"))
    assert chunk.header == ("a", "b")
    assert len(chunk.lines) == len(chunk.columns[1]) == 0


def test_long_cells_do_not_change_the_callers_parser(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "x" * 300_000
    assert rows(write(tmp_path, f'a,b\n1,"{long}, y"\n')) == [(2, "1", f"{long}, y")]
    assert csv.field_size_limit() == before


def test_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "walk.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" + b" " * 3_000_000))
    with pytest.raises(InputError, match=r"line 3: A line is longer than 1000000 bytes"):
        chunks(path)


def test_chunks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a,b\n" + "".join(f'{i},"{i}\n{i}"\n' if i % 5 == 0 else f"{i},{i}\n" for i in range(100))
    path = write(tmp_path, text)
    whole = rows(path)
    monkeypatch.setattr(feed, "BLOCK_CHARACTERS", 30)
    assert rows(path) == whole
    assert len(whole) == 100
    assert len(chunks(path)) > 10


def test_plain_and_quoted_rows_are_read_alike(tmp_path: Path) -> None:
    plain = "a,b,c\n" + "".join(f"{i}, x ,NA\n" for i in range(50))
    quoted = plain.replace("NA", '"NA"')
    both = [rows(write(tmp_path, text)) for text in (plain, quoted)]
    assert both[0] == both[1]
    assert both[0][0] == (2, "0", " x ", "NA")


def test_cells_are_text(tmp_path: Path) -> None:
    (chunk,) = chunks(write(tmp_path, "a,b\n007,1e5\n"))
    assert [column.tolist() for column in chunk.columns] == [["007"], ["1e5"]]
    assert all(column.dtype == object for column in chunk.columns)
    assert chunk.lines.dtype == np.int64


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"<!DOCTYPE html><html></html>", "This is an HTML page, probably a log-in page."),
        (b"PK\x03\x04rest", "It is a damaged or locked archive"),
        (b'{"type": "FeatureCollection"}', "This is JSON, but no collection of GeoJSON features."),
        (b"SQLite format 3\x00", "This is no table of audits. Export the audits as CSV, XLSX, GeoJSON or GeoPackage."),
    ],
)
def test_other_formats_are_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        chunks(write(tmp_path, content))
    assert sentence in str(refusal.value)
    assert str(refusal.value).startswith("walk.csv: ")


# --- spreadsheets as they are ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_hint_for_excel_says_the_delimiter_and_is_no_row(tmp_path: Path, start: str, sign: str) -> None:
    path = write(tmp_path, f"{start}sep={sign}\r\na{sign}b\r\n1{sign}2\r\n")
    assert rows(path) == [(3, "1", "2")]
    assert chunks(path)[0].header == ("a", "b")


def test_a_title_above_is_left_out_and_said(tmp_path: Path) -> None:
    for title in ("Caminata del 5 de marzo\n\n", "Caminata del 5 de marzo;;;\n;;;\n"):
        path = write(tmp_path, f"{title}fecha;lat;lon;luz\n2026-03-05;1,5;2,5;3\n2026-03-05;1,5;2,5;2\n")
        assert chunks(path)[0].header == ("fecha", "lat", "lon", "luz")
        assert rows(path) == [(4, "2026-03-05", "1,5", "2,5", "3"), (5, "2026-03-05", "1,5", "2,5", "2")]
        assert "1 rows above the names of the columns were left out." in remarks(path)


def test_two_rows_of_names_are_joined_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, "fecha,lugar,,notas,\n,lat,lon,luz,gente\n2026-03-05,1.5,2.5,3,1\n")
    assert chunks(path)[0].header == ("fecha", "lugar/lat", "lugar/lon", "notas/luz", "notas/gente")
    assert rows(path) == [(3, "2026-03-05", "1.5", "2.5", "3", "1")]
    assert remarks(path) == ["The names of the columns stand in two rows and were joined."]


@pytest.mark.parametrize(
    "text", ["a,b,c\n1,,\n2,x,y\n", "a,,\n1,2,3\n", "a,,c\n1,2,3\n4,5,6\n", "a,,c\nx,2026-03-05,z\nx,y,z\n"]
)
def test_rows_are_never_taken_for_names(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    assert rows(path)[0][0] == 2
    assert remarks(path) == []


# --- code pages ------------------------------------------------------------------------------------------------------

SPANISH = "Fecha;Iluminación;Observación\n05/03/2026;Mucha;señal dañada, calle sin luz\n"
ARABIC = "التاريخ;الإضاءة;الناس\n05/03/2026;قليلة;كثيرة\n06/03/2026;متوسطة;قليلة\n"


@pytest.mark.parametrize(
    ("text", "encoding", "guess"),
    [
        (SPANISH, "cp1252", "cp1252"),
        (ARABIC, "cp1256", "cp1256"),
        ("Date;Éclairage\n05/03/2026;très mauvais, à réparer\n", "cp1252", "cp1252"),
        ("Data;Oświetlenie\n05/03/2026;żółte światło, źle\n", "cp1250", "cp1250"),
        (SPANISH, "utf-8", None),
        (SPANISH, "utf-16", None),
        ("a;b\n1;2\n", "ascii", None),
    ],
)
def test_a_code_page_is_guessed_and_never_taken_silently(
    tmp_path: Path, text: str, encoding: str, guess: str | None
) -> None:
    path = write(tmp_path, text.encode(encoding))
    assert guess_encoding(admit(path)) == guess
    if guess is None:
        assert chunks(path)[0].header
        return
    with pytest.raises(InputError, match=f'It may be {guess}, a code page of Windows: write encoding = "{guess}"'):
        chunks(path)
    assert chunks(path, encoding=guess)[0].header == tuple(text.partition("\n")[0].split(";"))
