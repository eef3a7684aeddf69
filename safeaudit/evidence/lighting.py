"""Evidence of light: what the map says of lamps and of `lit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.tables import validate_table

if TYPE_CHECKING:
    from safeaudit.tables import Places

LAMP_REACH_M = 15.0
"""A lamp within this distance of a segment stands on it."""

_SURVEYED_M = 100.0
_LIT = {
    "yes": "yes",
    "24/7": "yes",
    "automatic": "yes",
    "sunset-sunrise": "yes",
    "dusk-dawn": "yes",
    "no": "no",
    "limited": "limited",
    "interval": "limited",
    "disused": "disused",
}


def lighting(places: Places) -> pd.DataFrame:
    """Tell for every segment whether it is tagged as lit, and how many lamps are mapped on it.

    `lit` is yes, no, limited, disused or unknown; without a tag it is unknown, never no (OpenStreetMap
    wiki, Key:lit). `lamps_per_100_m` counts lamps within 15 m of the segment, times 100 over its
    length in metres. A lamp on the map may not work: this is no audit.

    Parameters
    ----------
    places
        Segments, and the features of kind lamp.

    Returns
    -------
    The table `evidence`. Coverage is 1 where the tag is there, or where any lamp is mapped within
    100 m; else 0, and the number of lamps is NA.
    """
    return validate_table(pd.concat([_lit(places), _lamps(places)], ignore_index=True), "evidence")


def _lit(places: Places) -> pd.DataFrame:
    tags = places.segments["tags"]
    words = {text: _LIT.get(json.loads(text).get("lit", ""), "unknown") for text in tags.unique()}
    label = tags.map(words)
    return pd.DataFrame(
        {
            "place_id": places.segments["place_id"],
            "name": "lit",
            "value": np.nan,
            "label": label,
            "unit": "",
            "source": "map",
            "coverage": (label != "unknown").astype(float),
        }
    )


def _lamps(places: Places) -> pd.DataFrame:
    lamps = places.features.loc[places.features["kind"] == "lamp", "geometry"].to_numpy()
    segments = places.segments.geometry.to_numpy()
    tree = shapely.STRtree(lamps)
    count = _near(tree, segments, LAMP_REACH_M)
    surveyed = _near(tree, segments, _SURVEYED_M) > 0
    return pd.DataFrame(
        {
            "place_id": places.segments["place_id"],
            "name": "lamps_per_100_m",
            "value": np.where(surveyed, 100 * count / places.segments["length_m"], np.nan),
            "label": None,
            "unit": "lamps per 100 m",
            "source": "map",
            "coverage": surveyed.astype(float),
        }
    )


def _near(tree: shapely.STRtree, segments: np.ndarray, distance_m: float) -> np.ndarray:
    row, _ = tree.query(segments, predicate="dwithin", distance=distance_m)
    return np.bincount(row, minlength=len(segments))
