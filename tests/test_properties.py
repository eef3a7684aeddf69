"""What must hold for whatever people rate: nothing counted twice, nothing turned upside down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY, at, audits, matches_of, observations, submissions, town

from safeaudit.aggregate import aggregate
from safeaudit.config import MatchSettings, ScoreSettings
from safeaudit.match import match
from safeaudit.rubric import STANDARD
from safeaudit.score.answers import make_answers
from safeaudit.score.estimate import score
from safeaudit.score.model import Grid, estimate

USUAL = ScoreSettings()
STREETS = ("south", "east", "north", "west")

levels = st.dictionaries(st.sampled_from(STANDARD.names), st.integers(0, 3), min_size=1)
rating = st.tuples(st.sampled_from(STREETS), levels, st.sampled_from(["dark", "day", None]), st.sampled_from("xyz"))
ratings = st.lists(rating, min_size=1, max_size=12)
Rating = tuple[str, dict[str, int], str | None, str]


def tables(rated: list[Rating]) -> tuple[Any, pd.DataFrame, pd.DataFrame]:
    """Return submissions, observations and matches of ratings."""
    rows = [
        {"submission_id": f"p{i:02d}", "light": light, "auditor": who} for i, (_, _, light, who) in enumerate(rated)
    ]
    seen = observations({f"p{i:02d}": chosen for i, (_, chosen, _, _) in enumerate(rated)})
    return submissions(*rows), seen, matches_of({f"p{i:02d}": {row[0]: 1.0} for i, row in enumerate(rated)})


def scored(rated: list[Rating]) -> pd.DataFrame:
    return score(*tables(rated), STANDARD, USUAL)


@PROPERTY
@given(ratings)
def test_every_score_lies_in_its_interval_and_none_is_without_width(rated: list[Rating]) -> None:
    scores = scored(rated)
    assert scores["score"].between(scores["low"], scores["high"]).all()
    assert scores["low"].between(0, 100).all()
    assert scores["high"].between(0, 100).all()
    assert (scores["high"] - scores["low"] > 1).all()


@PROPERTY
@given(ratings)
def test_nothing_is_counted_twice(rated: list[Rating]) -> None:
    scores = scored(rated)
    for name in STANDARD.names:
        answers = sum(
            1 for _, chosen, light, _ in rated if name in chosen and not (name == "lighting" and light == "day")
        )
        assert np.isclose(scores.loc[scores["indicator"] == name, "n"].sum(), answers)
    assert (scores["contributors"] <= len({who for *_, who in rated})).all()
    assert scores[scores["headline"]].groupby("place_id")["group"].nunique().eq(1).all()


@PROPERTY
@given(ratings, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rated: list[Rating], random: Any) -> None:
    mixed = [frame.sample(frac=1, random_state=random.randrange(1000)) for frame in tables(rated)]
    pd.testing.assert_frame_equal(score(*mixed, STANDARD, USUAL), scored(rated), check_exact=True)


@PROPERTY
@given(ratings)
def test_inputs_stay_as_they_are(rated: list[Rating]) -> None:
    given_tables = tables(rated)
    copies = [frame.copy(deep=True) for frame in given_tables]
    scores = score(*given_tables, STANDARD, USUAL)
    before = scores.copy(deep=True)
    aggregate(town(), audits(given_tables[0], given_tables[1]), given_tables[2], scores, STANDARD)
    for frame, copy in zip([*given_tables, scores], [*copies, before], strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@PROPERTY
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 11),
    st.floats(0.05, 0.9),
    st.floats(0.0, 0.8),
)
def test_with_variances_fixed_a_better_rating_never_lowers_its_place(
    rated: list[tuple[int, int, int]], which: int, own: float, part: float
) -> None:
    place, auditor, level = (np.array(column) for column in zip(*rated, strict=True))
    rows = pd.DataFrame(
        {
            "place": np.unique(place, return_inverse=True)[1],
            "submission": np.arange(len(place)),
            "contributor": auditor,
            "walk": 0,
            "named": True,
            "share": 1.0,
            "many": 1.0,
            "spread": np.nan,
            "rating": level / 3,
            "answered": 1.0,
        }
    )
    row = which % len(rows)
    better = rows.assign(rating=rows["rating"] + np.where(rows.index == row, 1 / 3, 0.0))
    fixed = Grid(*(np.array([[value]]) for value in (own, part * (1 - own), 1.0)))
    before, after = (
        estimate(
            make_answers({name: frame[name].to_numpy() for name in frame}, np.zeros(len(set(frame["place"])))),
            [0.5],
            fixed,
        ).mean
        for frame in (rows, better)
    )
    assert after[rows["place"][row]] >= before[rows["place"][row]] - 1e-9


@PROPERTY
@given(
    st.lists(st.tuples(st.floats(-40, 140), st.floats(-40, 140), st.sampled_from([None, 3.0, 12.0, 30.0])), max_size=8)
)
def test_a_submission_weighs_one_or_nothing_in_each_kind(fixes: list[tuple[float, float, float | None]]) -> None:
    people = submissions(
        *({"submission_id": f"p{i}", "point": at(x, y), "accuracy_m": a} for i, (x, y, a) in enumerate(fixes))
    )
    found = match(people, town(), MatchSettings())
    assert np.allclose(found.groupby(["submission_id", "kind"])["weight"].sum(), 1)
    assert (found["weight"] > 0).all()
    assert found["distance_m"].between(0, 25 + 1e-6).all()
