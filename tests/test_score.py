"""Scores of the town, done by hand; then a slow model of our own against the fast one."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from town import NIGHT, everything, matches_of, observations, submissions

from safeaudit.config import ScoreSettings
from safeaudit.rubric import STANDARD, Indicator, Rubric
from safeaudit.score.estimate import score

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def test_one_rating_in_the_whole_city() -> None:
    # The city's mean is the rating itself: nothing to be pulled to, score 100.
    # v = (4 x 5/36) / 4 = 5/36; for a share r the variance is r v (1-r) + (1-r)^2 v = v (1-r), in the
    # mean over r from 0.3 to 0.7 v/2 = 0.069444, deviation 0.263523; 1.644854 of it is 0.433457.
    row = one(scored({"a": ("south", {"walk_path": 3})}), "south", "walk_path")
    assert row["score"] == 100.0
    assert row["low"] == pytest.approx(56.65, abs=0.01)
    assert row["high"] == 100.0
    assert (row["n"], row["contributors"], row["state"], row["level_seen"]) == (1.0, 1, "few", 3)
    assert not row["level_0"]
    assert row["headline"]


def test_two_streets_with_opposite_ratings() -> None:
    # mu = 0.5; w = r, in the mean 0.5: 0.5 + 0.5 x 0.5 = 0.75 and 0.25.
    # v = (4 x 5/36 + 2 x 0.25) / (4 + 1) = 0.211111; E r(1-r) = 0.236667, E (1-r)^2 = 0.263333:
    # v (0.236667 + 0.263333/2) + 0.25 x 0.013333 = 0.081093, deviation 0.284768, times 1.644854 = 0.468402
    scores = scored({"a": ("south", {"walk_path": 3}), "b": ("north", {"walk_path": 0})})
    best, worst = one(scores, "south", "walk_path"), one(scores, "north", "walk_path")
    assert (best["score"], worst["score"]) == (75.0, 25.0)
    assert best["low"] == pytest.approx(75 - 46.84, abs=0.01)
    assert worst["high"] == pytest.approx(25 + 46.84, abs=0.01)
    assert (best["high"], worst["low"]) == (100.0, 0.0)
    assert not best["level_0"]
    assert worst["level_0"]


def test_more_ratings_are_pulled_less() -> None:
    # South: three ratings of 1. North: one of 0. Weights of the city's mean 2n/(n+1): 1.5 and 1, mu = 0.6.
    # South: w = 3r/(1+2r), in the mean over r 3/2 - 3/4 x ln(2.4/1.6)/0.4 = 0.739753: 0.6 + 0.4 x 0.739753.
    scores = scored({**{who: ("south", {"walk_path": 3}) for who in "abc"}, "d": ("north", {"walk_path": 0})})
    assert one(scores, "south", "walk_path")["score"] == pytest.approx(89.59, abs=0.01)
    assert one(scores, "north", "walk_path")["score"] == pytest.approx(30.0, abs=0.01)
    assert one(scores, "south", "walk_path")["state"] == "audited"


def test_every_indicator_at_one_level_gives_that_level() -> None:
    # All at level 2: 66.67, with the interval of one rating, because the prior takes the eight as one.
    row = one(scored({"a": ("south", everything(2))}), "south", "score")
    assert row["score"] == pytest.approx(66.67, abs=0.01)
    assert row["low"] == pytest.approx(66.67 - 43.35, abs=0.01)
    assert row["high"] == 100.0
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


def test_the_interval_never_falls_below_the_width_of_a_level() -> None:
    # 200 ratings that agree: the scale itself is no finer than a third, LEAST_VARIANCE says so.
    _, deviation = shrink(*(np.array([x]) for x in (1.0, 1.0, 1.0, LEAST_VARIANCE, 1e9)))
    assert deviation[0] > 0


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


def slow_integral(y: float, n: float, mu: float, v: float, behind: float) -> tuple[float, float]:
    """Return mean and deviation of the mixture over r, in 2000 steps of the middle."""
    means, seconds = [], []
    for step in range(2000):
        r = 0.3 + 0.4 * (step + 0.5) / 2000
        tau2, sigma2 = r * v, (1 - r) * v
        w = tau2 / (tau2 + sigma2 / n)
        mean = mu + w * (y - mu)
        means.append(mean)
        seconds.append(tau2 * (1 - w) + (1 - w) ** 2 * v / behind + mean**2)
    centre = sum(means) / len(means)
    return centre, (sum(seconds) / len(seconds) - centre**2) ** 0.5


Answers = dict[str, dict[str, float]]
Cells = dict[tuple[str, str], tuple[float, float]]


def slow_cells(answers: Answers, shares: Mapping[str, Mapping[str, float]]) -> Cells:
    """Return the number of ratings and their sum by place and indicator; under half a rating is none."""
    cells: Cells = {}
    for who, given in answers.items():
        for place, weight in shares[who].items():
            for name, rating in given.items():
                n, total = cells.get((place, name), (0.0, 0.0))
                cells[place, name] = (n + weight, total + weight * rating)
    return {key: cell for key, cell in cells.items() if cell[0] >= 0.5}


def slow_spread(answers: Answers, city: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Return the covariance of single ratings around the city's means, with its prior."""
    spread = {}
    for a, mean_a in city.items():
        for b, mean_b in city.items():
            both = [given for given in answers.values() if a in given and b in given]
            products = [(given[a] - mean_a) * (given[b] - mean_b) for given in both]
            spread[a, b] = (4 * 5 / 36 + sum(products)) / (4 + max(len(products) - 1, 0))
    return spread


