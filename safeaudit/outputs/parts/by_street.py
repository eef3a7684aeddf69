"""Streets as people know them, for lists where no script runs: the stretches of one name in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.outputs.parts.columns import LIGHTS

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from safeaudit.tables.public import Public

_METRES_PER_DEGREE = 111_195
_WORST = 1


def seen_first(public: Public) -> pd.DataFrame:
    """Return of each place that somebody looked at what the map opens on: its first indicator, dark before day."""
    first = public.indicators[0].name if public.indicators else ""
    frame = public.conditions[public.conditions["indicator"] == first]
    rank = pd.Series(pd.Index(LIGHTS).get_indexer(frame["light"]), index=frame.index)
    return frame.loc[rank.sort_values(kind="stable").index].drop_duplicates("place_id")


def streets_in_need(public: Public) -> pd.DataFrame:
    """Return the streets, spaces and stops with places in the two lowest bands, as the page lists them.

    Parameters
    ----------
    public
        What may be shown.

    Returns
    -------
    In order, worst and longest first: name (a street's, or the label of a place that has none or is alone), kind,
    band (the lowest, 0 or 1), hits (how many of its places are in those bands), looked_at, places (how many it has),
    metres (length of those in the bands; half the outline of areas).
    """
    places = public.places.assign(metres=_metres(public.places))
    street = places["kind"] + " " + places["name"].where(places["name"].notna(), places["place_id"] + "/")
    places = places.assign(street=street, places=street.groupby(street).transform("size"))
    seen = seen_first(public)[["place_id", "band", "state"]].merge(places, on="place_id")
    seen["looked_at"] = seen.groupby("street")["place_id"].transform("size")
    hits = seen[(seen["state"] == "audited") & (seen["band"] <= _WORST)]
    hits = hits.assign(name=hits["label"].where(hits["places"] == 1, hits["name"]), named=hits["name"].notna())
    columns = {column: (column, "first") for column in ("name", "kind", "named", "looked_at", "places")}
    rows = hits.groupby("street").agg(**columns, band=("band", "min"), hits=("band", "size"), metres=("metres", "sum"))
    order = ["band", "named", "metres", "name"]
    return rows.sort_values(order, ascending=[True, False, False, True]).reset_index(drop=True)


def _metres(places: GeoDataFrame) -> pd.Series[float]:
    """Return the length of lines and half the outline of areas; 0 for points."""
    shapes = places.geometry.to_numpy()
    squeeze = np.cos(np.radians(shapely.get_y(shapely.centroid(shapes)))) if len(shapes) else np.empty(0)
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    flat = shapely.set_coordinates(shapes.copy(), np.column_stack([xy[:, 0] * squeeze[at], xy[:, 1]]))
    metres = shapely.length(flat) * _METRES_PER_DEGREE
    return pd.Series(np.where(shapely.get_dimensions(shapes) == 2, metres / 2, metres), index=places.index)  # noqa: PLR2004 - an area
