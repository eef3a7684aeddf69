"""Stretches: runs of one street that are below the standard together, which is not that each piece of them is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from town import audits, line, matches_of, observations, segments_of, submissions

from safeaudit.config import ScoreSettings
from safeaudit.languages import read_language
from safeaudit.rubric import STANDARD
from safeaudit.score.estimate import answers_of_indicator, pools, score
from safeaudit.score.model import draw, estimate, make_grid
from safeaudit.score.ratings import ratings
from safeaudit.score.stretches import find_stretches, say_stretches

if TYPE_CHECKING:
    import geopandas as gpd

    from safeaudit.tables import Audits

SETTINGS = ScoreSettings()
ENGLISH = read_language("en")
EDGE = 100.0


def street(*turns: float, name: str | None = "Main Street") -> gpd.GeoDataFrame:
    """Return segments of a street, end to end, each turned by so many degrees, and the two streets at its ends."""
    at, heading, lines, ends = np.zeros(2), 0.0, {}, {}
    for number, turn in enumerate(turns):
        heading += np.radians(turn)
        there = at + EDGE * np.array([np.cos(heading), np.sin(heading)])
        lines[f"m{number}"], ends[f"m{number}"] = line(tuple(at), tuple(there)), (f"n{number}", f"n{number + 1}")
        at = there
    lines |= {"x0": line((0, 0), (0, 500)), "x1": line(tuple(at), (at[0], at[1] + 500))}
    ends |= {"x0": ("n0", "p"), "x1": (f"n{len(turns)}", "q")}
    found = segments_of(lines, ends)
    names = [
        name if place.startswith("m") else {"x0": "First Road", "x1": "Last Road"}[place] for place in found["place_id"]
    ]
    return found.assign(name=names, label=[f"{place} label" for place in found["place_id"]])


def said(levels: dict[str, int], forms: int = 8, people: int = 8) -> tuple[Audits, pd.DataFrame]:
    """Return so many forms at each place, each of another walk, by people in turn."""
    names = [(place, number) for place in levels for number in range(forms)]
    about = [
        {"submission_id": f"{place}-{n}", "walk_id": f"w{place}{n}", "auditor": f"a{n % people}"} for place, n in names
    ]
    seen = {f"{place}-{n}": {"walk_path": levels[place]} for place, n in names}
    return audits(submissions(*about), observations(seen)), matches_of({f"{p}-{n}": {p: 1.0} for p, n in names})


def found(
    segments: gpd.GeoDataFrame, forms: tuple[Audits, pd.DataFrame], settings: ScoreSettings = SETTINGS
) -> pd.DataFrame:
    walked, matches = forms
    scores = score(walked.submissions, walked.observations, matches, STANDARD, settings)
    table = find_stretches(
        scores,
        [walked],
        matches,
        segments=segments,
        rubric=STANDARD,
        settings=settings,
        language=read_language("en"),
    )
    return table[table["indicator"] == "walk_path"].reset_index(drop=True)


def test_pieces_that_are_all_surely_below_are_one_stretch_with_the_streets_at_its_ends() -> None:
    (one,) = found(street(0, 0, 0), said({"m0": 0, "m1": 0, "m2": 0, "x0": 3, "x1": 3})).to_dict("records")
    assert one["label"] == "Main Street, between First Road and Last Road"
    assert (one["segments"], one["length_m"], one["place_ids"]) == (3, 300.0, "m0 m1 m2")
    assert one["p_below"] > 0.95
    said_of = say_stretches(
        found(street(0, 0, 0), said({"m0": 0, "m1": 0, "m2": 0, "x0": 3, "x1": 3})), STANDARD, ENGLISH
    )
    assert said_of == (
        "Below the standard as a whole: Main Street, between First Road and Last Road (300 m, walk path, after dark)."
    )


def test_a_piece_that_is_well_parts_a_street() -> None:
    table = found(street(0, 0, 0, 0, 0), said({"m0": 0, "m1": 0, "m2": 3, "m3": 0, "m4": 0, "x0": 3}))
    assert sorted(table["place_ids"]) == ["m0 m1", "m3 m4"]
    assert "between" not in table.set_index("place_ids").loc["m0 m1", "label"]  # nothing crosses at its other end


def test_the_longest_stretch_is_told_of_first() -> None:
    table = found(street(0, 0, 0, 0, 0, 0), said({"m0": 0, "m1": 0, "m2": 3, "m3": 0, "m4": 0, "m5": 0, "x0": 3}))
    assert "(300 m" in say_stretches(table, STANDARD, ENGLISH)
    assert "(200 m" not in say_stretches(table, STANDARD, ENGLISH)  # of each street its longest


def test_of_a_street_without_a_name_what_goes_on_straight_is_one() -> None:
    levels = {"m0": 0, "m1": 0, "m2": 0, "x0": 3, "x1": 3}
    assert sorted(found(street(0, 10, 80, name=None), said(levels))["place_ids"]) == ["m0 m1", "m2"]
    (label,) = found(street(0, 10, 20, name=None), said(levels))["label"]
    assert label == "m0 label … m2 label"


def test_pieces_that_are_likely_one_by_one_may_not_be_so_together() -> None:
    levels = {f"m{n}": 1 for n in range(6)} | {"x0": 3, "x1": 3}
    settings = replace(SETTINGS, standard={"walk_path": 36.0})
    table = found(street(0, 0, 0, 0, 0, 0), said(levels, forms=4), settings)
    assert table["segments"].sum() == 6
    assert len(table) > 1
    assert (table["p_below"] >= 0.8).all()


def test_draws_have_the_mean_and_deviation_of_the_estimates_and_go_together() -> None:
    walked, matches = said({"m0": 0, "m1": 1, "m2": 2, "x0": 3}, forms=3, people=2)
    (pool,) = pools(ratings(walked.submissions, walked.observations, matches, STANDARD))
    answers, places = answers_of_indicator(pool, STANDARD["walk_path"])
    told = estimate(answers, [0.5], make_grid())
    drawn = draw(answers, np.arange(len(places)), make_grid(), draws=20_000, seed=1)
    np.testing.assert_allclose(drawn.mean(axis=0), told.mean, atol=0.01)
    np.testing.assert_allclose(drawn.std(axis=0), told.deviation, atol=0.01)
    np.testing.assert_allclose((drawn < 0.5).mean(axis=0), told.below[0], atol=0.015)
    assert np.corrcoef(drawn.T)[0, 1] > 0.02  # two auditors saw both: how strict they are is in both


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_rows_changes_nothing(order: int) -> None:
    walked, matches = said({"m0": 0, "m1": 0, "m2": 1, "x0": 3, "x1": 2})
    turned = replace(walked, submissions=walked.submissions[::order].reset_index(drop=True))
    pd.testing.assert_frame_equal(
        found(street(0, 0, 0), (turned, matches[::order].reset_index(drop=True))),
        found(street(0, 0, 0), (walked, matches)),
    )


def test_a_town_where_all_is_well_has_none() -> None:
    none = found(street(0, 0), said({"m0": 3, "m1": 3, "x0": 3, "x1": 2}))
    assert none.empty
    assert say_stretches(none, STANDARD, ENGLISH) == ""
