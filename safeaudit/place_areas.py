"""Where a place is: its middle, and the ward or site that this lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.tables import Places

_MIDDLE = 0.5
_CITY = "city"
_FIRST = ("ward", "site", "comparison")
"""Which area a place is told to lie in, where it lies in several."""


def list_places(places: Places, place_ids: Iterable[str] | None = None) -> gpd.GeoDataFrame:
    """Return places of all kinds in one table.

    Parameters
    ----------
    places
        The places of a city.
    place_ids
        Which ones, in any order; all where not given. Those that are not there are left out.

    Returns
    -------
    place_id (the index), place_code, label, kind (segment, space or stop), category (highway or category) and geometry.
    """
    wanted = None if place_ids is None else pd.Index(place_ids).unique()
    frames = []
    for kind, frame in (("segment", places.segments), ("space", places.spaces), ("stop", places.stops)):
        here = frame if wanted is None else frame[frame["place_id"].isin(wanted)]
        category = here["highway" if kind == "segment" else "category"].astype("str")
        frames.append(here[["place_id", "place_code", "label", "geometry"]].assign(kind=kind, category=category))
    return pd.concat(frames, ignore_index=True).set_index("place_id")


def middles(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the middle of lines, a point inside areas, points as they are."""
    lines = shapely.get_dimensions(shapes) == 1
    found = shapely.point_on_surface(shapes)
    found[lines] = shapely.line_interpolate_point(shapes[lines], _MIDDLE, normalized=True)
    return found


def find_areas(places: Places, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Return the wards, sites and comparison areas that the middles of places lie in.

    Parameters
    ----------
    places
        The city, with its areas.
    shapes
        Shapes of the places, by place_id.

    Returns
    -------
    place_id, area (its name) and kind, wards before sites before comparison areas; no row for a place that lies in
    none. The city itself is no such area.
    """
    areas = places.areas[places.areas["kind"] != _CITY]
    if areas.empty or shapes.empty:
        return pd.DataFrame({"place_id": [], "area": [], "kind": []}, dtype="str")
    at, area = shapely.STRtree(areas.geometry.to_numpy()).query(middles(shapes.to_numpy()), predicate="intersects")
    found = pd.DataFrame(
        {
            "place_id": shapes.index.to_numpy()[at],
            "area": areas["name"].astype("str").to_numpy()[area],
            "kind": areas["kind"].astype("str").to_numpy()[area],
        }
    )
    rank = found["kind"].map({kind: number for number, kind in enumerate(_FIRST)})
    return found.assign(rank=rank).sort_values(["place_id", "rank", "area"], ignore_index=True).drop(columns="rank")


def area_numbers(places: Places, place_ids: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which places lie in which areas, the city and every other: numbers of both, a pair for each.

    Parameters
    ----------
    places
        The city, with its areas.
    place_ids
        Ids of places that are there.

    Returns
    -------
    Numbers in `place_ids` and rows of `places.areas`. The city has all of them, what lies on its edge too.
    """
    points = middles(list_places(places, place_ids).reindex(place_ids).geometry.to_numpy())
    areas = places.areas
    place, area = shapely.STRtree(areas.geometry.to_numpy()).query(points, predicate="intersects")
    cities = np.flatnonzero((areas["kind"] == _CITY).to_numpy())
    inside = ~np.isin(area, cities)
    everywhere = np.tile(np.arange(len(points)), len(cities))
    return (
        np.concatenate([place[inside], everywhere]),
        np.concatenate([area[inside], np.repeat(cities, len(points))]),
    )


def ward_names(places: Places, shapes: gpd.GeoSeries) -> pd.Series[str]:
    """Return the name of the ward, else the site, that each place lies in; NA where it lies in none.

    Parameters
    ----------
    places, shapes
        As for `find_areas`.

    Returns
    -------
    Names on the index of `shapes`.
    """
    found = find_areas(places, shapes).drop_duplicates("place_id").set_index("place_id")["area"]
    return found.reindex(shapes.index)
