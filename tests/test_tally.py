"""The fast way and the slow way to read a file give the same tables, and counting alone the same counts."""

from __future__ import annotations

import csv
import io
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import MUMBAI
from town import PROPERTY

from safeaudit.audits import sources
from safeaudit.audits.normalise import normalise, tally
from safeaudit.audits.normalise.problems import count_by_reason
from safeaudit.audits.sources import delimited, feed
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.audits.cells import Cells
    from safeaudit.tables import Audits

HOW: dict[str, Any] = {"rubric": STANDARD, "timezone": "Asia/Kolkata", "extent": MUMBAI, "key": b"key"}
HEADER = (
    *("_uuid", "start", "latitude", "longitude", "accuracy", "auditor", "walk_id", "place_code", "group_size"),
    *("consent", "lighting", "people", "note"),
)
NOTES = ["", " ", "dark", 'say "hi"', "one\ntwo", "a,b", "'=1", "अंधेरा", " é "]
TIMES = ["2024-03-05T21:30:00+05:30", "2024-03-05 21:30:00", "2024-03-06", "05/03/2024", "", "2024-03-07T02:00:00Z"]
rows = st.tuples(
    st.sampled_from(["", "uuid:1", "1", "2", "uuid:a-long-id-of-its-own", " 3 "]),
    st.sampled_from(TIMES),
    st.sampled_from(["19.07", "19.0712345", "19,07", "0", "", "91", "19.5", "x"]),
    st.sampled_from(["72.88", "72.8", "72°52'48\"E", "0", "", "72.9 "]),
    st.sampled_from(["", "4.5", "0", "-3", "250", "about 5"]),
    st.sampled_from(["", "Asha", "asha ", "Ravi"]),
    st.sampled_from(["", "W1", "W2"]),
    st.sampled_from(["", "", "S1", "?"]),
    st.sampled_from(["", "1", "3", "many"]),
    st.sampled_from(["", "yes", "no", "analysis"]),
    st.sampled_from(["0", "3", "2.0", "", "4", "Little"]),
    st.sampled_from(["1", "", "Deserted", "blue"]),
    st.sampled_from(NOTES),
)
tables = st.lists(rows, max_size=8)
dialects = st.sampled_from(["excel", "unix"])
Row = tuple[str, ...]
odd_lines = st.lists(st.sampled_from(["", "1,2", "a,b,c", '"open', ",,,,,,,,,,,,", "x" * 30]), max_size=2)


def audit(path: Path) -> AuditSettings:
    return AuditSettings(file=path)


def fast(path: Path) -> list[Cells]:
    return list(sources.read(admit(path), audit(path)))


