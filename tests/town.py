r"""A town small enough to work out by hand: four segments round a block, one square in its middle.

Metres east and north of a corner in Nairobi (EPSG:32737)::

    100 n4---------north---------n3
         |                       |
         |       60 +----+       |
        west        |plaza|      east
         |       40 +----+       |
         |         40    60      |
      0 n1---------south---------n2
         0                      100

Every segment is 100 m long; the plaza has 20 x 20 = 400 square metres. Nothing is farther apart than
it looks: from the middle of the plaza it is 50 m to every segment.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import settings
from pyproj import CRS

from safeaudit.config import AuditConfig, CitySettings
from safeaudit.pipeline import analyse
from safeaudit.rubric import STANDARD
from safeaudit.tables import Audits, Places, empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.tables import AuditResult

METRIC = CRS.from_epsg(32737)
EAST, NORTH = 257_000.0, 9_857_000.0
NIGHT = pd.Timestamp("2026-05-17T18:23:47Z")
PROPERTY = settings(deadline=None, max_examples=25, derandomize=True, database=None)
"""For properties: no clock, and the same examples in every run."""

WEIGHTED = tuple(STANDARD.weights)

CORNERS = {"n1": (0.0, 0.0), "n2": (100.0, 0.0), "n3": (100.0, 100.0), "n4": (0.0, 100.0)}
STREETS = {"south": ("n1", "n2"), "east": ("n2", "n3"), "north": ("n4", "n3"), "west": ("n1", "n4")}


def at(x: float, y: float) -> shapely.Point:
    """Return a point of the town, from metres east and north of its corner."""
    return shapely.Point(EAST + x, NORTH + y)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    """Return a line of the town."""
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in xy])


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle of the town."""
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def segments_of(
    lines: Mapping[str, shapely.LineString], ends: Mapping[str, tuple[str, str]] | None = None
) -> gpd.GeoDataFrame:
    """Return the table `segments` of lines by their place_id; each has two ends of its own where none are given."""
    ids = list(lines)
    nodes = [(ends or {}).get(name, (f"{name}-from", f"{name}-to")) for name in ids]
    columns = {
        "place_id": ids,
        "place_code": [f"S-{name}" for name in ids],
        "label": [f"street {name}" for name in ids],
        "name": None,
        "label_kind": "alone",
        "label_name": [f"street {name}" for name in ids],
        **dict.fromkeys(("label_from", "label_to", "label_near", "label_mark")),
        "highway": "residential",
        "length_m": [shape.length for shape in lines.values()],
        "junction_from": [node for node, _ in nodes],
        "junction_to": [node for _, node in nodes],
        "osm_ids": None,
    }
    return _layer(columns, list(lines.values()), "segments")


def links_of(segments: gpd.GeoDataFrame, tags: Mapping[str, str] | None = None) -> gpd.GeoDataFrame:
    """Return the table `links` of a town whose segments are one link each; tags by the segment's place_id."""
    ids = segments["place_id"].tolist()
    columns = {
        "link_id": [f"{name}-link" for name in ids],
        "segment_id": ids,
        "space_id": None,
        "highway": segments["highway"].tolist(),
        "length_m": segments["length_m"].tolist(),
        "node_from": segments["junction_from"].tolist(),
        "node_to": segments["junction_to"].tolist(),
        "tags": [(tags or {}).get(name, "{}") for name in ids],
        "osm_ids": None,
    }
    return _layer(columns, segments.geometry.tolist(), "links")


def links_like(*links: tuple[str, tuple[str, str], shapely.LineString, Mapping[str, str]]) -> gpd.GeoDataFrame:
    """Return the table `links` of links with their segment, the nodes at their ends, their lines and their tags."""
    owners, ends, lines, tags = zip(*links, strict=True)
    columns = {
        "link_id": [f"l{number:03d}" for number in range(len(links))],
        "segment_id": owners,
        "space_id": None,
        "highway": [said.get("highway", "residential") for said in tags],
        "length_m": [shape.length for shape in lines],
        "node_from": [node for node, _ in ends],
        "node_to": [node for _, node in ends],
        "tags": [json.dumps(said) for said in tags],
        "osm_ids": None,
    }
    return _layer(columns, lines, "links")


