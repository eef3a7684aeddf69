"""A register of places: what codes on paper stand for. Later runs inherit ids and codes from it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.crs import WGS84
from safeaudit.errors import InputError, Where
from safeaudit.place_codes import place_codes
from safeaudit.places.streets.paths import BIT_M, NONE, Bits, best, near
from safeaudit.places.vector import read_vector

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.files.admit import Admitted

COLUMNS = ("place_id", "place_code", "label")
OVERLAP = 0.6
_BESIDE_M, _ANGLE = 20.0, 30.0
_DECIMALS = 7


def read_register(file: Admitted) -> gpd.GeoDataFrame:
    """Read a register of places.

    Parameters
    ----------
    file
        GeoJSON in degrees, as `register_geojson` makes it, or another layer of lines with place_id and place_code.

    Returns
    -------
    place_id, place_code, label and line of each segment in it, EPSG:4326, sorted by place_id.

    Raises
    ------
    InputError
        It is no such layer, lacks a column, or holds an id or a code twice.
    """
    frame, _ = read_vector(file, None)
    lacking = [name for name in COLUMNS if name not in frame.columns]
    hint = "Name the register that `safeaudit form` wrote, or take the line register out of [places]."
    if lacking:
        what = f"It is no register of places: it has no column {', '.join(lacking)}."
        raise InputError(what, hint=hint, where=Where(file.name))
    lines = frame[frame.geom_type == "LineString"]
    for name in COLUMNS[:2]:
        if (again := lines[name].duplicated() | lines[name].isna()).any():
            what = f"{int(again.sum())} of its places have no {name} of their own, first {lines[name][again].iloc[0]}."
            raise InputError(what, hint=hint, where=Where(file.name))
    return lines.to_crs(WGS84)[[*COLUMNS, "geometry"]].sort_values("place_id", ignore_index=True)


def register_geojson(segments: gpd.GeoDataFrame) -> bytes:
    """Return the register of segments as GeoJSON in degrees: the same places give the same bytes."""
    degrees = segments.to_crs(WGS84)
    rows = zip(*(degrees[name].astype(str) for name in COLUMNS), degrees.geometry, strict=True)
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(COLUMNS, words, strict=True)),
            "geometry": {"type": "LineString", "coordinates": np.round(line.coords, _DECIMALS).tolist()},
        }
        for *words, line in rows
    ]
    text = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{text}\n]}}\n'.encode()


def inherit(segments: gpd.GeoDataFrame, register: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Give segments the ids and codes that they have in an earlier register.

    A segment inherits from the place with which it shares 60 % of its own and of the other's length: of several the
    one with which it shares most. Ids and codes of the register that nobody inherits stay unused.

    Parameters
    ----------
    segments
        place_id, place_code and line of the new segments.
    register
        The earlier ones, in any CRS.

    Returns
    -------
    The segments on the same index, and what changed: place_id, place_code, label (NA for a new one) and change: gone
    (in the register alone) or new.
    """
    old = register.to_crs(segments.crs)
    heir = _heirs(segments.geometry.to_numpy(), old.geometry.to_numpy())
    has = heir != NONE
    ids = segments["place_id"].to_numpy(dtype=object).copy()
    codes = np.full(len(ids), "", dtype=object)
    ids[has], codes[has] = (old[name].to_numpy(dtype=object)[heir[has]] for name in COLUMNS[:2])
    ids[~has] = _unused(ids[~has], set(old["place_id"]))
    codes[~has] = _new_codes(ids[~has], set(old["place_code"]))
    found = segments.assign(place_id=ids, place_code=codes)
    gone = old.loc[~np.isin(np.arange(len(old)), heir), list(COLUMNS)].assign(change="gone")
    new = pd.DataFrame({"place_id": ids[~has], "place_code": codes[~has], "label": None, "change": "new"}, dtype=object)
    changed = pd.concat([pd.DataFrame(gone), new], ignore_index=True)
    return found, changed.sort_values(["change", "place_id"], ignore_index=True)


def _unused(ids: NDArray[np.object_], taken: set[str]) -> NDArray[np.object_]:
    """Give a new place whose id stands for another one in the register an id of its own."""
    while (clash := np.array([name in taken for name in ids.tolist()], dtype=bool)).any():
        ids = np.where(clash, ids + "~new", ids)
    return ids


def _new_codes(ids: NDArray[np.object_], taken: set[str]) -> NDArray[np.object_]:
    """Return codes for new places, none of which is in the register."""
    series = pd.Series(ids, dtype=object)
    codes = place_codes("S", series)
    while (clash := codes.isin(taken)).any():
        series = series.where(~clash, series + "~")
        codes = place_codes("S", series)
    return codes.to_numpy(dtype=object)


def overlaps(new: NDArray[np.object_], old: NDArray[np.object_]) -> pd.DataFrame:
    """Return how much of lines lies nearest to which others: new, old, and the shares `there` of new, `back` of old."""
    bits, count = _bits(np.concatenate([new, old])), len(new)
    is_new = bits.link < count
    there = _shares(bits, np.flatnonzero(is_new), np.flatnonzero(~is_new))
    back = _shares(bits, np.flatnonzero(~is_new), np.flatnonzero(is_new))
    back.index = back.index.swaplevel()
    both = pd.concat([there.rename("there"), back.rename("back")], axis=1)
    both.index.names = ["new", "old"]
    pairs = both.fillna(0.0).reset_index()
    return pairs.assign(old=pairs["old"] - count)


def _heirs(new: NDArray[np.object_], old: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return for each new line the old one that it inherits from, -1 for none."""
    both = overlaps(new, old)
    both["least"] = -both[["there", "back"]].min(axis=1).round(6)
    pairs = both[(both[["there", "back"]] >= OVERLAP).all(axis=1)].sort_values(["least", "new", "old"])
    pairs = pairs[~pairs.duplicated("new") & ~pairs.duplicated("old")]
    heir = np.full(len(new), NONE)
    heir[pairs["new"].to_numpy(dtype=np.int64)] = pairs["old"].to_numpy(dtype=np.int64)
    return heir


def _bits(lines: NDArray[np.object_]) -> Bits:
    """Return lines in short bits."""
    length = shapely.length(lines)
    size = np.maximum(1, np.ceil(length / BIT_M)).astype(np.int64)
    link = np.repeat(np.arange(len(lines)), size)
    nth = np.arange(len(link)) - np.repeat(np.cumsum(size) - size, size)
    step = (length / size)[link]
    start, end = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[link], at))
        for at in (nth * step, (nth + 1) * step)
    )
    return Bits(link, start, end, nth * step, step)


def _shares(bits: Bits, rows: NDArray[np.int64], hosts: NDArray[np.int64]) -> pd.Series[float]:
    """Return how much of each line lies nearest to which other line, 0 to 1, by both."""
    found = near(bits, rows, hosts, _BESIDE_M)
    found = found.take((found.angle <= _ANGLE) & found.alongside)
    found = found.take(best(found.row, np.round(found.distance_m, 3), found.host))
    whole = np.bincount(bits.link, bits.length_m)
    pairs = pd.DataFrame({"one": bits.link[found.row], "other": bits.link[found.host], "m": bits.length_m[found.row]})
    shared = pairs.groupby(["one", "other"])["m"].sum()
    return shared / whole[shared.index.get_level_values("one").to_numpy()]
