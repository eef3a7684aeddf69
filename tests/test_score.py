"""Scores of the town, done by hand; then a slow model of our own against the fast one."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from slow_model import GRID, OF_FEELINGS, Row, Slow, complete_slowly, estimate_slowly
from town import NIGHT, everything, matches_of, observations, submissions

from safeaudit.config import ScoreSettings
from safeaudit.rubric import STANDARD, Indicator, Rubric
from safeaudit.score.estimate import score

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Levels = dict[str, int | None]
USUAL = ScoreSettings()


def scored(
    rated: Mapping[str, tuple[str, Levels]],
    *,
    people: Mapping[str, Mapping[str, Any]] | None = None,
    rubric: Rubric = STANDARD,
    settings: ScoreSettings = USUAL,
) -> pd.DataFrame:
    """Return scores: each submission with its place and its levels, and what is said of its people."""
    rows = [{"submission_id": who, "auditor": f"by {who}", **(people or {}).get(who, {})} for who in rated]
    seen = observations({who: levels for who, (_, levels) in rated.items()})
    shares = matches_of({who: {place: 1.0} for who, (place, _) in rated.items()})
    return score(submissions(*rows), seen, shares, rubric, settings)


def one(scores: pd.DataFrame, place: str, indicator: str, group: str = "dark") -> pd.Series[Any]:
    """Return one row of the table `scores`."""
    rows = scores[(scores["place_id"] == place) & (scores["indicator"] == indicator) & (scores["group"] == group)]
    assert len(rows) == 1
    return rows.iloc[0]


OWN = [0.05 + 0.075 * step for step in range(13)]
"""Each r that is integrated over."""


def over_r(value: Callable[[float], float], likely: Callable[[float], float] = lambda _: 1.0) -> float:
    """Return a mean over r: Beta(2, 2) is r (1 - r), and the answers make it more or less likely."""
    weights = [r * (1 - r) * likely(r) for r in OWN]
    return sum(w * value(r) for w, r in zip(weights, OWN, strict=True)) / sum(weights)


def test_one_rating_in_the_whole_city() -> None:
    # The city's mean is the rating itself: nothing to be pulled to, score 100.
    # v = (4 x 5/36) / 4 = 5/36; for a share r the variance is r v (1-r) + (1-r)^2 v = v (1-r), in the
    # mean over r v/2 = 0.069444, deviation 0.263523; 1.644854 of it is 0.433457.
    row = one(scored({"a": ("south", {"walk_path": 3})}), "south", "walk_path")
    assert row["score"] == 100.0
    assert row["low"] == pytest.approx(56.65, abs=0.01)
    assert row["high"] == 100.0
    assert (row["n"], row["contributors"], row["state"], row["level_seen"]) == (1.0, 1, "few", 3)
    assert not row["level_0"]
    assert row["headline"]


def test_two_streets_with_opposite_ratings() -> None:
    # Two auditors, heard once each: all but the place is noise. mu = 0.5; w = r, in the mean 0.5: 0.5 + 0.5 x 0.5 =
    # 0.75, and 0.25. v = (4 x 5/36 + 2 x 0.25) / (4 + 1) = 0.211111, whatever r; of a place r v (1-r) is left, and
    # (1-r)^2 of the doubt of mu, v/2; and the estimates of the r lie apart.
    scores = scored({"a": ("south", {"walk_path": 3}), "b": ("north", {"walk_path": 0})})
    best, worst = one(scores, "south", "walk_path"), one(scores, "north", "walk_path")
    left = 0.211111 * over_r(lambda r: r * (1 - r) + (1 - r) ** 2 / 2)
    apart = over_r(lambda r: (0.5 * r) ** 2) - over_r(lambda r: 0.5 * r) ** 2
    margin = 100 * 1.644854 * (left + apart) ** 0.5
    assert (best["score"], worst["score"]) == (75.0, 25.0)
    assert best["low"] == pytest.approx(75 - margin, abs=0.01)
    assert worst["high"] == pytest.approx(25 + margin, abs=0.01)
    assert (best["high"], worst["low"]) == (100.0, 0.0)
    assert not best["level_0"]
    assert worst["level_0"]


def test_more_ratings_are_pulled_less() -> None:
    # South: three ratings of 1 by three people. North: one of 0. Their variance around mu is (1 + 2r)/3 and 1, so
    # mu = 3 / (4 + 2r), and the sum of squares is the same number. South: w = 3r/(1+2r); north: w = r.
    def likely(r: float) -> float:
        determinants = (1 - r) ** 2 * (1 + 2 * r) * (3 / (1 + 2 * r) + 1)
        return float(determinants**-0.5 * (3 / (4 + 2 * r) + 4 * 5 / 36) ** -3.5)

    def south(r: float) -> float:
        return 3 / (4 + 2 * r) + 3 * r / (1 + 2 * r) * (1 - 3 / (4 + 2 * r))

    scores = scored({**{who: ("south", {"walk_path": 3}) for who in "abc"}, "d": ("north", {"walk_path": 0})})
    assert one(scores, "south", "walk_path")["score"] == pytest.approx(100 * over_r(south, likely), abs=0.01)
    north = over_r(lambda r: (1 - r) * 3 / (4 + 2 * r), likely)
    assert one(scores, "north", "walk_path")["score"] == pytest.approx(100 * north, abs=0.01)
    assert one(scores, "south", "walk_path")["state"] == "audited"


def test_every_indicator_at_one_level_gives_that_level() -> None:
    # All at level 2: 66.67. Before anything is known two indicators go together by a half, so that eight have the
    # variance 5/36 x (1/2 + 1/2 x 1/8) = 0.078125; half of it is left, as of one rating: 1.644854 x 0.197642 = 0.325.
    row = one(scored({"a": ("south", everything(2))}), "south", "score")
    assert row["score"] == pytest.approx(66.67, abs=0.01)
    assert row["low"] == pytest.approx(66.67 - 32.51, abs=0.01)
    assert row["high"] == pytest.approx(66.67 + 32.51, abs=0.01)
    assert pd.isna(row["level_seen"])


def test_a_composite_is_the_weighted_mean_of_what_was_answered() -> None:
    # street_condition: lighting 3, openness 2, visibility 2, walk_path 1, public_transport 0 -> 8/15
    levels: Levels = {"lighting": 3, "openness": 2, "visibility": 2, "walk_path": 1, "public_transport": 0}
    row = one(scored({"a": ("south", levels)}), "south", "street_condition")
    assert row["score"] == pytest.approx(100 * 8 / 15, abs=0.01)
    assert row["level_0"]
    without = one(scored({"a": ("south", {**levels, "public_transport": None})}), "south", "street_condition")
    assert without["score"] == pytest.approx(100 * 8 / 12, abs=0.01)
    assert not without["level_0"]


def test_weights_count() -> None:
    own = Indicator(name="shade", weight=3.0, public="place")
    rubric = Rubric((*(i for i in STANDARD.indicators if i.name == "lighting"), own))
    row = one(scored({"a": ("south", {"lighting": 3, "shade": 0})}, rubric=rubric), "south", "score")
    assert row["score"] == pytest.approx(25.0)


@pytest.mark.parametrize(("answered", "shown"), [(8, True), (6, True), (5, False), (1, False)])
def test_a_score_needs_three_quarters_of_the_weight(answered: int, *, shown: bool) -> None:
    levels = dict(list(everything(2).items())[:answered])
    scores = scored({"a": ("south", levels)})
    assert ("score" in set(scores["indicator"])) is shown


def test_missing_answers_make_no_street_look_better() -> None:
    # All streets are alike: six indicators at level 2, two at level 0, which is 50. On half of them nobody answered
    # the two.
    worst = ("people", "security")
    rated = {
        f"p{i:02d}": (f"street-{i:02d}", everything(2, but=dict.fromkeys(worst, 0 if i % 2 else None)))
        for i in range(40)
    }
    scores = scored(rated)
    whole = scores[scores["indicator"] == "score"].set_index("place_id")
    assert whole["score"].tolist() == pytest.approx([50.0] * 40, abs=0.01)
    width = whole["high"] - whole["low"]
    assert width["street-00"] > width["street-01"]


def test_by_day_lighting_is_not_missing() -> None:
    # Seven of seven: the score of the day is the mean of what can be seen by day, as sure as that of eight after dark.
    levels = everything(2, but={"lighting": None})
    by_day = one(scored({"a": ("south", levels)}, people={"a": {"light": "day"}}), "south", "score", "day")
    after_dark = one(scored({"a": ("south", everything(2))}), "south", "score")
    assert by_day["score"] == pytest.approx(after_dark["score"])
    assert by_day["low"] == pytest.approx(after_dark["low"], abs=1)


def test_without_weights_there_is_no_score() -> None:
    rubric = Rubric(tuple(replace(indicator, weight=0.0) for indicator in STANDARD.indicators))
    assert set(scored({"a": ("south", everything(2))}, rubric=rubric)["indicator"]) == set(everything(2))


def test_below_nothing_lies_nothing() -> None:
    rated: dict[str, tuple[str, Levels]] = {who: (f"street {who}", {"walk_path": 0}) for who in "abc"}
    standard = {"walk_path": 0.0}
    assert (scored(rated, settings=ScoreSettings(standard=MappingProxyType(standard)))["p_below"] == 0).all()
    usual = scored(rated).iloc[0]
    assert usual["p_below"] == pytest.approx(usual["band_1"] + usual["band_2"])
    assert usual[["band_1", "band_2", "band_3", "band_4"]].sum() == pytest.approx(1)


def test_the_share_of_the_weight_can_be_set() -> None:
    scores = scored({"a": ("south", {"openness": 2})}, settings=ScoreSettings(min_share=0.125))
    assert one(scores, "south", "score")["score"] == pytest.approx(66.67, abs=0.01)


def test_feeling_is_never_part_of_a_score() -> None:
    def rows(feelings: tuple[int, int]) -> pd.DataFrame:
        levels = [everything(level, but={"feeling": feeling}) for level, feeling in zip((1, 3), feelings, strict=True)]
        found = scored({"a": ("south", levels[0]), "b": ("north", levels[1])})
        assert "feeling" in set(found["indicator"])
        return found[found["indicator"] != "feeling"].reset_index(drop=True)

    pd.testing.assert_frame_equal(rows((0, 0)), rows((3, 1)))


def test_feeling_alone_makes_no_score() -> None:
    assert set(scored({"a": ("south", {"feeling": 0})})["indicator"]) == {"feeling"}


def test_lighting_rated_by_day_is_no_answer() -> None:
    by_day = {"light": "day", "observed_at": NIGHT.replace(hour=9)}
    scores = scored({"a": ("south", everything(3, but={"lighting": 0}))}, people={"a": by_day})
    assert "lighting" not in set(scores["indicator"])
    assert one(scores, "south", "score", "day")["score"] == 100.0
    assert not one(scores, "south", "score", "day")["level_0"]


@pytest.mark.parametrize("light", ["twilight", "dark", None])
def test_lighting_rated_at_other_times_is_an_answer(light: str | None) -> None:
    scores = scored({"a": ("south", {"lighting": 0})}, people={"a": {"light": light}})
    assert one(scores, "south", "lighting", light or "unrecorded")["score"] == 0.0


def test_lighting_by_day_alone_gives_no_row_at_all() -> None:
    assert scored({"a": ("south", {"lighting": 0})}, people={"a": {"light": "day"}}).empty


def test_day_and_dark_are_never_pooled() -> None:
    rated = {"a": ("south", {"walk_path": 0}), "b": ("north", {"walk_path": 1}), "c": ("south", {"walk_path": 3})}
    scores = scored(rated, people={"c": {"light": "day"}})
    dark = scored({who: rated[who] for who in "ab"})
    found = scores[scores["group"] == "dark"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, dark, check_categorical=False)
    assert one(scores, "south", "walk_path", "day")["score"] == 100.0


def test_the_headline_is_dark_where_there_is_dark_else_day() -> None:
    rated = {
        who: (place, {"walk_path": 2}) for who, place in zip("abcd", ["south", "south", "north", "west"], strict=True)
    }
    people = {"b": {"light": "day"}, "c": {"light": "day"}, "d": {"light": None}}
    scores = scored(rated, people=people)
    headline = scores[scores["headline"]]
    assert dict(zip(headline["place_id"], headline["group"], strict=True)) == {
        "north": "day",
        "south": "dark",
        "west": "unrecorded",
    }


# --- states ---------------------------------------------------------------------------------------


def state(people: Mapping[str, Mapping[str, Any]], settings: ScoreSettings = USUAL) -> str:
    """Return the state of one street that some people rated."""
    return str(
        one(
            scored({who: ("south", {"walk_path": 2}) for who in people}, people=people, settings=settings),
            "south",
            "walk_path",
        )["state"]
    )


def test_three_people_are_an_audit() -> None:
    assert state({"a": {"auditor": "x"}, "b": {"auditor": "y"}, "c": {"auditor": "z"}}) == "audited"
    assert state({"a": {"auditor": "x"}, "b": {"auditor": "x"}, "c": {"auditor": "y"}}) == "few"


def test_two_ratings_are_few() -> None:
    assert state({"a": {"auditor": "x"}, "b": {"auditor": "y"}}) == "few"


def test_one_person_is_few_however_often_she_rates() -> None:
    assert state({who: {"auditor": "x"} for who in "abcdef"}) == "few"


def test_what_few_means_can_be_set() -> None:
    assert state({"a": {}}, ScoreSettings(min_ratings=1, min_contributors=1)) == "audited"


def test_old_ratings_are_stale_and_stale_wins_over_few() -> None:
    settings = ScoreSettings(as_of=NIGHT.date().replace(year=NIGHT.year + 3))
    assert state({"a": {}}, settings) == "stale"
    assert state({"a": {}, "b": {}, "c": {}}, settings) == "stale"
    assert state({"a": {}, "b": {}, "c": {}}, ScoreSettings(as_of=settings.as_of, stale_months=48)) == "audited"


def test_age_is_counted_back_from_the_latest_observation() -> None:
    old = {who: {"observed_at": NIGHT - pd.DateOffset(months=25)} for who in "abc"}
    scores = scored(
        {**{who: ("south", {"walk_path": 2}) for who in "abc"}, "d": ("north", {"walk_path": 2})}, people=old
    )
    assert one(scores, "south", "walk_path")["state"] == "stale"
    assert one(scores, "north", "walk_path")["state"] == "few"


def test_one_new_rating_makes_a_street_fresh() -> None:
    old = {who: {"observed_at": NIGHT - pd.DateOffset(months=25)} for who in "abc"}
    scores = scored({who: ("south", {"walk_path": 2}) for who in "abcd"}, people=old)
    assert one(scores, "south", "walk_path")["state"] == "audited"
    assert one(scores, "south", "walk_path")["latest_at"] == NIGHT


def test_without_times_nothing_is_stale() -> None:
    people = {who: {"observed_at": pd.NaT, "light": None} for who in "abc"}
    scores = scored({who: ("south", {"walk_path": 2}) for who in "abc"}, people=people)
    row = one(scores, "south", "walk_path", "unrecorded")
    assert row["state"] == "audited"
    assert pd.isna(row["latest_at"])


# --- who stands behind ----------------------------------------------------------------------------


def contributors(people: Mapping[str, Mapping[str, Any]], indicator: str = "walk_path") -> int:
    """Return the contributors of one street that some people rated."""
    return int(
        one(scored({who: ("south", everything(2)) for who in people}, people=people), "south", indicator)[
            "contributors"
        ]
    )


NOBODY: dict[str, Any] = {"auditor": None}


@pytest.mark.parametrize("indicator", ["walk_path", "score", "street_condition"])
@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({"a": {"auditor": "x"}, "b": {"auditor": "x"}, "c": {"auditor": "y"}}, 2),
        ({"a": NOBODY, "b": NOBODY}, 1),
        ({"a": NOBODY, "b": {**NOBODY, "walk_id": "walk-2"}}, 2),
        ({"a": {"auditor": "x"}, "b": NOBODY}, 2),
        ({"a": {"auditor": "x", "group_size": 5}}, 5),
        ({"a": {"auditor": "x", "group_size": 5}, "b": {"auditor": "x", "group_size": 3}}, 5),
        ({"a": {**NOBODY, "group_size": 4}, "b": {"auditor": "y"}}, 5),
        ({"a": {**NOBODY, "walk_id": None}, "b": {**NOBODY, "walk_id": None}}, 1),
        ({"a": {**NOBODY, "walk_id": None}, "b": {**NOBODY, "walk_id": None, "source": "other.csv"}}, 2),
        (
            {
                "a": {**NOBODY, "walk_id": None},
                "b": {**NOBODY, "walk_id": None, "observed_at": NIGHT + pd.Timedelta(days=1)},
            },
            2,
        ),
    ],
)
def test_distinct_contributors(people: dict[str, dict[str, Any]], expected: int, indicator: str) -> None:
    assert contributors(people, indicator) == expected


def test_a_group_is_many_contributors_and_one_rating() -> None:
    row = one(scored({"a": ("south", {"walk_path": 2})}, people={"a": {"group_size": 6}}), "south", "walk_path")
    assert (row["n"], row["contributors"], row["state"]) == (1.0, 6, "audited")


def test_a_shared_rating_counts_once_in_all() -> None:
    people = submissions({"submission_id": "a"}, {"submission_id": "b"})
    shares = matches_of({"a": {"south": 0.5, "west": 0.5}, "b": {"south": 1.0}})
    scores = score(people, observations({"a": everything(0), "b": everything(3)}), shares, STANDARD, USUAL)
    path = scores[scores["indicator"] == "walk_path"].set_index("place_id")
    assert path["n"].to_dict() == pytest.approx({"south": 1.5, "west": 0.5})
    assert path["n"].sum() == pytest.approx(2.0)
    assert (path["state"] == "few").all()


def test_a_street_with_less_than_half_a_rating_was_not_seen() -> None:
    shares = matches_of({"a": {"south": 0.6, "west": 0.4}, "b": {"west": 0.4, "north": 0.6}})
    people = submissions({"submission_id": "a"}, {"submission_id": "b"})
    scores = score(people, observations({"a": everything(0), "b": everything(3)}), shares, STANDARD, USUAL)
    assert set(scores["place_id"]) == {"south", "north", "west"}  # west has twice 0.4
    alone = score(people, observations({"a": everything(0)}), shares, STANDARD, USUAL)
    assert set(alone["place_id"]) == {"south"}


@pytest.mark.parametrize(("levels", "expected"), [([0], True), ([0, 3], True), ([0, 3, 3], False), ([1], False)])
def test_level_0_is_marked_where_half_of_the_ratings_chose_it(levels: list[int], *, expected: bool) -> None:
    scores = scored({f"p{i}": ("south", everything(2, but={"walk_path": level})) for i, level in enumerate(levels)})
    assert bool(one(scores, "south", "walk_path")["level_0"]) is expected
    assert bool(one(scores, "south", "score")["level_0"]) is expected
    assert not one(scores, "south", "openness")["level_0"]


def test_a_mean_of_many_counts_as_many() -> None:
    seen = observations({"a": {"walk_path": 2}})
    seen["n"] = pd.array([7], dtype="Int64")
    scores = score(submissions({"submission_id": "a"}), seen, matches_of({"a": {"south": 1.0}}), STANDARD, USUAL)
    assert scores.iloc[0]["n"] == 7.0


def test_ratings_of_other_scales_have_no_level() -> None:
    seen = observations({"a": {"walk_path": 2}})
    seen["level"] = pd.array([None], dtype="Int64")
    seen["rating"] = 0.4
    row = score(submissions({"submission_id": "a"}), seen, matches_of({"a": {"south": 1.0}}), STANDARD, USUAL).iloc[0]
    assert row["score"] == 40.0
    assert pd.isna(row["level_seen"])


@pytest.mark.parametrize(
    ("levels", "expected"), [([3], 3), ([0, 3], 0), ([0, 1, 3], 1), ([1, 2, 2, 3], 2), ([0, 1, 2, 3], 1)]
)
def test_the_level_seen_is_the_lower_middle_one(levels: list[int], expected: int) -> None:
    scores = scored({f"p{i}": ("south", {"walk_path": level}) for i, level in enumerate(levels)})
    assert scores.iloc[0]["level_seen"] == expected


# --- how sure -------------------------------------------------------------------------------------


def test_one_rating_never_has_an_interval_of_no_width() -> None:
    for level in range(4):
        scores = scored({f"p{i}": (f"street-{i}", everything(level)) for i in range(200)})
        assert (scores["high"] - scores["low"] > 5).all()


def test_more_ratings_make_it_surer() -> None:
    rated = {f"p{i}": ("south", {"walk_path": 1 + i % 2}) for i in range(20)}
    scores = scored({**rated, "q": ("north", {"walk_path": 1}), "r": ("west", {"walk_path": 2})})
    width = (scores["high"] - scores["low"]).set_axis(scores["place_id"])
    assert width["south"] < width["north"] / 1.5


def test_a_street_with_one_rating_tops_no_list() -> None:
    rated = {f"p{i}": ("south", everything(3)) for i in range(4)} | {f"q{i}": ("east", everything(0)) for i in range(4)}
    scores = scored({**rated, "best": ("north", everything(3)), "worst": ("west", everything(0))})
    whole = scores[scores["indicator"] == "score"].set_index("place_id").sort_values("score")
    assert whole.index.tolist() == ["east", "west", "north", "south"]
    assert whole["state"].to_dict() == {"south": "audited", "east": "audited", "north": "few", "west": "few"}
    width = whole["high"] - whole["low"]
    assert width["north"] > width["south"]
    assert width["west"] > width["east"]


def test_a_wider_probability_gives_a_wider_interval() -> None:
    rated: dict[str, tuple[str, Levels]] = {f"p{i}": ("south", {"walk_path": 1 + i % 2}) for i in range(9)}
    narrow, wide = (scored(rated, settings=ScoreSettings(interval=p)).iloc[0] for p in (0.5, 0.9))
    assert wide["low"] < narrow["low"] < narrow["score"] == wide["score"] < narrow["high"] < wide["high"]


def test_nothing_rated_gives_an_empty_table() -> None:
    empty = score(submissions(), observations({}), matches_of({}), STANDARD, USUAL)
    unmatched = score(
        submissions({"submission_id": "a"}), observations({"a": everything(1)}), matches_of({}), STANDARD, USUAL
    )
    for scores in (empty, unmatched):
        assert scores.empty
        assert "level_seen" in scores.columns


def test_a_city_where_no_place_got_half_a_rating_gives_an_empty_table() -> None:
    # One rating in the middle of a crossing of four streets, a quarter for each.
    shares = matches_of({"a": dict.fromkeys(["south", "east", "north", "west"], 0.25)})
    assert score(submissions({"submission_id": "a"}), observations({"a": everything(1)}), shares, STANDARD, USUAL).empty


# --- against a slow model of our own --------------------------------------------------------------

Answers = dict[str, dict[str, float]]
Shares = dict[str, dict[str, float]]
Found = dict[tuple[str, str], tuple[float, float, float]]


def slow_light(answers: Answers, shares: Shares, people: Mapping[str, tuple[str, str]], asked: Levels) -> Found:
    """Return score, low and high by place and indicator in one light; `asked` has the weights."""
    seen: dict[tuple[str, str], float] = {}
    for form, given in answers.items():
        for place, share in shares[form].items():
            for name in given:
                seen[place, name] = seen.get((place, name), 0.0) + share
    seen = {cell: n for cell, n in seen.items() if n >= 0.5}
    found = {}
    for name in {name for _, name in seen}:
        rows = [
            Row(place, form, *people[form], given[name], share)
            for form, given in answers.items()
            if name in given
            for place, share in shares[form].items()
        ]
        slow = estimate_slowly(rows, OF_FEELINGS if name == "feeling" else GRID)
        found |= {(place, name): ends(slow, place) for place, what in seen if what == name}
    for name, weights in {"score": STANDARD.weights, "street_condition": STANDARD.street_condition}.items():
        wanted = {of: weight for of, weight in weights.items() if of in asked}
        of_places = slow_composite(answers, shares, people, seen, wanted)
        found |= {(place, name): values for place, values in of_places.items()}
    return found


def slow_composite(
    answers: Answers,
    shares: Shares,
    people: Mapping[str, tuple[str, str]],
    seen: Mapping[tuple[str, str], float],
    weights: Mapping[str, float],
) -> dict[str, tuple[float, float, float]]:
    """Return score, low and high of a composite at the places that answer enough of its weight."""
    part = {form: {of: given[of] for of in weights if of in given} for form, given in answers.items()}
    forms, doubt, prior = complete_slowly(part, weights)
    rows = [
        Row(place, form, *people[form], rating, share, known=known)
        for form, (rating, known) in forms.items()
        for place, share in shares[form].items()
    ]
    slow = estimate_slowly(rows, prior=prior)
    found = {}
    for place in {place for place, _ in seen}:
        if sum(w for of, w in weights.items() if (place, of) in seen) < 0.75 * sum(weights.values()):
            continue
        here = [row for row in rows if row.place == place]
        lacking = {
            of: sum(r.share for r in here if of not in part[r.form]) / sum(r.share for r in here) for of in doubt
        }
        slow.deviation[place] = (slow.deviation[place] ** 2 + sum(lacking[of] ** 2 * doubt[of] for of in doubt)) ** 0.5
        found[place] = ends(slow, place)
    return found


def ends(slow: Slow, place: str) -> tuple[float, float, float]:
    """Return score, low and high, 0 to 100."""
    margin = NormalDist().inv_cdf(0.95) * slow.deviation[place]
    middle = slow.mean[place]
    return tuple(100 * min(max(end, 0.0), 1.0) for end in (middle, middle - margin, middle + margin))


def random_city() -> tuple[dict[str, str], dict[str, Levels], Shares, dict[str, tuple[str, str]]]:
    """Return light, levels, shares, auditor and walk of 70 forms on six streets; some auditors are heard once."""
    random = np.random.default_rng(11)
    who = [f"p{i:02d}" for i in range(70)]
    light = {name: str(random.choice(["day", "dark"])) for name in who}
    levels: dict[str, Levels] = {
        name: {what: int(random.integers(4)) if random.random() < 0.8 else None for what in STANDARD.names}
        for name in who
    }
    shares = {}
    for name in who:
        first, second = random.choice(["south", "east", "north", "west", "lane", "alley"], 2, replace=False).tolist()
        part = float(random.choice([1.0, 0.7, 0.5]))
        shares[name] = {first: part, second: 1 - part} if part < 1 else {first: 1.0}
    people = {name: (f"by {random.choice([*'abcd', name])}", f"walk {random.integers(6)}") for name in who}
    return light, levels, shares, people


def test_it_agrees_with_a_slow_model_of_our_own() -> None:
    light, levels, shares, people = random_city()
    rows = [{"submission_id": f, "light": light[f], "auditor": people[f][0], "walk_id": people[f][1]} for f in light]
    scores = score(submissions(*rows), observations(levels), matches_of(shares), STANDARD, USUAL)
    slow = {}
    for group in ("day", "dark"):
        asked = [name for name in STANDARD.names if (name, group) != ("lighting", "day")]
        answers = {
            form: {name: level / 3 for name, level in levels[form].items() if level is not None and name in asked}
            for form in light
            if light[form] == group
        }
        found = slow_light(answers, shares, people, dict.fromkeys(asked))
        slow |= {(*key, group): values for key, values in found.items()}
    keys = list(zip(scores["place_id"], scores["indicator"], scores["group"], strict=True))
    assert set(keys) == set(slow)
    assert len(keys) > 90
    assert scores[["score", "low", "high"]].to_numpy() == pytest.approx(
        np.array([slow[key] for key in keys]), abs=0.0051
    )
