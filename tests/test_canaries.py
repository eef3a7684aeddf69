"""A word of its own in every private field of every row: none is in any byte of what leaves, decoded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from decoded import everything_in
from projects import safeaudit
from walked import BETWEEN, NORTH, SOUTH, row, town

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = (
    "submission_id",
    "walk_id",
    "campaign",
    "auditor",
    "device",
    "auditor_age",
    "auditor_disability",
    "auditor_role",
    "tenure",
    "street",
    "faults",
    "note",
)
"""Fields whose cells may say what they like."""

LEFT_OUT = ("Phone number", "Full name", "e-mail", "What happened")
"""Columns that no field is."""

TENURE = '[groups.tenure]\nquestion = "How do you hold your home?"\nanswers = ["owner", "tenant"]'

POWER = '[faults]\nagencies = { lamp_out = "Power" }'

LEAVE = (
    "public/map.html",
    "public/manifest.json",
    "office/preview.html",
    "office/planning.gpkg",
    "office/places.xlsx",
    "office/report.html",
    "office/mend.xlsx",
    "office/open311/requests.json",
    "office/open311/requests.xml",
    "run.json",
)
"""All files that leave the team."""

REJECTED = 7
"""Number of the row without a position."""


def canary(field: str, number: int) -> str:
    """Return a word that stands in this cell alone."""
    return f"canary-{field.lower().replace(' ', '-')}-{number:03d}"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release what twelve forms of four walks tell, with a canary in each cell that may hold one."""
    folder = tmp_path_factory.mktemp("town")
    rows = []
    for number in range(12):
        where = (SOUTH, NORTH, BETWEEN)[number % 3]
        said = {field: canary(field, number) for field in (*FIELDS, *LEFT_OUT)}
        said |= {"walk_id": canary("walk_id", number % 4), "auditor_sex": "woman", "place_code": ""}
        said["faults"] += " lamp_out vendors" if number % 2 else " rubbish"
        rows.append(row(number, where, level=number % 4, **said))
    rows[REJECTED] |= {"latitude": "", "longitude": "", "observed_at": canary("observed_at", REJECTED)}
    town(
        folder,
        rows,
        "[check]\nmax_rejected_share = 0.5",
        "[score]\nas_of = 2026-11-30",
        "[publish]\nlone_ends_m = 0",
        TENURE,
        POWER,
    )
    said_at_end = safeaudit("publish", folder, "--out", folder / "out")
    assert said_at_end.code == 0, said_at_end.stderr
    said_of_actions = safeaudit("actions", folder, "--out", folder / "out", "--open311")
    assert said_of_actions.code == 0, said_of_actions.stderr
    return folder / "out"


@pytest.mark.parametrize("name", LEAVE)
def test_no_private_cell_is_in_any_byte_of_what_leaves(out: Path, name: str) -> None:
    said = everything_in(out / name).casefold()
    assert "south" in said or name.endswith(".json")
    assert re.findall(r"canary-[\w-]+", said) == []


def test_these_are_all_the_files_that_leave(out: Path) -> None:
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert {file for file in files if not file.startswith("private")} == set(LEAVE)


def test_the_team_keeps_what_it_may(out: Path) -> None:
    kept = everything_in(out / "private" / "result.gpkg")
    assert canary("note", 0) in kept
    assert canary("walk_id", 0) in kept
    # Names, telephone numbers and the like are in no table; an auditor is a pseudonym, but in a row to be mended.
    assert set(re.findall(r"canary-auditor-\d+", kept)) == {canary("auditor", REJECTED)}
    assert [field for field in LEFT_OUT if canary(field, 0) in kept] == []
    (rejected,) = (out / "private" / "rejected").iterdir()
    assert canary("note", REJECTED) in rejected.read_text(encoding="utf-8")


def test_what_is_told_on_the_screen_at_the_end_names_nobody(out: Path) -> None:
    said = safeaudit("publish", out.parent, "--out", out)
    assert re.findall(r"canary-(?!observed_at)[\w-]+", said.stdout) == []