def slow(path: Path) -> list[Cells]:
    """Read a record at a time, and hand every cell on as an object."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "split_plain_rows", lambda *_, **__: None)
        return [replace(chunk, columns=tuple(chunk.columns)) for chunk in fast(path)]


def tabled(path: Path, chunks: list[Cells]) -> Audits:
    return normalise([(audit(path), chunks)], **HOW)


def assert_same(one: Audits, other: Audits) -> None:
    assert one.counts == other.counts
    for name in ("submissions", "observations", "faults", "rejected"):
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(one, name)), pd.DataFrame(getattr(other, name)))


def assert_counted(path: Path, found: Audits) -> None:
    """Check that counting alone says what the tables say."""
    asked = [*found.submissions["submission_id"][:1], "no such id"]
    counted = tally([(audit(path), fast(path))], **HOW, asked=asked)
    assert counted.counts == found.counts
    reasons = count_by_reason(found.rejected)
    pd.testing.assert_frame_equal(counted.reasons, reasons.reset_index(drop=True))
    assert reasons["rows"].sum() == len(found.rejected)
    people = found.submissions
    named = people[people["place_code"].notna() | people["submission_id"].isin(asked)]
    for column in counted.named.columns:
        assert counted.named[column].fillna("").tolist() == named[column].astype(object).fillna("").tolist()


def written(given_: list[Row], odd: list[str], dialect: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, dialect)
    writer.writerow(HEADER)
    writer.writerows(given_)
    return text.getvalue() + "".join(line + csv.get_dialect(dialect).lineterminator for line in odd)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walks") / "walk.csv"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BLOCK_CHARACTERS", 300)


@settings(PROPERTY, max_examples=60)
@given(tables, tables, odd_lines, dialects)
def test_all_ways_lead_to_the_same(path: Path, some: list[Row], again: list[Row], odd: list[str], dialect: str) -> None:
    path.write_text(written([*some, *again, *some], odd, dialect), encoding="utf-8", newline="")
    found = tabled(path, fast(path))
    assert_same(found, tabled(path, slow(path)))
    assert_counted(path, found)


def test_bad_files_are_counted_as_they_are_read(shared: Path) -> None:
    read = 0
    for path in sorted((shared / "badinputs" / "csv").iterdir()):
        try:
            found = tabled(path, fast(path))
        except InputError as error:
            with pytest.raises(InputError, match=re.escape(str(error))):
                tally([(audit(path), fast(path))], **HOW)
            continue
        assert_same(found, tabled(path, slow(path)))
        assert_counted(path, found)
        read += 1
    assert read > 20


def test_files_are_counted_together(tmp_path: Path) -> None:
    """A row that stands in two files counts in the first; walks without a name are told by file."""
    header = "_uuid,start,latitude,longitude,lighting,place_code\n"
    row = "1,2024-03-05T21:30:00+05:30,19.07,72.88,1,\n"
    texts = {"a.csv": header + row + row, "b.csv": header + row + row.replace("1,2024", "2,2024"), "c.csv": header}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    paths = [tmp_path / name for name in texts]
    found = normalise([(audit(path), fast(path)) for path in paths], **HOW)
    counted = tally([(audit(path), fast(path)) for path in paths], **HOW)
    assert counted.counts == found.counts
    assert [(count.accepted, count.duplicates) for count in found.counts] == [(1, 1), (1, 1), (0, 0)]
    assert any("1 walks are told by silences" in remark for remark in counted.counts[1].remarks)


def test_no_file_gives_no_count() -> None:
    counted = tally([], **HOW, asked=["0" * 16])
    assert counted.counts == normalise([], **HOW).counts == ()
    assert len(counted.reasons) == len(counted.named) == 0


def test_files_that_say_more_and_less_stand_in_one_table(tmp_path: Path) -> None:
    """A column, a scale or a light meter that one file alone has changes nothing in the other, whichever is first."""
    start = "2024-03-05T21:30:00+05:30,19.07,72.88"
    texts = {
        "plain.csv": f"_uuid,start,latitude,longitude,lighting\n1,{start},1\n",
        "more.csv": f"_uuid,start,latitude,longitude,lighting,group_size,lux,auditor_age\n2,{start},1,4,7.5,62\n",
        "scale.csv": f"_uuid,start,latitude,longitude,lighting\n3,{start},1\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for names in itertools.permutations(texts):
        given_ = [
            AuditSettings(file=tmp_path / name, scale=(0.0, 4.0) if name == "scale.csv" else (0.0, 3.0))
            for name in names
        ]
        found = normalise([(one, sources.read(admit(one.file), one)) for one in given_], **HOW)
        people = found.submissions.set_index("form")
        assert people["group_size"].to_dict() == {"1": 1, "2": 4, "3": 1}
        assert people["auditor_age"].astype(object).fillna("").to_dict() == {"1": "", "2": "elderly", "3": ""}
        assert people["lux"].fillna(-1).to_dict() == {"1": -1, "2": 7.5, "3": -1}
        seen = found.observations.set_index(
            found.observations["submission_id"].map(people.reset_index().set_index("submission_id")["form"])
        )
        assert seen["rating"].to_dict() == {"1": 1 / 3, "2": 1 / 3, "3": 0.25}
        assert seen["level"].fillna(-1).to_dict() == {"1": 1, "2": 1, "3": -1}
