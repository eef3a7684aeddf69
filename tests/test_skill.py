"""Streets where nobody was are estimated where that was shown to help, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from grid_town import SETTINGS, estimated, grid, smooth, streets_of, walked, wander
from town import BLOCK_TOWN, spaces_of, town

from safeaudit.config import ScoreSettings
from safeaudit.languages import read_language
from safeaudit.outputs import places_sheet, planning, result_file, webmap
from safeaudit.outputs.provenance import describe_run
from safeaudit.pipeline import analyse
from safeaudit.publish import find_out, to_office, to_public
from safeaudit.rubric import STANDARD
from safeaudit.score import asked, unseen
from safeaudit.score.estimate import score
from safeaudit.score.shown import show_latest
from safeaudit.score.skill import BANDS_M
from safeaudit.score.unseen import estimate_streets, say_skill
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import AuditResult, Audits

    Said = tuple[Audits, pd.DataFrame]

ENGLISH = read_language("en")
TOWN = grid(13)


def smooth_town(seed: int, **kwargs: Any) -> tuple[dict[str, float], Audits, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    level = smooth(TOWN, seed)
    return level, *walked(wander(TOWN, 24, 12, rng), level, rng, **kwargs)


def test_a_smooth_town_is_estimated_and_the_intervals_hold() -> None:
    held, squared, of_mean = [], 0.0, 0.0
    for seed in range(4):
        level, said, matches = smooth_town(seed)
        scores, found, skill = estimated(TOWN, said, matches)
        assert (found["state"] == "estimated").all()
        assert skill.groupby("from_m")["places"].sum().sum() == len(found) > 0
        truth = 100 / 3 * found["place_id"].astype(str).map(level).clip(0, 3)
        held += found["low"].le(truth).to_numpy(bool).tolist()
        held[-len(found) :] = (found["low"].le(truth) & found["high"].ge(truth)).tolist()
        squared += ((found["score"] - truth) ** 2).sum()
        of_mean += ((scores["score"].mean() - truth) ** 2).sum()
    assert 0.86 <= np.mean(held) <= 0.97
    assert squared < 0.8 * of_mean


def test_where_nothing_helps_nothing_is_estimated() -> None:
    rng = np.random.default_rng(1)
    level = dict(zip(TOWN["place_id"], rng.uniform(0, 3, len(TOWN)).tolist(), strict=True))
    _, found, skill = estimated(TOWN, *walked(wander(TOWN, 24, 12, rng), level, rng))
    assert found.empty
    assert not skill["estimated"].any()
    assert (skill["note"] != "").all()
    assert "no better than the mean" in set(skill["note"])
    assert say_skill(skill, found, STANDARD, ENGLISH).startswith(
        "Estimated: 0 streets: nothing known helped to guess (skill at best "
    )


def test_the_map_alone_can_help() -> None:
    rng = np.random.default_rng(2)
    lamps = rng.integers(0, 2, len(TOWN))
    level = dict(zip(TOWN["place_id"], (0.4 + 2.2 * lamps).tolist(), strict=True))
    evidence = pd.DataFrame({"place_id": TOWN["place_id"], "name": "lit", "label": np.where(lamps, "yes", "no")})
    evidence = evidence.assign(value=np.nan, unit="", source="map", coverage=1.0)
    said = walked(wander(TOWN, 20, 10, rng), level, rng, spread=0.5)
    assert estimated(TOWN, *said)[1].empty
    found = estimated(TOWN, *said, validate_table(evidence, "evidence"))[1]
    lit = found["place_id"].astype(str).map(level) > 1
    assert found.loc[lit, "low"].median() > found.loc[~lit, "high"].median()


def of_places(ways: list[list[str]], level: float | None = None, *, one: bool = False) -> Said:
    rng = np.random.default_rng(3)
    levels = dict.fromkeys(TOWN["place_id"], 1.5 if level is None else level)
    said, matches = walked(ways, levels, rng, spread=0.7 if level is None else 0.0)
    return (said.keep(said.submissions.assign(auditor="a0").astype({"auditor": "category"})) if one else said), matches


STREET = [f"{x:02d}-00-e" for x in range(13)]
MANY = wander(TOWN, 24, 12, np.random.default_rng(5))


@pytest.mark.parametrize(
    "said",
    [
        of_places(MANY, level=2.0),
        of_places([[STREET[0]]]),
        of_places([MANY[0]]),
        of_places([STREET] * 12),
        of_places([[STREET[0]] * 200] * 15),
        of_places([[STREET[0]] * 5, *MANY]),
        of_places([[way[0]] for way in MANY]),
        of_places(MANY, one=True),
    ],
    ids=[
        "all equal",
        "one rating",
        "one walk",
        "one street",
        "one spot",
        "often at one spot",
        "walks of one form",
        "one auditor",
    ],
)
def test_bad_input_has_a_clear_state(said: Said) -> None:
    _, found, skill = estimated(TOWN, *said)
    assert len(skill) == len(BANDS_M) - 1
    told = skill[skill["skill"].notna()]
    assert np.isfinite(told[["skill", "low", "high", "coverage"]].to_numpy(float)).all()
    assert (skill["estimated"] == (skill["note"] == "")).all()
    assert (found["high"] > found["low"]).all()
    assert found[["score", "low", "high", "p_below"]].notna().all().all()


def test_a_city_in_two_parts() -> None:
    apart = TOWN[~TOWN["place_id"].str.startswith("06-") | ~TOWN["place_id"].str.endswith("-e")].reset_index(drop=True)
    rng, level = np.random.default_rng(6), smooth(apart, 6)
    _, found, skill = estimated(apart, *walked(wander(apart, 24, 12, rng), level, rng))
    assert np.isfinite(skill["skill"].dropna()).all()
    assert found["score"].between(0, 100).all()


def test_the_order_of_rows_changes_nothing() -> None:
    _, said, matches = smooth_town(0)
    mixed = said.keep(said.submissions.sample(frac=1, random_state=1).reset_index(drop=True))
    mixed = replace(mixed, observations=said.observations.sample(frac=1, random_state=2))
    once = estimated(TOWN, said, matches)
    again = estimated(TOWN, mixed, matches.sample(frac=1, random_state=4))
    for one, other in zip(once, again, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def whole_town(seed: int = 0, *, estimate: bool = True) -> AuditResult:
    """Return what a whole run makes of a smooth town: everything about it is rated alike."""
    _, said, matches = smooth_town(seed, also=("openness", "people", "security", "feeling"))
    on = said.submissions.assign(place_code=[f"S-{name}" for name in matches["place_id"]])
    places = town(segments=TOWN, spaces=spaces_of({}))
    config = replace(BLOCK_TOWN, score=ScoreSettings(estimate=estimate))
    return analyse(places, replace(said, submissions=on), config)


@pytest.fixture(scope="module")
def both() -> tuple[AuditResult, AuditResult]:
    """Return a town with estimates, and the same without."""
    return whole_town(), whole_town(estimate=False)


def test_what_is_estimated_is_told_apart(both: tuple[AuditResult, AuditResult]) -> None:
    found, without = both
    guessed = found.scores[found.scores["state"] == "estimated"]
    seen = found.scores[found.scores["state"] != "estimated"].reset_index(drop=True)
    assert set(guessed["indicator"]) <= {"walk_path", "openness", "street_condition"}
    assert len(guessed) > 50
    assert (guessed[["n", "contributors", "answers"]] == 0).all().all()
    assert guessed[["level_seen", "lowest_seen", "latest_at"]].isna().all().all()
    assert not guessed["place_id"].isin(seen["place_id"]).any()
    assert guessed["headline"].all()
    pd.testing.assert_frame_equal(seen, without.scores, check_categorical=False)
    assert say_skill(found.skill, found.scores, STANDARD, ENGLISH).startswith(
        f"Estimated: {guessed['place_id'].nunique()} streets"
    )
    assert without.skill.empty


def test_no_list_length_share_or_public_file_counts_it(both: tuple[AuditResult, AuditResult], tmp_path: Path) -> None:
    found, without = both
    assert found.warnings == without.warnings
    pd.testing.assert_frame_equal(found.summaries, without.summaries)
    public = [to_public(of, BLOCK_TOWN.publish) for of in both]
    pd.testing.assert_frame_equal(public[0].conditions, public[1].conditions)
    pd.testing.assert_frame_equal(public[0].coverage, public[1].coverage)
    assert find_out(found, public[0]) == find_out(without, public[1])
    sheets = []
    for name, of in zip(("with", "without"), both, strict=True):
        places_sheet.write(to_office(of), BLOCK_TOWN.language, tmp_path / f"{name}.xlsx")
        webmap.write(public[name == "without"], tmp_path / f"{name}.html", BLOCK_TOWN.catalogues)
        sheets.append([(tmp_path / f"{name}.{end}").read_bytes() for end in ("xlsx", "html")])
    assert sheets[0] == sheets[1]


def test_were_it_among_the_open_scores_it_would_stay_inside(both: tuple[AuditResult, AuditResult]) -> None:
    found, without = both
    slipped = to_public(replace(found, open_scores=found.scores), BLOCK_TOWN.publish)
    wanted = to_public(without, BLOCK_TOWN.publish)
    pd.testing.assert_frame_equal(slipped.conditions, wanted.conditions, check_categorical=False)


def test_the_office_sees_what_is_estimated_and_how_good_that_is(
    both: tuple[AuditResult, AuditResult], tmp_path: Path
) -> None:
    found, _ = both
    planning.write(to_office(found), ENGLISH, tmp_path / "planning.gpkg")
    segments = gpd.read_file(tmp_path / "planning.gpkg", layer="segments")
    guessed = segments[segments["state"] == "estimated"]
    assert len(guessed) == found.scores.loc[found.scores["state"] == "estimated", "place_id"].nunique()
    assert (guessed["n"] == 0).all()
    assert guessed["walk_path_low"].notna().any()
    assert guessed[["people", "security", "feeling", "score"]].isna().all().all()
    skill = gpd.read_file(tmp_path / "planning.gpkg", layer="skill")
    assert skill["places"].sum() == (found.scores["state"] == "estimated").sum()
    described = describe_run(found, BLOCK_TOWN)["skill"]
    told = found.skill["skill"]
    assert [row["skill"] for row in described] == [None if pd.isna(value) else value for value in told]


def test_a_result_with_estimates_is_read_back(both: tuple[AuditResult, AuditResult], tmp_path: Path) -> None:
    found, _ = both
    result_file.write(found, tmp_path / "result.gpkg")
    again = result_file.read_result(tmp_path / "result.gpkg")
    for name in ("scores", "skill"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name), check_categorical=False)


def test_rounds_are_not_pooled_and_that_which_saw_most_tells() -> None:
    _, said, matches = smooth_town(0)
    rounds = []
    for name, walks in (("2025", 22), ("2026", 24)):
        rows = said.submissions[said.submissions["walk_id"].astype(str) < f"w{walks:03d}"]
        rows = rows[rows["walk_id"].astype(str) >= "w022"] if name == "2026" else rows
        rounds.append(said.keep(rows.assign(campaign=name).astype({"campaign": "category"}).reset_index(drop=True)))
    scored = [score(of.submissions, of.observations, matches, STANDARD, SETTINGS) for of in rounds]
    shown = show_latest(scored, SETTINGS)
    told = {"streets": streets_of(TOWN), "evidence": empty_table("evidence"), "rubric": STANDARD, "settings": SETTINGS}
    found, skill = estimate_streets(shown, rounds, matches, segments=TOWN, **told)
    assert set(skill["campaign"]) == set(found["campaign"]) == {"2025"}
    alone, _ = estimate_streets(scored[0], rounds[:1], matches, segments=TOWN, **told)
    # What the later round shows anew is no part of it, and is not estimated either.
    assert set(found["place_id"]) <= set(alone["place_id"])


def test_a_street_seen_by_day_is_shown_by_day_though_the_dark_is_estimated() -> None:
    _, said, matches = smooth_town(0)
    rows = said.submissions
    by_day = rows["walk_id"].astype(str) >= "w022"
    light = pd.Categorical(np.where(by_day, "day", "dark"), ["day", "twilight", "dark"])
    _, found, _ = estimated(TOWN, said.keep(rows.assign(light=light)), matches)
    at = matches.set_index("submission_id")["place_id"].astype(str)
    day, dark = (set(at[rows["submission_id"][which].astype(str)]) for which in (by_day, ~by_day))
    both = found[found["place_id"].isin(day - dark)]
    assert len(both) > 0
    assert not both["headline"].any()
    assert found.loc[~found["place_id"].isin(day), "headline"].all()


def test_of_more_places_than_a_model_can_hold_lots_choose_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said, matches = smooth_town(0)
    monkeypatch.setattr(asked, "MOST_PLACES", 120)
    scores, found, skill = estimated(TOWN, said, matches)
    assert scores["place_id"].nunique() > 120
    assert skill["forms"].max() < len(said.submissions)
    assert not found["place_id"].isin(scores["place_id"]).any()


def test_of_more_streets_than_can_be_estimated_the_nearest_are(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said, matches = smooth_town(0)
    every = estimated(TOWN, said, matches)[1]
    monkeypatch.setattr(unseen, "MOST_ESTIMATED", 10)
    _, found, skill = estimated(TOWN, said, matches)
    assert len(found) == skill["places"].sum() == 10 < len(every)
    nearest = skill.set_index("from_m")["places"]
    assert nearest[nearest > 0].index.max() <= skill.loc[skill["estimated"], "from_m"].min()
    both = every.merge(found, on=["place_id", "indicator", "group"])
    assert (both["score_x"] == both["score_y"]).all()
