"""Where people walk to: stops, markets and points of interest, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

    from safeaudit.tables import Places

_COLUMNS = ["destination_id", "category", "name", "tags", "geometry"]


def list_destinations(places: Places) -> gpd.GeoDataFrame:
    """Return all that one may walk to.

    Parameters
    ----------
    places
        Stops, spaces and features, read with what evidence needs.

    Returns
    -------
    destination_id (of a stop or space its place_id, else its feature_id), category (stop, market, school, toilet and
    other points of interest), name (of a stop or space its label, else the name on the map; NA without one), tags and
    geometry. A market that is both a space and a point of interest stands once.
    """
    features = places.features
    pois = features[features["kind"] == "poi"].rename(columns={"feature_id": "destination_id"})
    markets = places.spaces[places.spaces["category"] == "market"]
    known = pois["destination_id"].str.removesuffix(":poi")
    frames = [
        _of_places(places.stops, "stop"),
        pois,
        _of_places(markets[~markets["place_id"].isin(known)], "market"),
    ]
    return pd.concat([frame[_COLUMNS] for frame in frames], ignore_index=True)


def _of_places(places: gpd.GeoDataFrame, category: str) -> gpd.GeoDataFrame:
    return places.assign(destination_id=places["place_id"], name=places["label"], category=category)
