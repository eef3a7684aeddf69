"""Labels: what people recognise a place by, from parts that any language can put together anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.languages import REFERENCE, read_language
from safeaudit.languages.labels import Parts, compose

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.languages import Language

_NEAR_M = (10.0, 40.0, 120.0, 300.0)
_APART_M = 10.0
_WAYS = {
    "footway": "path",
    "steps": "steps",
    "cycleway": "cycle_path",
    "service": "lane",
    "track": "track",
    "pedestrian": "pedestrian_street",
    "corridor": "passage",
}
"""What a way without a name is, by its highway value; the others are streets, or paths."""

_STREETS = ("residential", "living_street", "unclassified", "road", "tertiary", "secondary", "primary", "trunk")
_PARTS = ("label_kind", "label_name", "label_from", "label_to", "label_near")
_SIDES = np.array(["east", "north", "west", "south"], dtype=object)


def label_places(
    segments: gpd.GeoDataFrame,
    spaces: gpd.GeoDataFrame,
    stops: gpd.GeoDataFrame,
    language: Language | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return all places with labels, no two of which are alike in the city.

    Parameters
    ----------
    segments
        With label_from and label_to as the names at its ends, and label_mark as its number such as 1/3.
    spaces, stops
        The tables of these names.
    language
        What labels are written in; English where none is given.

    Returns
    -------
    The three tables, with label and its parts.
    """
    language = language or read_language(REFERENCE)
    named = _Named(segments, spaces)
    frames = [_segment_parts(segments, named), _space_parts(spaces, named), _stop_parts(stops, named)]
    every = pd.concat(frames, ignore_index=True)
    every["label"], every["label_mark"] = _told_apart(every, language)
    ends = np.cumsum([len(frame) for frame in frames])
    told = [every.iloc[end - len(frame) : end].reset_index(drop=True) for end, frame in zip(ends, frames, strict=True)]
    parts = ["label", *(f"label_{part}" for part in ("kind", "name", "from", "to", "near", "mark"))]
    labelled = segments.assign(**{part: told[0][part] for part in parts})
    return labelled, spaces.assign(label=told[1]["label"]), stops.assign(label=told[2]["label"])


