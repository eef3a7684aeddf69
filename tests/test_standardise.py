"""What zones say by one mix of people: by hand, and nothing that the groups themselves do not tell."""

from __future__ import annotations

import pandas as pd
import pytest

from safeaudit.score.standardise import NOT_EVERY, standardise
from safeaudit.tables import TABLES, validate_table


def answers(*rows: tuple[str, str, str, float, float, float, float, int], note: str = "") -> pd.DataFrame:
    """Return what groups felt after dark: zone_kind, zone, who, score, low, high, n, contributors."""
    every = [
        ("after", kind, zone, "feeling", "dark", "sex", who, *values, n, people, note)
        for kind, zone, who, *values, n, people in rows
    ]
    return validate_table(pd.DataFrame(every, columns=TABLES["group_answers"].names), "group_answers")


CITY = (
    ("city", "city", "woman", 40.0, 34.0, 46.0, 90.0, 30),
    ("city", "city", "man", 60.0, 54.0, 66.0, 30.0, 10),
)


def test_each_group_counts_by_its_share_of_the_city() -> None:
    ward = (
        ("ward", "North", "woman", 40.0, 30.0, 48.0, 10.0, 10),
        ("ward", "North", "man", 60.0, 52.0, 68.0, 30.0, 20),
    )
    found = standardise(answers(*CITY, *ward)).set_index("zone")
    north = found.loc["North"]
    # As they walked (10 * 40 + 30 * 60) / 40; three in four people of the city are women: 0.75 * 40 + 0.25 * 60.
    assert (north["score"], north["standardised"], north["contributors"]) == (55.0, 45.0, 30)
    half = ((0.75 * 10) ** 2 + (0.25 * 8) ** 2) ** 0.5
    assert (north["low"], north["high"]) == (pytest.approx(45 - half, abs=0.01), pytest.approx(45 + half, abs=0.01))
    assert found.loc["city", "standardised"] == 45.0


def test_rounds_of_another_mix_are_told_by_the_same_one() -> None:
    # Then thirty men and ten women walked, and now the other way round; each said the same in both rounds.
    then = [(*row[:-2], n, people) for row, (n, people) in zip(CITY, [(30.0, 10), (90.0, 30)], strict=True)]
    every = pd.concat([answers(*CITY), answers(*then).assign(campaign="before")], ignore_index=True)
    found = standardise(validate_table(every, "group_answers"))
    assert found["campaign"].tolist() == ["after", "before"]
    assert found["score"].tolist() == [45.0, 55.0]
    assert found["standardised"].tolist() == [50.0, 50.0]


def test_where_a_group_of_the_city_is_too_few_nothing_is_told() -> None:
    untold = answers(("ward", "North", "man", *(float("nan"),) * 3, 3.0, 2), note="fewer than 10 people, or 3 walks")
    told = answers(*CITY, ("ward", "North", "woman", 40.0, 30.0, 48.0, 10.0, 10))
    rows = pd.concat([told, untold], ignore_index=True).astype({"note": "str"})
    found = standardise(validate_table(rows, "group_answers")).set_index("zone").loc["North"]
    assert (found["note"], found["contributors"]) == (NOT_EVERY, 0)
    assert found[["score", "standardised", "low", "high"]].isna().all()


def test_one_group_alone_is_no_mix() -> None:
    assert standardise(answers(CITY[0])).empty
    assert standardise(answers(CITY[0], note="fewer than 10 people, or 3 walks")).empty


def test_without_an_interval_of_each_there_is_none() -> None:
    single = (CITY[0], ("city", "city", "man", 60.0, float("nan"), float("nan"), 30.0, 10))
    row = standardise(answers(*single)).iloc[0]
    assert row["standardised"] == 45.0
    assert row[["low", "high"]].isna().all()
