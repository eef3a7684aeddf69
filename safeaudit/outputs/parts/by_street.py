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


def first_light(public: Public) -> str:
    """Return the light that the map opens in: dark where anybody looked then, else the next; empty where nobody did."""
    there = set(public.conditions["light"].astype(str))
    return next((light for light in LIGHTS if light in there), "")


def seen_first(public: Public) -> pd.DataFrame:
    """Return of each place what the map opens on: its first indicator, in the first light; the two are never mixed."""
    first = public.indicators[0].name if public.indicators else ""
    frame = public.conditions
    return frame[(frame["indicator"] == first) & (frame["light"].astype(str) == first_light(public))]


def streets_on_list(public: Public, which: str) -> pd.DataFrame:
    """Return the streets, spaces and stops with places on a list, as the page shows them.

    Parameters
    ----------
    public
        What may be shown.
    which
        "likely", or "look": to go and look at.

    Returns
    -------
    In order, worst and longest first: name (a street's, or the label of a place that has none or is alone), kind, band
    (the lowest), metres (length of those listed; half the outline of areas).
    """
    places = public.places.assign(metres=_metres(public.places))
    street = places["kind"] + " " + places["name"].where(places["name"].notna(), places["place_id"] + "/")
    places = places.assign(street=street, places=street.groupby(street).transform("size"))
    seen = seen_first(public)[["place_id", "band", "state", "list"]].merge(places, on="place_id")
    hits = seen[(seen["state"] == "audited") & (seen["list"] == which)]
    hits = hits.assign(name=hits["label"].where(hits["places"] == 1, hits["name"]), named=hits["name"].notna())
    columns = {column: (column, "first") for column in ("name", "kind", "named")}
    columns |= {"band": ("band", "min"), "metres": ("metres", "sum")}
    order = ["band", "named", "metres", "name"]
    rows = hits.groupby("street").agg(**columns).sort_values(order, ascending=[True, False, False, True])
    return rows.reset_index(drop=True)


def _metres(places: GeoDataFrame) -> pd.Series[float]:
    """Return the length of lines and half the outline of areas; 0 for points."""
    shapes = places.geometry.to_numpy()
    squeeze = np.cos(np.radians(shapely.get_y(shapely.centroid(shapes)))) if len(shapes) else np.empty(0)
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    flat = shapely.set_coordinates(shapes.copy(), np.column_stack([xy[:, 0] * squeeze[at], xy[:, 1]]))
    metres = shapely.length(flat) * _METRES_PER_DEGREE
    return pd.Series(np.where(shapely.get_dimensions(shapes) == 2, metres / 2, metres), index=places.index)  # noqa: PLR2004 - an area
