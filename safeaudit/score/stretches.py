"""Stretches: runs of segments of one street that are below the standard together. Table `stretches`.

A street is mended by the stretch, not by the piece. Each piece may be likely below the standard and all of them
together not: what is told of a stretch is the probability that every piece of it is below, from draws in which the
auditors and the city's mean are the same for all of its pieces (`model.draw`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import rounds
from safeaudit.languages.labels import Parts, compose
from safeaudit.rubric import LIKELY, LOW_LEVEL, STREET_CONDITION
from safeaudit.score.estimate import STANDARD_SCORE, answers_of, pools
from safeaudit.score.model import draw, make_grid
from safeaudit.score.ratings import ratings
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.score.estimate import Pool
    from safeaudit.tables import Audits

    Runs = list[NDArray[np.int64]]

STRAIGHT_DEGREES = 35.0
"""So far two ways without a name may turn where they meet and be one street."""

_LOOK_M, _EDGE_M = 15.0, 1e-6
_DRAWS = 2000
_TOLD = 3
_SEED = 20_080_613
_ROW = ["place_id", "indicator", "group"]


class _Asked(NamedTuple):
    """Likely segments of one indicator in one light and round: rows of `scores`, with the number of their segment."""

    pool: Pool
    name: str
    rows: pd.DataFrame


def find_stretches(  # noqa: PLR0913 - the map, the settings and the language are keywords
    scores: pd.DataFrame,
    by_round: Sequence[Audits],
    matches: pd.DataFrame,
    *,
    segments: GeoDataFrame,
    rubric: Rubric,
    settings: ScoreSettings,
    language: Language,
) -> pd.DataFrame:
    """Join likely segments of one street into stretches that are below the standard together.

    Where the whole run is not, the segment that is least surely below parts it, and so on: every segment that is likely
    below the standard by itself is in one stretch, alone if need be.

    Parameters
    ----------
    scores, matches, segments
        The tables of these names.
    by_round
        The audits of each round; a place is drawn from the round it is shown in.
    rubric
        The indicators: those that are public by place are told of, and their mean.
    settings
        The standard.
    language
        What labels are written in.

    Returns
    -------
    The table `stretches`.
    """
    parts = [
        _describe(run, p_below, asked, segments, language)
        for asked in _ask(_likely(scores, segments), by_round, matches, rubric)
        for run, p_below in _join(asked, segments, rubric, settings)
    ]
    return validate_table(pd.DataFrame(parts), "stretches") if parts else empty_table("stretches")


def say_stretches(stretches: pd.DataFrame, rubric: Rubric, language: Language) -> str:
    """Say in one sentence which the longest stretches are, each street once; empty where no two segments are one.

    Parameters
    ----------
    stretches
        The table of this name.
    rubric
        Whose words the indicators have.
    language
        In which it is said.
    """
    order = {"length_m": False, "p_below": False, "place_id": True, "indicator": True}
    runs = stretches[stretches["segments"] > 1].sort_values(list(order), ascending=list(order.values()))
    street = runs["name"].fillna(runs["label"])
    longest = runs[~street.duplicated()].head(_TOLD)
    told = "; ".join(_say_stretch(row, rubric, language) for row in longest.itertuples(index=False))
    return language.say("console.stretches", stretches=told) if told else ""


def _say_stretch(row: Any, rubric: Rubric, language: Language) -> str:
    length = language.say("console.metres", count=f"{row.length_m:.0f}")
    indicator, light = language.label(str(row.indicator), rubric).lower(), language[f"light.{row.group}"].lower()
    return language.say("console.stretches.one", label=row.label, length=length, indicator=indicator, light=light)


def _likely(scores: pd.DataFrame, segments: GeoDataFrame) -> pd.DataFrame:
    """Return the rows of segments that enough people saw of late and that are likely below the standard."""
    surely = (scores["state"] == "audited") & (scores["lowest_seen"] <= LOW_LEVEL) & (scores["p_below"] >= LIKELY)
    rows = scores.loc[surely, [*_ROW, "campaign", "p_below"]].astype(dict.fromkeys([*_ROW, "campaign"], "str"))
    number = pd.Index(segments["place_id"]).get_indexer(rows["place_id"])
    rows = rows.assign(segment=number, campaign=rows["campaign"].fillna(""))
    return rows[number >= 0].sort_values(_ROW, ignore_index=True)


def _ask(likely: pd.DataFrame, by_round: Sequence[Audits], matches: pd.DataFrame, rubric: Rubric) -> Iterator[_Asked]:
    on_streets = matches[matches["kind"] == "segment"]
    public = [one.name for one in rubric.indicators if one.public == "place"]
    for audits in by_round:
        if audits.submissions.empty:
            continue
        (name,) = rounds(audits.submissions)
        rows = likely[likely["campaign"] == (name or "")]
        rated = ratings(audits.submissions, audits.observations, on_streets, rubric)
        for pool in pools(rated) if len(rows) and len(rated.rows) else ():
            for what in (*public, STREET_CONDITION):
                of = rows[(rows["indicator"] == what) & (rows["group"] == pool.light)]
                if len(of):
                    yield _Asked(pool, what, of.reset_index(drop=True))


def _join(
    asked: _Asked, segments: GeoDataFrame, rubric: Rubric, settings: ScoreSettings
) -> Iterator[tuple[NDArray[np.int64], float]]:
    """Yield the stretches as numbers of rows, and how likely each is below the standard."""
    rows = asked.rows
    pairs = _touching(segments.iloc[rows["segment"]])
    every = np.arange(len(rows))
    runs = _components(every, pairs)
    yield from ((run, rows["p_below"].iloc[run[0]]) for run in runs if len(run) == 1)
    longer = [run for run in runs if len(run) > 1]
    if longer:
        drawn = np.concatenate(longer)
        below = np.zeros((_DRAWS, len(rows)), dtype=bool)
        below[:, drawn] = (
            _draw(asked, rows["place_id"].iloc[drawn], rubric) < settings.standard.get(asked.name, STANDARD_SCORE) / 100
        )
        for run in longer:
            yield from _part(run, pairs, below, rows["p_below"].to_numpy())


def _draw(asked: _Asked, place_ids: pd.Series[str], rubric: Rubric) -> NDArray[np.float64]:
    """Draw what some segments may be, 0 to 1."""
    pool = asked.pool
    answers, places = answers_of(pool, asked.name, rubric)
    code = pd.Index(pool.rated.place_ids[places]).get_indexer(place_ids)
    return draw(answers, code, make_grid(), draws=_DRAWS, seed=_SEED)


def _part(
    run: NDArray[np.int64], pairs: NDArray[np.int64], below: NDArray[np.bool_], p_below: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.int64], float]]:
    """Yield the stretches of a run: where it is not likely as a whole, its least sure segment parts it."""
    left = [run]
    while left:
        part = left.pop()
        if len(part) == 1:
            yield part, p_below[part[0]]
            continue
        together = float(below[:, part].all(axis=1).mean())
        if together >= LIKELY:
            yield part, together
            continue
        out = part[np.argmin(below[:, part].mean(axis=0))]
        left += [np.array([out]), *_components(part[part != out], pairs)]


def _touching(streets: GeoDataFrame) -> NDArray[np.int64]:
    """Return pairs of segments that go on as one street where they meet, shape (pairs, 2).

    Those of one name do; of those without a name two of one kind that go on nearly straight.
    """
    lines = streets.geometry.to_numpy()
    ends = pd.concat(
        [
            pd.DataFrame(
                {
                    "row": np.arange(len(streets)),
                    "at": streets[junction].to_numpy(),
                    "name": streets["name"].astype("str").fillna("").to_numpy(),
                    "highway": streets["highway"].astype("str").fillna("").to_numpy(),
                    "bearing": _bearings(lines, from_start=junction == "junction_from"),
                }
            )
            for junction in ("junction_from", "junction_to")
        ]
    )
    met = ends.merge(ends, on=["at", "name"])
    met = met[met["row_x"] < met["row_y"]]
    # On from where it came from: out of the junction, two straight ways point apart.
    bent = np.abs(np.abs(met["bearing_x"] - met["bearing_y"]) % 360 - 180)
    goes_on = (met["name"] != "") | ((met["highway_x"] == met["highway_y"]) & (bent <= STRAIGHT_DEGREES))
    return met.loc[goes_on, ["row_x", "row_y"]].drop_duplicates().to_numpy(np.int64)


def _bearings(lines: NDArray[np.object_], *, from_start: bool) -> NDArray[np.float64]:
    """Return in which direction lines leave one of their ends, degrees from east."""
    near, far = (0.0, _LOOK_M) if from_start else (-_EDGE_M, -_LOOK_M)
    here, there = (shapely.get_coordinates(shapely.line_interpolate_point(lines, along)) for along in (near, far))
    step = there - here
    return np.degrees(np.arctan2(step[:, 1], step[:, 0]))


def _components(rows: NDArray[np.int64], pairs: NDArray[np.int64]) -> Runs:
    """Return the rows that hang together, each part sorted, in the order of their first."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    inside = pairs[np.isin(pairs, rows).all(axis=1)]
    at = np.searchsorted(rows, inside)
    graph = coo_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    return [rows[label == number] for number in range(label.max(initial=-1) + 1)]


