"""Streets as people know them as places. Table `segments`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.places.codes import place_codes
from safeaudit.places.crossings import names_at_ends
from safeaudit.places.links import links_table
from safeaudit.places.streets import Ground, build_streets
from safeaudit.places.streets.paths import NONE, best

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from safeaudit.places.links import Course, Lines
    from safeaudit.places.streets import Streets


def segments_from_lines(
    lines: Lines, crs: CRS, ground: Ground, spaces: gpd.GeoDataFrame, *, max_segment_m: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[str]]:
    """Return the segments that people would call streets, and the links of the walking network.

    Parameters
    ----------
    lines
        All lines that people may walk along, in metres of `crs`.
    crs
        The run's CRS.
    ground
        What lies around.
    spaces
        The rows of the table `spaces` that `ground` holds, in its order.
    max_segment_m
        Longest segment, metres.

    Returns
    -------
    The table `segments` but for its labels (of them the names at both ends and the number), the table `links`, and
    remarks on what was dropped or kept in part.
    """
    streets = build_streets(lines, ground, max_segment_m=max_segment_m)
    pieces = streets.pieces
    ids = _ids(lines, streets)
    known = pieces.piece >= 0
    of_link = np.full(len(pieces.piece), None, dtype=object)
    of_link[known] = ids["place_id"].to_numpy()[pieces.piece[known]]
    space = np.full(len(pieces.piece), None, dtype=object)
    space[pieces.piece < NONE] = spaces["place_id"].to_numpy(dtype=object)[-2 - pieces.piece[pieces.piece < NONE]]
    links, lost = links_table(lines, pieces.net.course, (of_link, space), crs)
    frame = ids.assign(**_described(lines, streets), geometry=pieces.shape)
    frame["length_m"] = shapely.length(pieces.shape)
    frame["place_code"] = place_codes("S", frame["place_id"])
    names = names_at_ends(streets, spaces["name"].to_numpy(dtype=object))
    frame["label_from"], frame["label_to"] = names[0][pieces.axis], names[1][pieces.axis]
    number = pd.Series(pieces.number).astype(str) + "/" + pd.Series(pieces.of).astype(str)
    frame["label_mark"] = number.where(pieces.of > 1, None)
    segments = gpd.GeoDataFrame(frame, geometry="geometry", crs=crs).sort_values("place_id", ignore_index=True)
    return segments, links, [*streets.remarks, *lost]


def _ids(lines: Lines, streets: Streets) -> pd.DataFrame:
    """Return place_id, junction_from and junction_to of each piece.

    A place is named by the smallest node of the junctions at its ends, whatever lies between them; only where two
    places have both in common, by its name too, and then by their order.
    """
    axes, pieces = streets.axes, streets.pieces
    ends = np.column_stack([_node_names(lines, pieces.net.course, those) for those in (axes.first, axes.last)])
    ends.sort(axis=1)
    whole = pd.Series(ends[:, 0] + "-" + ends[:, 1])
    name = pd.Series(streets.units.name[axes.place])
    texts = np.append(streets.names, [None])[name]
    tied = whole.duplicated(keep=False) & (name != NONE)
    whole = whole.where(~tied, whole + "~" + pd.Series(texts, dtype=object).fillna(""))
    order = pd.DataFrame({"whole": whole, "node": _second(axes.course), "length": shapely.length(axes.course.shapes())})
    again = order.sort_values(["whole", "node", "length"], kind="stable").groupby("whole").cumcount().sort_index()
    whole = whole.where(again == 0, whole + "#" + again.astype(str)).to_numpy(dtype=object)[pieces.axis]
    number, last = (part.astype(str).astype(object) for part in (pieces.number, pieces.of))
    here, there = whole + "+" + (pieces.number - 1).astype(str).astype(object), whole + "+" + number
    return pd.DataFrame(
        {
            "place_id": np.where(pieces.of > 1, whole + ":" + number + "/" + last, whole),
            "junction_from": np.where(pieces.number == 1, ends[pieces.axis, 0], here),
            "junction_to": np.where(pieces.number == pieces.of, ends[pieces.axis, 1], there),
        }
    )


def _second(course: Course) -> NDArray[np.int64]:
    """Return the smallest node inside each line."""
    first, _ = course.spans
    inner = np.where(course.cut, np.iinfo(np.int64).max, course.node)
    return np.minimum.reduceat(inner, first) if len(first) else first


def _node_names(lines: Lines, course: Course, nodes: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the id of nodes; of one that a cut made, the smaller id of the two next to it on its line and a plus."""
    count, real = len(lines.node_ids), course.node < len(lines.node_ids)
    rows = np.arange(len(course.node))
    before = np.maximum.accumulate(np.where(real, rows, 0))
    after = np.minimum.accumulate(np.where(real, rows, len(rows) - 1)[::-1])[::-1]
    beside = np.zeros(int(max(course.node.max(initial=0), nodes.max(initial=0))) + 1, dtype=np.int64)
    beside[course.node] = np.minimum(course.node[before], course.node[after])
    names = lines.node_ids[beside[nodes]]
    return np.where(nodes < count, names, names + "+")


def _described(lines: Lines, streets: Streets) -> dict[str, NDArray[np.object_]]:
    """Return name, kind of street and OpenStreetMap objects of each piece: of the links of the longest part."""
    pieces, count = streets.pieces, len(streets.pieces.axis)
    net = pieces.net
    rows = np.flatnonzero(pieces.piece >= 0)
    piece, line = pieces.piece[rows], net.course.line[net.course.spans[0][rows]]
    unit = streets.axes.place[pieces.axis]
    highways = lines.attributes["highway"].to_numpy(dtype=object)
    name = np.append(streets.names, [None])[streets.units.name[unit]]
    kind = net.kinds.highway[rows]
    same = kind == streets.units.highway[unit][piece]
    chosen = best(piece, ~same, -net.length_m[rows], line)
    highway = np.full(count, None, dtype=object)
    highway[piece[chosen]] = highways[line[chosen]]
    return {"name": name, "highway": highway, "osm_ids": _objects(lines, piece, line, count)}


def _objects(lines: Lines, piece: NDArray[np.int64], line: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """Return the OpenStreetMap objects of each piece, joined by spaces in the order of the lines."""
    pairs = pd.DataFrame({"piece": piece, "line": line}).drop_duplicates().sort_values(["piece", "line"])
    pairs["osm_ids"] = lines.attributes["osm_ids"].to_numpy(dtype=object)[pairs["line"]]
    told = pairs.dropna(subset=["osm_ids"]).groupby("piece")["osm_ids"].agg(" ".join)
    found = np.full(count, None, dtype=object)
    found[told.index.to_numpy(dtype=np.int64)] = told.to_numpy(dtype=object)
    return found
