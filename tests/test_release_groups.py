"""How groups felt, through the real commands: of enough people alone, and what two releases tell of whom."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from projects import safeaudit
from walked import Row, round_of, town

from safeaudit.publish.groups import settle_groups
from safeaudit.tables.public import GROUP_COLUMNS, ReleaseRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LATER = "2026-09-05T21:30:00+05:30"
SETTINGS = "[score]\nas_of = 2026-11-30\n[publish]\nlone_ends_m = 0"


def women(first: int, last: int, feeling: int = 1, **said: object) -> list[Row]:
    """Return what women felt on both streets, each on a walk of her own."""
    rows = round_of("now", 2026, 2, last, feeling=feeling, **said)
    return rows[2 * first :]


def told(folder: Path, rows: Sequence[Row]) -> pd.DataFrame:
    """Release what these forms tell, and return what the release says of groups."""
    town(folder, rows, SETTINGS)
    said = safeaudit("publish", folder, "--out", folder / "out")
    assert said.code == 0, said.stderr
    last = max((folder / "releases").iterdir())
    held: dict[str, Any] = json.loads(gzip.decompress(last.read_bytes()))
    return pd.DataFrame(held["groups"], columns=GROUP_COLUMNS)


def of_women(groups: pd.DataFrame) -> dict[str, int]:
    """Return how women felt, by zone."""
    rows = groups[groups["who"] == "woman"]
    return dict(zip(rows["zone"], rows["score"].astype(int), strict=True))


def test_ten_women_are_told_of_and_nine_are_not(tmp_path: Path) -> None:
    assert of_women(told(tmp_path / "ten", women(0, 10))) == {"city": 35, "segment": 35}
    assert told(tmp_path / "nine", women(0, 9)).empty


def test_three_walks_are_needed(tmp_path: Path) -> None:
    on_two = [{**one, "walk_id": str(number // 2 % 2)} for number, one in enumerate(women(0, 12))]
    assert told(tmp_path, on_two).empty


def test_nothing_else_than_a_feeling_is_told_and_of_no_area(tmp_path: Path) -> None:
    found = told(tmp_path, women(0, 12))
    assert set(found["indicator"]) == {"feeling"}
    assert set(found["zone_kind"]) == {"city", "kind"}
    assert set(found["round"]) == {""}  # its name stands in a column alone


def test_who_allows_analysis_alone_is_no_tenth(tmp_path: Path) -> None:
    assert told(tmp_path, [*women(0, 9), *women(9, 12, consent="analysis")]).empty


@pytest.mark.parametrize("more", [1, 9])
def test_what_few_women_said_since_changes_nothing(tmp_path: Path, more: int) -> None:
    first = told(tmp_path, women(0, 10))
    second = told(tmp_path, [*women(0, 10), *women(10, 10 + more, feeling=3)])
    pd.testing.assert_frame_equal(first, second)


def test_ten_new_women_are_told_of_however_they_came(tmp_path: Path) -> None:
    told(tmp_path, women(0, 10))
    told(tmp_path, [*women(0, 10), *women(10, 16, feeling=3)])  # six are held back,
    third = told(tmp_path, [*women(0, 10), *women(10, 20, feeling=3)])  # and are among the ten then
    assert of_women(third) == {"city": 65, "segment": 65}


def block(score: int) -> pd.DataFrame:
    """Return how women felt everywhere, and in parks."""
    rows = {"zone_kind": ["city", "kind"], "zone": ["city", "park"], "score": score, "low": score, "high": score}
    about = {"what": "feeling dark sex woman", "indicator": "feeling", "light": "dark", "split": "sex", "who": "woman"}
    return pd.DataFrame({**rows, **about, "round": ""})[GROUP_COLUMNS]


def forms(first: int, last: int, in_parks: int) -> pd.DataFrame:
    """Return forms, each by another woman; the last of them in parks too."""
    rows = [(number, "city") for number in range(first, last)]
    rows += [(number, "park") for number in range(last - in_parks, last)]
    frame = pd.DataFrame(rows, columns=["contributor", "zone"])
    names = "f" + frame["contributor"].astype(str)
    about = {"place_id": "groups", "what": "feeling dark sex woman", "people": 1, "mainly": True}
    return frame.assign(submission_id=names, walk=names, **about)


def release(groups: pd.DataFrame, behind: pd.DataFrame) -> ReleaseRecord:
    """Return what is remembered of a release that told of groups alone."""
    nothing = dict.fromkeys(("conditions", "faults", "changes", "reach"), pd.DataFrame())
    return ReleaseRecord(number=1, manifest={}, groups=groups, behind=behind, **nothing)


@pytest.mark.parametrize(("in_parks", "score"), [(0, 60), (3, 40), (10, 60)])
def test_few_in_one_kind_of_place_hold_the_whole_group(in_parks: int, score: int) -> None:
    """Of twelve new women few were in parks: how they felt there would be told by what the parks' row differs in."""
    was = pd.concat([forms(0, 20, 20), forms(20, 32, in_parks)], ignore_index=True)
    known = was["submission_id"]
    groups, behind = settle_groups(block(60), was, [release(block(40), forms(0, 20, 0))], known)
    assert groups["score"].tolist() == [score, score]
    assert len(behind) == (20 if score == 40 else 32)


