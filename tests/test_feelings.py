"""Feelings by group: what is told, and that no small group can be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from town import observations, submissions

from safeaudit.rubric import STANDARD
from safeaudit.score.feelings import feelings
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping


def told(groups: Mapping[str | None, int], column: str = "auditor_sex", **row: Any) -> pd.DataFrame:
    """Return the table where each group has so many people; each rates once, levels 0 to 3 in turn."""
    people = [(f"{who}-{i:02d}", who, i) for who, size in groups.items() for i in range(size)]
    forms = submissions(*({"submission_id": name, "auditor": name, column: who, **row} for name, who, _ in people))
    seen = observations({name: {"feeling": i % 4, "people": 3} for name, _, i in people})
    return feelings(forms, seen, STANDARD)


def shown(groups: Mapping[str | None, int]) -> dict[str, int]:
    """Return the people in each group of the split by sex that is shown."""
    found = told(groups)
    split = found[found["split"] == "sex"]
    return dict(zip(split["who"], split["contributors"].tolist(), strict=True))


def test_shares_and_spread_by_hand() -> None:
    found = told({"woman": 12, "man": 14})
    assert found[["indicator", "group", "split", "who"]].to_numpy().tolist() == [
        ["feeling", "dark", "all", "all"],
        ["feeling", "dark", "sex", "man"],
        ["feeling", "dark", "sex", "woman"],
    ]
    women = found.iloc[2]
    assert (women["n"], women["contributors"]) == (12, 12)
    assert women[[f"share_{k}" for k in range(4)]].tolist() == [0.25] * 4
    assert women["sd"] == pytest.approx(pd.Series([0, 1, 2, 3] * 3).std(), abs=1e-4)
    men = found.iloc[1]
    assert men["share_0"] == pytest.approx(4 / 14, abs=1e-4)
    assert men["share_3"] == pytest.approx(3 / 14, abs=1e-4)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"woman": 10, "man": 10}, {"woman": 10, "man": 10}),
        ({"woman": 30, "man": 9}, {}),  # women would tell the men: all less the women
        ({"woman": 30, "man": 9, "other": 1}, {"woman": 30}),
        ({"woman": 30, "man": 12, "other": 3}, {"woman": 30}),  # the men are hidden with the three
        ({"woman": 30, "man": 12, None: 15}, {"woman": 30, "man": 12, "not said": 15}),
        ({"woman": 30}, {}),  # the same as all
    ],
)
def test_no_group_under_ten_is_shown_or_can_be_worked_out(
    groups: dict[str | None, int], expected: dict[str, int]
) -> None:
    assert shown(groups) == expected


def test_under_ten_people_nothing_is_told() -> None:
    assert told({"woman": 9}).empty
    assert told({"woman": 9}).columns.tolist() == TABLES["feelings"].names


def test_many_ratings_by_few_people_are_few_people() -> None:
    forms = submissions(*({"submission_id": f"{i:03d}", "auditor": f"a{i % 9}"} for i in range(90)))
    assert feelings(forms, observations({f"{i:03d}": {"feeling": 1} for i in range(90)}), STANDARD).empty


@pytest.mark.parametrize(("split", "column"), [("age", "auditor_age"), ("disability", "auditor_disability")])
def test_there_are_splits_by_age_and_disability(split: str, column: str) -> None:
    found = told({"one": 10, "other": 11}, column)
    assert found.loc[found["split"] == split, "who"].tolist() == ["one", "other"]


def test_a_time_that_is_unknown_is_a_group_of_its_own() -> None:
    assert told({"woman": 10}, light=None)["group"].tolist() == ["unrecorded"]


def test_a_level_nobody_chose_has_the_share_nought() -> None:
    forms = submissions(*({"submission_id": f"{i:02d}", "auditor": f"{i}"} for i in range(10)))
    row = feelings(forms, observations({f"{i:02d}": {"feeling": 2} for i in range(10)}), STANDARD).iloc[0]
    assert row[["sd", "share_0", "share_1", "share_2", "share_3"]].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