class _Named:
    """Streets and spaces that have a name: what other places are near to."""

    def __init__(self, segments: gpd.GeoDataFrame, spaces: gpd.GeoDataFrame) -> None:
        """Look at the names of all of them."""
        frames = [frame[frame["name"].notna()] for frame in (segments, spaces)]
        self.names = np.concatenate([frame["name"].to_numpy(dtype=object) for frame in frames])
        self.tree = shapely.STRtree(np.concatenate([frame.geometry.to_numpy() for frame in frames]))

    def nearest_to(self, shapes: NDArray[np.object_], own: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the nearest other name within 300 m of each shape, None where there is none."""
        points, found = shapely.centroid(shapes), np.full(len(shapes), None, dtype=object)
        # Most have a name close by; what is nearest in a small circle is nearest in a large one too, and quickly found.
        for reach_m in _NEAR_M:
            lost = np.flatnonzero(pd.isna(found))
            point, thing = self.tree.query(points[lost], predicate="dwithin", distance=reach_m)
            other = self.names[thing] != own[lost[point]]
            point, thing = lost[point[other]], thing[other]
            far = shapely.distance(points[point], self.tree.geometries[thing]).round(2)
            frame = pd.DataFrame({"point": point, "far": far, "name": self.names[thing]})
            first = frame.sort_values(["point", "far", "name"]).drop_duplicates("point")
            found[first["point"].to_numpy(dtype=np.int64)] = first["name"].to_numpy(dtype=object)
        return found


def _segment_parts(segments: gpd.GeoDataFrame, named: _Named) -> pd.DataFrame:
    name, start, end = (segments[column].to_numpy(dtype=object) for column in ("name", "label_from", "label_to"))
    start, end = np.where(pd.isna(start), end, start), _without(end, pd.isna(start))
    end = _without(end, start == end)  # from a street back to itself
    has_name, has_start, has_end = (pd.notna(part) for part in (name, start, end))
    lost = np.flatnonzero(~has_start)
    near = np.full(len(segments), None, dtype=object)
    near[lost] = named.nearest_to(segments.geometry.to_numpy()[lost], name[lost])
    has_near = pd.notna(near)
    kind = np.select(
        [has_end, has_start, has_near], [_either(has_name, "between", "way_between"),
        _either(has_name, "to_end", "way_from"), _either(has_name, "near", "way_near")],
        _either(has_name, "alone", "way"),
    )  # fmt: skip
    return _parts(segments, kind, np.where(has_name, name, _ways(segments["highway"])), start, end, near)


def _space_parts(spaces: gpd.GeoDataFrame, named: _Named) -> pd.DataFrame:
    names = spaces.set_index("place_id")["name"]
    host = names.reindex(spaces["within"].fillna("")).to_numpy(dtype=object)
    return _point_parts(spaces, named, host)


def _stop_parts(stops: gpd.GeoDataFrame, named: _Named) -> pd.DataFrame:
    return _point_parts(stops, named, np.full(len(stops), None, dtype=object))


def _point_parts(places: gpd.GeoDataFrame, named: _Named, host: NDArray[np.object_]) -> pd.DataFrame:
    name = places["name"].to_numpy(dtype=object)
    has_name, inside = pd.notna(name), pd.notna(host)
    near = host.copy()
    lost = np.flatnonzero(~has_name & ~inside)
    near[lost] = named.nearest_to(places.geometry.to_numpy()[lost], name[lost])
    kind = np.select([has_name, inside, pd.notna(near)], ["alone", "inside", "way_near"], "way")
    words = places["category"].astype(str).to_numpy(dtype=object)
    nothing = np.full(len(places), None, dtype=object)
    return _parts(places, kind, np.where(has_name, name, words), nothing, nothing, near)


def _parts(
    places: gpd.GeoDataFrame, kind: NDArray[np.object_], name: NDArray[np.object_], *others: NDArray[np.object_]
) -> pd.DataFrame:
    """Return the parts of labels; the names at both ends and of what is near come last."""
    middle = shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy()))
    frame = pd.DataFrame(dict(zip(_PARTS, (kind, name, *others), strict=True)), dtype=object)
    number = places["label_mark"].to_numpy(dtype=object) if "label_mark" in places else np.full(len(places), None)
    code = places["place_code"].to_numpy(dtype=object)
    return frame.assign(label_mark=pd.Series(number, dtype=object), code=code, x=middle[:, 0], y=middle[:, 1])


def _told_apart(every: pd.DataFrame, language: Language) -> tuple[pd.Series[str], pd.Series[str]]:
    """Return labels, and what tells like ones apart: their number, else the side of the compass, else their code."""
    number = every["label_mark"]
    plain = _composed(every, number, language)
    alike = plain.duplicated(keep=False)
    if not alike.any():
        return plain, number
    few, number = every[alike], number[alike]
    group = few.groupby(plain[alike], sort=False)[["x", "y"]]
    east, north = (few[axis] - group.transform("mean")[axis] for axis in ("x", "y"))
    turn = np.degrees(np.arctan2(north, east))
    side = pd.Series(_SIDES[(((turn + 45) // 90) % 4).astype(np.int64)], index=few.index)
    before = number.where(number.isna(), number.astype(str) + " ").fillna("")
    marked = before + side
    unclear = (np.hypot(east, north) <= _APART_M) | _composed(few, marked, language).duplicated(keep=False)
    marked = marked.where(~unclear, before + few["code"])
    label, mark = plain.copy(), every["label_mark"].copy()
    label[alike], mark[alike] = _composed(few, marked, language), marked
    return label, mark


def _composed(every: pd.DataFrame, mark: pd.Series[str], language: Language) -> pd.Series[str]:
    rows = zip(*(every[part].tolist() for part in _PARTS), mark.where(mark.notna(), None).tolist(), strict=True)
    return pd.Series([compose(Parts(*row), language) for row in rows], index=every.index, dtype=object)


def _ways(highway: pd.Series[str]) -> NDArray[np.object_]:
    plain = highway.astype(object)
    words = plain.map(_WAYS)
    street = plain.isin(_STREETS) | plain.astype(str).str.endswith("_link")
    return words.where(words.notna(), pd.Series(np.where(street, "street", "path"), index=plain.index)).to_numpy(object)


def _without(names: NDArray[np.object_], gone: NDArray[np.bool_]) -> NDArray[np.object_]:
    left = names.copy()
    left[gone] = None
    return left


def _either(has_name: NDArray[np.bool_], one: str, other: str) -> NDArray[np.object_]:
    return np.where(has_name, one, other).astype(object)