def test_few_new_since_an_earlier_release_hold_a_group_that_comes_back() -> None:
    """Two releases told of other forms in between: the first one's, with five more, are no news beside it."""
    first, other = release(block(40), forms(0, 20, 0)), release(block(50), forms(40, 60, 0))
    now = forms(0, 25, 0)
    groups, _ = settle_groups(block(60), now, [first, other], pd.concat([now, forms(40, 60, 0)])["submission_id"])
    assert groups["score"].tolist() == [50, 50]


def in_zones(**last: tuple[int, int]) -> pd.DataFrame:
    """Return forms, each by another woman in the whole city, and those of some kinds of places: from, and up to."""
    first, end = min(start for start, _ in last.values()), max(stop for _, stop in last.values())
    city = forms(first, end, 0)
    kinds = [city[city["contributor"].between(a, b - 1)].assign(zone=kind) for kind, (a, b) in last.items()]
    return pd.concat([city, *kinds], ignore_index=True)


def zones_told(score: int, *kinds: str) -> pd.DataFrame:
    """Return how women felt everywhere, and in some kinds of places."""
    city, park = block(score).iloc[[0]], block(score).iloc[[1]]
    return pd.concat([city, *(park.assign(zone=kind) for kind in kinds)], ignore_index=True)


def test_a_kind_that_is_told_no_more_tells_nobody_s_answers_beside_what_was_told_of_it() -> None:
    """City less streets, less the parks of the release before: five women at stops."""
    was = in_zones(segment=(0, 10), park=(10, 20))
    now = pd.concat([was, in_zones(segment=(20, 30), rest=(30, 35))], ignore_index=True)
    now = now[now["zone"].isin(["city", "segment"])]
    before = [release(zones_told(40, "park", "segment"), was)]
    groups, _ = settle_groups(zones_told(60, "segment"), now, before, now["submission_id"])
    assert groups["score"].tolist() == [40] * 3


@pytest.mark.parametrize(("new_at_stops", "score"), [(0, 40), (10, 60)])
def test_a_kind_that_was_not_told_is_told_once_enough_are_new_there(new_at_stops: int, score: int) -> None:
    """City of the release before, less streets and stops of now: the five women who were in parks then."""
    was = in_zones(segment=(0, 10), stop=(10, 20), park=(20, 25))
    new = in_zones(segment=(25, 35), park=(35, 45), stop=(45, 45 + new_at_stops))
    now = pd.concat([was, new], ignore_index=True)
    before = [release(zones_told(40, "segment"), was[was["zone"].isin(["city", "segment"])])]
    groups, _ = settle_groups(zones_told(60, "park", "segment", "stop"), now, before, now["submission_id"])
    assert set(groups["score"]) == {score}


def test_a_kind_where_enough_are_new_is_told_though_nobody_is_new_elsewhere() -> None:
    was = in_zones(segment=(0, 10))
    now = pd.concat([was, in_zones(park=(10, 20))], ignore_index=True)
    before = [release(zones_told(40, "segment"), was)]
    groups, _ = settle_groups(zones_told(60, "park", "segment"), now, before, now["submission_id"])
    assert groups["score"].tolist() == [60] * 3


def test_where_one_is_taken_back_nothing_is_told_until_ten_are_new(tmp_path: Path) -> None:
    told(tmp_path, women(0, 12))
    assert safeaudit("forget", tmp_path, "--auditor", "now 0").code == 0
    assert told(tmp_path, women(0, 12)).empty
    assert told(tmp_path, [*women(0, 12), *women(12, 15, feeling=3)]).empty
    later = told(tmp_path, [*women(0, 12), *women(12, 22, feeling=3)])
    assert of_women(later) == {"city": 65, "segment": 65}


def test_a_later_round_of_enough_people_is_told_and_one_of_few_erases_nothing(tmp_path: Path) -> None:
    first = told(tmp_path, women(0, 10))
    rows = [
        {**one, "campaign": "later", "submission_id": f"l{number}", "observed_at": LATER}
        for number, one in enumerate(women(0, 9, 3))
    ]
    pd.testing.assert_frame_equal(told(tmp_path, [*women(0, 10), *rows]), first)
    rows = [
        {**one, "campaign": "later", "submission_id": f"l{number}", "observed_at": LATER}
        for number, one in enumerate(women(0, 10, 3))
    ]
    assert of_women(told(tmp_path, [*women(0, 10), *rows])) == {"city": 95, "segment": 95}


@pytest.mark.parametrize(("feeling", "told_as"), [(0, [5, 0, 10]), (1, [35, 30, 40]), (3, [95, 90, 100])])
def test_where_all_said_the_same_nobody_s_answer_is_told(tmp_path: Path, feeling: int, told_as: list[int]) -> None:
    found = told(tmp_path, women(0, 12, feeling))
    assert found[["score", "low", "high"]].drop_duplicates().to_numpy().tolist() == [told_as]
