"""Scores -> what was seen of the city and of each of its areas, with coverage. Table `summaries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import contributor_keys, count_people, light_groups, rounds
from safeaudit.coverage import BAND_COLUMNS, coverage, place_sizes
from safeaudit.rubric import COMPOSITES
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Audits, Places

HEADLINE = "headline"
_KEYS = ["area_id", "kind", "indicator", "group"]
_CELL = ["area_id", "kind", "group"]


def aggregate(
    places: Places, audits: Audits, matches: pd.DataFrame, scores: pd.DataFrame, rubric: Rubric
) -> pd.DataFrame:
    """Sum up what was seen in each area in one round of walks, by kind of place, indicator and light.

    Shares are of length for segments, of area for spaces and of number for stops. A segment or space that
    an area holds in part counts there by that part of its length or area, its ratings likewise; a stop,
    and a space known only as a point, counts where it lies. Areas may overlap, and a street along a border
    is in the areas on both sides. Areas have no score of their own.

    Parameters
    ----------
    places
        All places, rated or not: they are the denominator.
    audits
        The submissions and observations behind the scores, of one round: figures of areas never mix rounds.
    matches, scores
        The tables of these names.
    rubric
        The indicators.

    Returns
    -------
    The table `summaries`; the group `headline` counts every place once, in its headline's light. What was
    rated anywhere has a row in every area that holds such places, with coverage 0 where it was not rated there.
    """
    if scores.empty:
        return empty_table("summaries")
    (campaign,) = rounds(audits.submissions)
    parts = _parts(places)
    rows = pd.concat([scores, scores[scores["headline"]].assign(group=HEADLINE)], ignore_index=True)
    n = rows.merge(parts, on="place_id").assign(n=lambda frame: frame["n"] * frame["share"])
    n = n.groupby(_KEYS)["n"].sum().round(3).reset_index()
    found = _never_mixed(coverage(rows, parts, _KEYS), scores, parts)
    seen = _seen(scores, audits.submissions, matches, parts)
    summaries = _grid(found, parts)
    for known in (found, n, _contributors(seen, found["indicator"].unique(), audits, rubric)):
        summaries = summaries.merge(known, on=_KEYS, how="left")
    rated = [column for column in summaries.columns if column not in BAND_COLUMNS]
    summaries[rated] = summaries[rated].fillna(0)
    summaries["campaign"] = campaign or ""
    return validate_table(summaries.astype({"contributors": np.int64}), "summaries")


def _never_mixed(found: pd.DataFrame, scores: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return what was found without the bands of headlines in several lights: by day streets are another thing."""
    rows = scores[scores["headline"]].merge(parts[["place_id", "area_id", "kind"]], on="place_id")
    lights = rows.groupby(["area_id", "kind", "indicator"], observed=True)["group"].nunique()
    of = pd.MultiIndex.from_frame(found[["area_id", "kind", "indicator"]])
    mixed = (found["group"] == HEADLINE) & (lights.reindex(of).to_numpy() > 1)
    return found.assign(**found[BAND_COLUMNS].mask(mixed))


def _parts(places: Places) -> pd.DataFrame:
    """Return area_id, place_id, kind, size and share: what of each place lies in each area."""
    sizes = place_sizes(places)
    tables = (places.segments, places.spaces, places.stops)
    shapes = np.concatenate([table.geometry.to_numpy() for table in tables])
    areas = places.areas.geometry.to_numpy()
    shapely.prepare(areas)
    if len(areas) == 1 and shapely.covers(areas[0], shapes).all():
        return sizes.assign(area_id=places.areas["area_id"].iloc[0], share=1.0)
    area, place = shapely.STRtree(shapes).query(areas, predicate="intersects")
    share = _shares(areas[area], shapes[place])
    parts = sizes.iloc[place].assign(area_id=places.areas["area_id"].to_numpy()[area], share=share)
    return parts.assign(size=parts["size"] * share)[share > 0].reset_index(drop=True)


def _shares(areas: NDArray[np.object_], shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return what share of each shape lies in the area beside it: of its area, of its length, or 1 for a point."""
    cut = ~shapely.covers(areas, shapes) & (shapely.get_dimensions(shapes) > 0)
    inside = shapely.intersection(areas[cut], shapes[cut])
    flat = shapely.get_dimensions(shapes[cut]) > 1
    share = np.ones(len(shapes))
    share[cut] = np.where(flat, shapely.area(inside), shapely.length(inside)) / np.where(
        flat, shapely.area(shapes[cut]), shapely.length(shapes[cut])
    )
    return share


def _grid(found: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of all summaries with the denominator of each: what was rated anywhere, in every area."""
    total = parts.groupby(["area_id", "kind"])["size"].sum().rename("total").reset_index()
    return total.merge(found[["kind", "indicator", "group"]].drop_duplicates(), on="kind")


def _seen(scores: pd.DataFrame, submissions: pd.DataFrame, matches: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return which submissions are behind an area's scores: row, area_id, kind, group (headline too)."""
    about = submissions[["submission_id"]].assign(row=range(len(submissions)), group=light_groups(submissions))
    scored = scores[["place_id", "group", "headline"]].drop_duplicates()
    pairs = matches[["submission_id", "place_id"]].merge(about, on="submission_id")
    pairs = pairs.merge(scored, on=["place_id", "group"]).merge(parts[["area_id", "place_id", "kind"]], on="place_id")
    wanted = ["row", *_CELL]
    both = pd.concat([pairs[wanted], pairs.loc[pairs["headline"], wanted].assign(group=HEADLINE)], ignore_index=True)
    return both.astype(dict.fromkeys(_CELL, "category")).drop_duplicates()


def _answers(submissions: pd.DataFrame, observations: pd.DataFrame, rubric: Rubric) -> dict[str, NDArray[np.bool_]]:
    """Return for each indicator and composite which submissions answer it."""
    row = pd.Index(submissions["submission_id"]).get_indexer(observations["submission_id"])
    by_day = (submissions["light"] == "day").to_numpy(bool, na_value=False)
    answers = {}
    for indicator in rubric.indicators:
        answered = np.zeros(len(submissions), dtype=bool)
        rows = row[(observations["indicator"] == indicator.name).to_numpy() & (row >= 0)]
        answered[rows] = True
        answers[indicator.name] = answered & ~by_day if indicator.needs_dark else answered
    for name, members in zip(COMPOSITES, (rubric.weights, rubric.street_condition), strict=True):
        answers[name] = np.any([answers[member] for member in members], axis=0)
    return answers


def _contributors(seen: pd.DataFrame, indicators: Iterable[str], audits: Audits, rubric: Rubric) -> pd.DataFrame:
    """Count for each key the people who rated that."""
    people = audits.submissions["group_size"].to_numpy(dtype=np.int64)
    keys = pd.factorize(contributor_keys(audits.submissions))[0]
    row = seen["row"].to_numpy()
    cells = seen.groupby(_CELL, observed=True)
    cell, named = cells.ngroup().to_numpy(), cells.size().reset_index()[_CELL]
    answers, counts = _answers(audits.submissions, audits.observations, rubric), []
    for indicator in indicators:
        behind = answers[indicator][row]
        count = count_people(cell[behind], keys[row[behind]], people[row[behind]], len(named))
        counts.append(named.assign(indicator=indicator, contributors=count))
    return pd.concat(counts, ignore_index=True)