def slow_light(
    answers: Answers, shares: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return score, low and high by place and indicator in one light."""
    cells = slow_cells(answers, shares)
    city, behind = {}, {}
    for name in {name for _, name in cells}:
        rows = [(n, total / n) for (_, what), (n, total) in cells.items() if what == name]
        city[name] = sum(2 * n / (n + 1) * y for n, y in rows) / sum(2 * n / (n + 1) for n, _ in rows)
        behind[name] = sum(n for n, _ in rows)
    spread = slow_spread(answers, city)
    wanted = {name: {name: 1.0} for name in city}
    wanted |= {"score": STANDARD.weights, "street_condition": STANDARD.street_condition}
    found = {}
    for what, weights in wanted.items():
        for place in {place for place, _ in cells}:
            share = {name: w for name, w in weights.items() if (place, name) in cells}
            if sum(share.values()) < 0.75 * sum(weights.values()):
                continue
            share = {name: w / sum(share.values()) for name, w in share.items()}
            y = sum(w * cells[place, name][1] / cells[place, name][0] for name, w in share.items())
            n = 1 / sum(w / cells[place, name][0] for name, w in share.items())
            mu = sum(w * city[name] for name, w in share.items())
            v = max(sum(share[a] * share[b] * spread[a, b] for a in share for b in share), 1 / 108)
            mean, deviation = slow_integral(y, n, mu, v, 1 / sum(w / behind[name] for name, w in share.items()))
            margin = NormalDist().inv_cdf(0.95) * deviation
            found[place, what] = (mean, max(mean - margin, 0), min(mean + margin, 1))
    return found


def slow_scores(
    light: Mapping[str, str], levels: Mapping[str, Levels], shares: Mapping[str, Mapping[str, float]]
) -> dict[tuple[str, str, str], tuple[float, float, float]]:
    """Return score, low and high by place, indicator and light, with loops and dictionaries alone."""
    found = {}
    for group in set(light.values()):
        answers: Answers = {}
        for who in (who for who in light if light[who] == group):
            given = {name: level / 3 for name, level in levels[who].items() if level is not None}
            answers[who] = {name: rating for name, rating in given.items() if (name, group) != ("lighting", "day")}
        for (place, what), values in slow_light(answers, shares).items():
            found[place, what, group] = values
    return found


def test_it_agrees_with_a_slow_model_of_our_own() -> None:
    random = np.random.default_rng(11)
    who = [f"p{i:02d}" for i in range(60)]
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
    people = submissions(*({"submission_id": name, "light": light[name]} for name in who))
    scores = score(people, observations(levels), matches_of(shares), STANDARD, USUAL)
    slow = slow_scores(light, levels, shares)
    keys = list(zip(scores["place_id"], scores["indicator"], scores["group"], strict=True))
    assert set(keys) == set(slow)
    assert len(keys) > 90
    fast = scores[["score", "low", "high"]].to_numpy() / 100
    assert fast == pytest.approx(np.array([slow[key] for key in keys]), abs=1e-3)


# 0.5 is an indicator's own line; both ends of r alone must enclose the estimate.
@pytest.mark.parametrize(
    ("y", "n", "mu", "v", "behind"), [(1, 1, 0.5, 0.1, 9), (0, 0.2, 0.9, 0.02, 1), (0.4, 30, 0.6, 0.3, 200)]
)
def test_the_quadrature_agrees_with_many_small_steps(y: float, n: float, mu: float, v: float, behind: float) -> None:
    mean, deviation = shrink(*(np.array([float(x)]) for x in (y, n, mu, v, behind)))
    assert (mean[0], deviation[0]) == pytest.approx(slow_integral(y, n, mu, v, behind), abs=1e-5)
