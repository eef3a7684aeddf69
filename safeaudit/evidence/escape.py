"""Evidence of escape: where the ways out are few, far, closed or out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.network import find_bridges, node_distances_m, sums_below, to_edge_m
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.network import Network
    from safeaudit.tables import Places

EDGE_M = 100.0
"""A street may go on outside the map from a node this near to its edge."""

TURNING_M = 150.0
"""Loops that measure no more than this together, such as a turning circle, are an end and no way out."""

GATE_REACH_M = 2.0
"""A gate within this distance of a segment stands on it."""

SURVEYED_M = 200.0
"""Where no gate or barrier is mapped within this distance, nobody has mapped any."""

JUNCTION_STREETS = 3

_UNKNOWN = "unknown"
_YES_NO = ("yes", "no", _UNKNOWN)

DEAD_END = Measure(name="dead_end", words=_YES_NO)
ONLY_WAY = Measure(name="only_way", words=_YES_NO)
JUNCTION = Measure(
    name="junction_distance_m",
    unit="m",
)
ENCLOSURE = Measure(
    name="enclosure",
    words=("open", "tunnel", "underpass", "covered", "bridge", _UNKNOWN),
)
STEPS = Measure(name="steps", words=_YES_NO)
GATES = Measure(name="gates", unit="gates")
CLOSED_ACCESS = Measure(
    name="closed_access",
    words=("open", "gated", "restricted", _UNKNOWN),
)

MEASURES = (DEAD_END, ONLY_WAY, JUNCTION, ENCLOSURE, STEPS, GATES, CLOSED_ACCESS)

_ON_FOOT = frozenset({"footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor"})
_OPEN_TO_ALL = frozenset({"yes", "public", "permissive", "designated", "official", "destination"})


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment how one gets away from it.

    Entrapment spots and movement predictors of CPTED: places that one can leave only by the way one came,
    and routes without a choice.

    - `dead_end`: yes where all ways out lead through one of its ends. That is the part of the streets that
      is no more once ends are taken off again and again (what lies outside the 2-core), with loops of up
      to 150 m in all, such as turning circles, taken for ends.
    - `only_way`: yes where the segment is a bridge of the walking graph: without it two parts of the
      streets have no connection.
    - `junction_distance_m`: from the segment's worst point to the nearest junction, a node where three or
      more segments end: (a + b + length) / 2, with a and b the distances from its ends along the streets.
      It is how far somebody who is followed may have to go before there is a choice; the middle would
      say half of it in a dead end.
    - `enclosure`: `tunnel` (underpass where it is on a path, covered for building_passage), `covered`,
      `bridge`, else open.
    - `steps`: highway=steps.
    - `gates`: gates within 2 m.
    - `closed_access`: restricted where `foot`, or else `access`, names a group of people; gated where a
      gate stands on it that is not said to be open to all; open where the tag says so, else unknown.

    Parameters
    ----------
    context
        Its places: segments, areas, and the features of kinds gate and barrier; and its network.

    Returns
    -------
    The table `evidence`. At the edge of the map streets go on unseen: every node within 100 m of it is
    taken to be joined to the others there, and what changes by that is unknown, with coverage 0. Gates
    have coverage 0, and no number, where no gate or barrier is mapped within 200 m; `closed_access` where
    neither a tag nor a gate tells; `enclosure` where the street has no tags of OpenStreetMap, whose mappers
    say what is no open street; `steps` where its kind is not known.
    """
    places, network = context.places, context.network
    return concat_evidence([*_ways_out(places, network), *_of_tags(places.segments), *_of_gates(places)])


def _ways_out(places: Places, network: Network) -> list[pd.DataFrame]:
    """Tell of dead ends, only ways and junctions: once as mapped, once with all edge nodes joined outside."""
    n = len(network.node_ids)
    at_edge = np.flatnonzero(to_edge_m(network, places.areas, shapely.points(network.xy)) <= EDGE_M)
    outside = np.full(len(at_edge), n)
    start, end = np.concatenate([network.start, at_edge]), np.concatenate([network.end, outside])
    length_m = np.concatenate([network.length_m, np.zeros(len(at_edge))])
    mapped = _ends(n, network.start, network.end, network.length_m, np.zeros(n, dtype=bool))
    beyond = _ends(n + 1, start, end, length_m, np.arange(n + 1) == n)
    place_id = places.segments["place_id"]
    return [
        *(
            _said(measure, place_id, np.where(one, "yes", "no"), one == other[: len(one)])
            for measure, one, other in zip((DEAD_END, ONLY_WAY), mapped, beyond, strict=True)
        ),
        _to_junction(place_id, network, at_edge),
    ]


