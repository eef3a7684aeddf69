"""An extract or the team's own layers -> segments, spaces, stops, areas and features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.config import FeatureSettings
from safeaudit.crs import metric_crs, to_metres
from safeaudit.places.areas import areas_from_objects
from safeaudit.places.bounds import bounds_of, in_metres, near_the_city
from safeaudit.places.labels import label_places
from safeaudit.places.layers import lines_from_layer, read_layer
from safeaudit.places.links import Lines
from safeaudit.places.osm import Extract, read_extract
from safeaudit.places.register import inherit, read_register
from safeaudit.places.sea import sea_of
from safeaudit.places.segments import segments_from_lines
from safeaudit.places.spaces import by_rank, spaces_from_objects, stops_from_objects
from safeaudit.places.streets import Ground
from safeaudit.tables import Places, validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.config import PlacesSettings
    from safeaudit.crs import Bounds
    from safeaudit.files.admit import Admitted
    from safeaudit.languages import Language
    from safeaudit.places.layers import AnyLayer

_LAYERS = ("streets", "spaces", "stops", "lamps")
_FEATURES = ("building", "water", "green", "rail", "road", "lamp", "locality", "poi", "entrance", "gate", "barrier")
_OBSTACLES = ("building", "rail", "water")
_AREAS = ("city", "ward", "site", "comparison")
_OTHER_FEATURES = {"building": ("building", "yes"), "wall": ("barrier", "wall"), "stop": ("stop", "stop")}
"""Kind and category of a layer's features that are no points of interest."""

_OBJECT_COLUMNS = ("osm_id", "kind", "category", "name", "tags")
OSM_ATTRIBUTION = "© OpenStreetMap contributors"


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer of the team's own: where it stands in the settings, its file and its features."""

    key: str
    settings: AnyLayer
    file: str
    frame: gpd.GeoDataFrame


def read_places(
    settings: PlacesSettings,
    wanted_crs: str,
    files: Mapping[Path, Admitted],
    *,
    evidence: bool = False,
    language: Language | None = None,
) -> Places:
    """Read the places of a city from local files.

    Parameters
    ----------
    settings
        Which extract and layers, and what is left out.
    wanted_crs
        Metric CRS of the run, or "auto".
    files
        The admitted file of each path in `settings`.
    evidence
        Whether what only evidence needs is read too.
    language
        What labels are written in; English where none is given.

    Returns
    -------
    All places in one CRS in metres.

    Raises
    ------
    InputError
        A file was refused.
    CrsError
        The wanted CRS does not measure in metres, or the places reach over more than a city.
    """
    extract = read_extract(files[settings.osm], settings, evidence=evidence) if settings.osm else None
    layers, remarks = _read_layers(settings, files)
    bounds = bounds_of(_positions(extract, layers))
    crs = metric_crs(bounds, wanted_crs)
    layers, far = _in_the_city(layers, bounds, crs)
    objects = _objects(extract, layers, crs)
    spaces, stops = spaces_from_objects(objects), stops_from_objects(objects)
    taking = by_rank(spaces)
    segments, links, lost = segments_from_lines(
        _lines(extract, layers, crs),
        crs,
        Ground(_obstacles(objects), taking.geometry.to_numpy()),
        taking,
        max_segment_m=settings.max_segment_m,
    )
    segments, links, inherited = _inherited(
        segments, links, files.get(settings.register) if settings.register else None
    )
    segments, spaces, stops = label_places(segments, spaces, stops, language)
    segments, spaces, stops = (
        validate_table(frame, name) for frame, name in ((segments, "segments"), (spaces, "spaces"), (stops, "stops"))
    )
    areas, no_areas = areas_from_objects(objects[objects["kind"].isin(_AREAS)], (segments, spaces, stops))
    return Places(
        crs=crs,
        links=links,
        segments=segments,
        spaces=spaces,
        stops=stops,
        areas=areas,
        features=_features(pd.concat([objects, sea_of(objects, segments.total_bounds)])),
        attribution=_attribution(extract),
        remarks=(*(extract.remarks if extract else ()), *remarks, *far, *lost, *inherited, *no_areas),
    )


def _read_layers(settings: PlacesSettings, files: Mapping[Path, Admitted]) -> tuple[list[_Layer], list[str]]:
    single = [(key, layer) for key in _LAYERS if (layer := getattr(settings, key)) is not None]
    several = [(key, layer) for key in ("areas", "features") for layer in getattr(settings, key)]
    layers, remarks = [], []
    for key, layer in (*single, *several):
        frame, said = read_layer(files[layer.file], layer, key=key)
        layers.append(_Layer(key, layer, files[layer.file].name, frame))
        remarks += said
    return layers, [*remarks, *_copies(layers)]


def _copies(layers: Sequence[_Layer]) -> list[str]:
    """Warn where two layers hold the same shapes: one of them was given the other's content."""
    shapes = [(layer, sorted(layer.frame["osm_id"].str.partition("-")[2])) for layer in layers if len(layer.frame)]
    return [
        f"{one.file} and {two.file} hold the same {len(these)} shapes: one is a copy of the other. Look at both."
        for (one, these), (two, those) in combinations(shapes, 2)
        if these == those and (one.settings.file, one.settings.layer) != (two.settings.file, two.settings.layer)
    ]


