"""Streets where nobody was: estimated where that was shown to help, and nowhere else. Rows of `scores`, table `skill`.

For each indicator that may be shown by place, and their mean, in each light by itself: what was said of the audited
segments is explained by a field on the streets and by the map (`field/`), that is put to the test (`skill.py`), and
what passed it is estimated. Spaces and stops are never estimated; neither are people, security, gender usage,
feeling, nor the score that holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.score.asked import ask, draw_walks
from safeaudit.score.estimate import cuts_of, in_columns
from safeaudit.score.field.covariates import choose_covariates, make_covariates, within_seen
from safeaudit.score.field.estimates import Known, estimate_unseen
from safeaudit.score.field.models import RANGES_M
from safeaudit.score.field.streets import build_streets, distances_m, make_field, nearest_m
from safeaudit.score.ratings import LIGHTS
from safeaudit.score.skill import BANDS_M, LOOK_M, are_enough, measure_skill, too_few
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.languages import Language
    from safeaudit.network import Network, NetworkPoints
    from safeaudit.rubric import Rubric
    from safeaudit.score.asked import Asked
    from safeaudit.score.field.streets import Field, Streets
    from safeaudit.score.skill import Skill
    from safeaudit.tables import Audits

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

ESTIMATED = "estimated"
"""State of a place that nobody looked at, and of which something is told all the same."""

MOST_ESTIMATED = 10_000
"""Streets that are estimated at most, the nearest first: in a city of 100,000 all would take half an hour."""

_KEY = ["place_id", "indicator", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Map:
    """The streets: the graph, the fields on it, what the map says, and the order of the segments by their id.

    `latest` holds what was worked out for the segments that were asked of last: indicators of a light mostly share
    them.
    """

    streets: Streets
    fields: Sequence[Field]
    covariates: Floats
    place_ids: pd.Index
    latest: dict[bytes, tuple[list[Floats], Floats]]

    def between(self, seen: Rows) -> tuple[list[Floats], Floats]:
        """Return the correlations of each field, and the distances, between segments."""
        key = seen.tobytes()
        if key not in self.latest:
            self.latest.clear()
            correlations = [field.correlate(seen, seen) for field in self.fields]
            self.latest[key] = correlations, distances_m(self.streets, seen, LOOK_M)
        return self.latest[key]


def estimate_streets(  # noqa: PLR0913 - the map and the settings are keywords
    scores: pd.DataFrame,
    by_round: Sequence[Audits],
    matches: pd.DataFrame,
    *,
    segments: GeoDataFrame,
    streets: tuple[Network, NetworkPoints],
    evidence: pd.DataFrame,
    rubric: Rubric,
    settings: ScoreSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate segments where nobody was, as far as that was shown to be better than the mean.

    Parameters
    ----------
    scores
        The table of this name, of places that somebody looked at.
    by_round
        The audits of each round. Of several, each indicator in each light is estimated from the one that most
        segments are shown in.
    matches, segments, evidence
        The tables of these names.
    streets
        The walking graph, and where the middle of each segment lies on it.
    rubric
        The indicators.
    settings
        The standard, and the interval's probability.

    Returns
    -------
    Rows of the table `scores` with the state estimated, none of a segment that has a row in that light; and the table
    `skill`.
    """
    shown = scores.astype(dict.fromkeys((*_KEY, "campaign"), "str"))
    shown = shown[shown["place_id"].isin(segments["place_id"])]
    mapped: _Map | None = None
    skills, parts = [], []
    for asked in ask(shown, by_round, matches, rubric):
        if not are_enough(asked.visits):
            skills.append(_tell(asked, too_few(asked.visits), [0] * (len(BANDS_M) - 1)))
            continue
        # The graph and its fields are made where anything can be judged at all.
        mapped = mapped or _read_map(segments, streets, evidence)
        skill, part = _estimate(asked, mapped, shown, settings)
        skills.append(skill)
        parts.append(part)
    return _join(parts, shown, "scores"), _join(skills, shown, "skill")


def say_skill(skill: pd.DataFrame, scores: pd.DataFrame, rubric: Rubric, language: Language) -> str:
    """Say in one sentence how many streets were estimated, and why no more; empty where nothing was tried.

    Parameters
    ----------
    skill, scores
        The tables of these names.
    rubric
        Whose words the indicators have.
    language
        In which it is said.
    """
    if skill.empty:
        return ""
    streets = scores.loc[scores["state"] == ESTIMATED, "place_id"].nunique()
    if streets:
        of = sorted(skill.loc[skill["estimated"], "indicator"].astype("str").unique())
        names = ", ".join(language.label(name, rubric).lower() for name in of)
        return language.say("console.estimated", streets=f"{streets:,}", indicators=names)
    best = skill[skill["skill"].notna()].nlargest(1, "skill")
    if best.empty:
        return language["console.estimated.untried"]
    values = best[["skill", "low", "high"]].to_numpy(float)[0].round(2) + 0.0  # no -0.00
    told = dict(zip(("skill", "low", "high"), (f"{value:.2f}" for value in values), strict=True))
    return language.say("console.estimated.none", **told)