def _ends(
    n: int,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    length_m: NDArray[np.float64],
    is_open: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which edges are dead ends and which are bridges; open nodes are a way out themselves."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - a quick run needs none of it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    def parts(kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        edges = coo_array((np.ones(kept.sum()), (start[kept], end[kept])), shape=(n, n))
        return connected_components(edges, directed=False)[1].astype(np.int64)

    found = find_bridges(n, start, end)
    bridge = found.is_bridge
    block, part = parts(~bridge), parts(np.ones_like(bridge))
    loops_m = np.bincount(block[start], np.where(bridge, 0.0, length_m), minlength=n)
    leads_out = (loops_m > TURNING_M) | (np.bincount(block, is_open, minlength=n) > 0)
    ways_out = leads_out[block]
    below = sums_below(found.parent, ways_out)[found.below]
    above = np.bincount(part, ways_out, minlength=n)[part[start]] - below
    through = bridge & (below > 0) & (above > 0)
    exits = np.bincount(block[np.concatenate([start[through], end[through]])], minlength=n)
    turning = ~leads_out[block[start]] & (exits[block[start]] <= 1)
    return np.where(bridge, ~through, turning), bridge


def _to_junction(place_id: pd.Series[str], network: Network, at_edge: NDArray[np.int64]) -> pd.DataFrame:
    streets = np.bincount(np.concatenate([network.start, network.end]), minlength=len(network.node_ids))
    ahead = np.where(streets >= JUNCTION_STREETS, 0.0, np.inf)
    mapped = _worst_m(network, ahead)
    ahead[at_edge] = 0.0
    known = np.isfinite(mapped) & (mapped <= _worst_m(network, ahead))
    return evidence_rows(JUNCTION, place_id, value=np.where(known, mapped, np.nan), coverage=known)


def _worst_m(network: Network, ahead_m: NDArray[np.float64]) -> NDArray[np.float64]:
    to_node = node_distances_m(network, ahead_m)
    return (to_node[network.start] + to_node[network.end] + network.length_m) / 2


def _of_tags(segments: GeoDataFrame) -> list[pd.DataFrame]:
    """Tell of enclosure and steps, from the tags and the kinds of the segments."""
    place_id, highway = segments["place_id"], segments["highway"]
    (enclosure,) = read_tags(segments["tags"], _enclosure)
    steps = np.where(highway == "steps", "yes", "no")
    return [
        _said(ENCLOSURE, place_id, enclosure, enclosure != _UNKNOWN),
        _said(STEPS, place_id, steps, highway.notna().to_numpy()),
    ]


def _enclosure(tags: Mapping[str, str]) -> str:
    tunnel = tags.get("tunnel", "no")
    if tunnel not in {"no", "building_passage"}:
        return "underpass" if tags.get("highway") in _ON_FOOT else "tunnel"
    if tunnel == "building_passage" or tags.get("covered", "no") != "no":
        return "covered"
    if tags.get("bridge", "no") != "no":
        return "bridge"
    return "open" if "highway" in tags else _UNKNOWN


def _of_gates(places: Places) -> list[pd.DataFrame]:
    """Tell of gates, and of what they and the tags say on who may pass."""
    segments, features = places.segments, places.features
    lines = segments.geometry.to_numpy()
    gates = features[features["kind"] == "gate"]
    barriers = features.loc[features["kind"].isin(("gate", "barrier")), "geometry"].to_numpy()
    surveyed = _near(lines, barriers, SURVEYED_M) > 0
    count = _near(lines, gates.geometry.to_numpy(), GATE_REACH_M)
    (passage,) = read_tags(gates["tags"], _gate)
    shut = _near(lines, gates.geometry.to_numpy()[passage != "open"], GATE_REACH_M)
    (access,) = read_tags(segments["tags"], _access)
    access = np.where((access != "restricted") & (shut > 0), "gated", access)
    return [
        evidence_rows(GATES, segments["place_id"], value=np.where(surveyed, count, np.nan), coverage=surveyed),
        _said(CLOSED_ACCESS, segments["place_id"], access, access != _UNKNOWN),
    ]


def _access(tags: Mapping[str, str]) -> str:
    word = tags.get("foot", tags.get("access", _UNKNOWN))
    return word if word == _UNKNOWN else "open" if word in _OPEN_TO_ALL else "restricted"


def _gate(tags: Mapping[str, str]) -> str:
    return "shut" if tags.get("locked", "no") != "no" else _access(tags)


def _near(lines: NDArray[np.object_], shapes: NDArray[np.object_], distance_m: float) -> NDArray[np.int64]:
    """Return how many shapes are within a distance of each line."""
    row, _ = shapely.STRtree(shapes).query(lines, predicate="dwithin", distance=distance_m)
    return np.bincount(row, minlength=len(lines))


def _said(
    measure: Measure, place_id: pd.Series[str], label: NDArray[np.object_], known: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return rows of words; what is not known is said to be unknown."""
    return evidence_rows(measure, place_id, label=np.where(known, label, _UNKNOWN), coverage=known)