def _describe(
    run: NDArray[np.int64], p_below: float, asked: _Asked, segments: GeoDataFrame, language: Language
) -> dict[str, object]:
    """Return a stretch as a row of the table."""
    rows = asked.rows.iloc[run]
    streets = segments.iloc[rows["segment"]]
    return {
        "place_id": rows["place_id"].iloc[0],
        "indicator": asked.name,
        "group": asked.pool.light,
        "campaign": rows["campaign"].iloc[0],
        "name": streets["name"].iloc[0],
        "label": _label(streets, segments, language),
        "length_m": round(float(streets["length_m"].sum()), 1),
        "segments": len(streets),
        "place_ids": " ".join(streets["place_id"].astype("str")),
        "place_codes": " ".join(streets["place_code"].astype("str")),
        "p_below": round(float(p_below), 4),
    }


def _label(streets: GeoDataFrame, segments: GeoDataFrame, language: Language) -> str:
    """Return what people call it: a street between the two at its ends; without a name, from one segment to another."""
    if len(streets) == 1:
        return str(streets["label"].iloc[0])
    met = pd.concat([streets["junction_from"], streets["junction_to"]]).value_counts()
    ends = sorted(met.index[met == 1])
    if streets["name"].isna().any():
        at_ends = streets["junction_from"].isin(ends) | streets["junction_to"].isin(ends)
        last = streets["label"].astype("str")[at_ends if at_ends.any() else slice(None)]
        return f"{last.iloc[0]} … {last.iloc[-1]}"
    name = str(streets["name"].iloc[0])
    crossing = [_crossing(end, name, segments) for end in (ends[0], ends[-1])] if len(ends) > 1 else []
    known = sorted({other for other in crossing if other})
    kind = ("alone", "to_end", "between")[len(known)]
    return compose(Parts(kind, name, *known), language)


def _crossing(junction: str, name: str, segments: GeoDataFrame) -> str:
    """Return the first other street by name at a junction; empty where none has one."""
    here = (segments["junction_from"] == junction) | (segments["junction_to"] == junction)
    others = segments.loc[here, "name"].dropna()
    return str(min((other for other in others if other != name), default=""))