def _read_map(segments: GeoDataFrame, streets: tuple[Network, NetworkPoints], evidence: pd.DataFrame) -> _Map:
    graph = build_streets(*streets)
    return _Map(
        streets=graph,
        fields=[make_field(graph, range_m) for range_m in RANGES_M],
        covariates=make_covariates(segments, evidence),
        place_ids=pd.Index(segments["place_id"].astype("str")),
        latest={},
    )


def _estimate(
    asked: Asked, mapped: _Map, shown: pd.DataFrame, settings: ScoreSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put one indicator to the test, and estimate it where that is passed."""
    asked = draw_walks(asked)
    seen = mapped.place_ids.get_indexer(asked.place_ids)
    covariates = choose_covariates(mapped.covariates, seen)
    correlations, apart = mapped.between(seen)
    known = Known(asked.said, seen, mapped.fields, correlations, covariates)
    found = measure_skill(asked.said, known.correlations, known.of_seen(), asked.visits, apart)
    passed = np.array([not skill.note for skill in found])
    audited = mapped.place_ids.isin(shown.loc[shown["group"] == asked.light, "place_id"])
    away = nearest_m(mapped.streets, seen)
    band = np.searchsorted(BANDS_M[1:-1], away, side="right")
    passed = passed[band] & (away <= np.array([skill.reach_m for skill in found])[band])
    wanted = np.flatnonzero(passed & ~audited & within_seen(covariates, seen))
    wanted = np.sort(wanted[np.argsort(away[wanted], kind="stable")[:MOST_ESTIMATED]])
    count = np.bincount(band[wanted], minlength=len(found)).tolist()
    part = _estimated(asked, known, wanted, mapped.place_ids, settings)
    return _tell(asked, found, count), part


def _estimated(asked: Asked, known: Known, wanted: Rows, place_ids: pd.Index, settings: ScoreSettings) -> pd.DataFrame:
    """Return the estimates of some segments as rows of `scores`."""
    found = estimate_unseen(known, wanted, cuts_of(asked.name, settings)) if len(wanted) else None
    if found is None:
        return empty_table("scores")
    return pd.DataFrame(
        {
            **in_columns(found, np.arange(len(wanted)), asked.name, settings),
            "place_id": place_ids[wanted],
            "indicator": asked.name,
            "group": asked.light,
            "campaign": asked.campaign or None,
        }
    )


def _tell(asked: Asked, found: Sequence[Skill], count: Sequence[int]) -> pd.DataFrame:
    """Return rows of the table `skill`."""
    return pd.DataFrame(
        {
            "campaign": asked.campaign,
            "indicator": asked.name,
            "group": asked.light,
            "from_m": [int(end) for end in BANDS_M[:-1]],
            "to_m": [*(int(end) for end in BANDS_M[1:-1]), _whole(found[-1].reach_m)],
            **{
                name: [round(getattr(skill, name), 4) for skill in found]
                for name in ("skill", "low", "high", "coverage")
            },
            "forms": [skill.forms for skill in found],
            "walks": [skill.walks for skill in found],
            "estimated": [not skill.note for skill in found],
            "places": list(count),
            "note": [skill.note for skill in found],
        }
    ).astype({"to_m": "Int64"})


def _whole(metres: float) -> int | None:
    """Return whole metres, None where there is no end."""
    return int(metres) if np.isfinite(metres) else None


def _join(parts: Sequence[pd.DataFrame], shown: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the parts as a declared table."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_table(table)
    joined = pd.concat(filled, ignore_index=True)
    return validate_table(_complete(joined, shown) if table == "scores" else joined, table)


def _complete(rows: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Return estimates with what every row of `scores` has: nobody was there, and nothing was chosen."""
    # Where somebody was, the place is shown in that light. Else in the first that something is known of.
    order = pd.Series(pd.Categorical(rows["group"], LIGHTS).codes, index=rows.index)
    first = order == order.groupby(rows["place_id"]).transform("min")
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    return rows.assign(
        headline=first & ~rows["place_id"].isin(shown["place_id"]),
        n=0.0,
        contributors=0,
        answers=0,
        latest_at=never,
        newer_at=never,
        state=ESTIMATED,
        level_seen=pd.array([None] * len(rows), dtype="Int64"),
        lowest_seen=np.nan,
        level_0=False,
    )
