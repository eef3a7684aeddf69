"""What a second round changed, by area, through the real commands: from enough people, and what two releases tell."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from projects import safeaudit
from walked import Row, round_of, town

from safeaudit.tables.public import CHANGE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROUNDS = "[score]\nas_of = 2026-11-30\n[publish]\nlone_ends_m = 0"
TWO_WALKS = ROUNDS + "\nmin_walks = 2"


def two_rounds(before: int = 6, after: int = 6) -> list[Row]:
    """Return the forms of two rounds: everything at level 1, and then at level 2."""
    return [*round_of("before", 2025, 1, before), *round_of("after", 2026, 2, after)]


def told(folder: Path, rows: Sequence[Row], settings: str = ROUNDS) -> pd.DataFrame:
    """Release what these forms tell, and return what the release says of changes."""
    town(folder, rows, settings)
    said = safeaudit("publish", folder, "--out", folder / "out")
    assert said.code == 0, said.stderr
    last = max((folder / "releases").iterdir())
    held: dict[str, Any] = json.loads(gzip.decompress(last.read_bytes()))
    return pd.DataFrame(held["changes"], columns=CHANGE_COLUMNS)


def page(folder: Path) -> bytes:
    return (folder / "out" / "public" / "map.html").read_bytes()


def test_what_changed_surely_is_told_of_the_city(tmp_path: Path) -> None:
    found = told(tmp_path, two_rounds())
    assert set(found["area_kind"]) == {"city"}
    lighting = found[found["indicator"] == "lighting"].iloc[0]
    assert lighting[["kind", "light", "verdict", "difference", "chance"]].tolist() == [
        "segment",
        "dark",
        "better",
        33.0,
        False,
    ]
    assert lighting["low"] <= 33 <= lighting["high"]
    # The names of rounds stand in a column of the file: that is nobody's to publish.
    assert set(found["before"]) | set(found["after"]) == {""}


def test_nothing_is_told_but_what_is_public_by_place(tmp_path: Path) -> None:
    names = set(told(tmp_path, two_rounds())["indicator"])
    assert "street_condition" in names
    assert not names & {"people", "security", "gender_usage", "feeling", "score"}


@pytest.mark.parametrize(("before", "after"), [(4, 6), (6, 4)])
def test_each_round_needs_five_people(tmp_path: Path, before: int, after: int) -> None:
    assert told(tmp_path, two_rounds(before, after)).empty


def test_each_round_needs_three_walks(tmp_path: Path) -> None:
    rows = two_rounds()
    on_two = [{**one, "walk_id": f"{one['campaign']} {int(str(one['submission_id'])[1:]) // 2 % 2}"} for one in rows]
    assert told(tmp_path, on_two).empty


def test_with_more_walks_wanted_more_are_needed(tmp_path: Path) -> None:
    assert told(tmp_path / "seven", two_rounds(), ROUNDS + "\nmin_walks = 7").empty
    assert len(told(tmp_path / "six", two_rounds(), ROUNDS + "\nmin_walks = 6"))


def test_who_allows_analysis_alone_counts_for_nothing(tmp_path: Path) -> None:
    apart = [{**one, "consent": "analysis"} for one in round_of("after", 2026, 0, 3, note="")]
    apart = [{**one, "submission_id": f"x{number}", "auditor": f"X{number}"} for number, one in enumerate(apart)]
    told(tmp_path / "without", two_rounds())
    told(tmp_path / "with", [*two_rounds(), *apart])
    assert page(tmp_path / "without") == page(tmp_path / "with")
    few = [{**one, "consent": "analysis"} if one["auditor"] == "after 0" else one for one in two_rounds(5, 5)]
    assert len(told(tmp_path / "five", two_rounds(5, 5)))
    assert told(tmp_path / "four", few).empty


def test_an_area_where_too_few_audited_says_so(tmp_path: Path) -> None:
    same = [{**one, "auditor": str(one["auditor"]).split()[1]} for one in two_rounds(5, 5)]
    found = told(tmp_path, same)
    assert set(found["verdict"]) == {"untold"}
    assert found[["difference", "low", "high"]].isna().all(axis=None)


def test_private_answers_change_no_byte(tmp_path: Path) -> None:
    maps = []
    for level in (0, 3):
        private = dict.fromkeys(("people", "security", "gender_usage", "feeling"), level)
        # Whatever they felt then and now: not even how sure the rest is may depend on it.
        rows = [one if one["campaign"] == "before" else {**one, **private} for one in two_rounds()]
        told(tmp_path / str(level), rows)
        maps.append(page(tmp_path / str(level)))
    assert maps[0] == maps[1]


def test_until_five_new_people_walked_no_change_is_told_anew(tmp_path: Path) -> None:
    first = told(tmp_path, two_rounds(), TWO_WALKS)
    new = [
        {**one, "submission_id": f"n{n}", "auditor": "new", "walk_id": "new"}
        for n, one in enumerate(round_of("after", 2026, 0, 1))
    ]
    pd.testing.assert_frame_equal(told(tmp_path, [*two_rounds(), *new], TWO_WALKS), first)
    more = [
        {**one, "submission_id": f"m{person} {n}", "auditor": f"more {person}", "walk_id": f"more {person}"}
        for person in range(4)
        for n, one in enumerate(new)
    ]
    pd.testing.assert_frame_equal(told(tmp_path, [*two_rounds(), *new, *more[:6]], TWO_WALKS), first)
    third = told(tmp_path, [*two_rounds(), *new, *more], TWO_WALKS)
    assert (third["difference"] < first["difference"]).all()


def test_what_was_taken_back_is_in_no_change(tmp_path: Path) -> None:
    rows = two_rounds(6, 5)
    assert len(told(tmp_path, rows))
    assert safeaudit("forget", tmp_path, "--auditor", "after 0").code == 0
    assert told(tmp_path, rows).empty


def test_where_one_was_taken_back_no_difference_tells_what_she_said(tmp_path: Path) -> None:
    rows = two_rounds(6, 6)
    rows = [{**one, "lighting": 0} if one["auditor"] == "after 0" else one for one in rows]
    first = told(tmp_path, rows)
    assert safeaudit("forget", tmp_path, "--auditor", "after 0").code == 0
    for _ in range(2):  # nor does a third release show what the second hid
        then = told(tmp_path, rows)
        assert "lighting" not in set(then["indicator"])
        again = first.merge(then[["area_id", "what"]])
        pd.testing.assert_frame_equal(again, then, check_dtype=False)
    five = [
        {**one, "submission_id": f"n{n}", "auditor": f"n {one['auditor']}", "walk_id": f"n {one['walk_id']}"}
        for n, one in enumerate(round_of("after", 2026, 2, 5))
    ]
    assert "lighting" in set(told(tmp_path, [*rows, *five])["indicator"])


def test_a_record_of_before_there_were_changes_is_read(tmp_path: Path) -> None:
    first = told(tmp_path, two_rounds())
    record = tmp_path / "releases" / "0001.json.gz"
    held = json.loads(gzip.decompress(record.read_bytes()))
    del held["changes"], held["groups"], held["reach"]
    held["manifest"]["files"] = {"map.html": "another"}
    held["behind"] = {name: values[:1] for name, values in held["behind"].items()}
    record.write_bytes(gzip.compress(json.dumps(held).encode()))
    assert len(told(tmp_path, two_rounds())) == len(first)
