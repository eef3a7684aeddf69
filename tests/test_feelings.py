"""Feelings by group: what is told, and that no small group can be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from town import observations, submissions

from safeaudit.rubric import STANDARD
from safeaudit.score.feelings import FEW_PEOPLE, ONE_FORM, WITHHELD, WOULD_TELL_ALL, feelings
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
    """Return the people in each group of the split by sex that is shown, and of all where they are."""
    found = told(groups)
    split = found[(found["note"] == "") & found["split"].isin(["sex", "all"])]
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
        ({"woman": 10, "man": 10}, {"all": 20, "woman": 10, "man": 10}),
        ({"woman": 30, "man": 9}, {"woman": 30}),  # all less the women would tell the men: the total is withheld
        ({"woman": 30, "man": 9, "other": 1}, {"all": 40, "woman": 30}),  # ten are left
        ({"woman": 30, "man": 12, "other": 3}, {"woman": 30, "man": 12}),
        ({"woman": 30, "man": 12, None: 15}, {"all": 57, "woman": 30, "man": 12, "not said": 15}),
        ({"woman": 26}, {"all": 26, "woman": 26}),  # nobody is left to protect
        ({None: 26}, {"all": 26}),
    ],
)
def test_no_group_under_ten_is_shown_or_can_be_worked_out(
    groups: dict[str | None, int], expected: dict[str, int]
) -> None:
    assert shown(groups) == expected


def test_every_row_that_says_nothing_says_why() -> None:
    found = told({"woman": 30, "man": 9}).set_index("who")
    assert found["note"].to_dict() == {"all": WITHHELD, "man": FEW_PEOPLE, "woman": ""}
    assert found.loc[["all", "man"], ["sd", "share_0", "share_3"]].isna().all(axis=None)
    assert told({"woman": 9})["note"].tolist() == [FEW_PEOPLE] * 2
    assert told({"woman": 9}).columns.tolist() == TABLES["feelings"].names


def test_a_total_that_is_withheld_is_no_sum_of_another_split() -> None:
    people = [("woman", "adult", i) for i in range(30)] + [("man", "youth" if i < 5 else "adult", i) for i in range(9)]
    people += [("woman", "youth", i) for i in range(30, 45)]
    rows = [
        {"submission_id": f"{who}{i}", "auditor": f"{who}{i}", "auditor_sex": who, "auditor_age": age}
        for who, age, i in people
    ]
    found = feelings(submissions(*rows), observations({row["submission_id"]: {"feeling": 1} for row in rows}), STANDARD)
    notes = found.set_index(["split", "who"])["note"].to_dict()
    assert notes[("all", "all")] == WITHHELD
    assert notes[("sex", "woman")] == ""
    assert notes[("age", "youth")] == WOULD_TELL_ALL


def test_people_and_answers_are_counted_apart() -> None:
    rows = [{"submission_id": f"{i}", "walk_id": f"w{i}", "group_size": 8, "auditor_sex": "woman"} for i in range(9)]
    found = feelings(submissions(*rows), observations({f"{i}": {"feeling": i % 4} for i in range(9)}), STANDARD)
    assert found[["who", "n", "contributors", "note"]].to_numpy().tolist() == [
        ["all", 9, 72, ""],
        ["woman", 9, 72, ""],
    ]
    one = feelings(submissions(rows[0] | {"group_size": 20}), observations({"0": {"feeling": 1}}), STANDARD)
    assert one["note"].tolist() == [ONE_FORM] * 2


def test_a_team_that_walks_again_is_the_same_people() -> None:
    for walks in ("Rose 1", "Rose 2"), ("w1", "w2"):
        rows = [{"submission_id": walk, "walk_id": walk, "group_size": 8} for walk in walks]
        found = feelings(submissions(*rows), observations({walk: {"feeling": 1} for walk in walks}), STANDARD)
        assert found["contributors"].tolist() == [8 if walks[0].startswith("Rose") else 16]


def test_a_group_whose_composition_is_not_stated_is_in_no_split() -> None:
    rows = [{"submission_id": f"g{i}", "walk_id": f"w{i}", "group_size": 8} for i in range(4)]
    rows += [{"submission_id": f"s{i}", "auditor": f"{i}", "auditor_sex": "woman"} for i in range(12)]
    found = feelings(
        submissions(*rows), observations({str(row["submission_id"]): {"feeling": 1} for row in rows}), STANDARD
    )
    assert found[["who", "contributors"]].to_numpy().tolist() == [["all", 44], ["woman", 12]]


def test_a_group_that_states_its_composition_is_an_answer_of_each_part() -> None:
    rows = [
        {"submission_id": f"g{i}", "walk_id": f"w{i}", "group_size": 8, "group_women": 5, "group_men": men}
        for i, men in enumerate([3, 3, 3, 0])
    ]
    found = feelings(submissions(*rows), observations({f"g{i}": {"feeling": i} for i in range(4)}), STANDARD)
    assert found[["who", "n", "contributors", "note"]].to_numpy().tolist() == [
        ["all", 4, 32, WITHHELD],
        ["man", 3, 9, FEW_PEOPLE],
        ["woman", 4, 20, ""],
    ]
    women = found.iloc[2]
    assert women[[f"share_{k}" for k in range(4)]].tolist() == [0.25] * 4


def test_many_ratings_by_few_people_are_few_people() -> None:
    forms = submissions(*({"submission_id": f"{i:03d}", "auditor": f"a{i % 9}"} for i in range(90)))
    found = feelings(forms, observations({f"{i:03d}": {"feeling": 1} for i in range(90)}), STANDARD)
    assert found["note"].tolist() == [FEW_PEOPLE]


@pytest.mark.parametrize(("split", "column"), [("age", "auditor_age"), ("disability", "auditor_disability")])
def test_there_are_splits_by_age_and_disability(split: str, column: str) -> None:
    found = told({"one": 10, "other": 11}, column)
    assert found.loc[found["split"] == split, "who"].tolist() == ["one", "other"]


def test_a_time_that_is_unknown_is_a_group_of_its_own() -> None:
    assert set(told({"woman": 10}, light=None)["group"]) == {"unrecorded"}


def test_a_level_nobody_chose_has_the_share_nought() -> None:
    forms = submissions(*({"submission_id": f"{i:02d}", "auditor": f"{i}"} for i in range(10)))
    row = feelings(forms, observations({f"{i:02d}": {"feeling": 2} for i in range(10)}), STANDARD).iloc[0]
    assert row[["sd", "share_0", "share_1", "share_2", "share_3"]].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
