"""private/: complete, closed to others, and harmless in a spreadsheet; and run.json beside it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_result import small_result

from safeaudit.errors import OutputError
from safeaudit.files.spreadsheet_text import protect, unescape, unprotect
from safeaudit.outputs import private, provenance
from safeaudit.tables import validate_table

TRIGGERS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 -- the full-width forms are meant

cell = st.text() | st.builds(
    lambda quotes, start, rest: quotes + start + rest, st.text("'"), st.sampled_from(TRIGGERS), st.text()
)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def table(rows: list[dict[str, str]], file: str = "walk.csv") -> pd.DataFrame:
    """Return the table `rejected` of rows by their columns."""
    given = {"file": file, "file_sha256": "aa", "column": None, "value": None, "code": "CODE", "message": "Wrong."}
    frame = pd.DataFrame({**given, "line": range(2, len(rows) + 2), "row": [json.dumps(row) for row in rows]})
    return validate_table(frame, "rejected")


def test_rejected_rows_are_harmless_and_whole(tmp_path: Path) -> None:
    first, second = private.write_rejected(small_result().audits.rejected, tmp_path)
    assert (first.name, second.name) == ("walk.csv", "-evil.csv")
    assert first.read_bytes().startswith(b'\xef\xbb\xbf"lat","\'@SUM(A1)","_file_sha256","_line","_problem"\n"\'=1+1"')
    assert read_csv(first)[1] == ["'=1+1", "'2.5", "aa", "4", "no_position: There is no position."]
    assert read_csv(second) == [["_file_sha256", "_line", "_problem"], ["bb", "9", "level: \tThis is no level."]]


def test_sources_of_one_name_have_a_file_each(tmp_path: Path) -> None:
    rejected = pd.concat([table([{"a": "1"}]), table([{"a": "2"}]).assign(file_sha256="bb"), table([{}], "a.xlsx")])
    paths = private.write_rejected(rejected, tmp_path)
    assert [path.name for path in paths] == ["walk.csv", "walk-2.csv", "a.xlsx.csv"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-05 18:30", "'2026-03-05 18:30"),
        ("05/03/2026", "'05/03/2026"),
        ("18:30", "'18:30"),
        ("1.29", "'1.29"),
        ("007", "'007"),
        ("3", "3"),
        ("123456789012345678", "'123456789012345678"),
        ("Mar 5, 2026", "'Mar 5, 2026"),
        ("true", "'true"),
        ("a lamp", "a lamp"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_write_anew_is_text(tmp_path: Path, text: str, shown: str) -> None:
    (path,) = private.write_rejected(table([{"a": text}]), tmp_path)
    assert read_csv(path)[1][0] == shown


@pytest.mark.skipif(os.name != "posix", reason="this system has no file modes")
def test_private_files_are_closed_to_others(tmp_path: Path) -> None:
    for path in private.write_rejected(small_result().audits.rejected, tmp_path):
        assert path.stat().st_mode & 0o777 == 0o600


@settings(deadline=None)
@given(cell)
def test_no_escaped_text_is_a_formula_and_each_comes_back(text: str) -> None:
    escaped = f"'{text}" if text.lstrip("'").startswith(tuple(TRIGGERS)) else text
    assert unescape(escaped) == text
    assert not protect(text).startswith(tuple(TRIGGERS))
    assert unprotect(protect(text)) == text


@settings(deadline=None, max_examples=50)  # a slow disk is no fault
@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=5))
def test_a_file_written_and_read_back_is_the_same(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        rejected = table([{"one": one, "other": other} for one, other in rows])
        (path,) = private.write_rejected(rejected, Path(folder))
        assert [tuple(map(unprotect, row[:2])) for row in read_csv(path)[1:]] == rows


def test_what_is_not_unicode_stays_legible(tmp_path: Path) -> None:
    (path,) = private.write_rejected(table([{"a": "a\udc80b"}]), tmp_path)
    assert read_csv(path)[1][0] == "a\\udc80b"


def test_a_failure_leaves_the_earlier_rejected_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "walk.csv"
    target.write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda _, path, **__: path.write_text('"value"\n"half'))
    with pytest.raises(OutputError, match="It could not be written: what was written cannot be read"):
        private.write_rejected(table([{"a": "1"}]), tmp_path)
    assert target.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_provenance_has_one_form(tmp_path: Path) -> None:
    provenance.write({"b": [1, 2.5, None], "a": "é"}, tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": "é",\n  "b": [\n    1,\n    2.5,\n    null\n  ]\n}\n'


def test_provenance_keeps_a_file_name_that_is_not_unicode(tmp_path: Path) -> None:
    provenance.write({"file": "w\udcffalk.csv"}, tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_bytes()) == {"file": "w\udcffalk.csv"}


def test_provenance_that_is_no_json_leaves_the_earlier_one(tmp_path: Path) -> None:
    provenance.write({"a": 1}, tmp_path / "run.json")
    with pytest.raises(ValueError, match="JSON"):
        provenance.write({"a": float("nan")}, tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_bytes()) == {"a": 1}
    assert len(list(tmp_path.iterdir())) == 1