def spaces_of(shapes: Mapping[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return the table `spaces` of polygons or points by their place_id."""
    ids = list(shapes)
    columns = {
        "place_id": ids,
        "place_code": [f"P-{name}" for name in ids],
        "label": [f"square {name}" for name in ids],
        "name": None,
        "category": "square",
        "within": None,
        "area_m2": [shape.area or None for shape in shapes.values()],
        "tags": "{}",
        "osm_ids": None,
    }
    return _layer(columns, list(shapes.values()), "spaces")


def stops_of(points: Mapping[str, shapely.Point]) -> gpd.GeoDataFrame:
    """Return the table `stops` of points by their place_id."""
    ids = list(points)
    codes = [f"T-{name}" for name in ids]
    labels = [f"stop {name}" for name in ids]
    columns = {
        "place_id": ids,
        "place_code": codes,
        "label": labels,
        "name": None,
        "category": "bus_stop",
        "tags": "{}",
    }
    return _layer({**columns, "osm_ids": None}, list(points.values()), "stops")


def features_of(
    *things: tuple[str, str | None, shapely.Geometry], tags: Mapping[int, str] | None = None
) -> gpd.GeoDataFrame:
    """Return the table `features` of kind, category and shape of each thing; tags by its number."""
    columns = {
        "feature_id": [f"f{number:04d}" for number in range(len(things))],
        "kind": [kind for kind, _, _ in things],
        "category": [category for _, category, _ in things],
        "name": None,
        "tags": [(tags or {}).get(number, "{}") for number in range(len(things))],
    }
    return _layer(columns, [shape for _, _, shape in things], "features")


def town(
    *,
    segments: gpd.GeoDataFrame | None = None,
    links: gpd.GeoDataFrame | None = None,
    spaces: gpd.GeoDataFrame | None = None,
    stops: gpd.GeoDataFrame | None = None,
    lamps: Sequence[shapely.Point] = (),
) -> Places:
    """Return the town of this file's head, or one with other segments, links, spaces, stops or lamps."""
    block = {name: line(*(CORNERS[node] for node in ends)) for name, ends in STREETS.items()}
    if segments is None:
        segments = segments_of(block)
    if links is None:
        links = links_of(segments).set_crs(segments.crs, allow_override=True)
    ids = [f"l{number}" for number in range(len(lamps))]
    lamp = {"feature_id": ids, "category": None, "name": None, "kind": "lamp", "tags": "{}"}
    return Places(
        crs=METRIC,
        links=links,
        segments=segments,
        spaces=spaces_of({"plaza": box(40, 40, 60, 60)}) if spaces is None else spaces,
        stops=stops_of({}) if stops is None else stops,
        areas=_layer({"area_id": ["city"], "name": ["City"], "kind": ["city"]}, [box(-1, -1, 101, 101)], "areas"),
        features=_layer(lamp, list(lamps), "features"),
        attribution="© OpenStreetMap contributors",
    )


def submissions(*rows: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the table `submissions`; each row says what differs from one person's rating after dark."""
    usual = {
        "source": "walk.csv",
        "line": 2,
        "form": None,
        "version": 1,
        "flags": "",
        "campaign": None,
        "walk_id": "walk-1",
        "observed_at": NIGHT,
        "light": "dark",
        "group_size": 1,
        "group_women": None,
        "group_men": None,
        "group_other": None,
        "auditor": None,
        "auditor_sex": None,
        "auditor_age": None,
        "auditor_disability": None,
        "auditor_role": None,
        "own_groups": None,
        "consent": "conditions",
        "accuracy_m": 5.0,
        "place_code": None,
        "lux": None,
        "note": None,
        "point": at(50, 1),
    }
    frame = pd.DataFrame([{**usual, **row} for row in rows], columns=["submission_id", *usual])
    points = frame.pop("point").to_list()
    frame["observed_at"] = pd.to_datetime(frame["observed_at"], utc=True).astype("datetime64[us, UTC]")
    frame["accuracy_m"] = frame["accuracy_m"].astype(float)
    for name in ("line", "version", "group_size"):
        frame[name] = frame[name].astype("Int64")
    return _layer(frame, points, "submissions")


def observations(levels: Mapping[str, Mapping[str, int | None]]) -> pd.DataFrame:
    """Return the table `observations`: for each submission the levels it chose."""
    rows = [(who, what, level) for who, given in levels.items() for what, level in given.items() if level is not None]
    frame = pd.DataFrame(rows, columns=["submission_id", "indicator", "level"])
    frame["level"] = frame["level"].astype("Int64")
    frame["rating"] = frame["level"].astype(float) / 3
    frame["n"] = pd.array([1] * len(frame), dtype="Int64")
    frame["spread"] = pd.array([None] * len(frame), dtype="Float64")
    return validate_table(frame, "observations")


def matches_of(shares: Mapping[str, Mapping[str, float]], kind: str = "segment") -> pd.DataFrame:
    """Return the table `matches`: for each submission its weight at each place."""
    rows = [(who, place, weight) for who, given in shares.items() for place, weight in given.items()]
    frame = pd.DataFrame(rows, columns=["submission_id", "place_id", "weight"])
    frame = frame.assign(kind=kind, distance_m=1.0, ambiguous=frame["weight"] < 1)
    return validate_table(frame, "matches") if rows else empty_table("matches")


def everything(level: int, *, but: Mapping[str, int | None] | None = None) -> dict[str, int | None]:
    """Return one level for every indicator that is part of the score, save those that differ."""
    return {**dict.fromkeys(WEIGHTED, level), **(but or {})}


def audits(people: gpd.GeoDataFrame, seen: pd.DataFrame, *reported: tuple[str, str]) -> Audits:
    """Return audits of which nothing was rejected; `reported` are submissions with the kind of a fault."""
    return Audits(
        submissions=people,
        observations=seen,
        faults=validate_table(pd.DataFrame(reported, columns=["submission_id", "kind"]), "reports"),
        rejected=empty_table("rejected"),
        counts=(),
    )


BLOCK_TOWN = AuditConfig(city=CitySettings(name="Block Town"))


def result(
    people: gpd.GeoDataFrame,
    seen: pd.DataFrame,
    *reported: tuple[str, str],
    places: Places | None = None,
    config: AuditConfig = BLOCK_TOWN,
    quick: bool = True,
) -> AuditResult:
    """Return what a run makes of submissions, observations and reports of faults in the town."""
    return analyse(places or town(), audits(people, seen, *reported), config, quick=quick)


def _layer(columns: Any, shapes: Sequence[shapely.Geometry | None], table: str) -> gpd.GeoDataFrame:
    return validate_table(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=METRIC), table)
