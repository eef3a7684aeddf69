"""What people take back, and what is kept for a time only: through the real commands, to the bytes of every file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from decoded import everything_in
from projects import safeaudit
from walked import NORTH, Row, row, town

if TYPE_CHECKING:
    from pathlib import Path

ROSE = {"auditor": "Rose Wanjiku", "walk_id": "Evening", "note": "the lamp by my gate"}
SOLD = "[publish]\nlone_ends_m = 0\n[check]\nmax_rejected_share = 0.5"


def rows() -> list[Row]:
    """Return forms of four people, two of them by Rose: one in order, one that is rejected."""
    return [
        row(1),
        row(2, NORTH, walk_id="w2"),
        row(3, NORTH, 0, **ROSE),
        row(4, NORTH, 0, **{**ROSE, "latitude": "", "longitude": ""}),
    ]


def written(folder: Path) -> str:
    """Return all that lies in OUT, decoded."""
    return "\n".join(everything_in(path) for path in sorted((folder / "out").rglob("*")) if path.is_file())


def run(folder: Path) -> dict[str, int]:
    """Run, and return what became of the rows."""
    said = safeaudit("run", folder, "--out", folder / "out", "--json")
    assert said.code == 0, said.stderr
    (file,) = said.document["files"]
    kinds = ("read", "accepted", "rejected", "duplicates", "replaced", "forgotten")
    return {kind: file[kind] for kind in kinds}


@pytest.mark.parametrize(
    ("flag", "name", "forgotten"),
    [("--auditor", "Lily", 0), ("--auditor", "rose  wanjiku", 2), ("--walk", " evening", 2), ("--id", "a3", 1)],
)
def test_what_is_taken_back_is_in_no_file_of_the_next_run(tmp_path: Path, flag: str, name: str, forgotten: int) -> None:
    folder = town(tmp_path, rows(), SOLD)
    assert run(folder) == {"read": 4, "accepted": 3, "rejected": 1, "duplicates": 0, "replaced": 0, "forgotten": 0}
    assert ROSE["note"] in written(folder)
    said = safeaudit("forget", folder, flag, name)
    if not forgotten:
        assert said.code == 2
        assert "Nothing in the audit files is by that name. Write it as it stands in the file." in said.stderr
        return
    assert said.code == 0
    assert f"walk.csv: {forgotten} rows are forgotten. They still stand in the file: lines 4" in said.stdout
    assert "Outputs made before still hold them. Make them anew: safeaudit run" in said.stdout
    counts = run(folder)
    assert counts["forgotten"] == forgotten
    assert counts["read"] == sum(counts.values()) - counts["read"]
    # The other row is hers too, but it is not that form.
    assert (ROSE["note"] in written(folder)) is (forgotten == 1)
    assert "Rose" not in (tmp_path / "forgotten.txt").read_text(encoding="utf-8")


def test_what_was_taken_back_is_not_taken_up_from_a_later_file(tmp_path: Path) -> None:
    folder = town(tmp_path, rows(), SOLD)
    safeaudit("forget", folder, "--auditor", "Rose Wanjiku")
    assert run(town(tmp_path, [*rows(), row(5, NORTH, 3, **ROSE)], SOLD))["forgotten"] == 3
    assert ROSE["note"] not in written(folder)


def test_private_files_are_kept_as_long_as_the_settings_say(tmp_path: Path) -> None:
    folder = town(tmp_path, rows(), SOLD, "[private]\nkeep_months = 1")
    said = safeaudit("run", folder, "--out", tmp_path / "out")
    assert "private was deleted: [private] keep_months are over." in said.stdout
    assert not (tmp_path / "out" / "private").exists()
    assert (tmp_path / "out" / "office" / "planning.gpkg").exists()
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["private_until"] == "2026-04-05"
    town(tmp_path, rows(), SOLD, "[private]\nkeep_months = 1200")
    safeaudit("run", folder, "--out", tmp_path / "out")
    assert (tmp_path / "out" / "private" / "result.gpkg").exists()