def _positions(extract: Extract | None, layers: Sequence[_Layer]) -> NDArray[np.float64]:
    """Return positions (n, 2), degrees, that say where the city is: of its streets, or else of what there is."""
    streets = [layer.frame for layer in layers if layer.key == "streets" and len(layer.frame)]
    if not streets and extract is not None:
        lonlat = extract.streets.lonlat
        known = lonlat[~np.isnan(lonlat[:, 0])]
        return known if len(known) else shapely.get_coordinates(extract.objects["geometry"].to_numpy())
    frames = streets or [layer.frame for layer in layers]
    return np.concatenate([np.zeros((0, 2)), *(shapely.get_coordinates(frame.geometry) for frame in frames)])


def _in_the_city(layers: Sequence[_Layer], bounds: Bounds, crs: CRS) -> tuple[list[_Layer], list[str]]:
    """Return the layers in metres, without what lies elsewhere."""
    found, remarks = [], []
    for layer in layers:
        frame, said = near_the_city(layer.frame, bounds, crs, layer.file)
        found.append(replace(layer, frame=frame))
        remarks += said
    return found, remarks


def _lines(extract: Extract | None, layers: Sequence[_Layer], crs: CRS) -> Lines:
    streets = next((layer.frame for layer in layers if layer.key == "streets"), None)
    return _lines_from_extract(extract, crs) if streets is None else lines_from_layer(streets)


def _lines_from_extract(extract: Extract | None, crs: CRS) -> Lines:
    if extract is None:
        none = np.zeros(0, dtype=np.int64)
        attributes = pd.DataFrame(columns=["line_id", "name", "highway", "tags", "osm_ids"], dtype=object)
        return Lines(
            line=none, node=none, xy=np.zeros((0, 2)), node_ids=np.zeros(0, dtype=object), attributes=attributes
        )
    streets = extract.streets
    xy = np.full(streets.lonlat.shape, np.nan)
    known = ~np.isnan(streets.lonlat[:, 0])
    xy[known] = to_metres(streets.lonlat[known], crs)
    refs, node = np.unique(streets.ref, return_inverse=True)
    names = np.array([f"n{ref}" for ref in refs.tolist()], dtype=object)
    return Lines(line=streets.way, node=node, xy=xy, node_ids=names, attributes=streets.ways)


def _objects(extract: Extract | None, layers: Sequence[_Layer], crs: CRS) -> gpd.GeoDataFrame:
    """Return everything but streets, from the extract and from the layers, in metres."""
    frames = [_of_layer(layer) for layer in layers if layer.key != "streets"]
    if extract is not None:
        frames.insert(0, in_metres(extract.objects, crs))
    columns = [*_OBJECT_COLUMNS, "geometry"]
    joined = pd.concat([pd.DataFrame(frame)[columns] for frame in frames]) if frames else pd.DataFrame(columns=columns)
    return gpd.GeoDataFrame(joined.reset_index(drop=True), geometry="geometry", crs=crs)


def _of_layer(layer: _Layer) -> gpd.GeoDataFrame:
    """Return a layer's objects by the kinds and categories of the tables."""
    if not isinstance(layer.settings, FeatureSettings):
        return layer.frame
    wanted = layer.settings.kind
    kind, category = _OTHER_FEATURES.get(wanted, ("poi", wanted))
    return layer.frame.assign(kind=kind, category=category)


def _inherited(
    segments: gpd.GeoDataFrame, links: gpd.GeoDataFrame, register: Admitted | None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """Give segments the ids and codes of an earlier register, and say what is not in both."""
    if register is None:
        return segments, links, []
    found, changed = inherit(segments, read_register(register))
    ids = dict(zip(segments["place_id"], found["place_id"], strict=True))
    links = links.assign(
        segment_id=links["segment_id"].map(ids).astype(object).where(links["segment_id"].notna(), None)
    )
    words = {"gone": "are no longer there", "new": "are not in it"}
    count = changed.groupby("change")["place_code"].agg(["size", "first"])
    said = [
        f"{register.name}: {number} streets {words[change]}, first {first}."
        for change, number, first in count.itertuples()
    ]
    return found.sort_values("place_id", ignore_index=True), links, said


def _obstacles(objects: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what stands between a path and a street: what is read for every run, quick ones too."""
    tram = objects["tags"].str.contains('"railway": "tram"', regex=False)  # it runs in the street
    return objects.geometry.to_numpy()[(objects["kind"].isin(_OBSTACLES) & ~tram).to_numpy(dtype=bool)]


def _features(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    chosen = objects[objects["kind"].isin(_FEATURES)].drop_duplicates("osm_id")
    return validate_table(
        chosen.rename(columns={"osm_id": "feature_id"})[["feature_id", "kind", "category", "name", "tags", "geometry"]],
        "features",
    )


def _attribution(extract: Extract | None) -> str:
    if extract is None:
        return ""
    return f"{OSM_ATTRIBUTION}, {extract.dated}" if extract.dated else OSM_ATTRIBUTION
