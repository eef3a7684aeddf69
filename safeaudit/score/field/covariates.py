"""What the map says of every segment, as columns that a model can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")
PATHS = ("footway", "path", "pedestrian", "steps", "track", "cycleway", "bridleway", "corridor")

WORDS: Mapping[str, Mapping[str, float]] = {
    "lit": {"yes": 1.0, "limited": 0.5, "disused": 0.0, "no": 0.0},
    "dead_end": {"yes": 1.0, "no": 0.0},
    "surface": {"paved": 1.0, "unpaved": 0.0},
    "sidewalk": {"both": 1.0, "left": 1.0, "right": 1.0, "yes": 1.0, "separate": 1.0, "itself": 1.0, "no": 0.0},
}
"""Words of the evidence as numbers; any other is not known."""

NUMBERS: Mapping[str, Callable[[Floats], Floats]] = {
    "lamps_per_100_m": np.log1p,
    "betweenness": np.log1p,
    "uses_400_m": np.log1p,
    "shops_per_100_m": np.log1p,
    "frontage_share": np.asarray,
    "visible_area_m2": np.log1p,
}
"""Numbers of the evidence, and how they enter: what counts or measures by its logarithm."""

LEAST_KNOWN = 0.5
"""A column is used where so much of what was audited has a value of its own."""

_SAME = 1e-9


def make_covariates(segments: GeoDataFrame, evidence: pd.DataFrame) -> Floats:
    """Return what the map says of every segment, standardised over those of which it says it.

    Parameters
    ----------
    segments, evidence
        The tables of these names.

    Returns
    -------
    A row for each segment; NaN where the map says nothing. Columns that are the same everywhere are left out.
    """
    kind = segments["highway"].astype("str").str.removesuffix("_link")
    columns = [
        kind.isin(MAIN_STREETS).to_numpy(np.float64),
        kind.isin(PATHS).to_numpy(np.float64),
        np.log1p(segments["length_m"].to_numpy(np.float64)),
    ]
    told = evidence.astype({"place_id": "str", "name": "str", "label": "str"})
    by_name = {str(name): rows.set_index("place_id") for name, rows in told.groupby("name")}
    place = segments["place_id"].to_numpy(object)
    for name, numbers in WORDS.items():
        if name in by_name:
            columns.append(by_name[name]["label"].map(numbers).reindex(place).to_numpy(np.float64))
    for name, scale in NUMBERS.items():
        if name in by_name:
            value = by_name[name]["value"].reindex(place).to_numpy(np.float64, na_value=np.nan)
            columns.append(scale(np.maximum(value, 0.0)))
    different = [_standardise(column) for column in columns if _differs(column)]
    return np.column_stack(different) if different else np.empty((len(segments), 0))


def choose_covariates(covariates: Floats, seen: NDArray[np.int64]) -> Floats:
    """Return the columns that the audited segments can tell about, with what is not known at the mean.

    Parameters
    ----------
    covariates
        As from `make_covariates`.
    seen
        The audited segments, by their order.
    """
    at = covariates[seen]
    known = (~np.isnan(at)).mean(axis=0) >= LEAST_KNOWN
    filled = np.nan_to_num(covariates[:, known])
    return filled[:, np.ptp(filled[seen], axis=0) > _SAME]


def within_seen(covariates: Floats, seen: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which segments lie, in every column, in the range of the audited ones.

    Parameters
    ----------
    covariates, seen
        As of `choose_covariates`, and what it returns.
    """
    low, high = covariates[seen].min(axis=0, initial=np.inf), covariates[seen].max(axis=0, initial=-np.inf)
    return np.asarray(((covariates >= low - _SAME) & (covariates <= high + _SAME)).all(axis=1))


def _differs(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    return bool(len(known) and np.ptp(known) > _SAME)


def _standardise(column: Floats) -> Floats:
    return np.asarray((column - np.nanmean(column)) / np.nanstd(column))
