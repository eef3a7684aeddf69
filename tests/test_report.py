"""office/report.html: one page of counts and of what may be shown; no name runs, no small group is counted out."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from projects import safeaudit
from walked import NORTH, SOUTH, row, streets, town

if TYPE_CHECKING:
    from pathlib import Path

ENDS = "[publish]\nlone_ends_m = 0"
POWER = '[faults]\nagencies = { lamp_out = "Power <i>Ltd</i>" }'


def report(folder: Path) -> str:
    said = safeaudit("run", folder, "--out", folder / "out", "--quick")
    assert said.code == 0, said.stderr
    return (folder / "out" / "office" / "report.html").read_text(encoding="utf-8")


def words(page: str) -> str:
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_it_says_what_was_walked_what_is_sure_and_what_is_to_be_mended(tmp_path: Path) -> None:
    rows = [
        row(n, level=0, walk_id=f"w{n}", auditor=f"a{n}", auditor_sex="woman", faults="lamp_out") for n in range(12)
    ]
    rows += [row(20, NORTH, walk_id="w20", auditor="b", auditor_sex="man")]
    said = words(report(town(tmp_path / "town", rows, ENDS, POWER)))
    assert "13 forms of 13 walks, by at least 13 people." in said
    assert "Woman 12." in said
    assert "Man 1" not in said  # fewer than ten: a person could be told by it
    assert "After dark: 0.2 of 0.2 km of streets were looked at." in said
    assert "very likely below the standard. The surest: South" in said
    assert "too few people looked at 1 of" in said
    assert "There are not two rounds of walks that can be compared." in said
    assert re.search(r"South[^.]* Lamp does not work Power <i>Ltd</i> 12 \(2026 Q1\) mended open", said)


def test_a_name_from_the_map_is_text(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>{{7*7}}{km}'
    rows = [row(n, level=0, walk_id=f"w{n}", auditor=f"a{n}") for n in range(6)]
    page = report(town(tmp_path / "town", rows, ENDS, streets=streets({evil: SOUTH[0]})))
    assert "<script" not in page
    assert evil in words(page)
    assert "default-src 'none'" in page


def test_a_team_without_anything_to_show_gets_a_page_that_says_so(tmp_path: Path) -> None:
    rows = [row(1, consent="analysis")]
    said = words(report(town(tmp_path / "town", rows)))
    assert "Nothing was rated that may be shown." in said
    assert "Nothing that is to be mended was reported." in said
