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
from safeaudit.files.spreadsheet_text import escape, unescape
from safeaudit.outputs import private, provenance
from safeaudit.tables import TABLES

TRIGGERS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 -- the full-width forms are meant

cell = st.text() | st.builds(
    lambda quotes, start, rest: quotes + start + rest, st.text("'"), st.sampled_from(TRIGGERS), st.text()
)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_rejected_rows_are_harmless_and_whole(tmp_path: Path) -> None:
    target = tmp_path / "rejected.csv"
    private.write_rejected(small_result().audits.rejected, target)
    assert target.read_bytes().startswith(b'"file","line","column","value","code","message","row"\n"walk.csv","4"')
    first, second = read_csv(target)[1:]
    assert first[3] == "'=1+1"
    assert second == ["'-evil.csv", "9", "'@SUM(A1)", "", "level", "'\tThis is no level.", "''=1"]


def test_numbers_are_left_as_they_are(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=header": [-18.52, 3.0], "text": ["-18.52", "a"]})
    private.write_rejected(frame, tmp_path / "rejected.csv")
    assert read_csv(tmp_path / "rejected.csv") == [["'=header", "text"], ["-18.52", "'-18.52"], ["3.0", "a"]]


def test_no_rejected_rows_give_a_file_with_a_header(tmp_path: Path) -> None:
    private.write_rejected(small_result().audits.rejected.iloc[:0], tmp_path / "rejected.csv")
    assert read_csv(tmp_path / "rejected.csv") == [TABLES["rejected"].names]


@pytest.mark.skipif(os.name != "posix", reason="this system has no file modes")
def test_private_files_are_closed_to_others(tmp_path: Path) -> None:
    private.write_rejected(small_result().audits.rejected, tmp_path / "rejected.csv")
    assert (tmp_path / "rejected.csv").stat().st_mode & 0o777 == 0o600


@settings(deadline=None)
@given(cell)
def test_no_escaped_text_is_a_formula_and_each_comes_back(text: str) -> None:
    assert not escape(text).startswith(tuple(TRIGGERS))
    assert unescape(escape(text)) == text


@settings(deadline=None, max_examples=50)  # a slow disk is no fault
@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=5))
def test_a_file_written_and_read_back_is_the_same(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "rejected.csv"
        private.write_rejected(pd.DataFrame(rows, columns=["value", "row"]), target)
        assert [tuple(map(unescape, row)) for row in read_csv(target)[1:]] == rows


def test_what_is_not_unicode_stays_legible(tmp_path: Path) -> None:
    private.write_rejected(pd.DataFrame({"value": ["a\udc80b"]}), tmp_path / "rejected.csv")
    assert read_csv(tmp_path / "rejected.csv")[1] == ["a\\udc80b"]


def test_a_failure_leaves_the_earlier_rejected_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "rejected.csv"
    target.write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(pd.DataFrame, "to_csv", lambda _, path, **__: path.write_text('"value"\n"half'))
    rejected = small_result().audits.rejected
    with pytest.raises(OutputError, match="It could not be written: what was written cannot be read"):
        private.write_rejected(rejected, target)
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
