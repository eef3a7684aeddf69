"""Evidence of escape: where the ways out are few, far, closed or out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.evidence.parts.main_line_graph import main_line_graph
from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.parts.per_segment import UNKNOWN, highest, known_share, stretches_of, word_of_most, worst_word
from safeaudit.network import find_bridges, node_distances_m, sums_below, to_edge_m
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.evidence.parts.main_line_graph import MainLineGraph
    from safeaudit.evidence.parts.segment_links import SegmentLinks
    from safeaudit.network import Network
    from safeaudit.tables import Places

    Rows = NDArray[np.int64]

EDGE_M = 100.0
"""A street may go on outside the map from a node this near to its edge."""

TURNING_M = 150.0
"""Loops that measure no more than this together, such as a turning circle, are an end and no way out."""

GATE_REACH_M = 2.0
"""A gate within this distance of a main line stands on it."""

SURVEYED_M = 200.0
"""Where no gate or barrier is mapped within this distance, nobody has mapped any."""

JUNCTION_ARMS = 3
"""Streets that meet at a junction; one that passes has two arms there."""

_YES_NO = ("yes", "no", UNKNOWN)

DEAD_END = Measure(name="dead_end", words=_YES_NO)
ONLY_WAY = Measure(name="only_way", words=_YES_NO)
JUNCTION = Measure(
    name="junction_distance_m",
    unit="m",
)
ENCLOSURE = Measure(
    name="enclosure",
    words=("open", "tunnel", "underpass", "covered", "bridge", UNKNOWN),
)
STEPS = Measure(name="steps", words=_YES_NO)
GATES = Measure(name="gates", unit="gates")
CLOSED_ACCESS = Measure(
    name="closed_access",
    words=("open", "gated", "restricted", UNKNOWN),
)

MEASURES = (DEAD_END, ONLY_WAY, JUNCTION, ENCLOSURE, STEPS, GATES, CLOSED_ACCESS)

_ENCLOSED = ("tunnel", "underpass", "covered")
_KINDS = ("street", "driveway")
_NO_STREETS = frozenset({"driveway", "parking_aisle", "drive-through", "emergency_access"})
_ON_FOOT = frozenset({"footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor"})
_OPEN_TO_ALL = frozenset({"yes", "public", "permissive", "designated", "official", "destination"})


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment how one gets away from it.

    Entrapment spots and movement predictors of CPTED: places that one can leave only by the way one came,
    and routes without a choice.

    - `dead_end`, `only_way`: on the graph of main lines, in which a street is one line, so that its own
      sidewalks are no second way (see `parts.main_line_graph`). A part of the main line is a dead end where
      all ways out lead through one of its ends: it is no more once ends are taken off again and again (it
      lies outside the 2-core), with loops of up to 150 m in all, such as turning circles, taken for ends.
      The segment is one, yes, where every part of its main line is, but for what lies in the junctions at
      its ends: a path that leads on from halfway makes it none. `only_way` is yes where any part of it is a
      bridge of that graph: without it two parts of the streets have no connection.
    - `junction_distance_m`: from the worst point of the main line along the links to the nearest junction,
      (a + b + length) / 2 of the link with the worst, with a and b the distances from its ends. A junction is
      where main lines meet with three arms or more; driveways, the aisles of car parks and paths of spaces
      are none. It is how far somebody who is followed may have to go before there is a choice; the middle
      would say half of it in a dead end.
    - `enclosure`: `tunnel` (underpass where it is on a path, covered for building_passage), `covered`,
      `bridge`, else open. Of tunnel, underpass and covered one counts wherever it stands on the main line;
      else the word of most of its length.
    - `steps`: yes where highway=steps stands anywhere on the main line.
    - `gates`: gates within 2 m of the main line.
    - `closed_access`: restricted where `foot`, or else `access`, names a group of people anywhere on the main
      line; gated where a gate stands on it that is not said to be open to all; open where the tag says so,
      else unknown.

    Parameters
    ----------
    context
        Its places: links, segments, areas, and the features of kinds gate and barrier; its network; and how
        links lie along segments.

    Returns
    -------
    The table `evidence`. At the edge of the map streets go on unseen: every node within 100 m of it is
    taken to be joined to the others there, and what changes by that is unknown, with coverage 0. Gates
    have coverage 0, and no number, where no gate or barrier is mapped within 200 m; `enclosure` where the
    street has no tags of OpenStreetMap, whose mappers say what is no open street; `steps` where its kind is
    not known. Coverage of `enclosure`, `steps` and `closed_access` is the share of the main line's length
    whose tags tell; it is 1 for the last where a gate does.
    """
    main = context.segment_links.main
    return concat_evidence([*_ways_out(context), *_of_tags(context.places, main), *_of_gates(context.places, main)])


def _ways_out(context: Context) -> list[pd.DataFrame]:
    """Tell of dead ends, only ways and junctions: once as mapped, once with all edge nodes joined outside."""
    places, network = context.places, context.network
    at_edge = np.flatnonzero(to_edge_m(network, places.areas, shapely.points(network.xy)) <= EDGE_M)
    graph = main_line_graph(places, network, context.segment_links)
    n, doors = int(graph.node.max(initial=-1)) + 1, np.unique(graph.node[at_edge])
    start, end = np.concatenate([graph.start, doors]), np.concatenate([graph.end, np.full(len(doors), n)])
    length_m = np.concatenate([graph.length_m, np.zeros(len(doors))])
    mapped = _ends(n, graph.start, graph.end, graph.length_m, np.zeros(n, dtype=bool))
    beyond = _ends(n + 1, start, end, length_m, np.arange(n + 1) == n)
    place_id, segments = places.segments["place_id"], len(places.segments)
    found = []
    for measure, rule, one, other in zip((DEAD_END, ONLY_WAY), (_all_of, _any_of), mapped, beyond, strict=True):
        yes, maybe = (rule(graph.segment, those[: len(graph.segment)], segments) for those in (one, other))
        found.append(_said(measure, place_id, np.where(yes, "yes", "no"), yes == maybe))
    return [*found, _to_junction(context, graph, at_edge)]


def _all_of(segment: Rows, holds: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """Tell of which segments something holds for every part."""
    return ~_any_of(segment, ~holds, n)


def _any_of(segment: Rows, holds: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    """Tell of which segments something holds for any part."""
    return np.bincount(segment[holds & (segment >= 0)], minlength=n) > 0


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


def _to_junction(context: Context, graph: MainLineGraph, at_edge: Rows) -> pd.DataFrame:
    places, network, main = context.places, context.network, context.segment_links.main
    (kind,) = read_tags(places.links["tags"].iloc[main.link], _kind)
    of = stretches_of(main)
    street = np.append(word_of_most(of, kind, _KINDS) != "driveway", [False])[graph.segment]
    arms = np.bincount(np.concatenate([graph.start[street], graph.end[street]]), minlength=len(graph.node))
    ahead = np.where(arms[graph.node] >= JUNCTION_ARMS, graph.to_end_m, np.inf)
    mapped = highest(of, _worst_m(network, ahead)[main.link])
    ahead[at_edge] = 0.0
    known = np.isfinite(mapped) & (mapped <= highest(of, _worst_m(network, ahead)[main.link]))
    return evidence_rows(JUNCTION, places.segments["place_id"], value=np.where(known, mapped, np.nan), coverage=known)


def _worst_m(network: Network, ahead_m: NDArray[np.float64]) -> NDArray[np.float64]:
    to_node = node_distances_m(network, ahead_m)
    return (to_node[network.start] + to_node[network.end] + network.length_m) / 2


def _kind(tags: Mapping[str, str]) -> str:
    return "driveway" if tags.get("service") in _NO_STREETS else "street"


def _of_tags(places: Places, main: SegmentLinks) -> list[pd.DataFrame]:
    """Tell of enclosure and steps, from the tags and the kinds of the links."""
    place_id, of = places.segments["place_id"], stretches_of(main)
    links = places.links.iloc[main.link]
    (enclosure,) = read_tags(links["tags"], _enclosure)
    enclosed = word_of_most(of, np.where(np.isin(enclosure, _ENCLOSED), enclosure, UNKNOWN), ENCLOSURE.words)
    enclosed = np.where(enclosed == UNKNOWN, word_of_most(of, enclosure, ENCLOSURE.words), enclosed)
    steps = np.where(links["highway"].isna(), UNKNOWN, np.where(links["highway"] == "steps", "yes", "no"))
    return [
        evidence_rows(ENCLOSURE, place_id, label=enclosed, coverage=known_share(of, enclosure != UNKNOWN)),
        evidence_rows(
            STEPS, place_id, label=worst_word(of, steps, ("no", "yes")), coverage=known_share(of, steps != UNKNOWN)
        ),
    ]


def _enclosure(tags: Mapping[str, str]) -> str:
    tunnel = tags.get("tunnel", "no")
    if tunnel not in {"no", "building_passage"}:
        return "underpass" if tags.get("highway") in _ON_FOOT else "tunnel"
    if tunnel == "building_passage" or tags.get("covered", "no") != "no":
        return "covered"
    if tags.get("bridge", "no") != "no":
        return "bridge"
    return "open" if "highway" in tags else UNKNOWN


def _of_gates(places: Places, main: SegmentLinks) -> list[pd.DataFrame]:
    """Tell of gates, and of what they and the tags say on who may pass."""
    features, place_id = places.features, places.segments["place_id"]
    lines = places.segments.geometry.to_numpy()
    gates = features[features["kind"] == "gate"]
    barriers = features.loc[features["kind"].isin(("gate", "barrier")), "geometry"].to_numpy()
    surveyed = _near(lines, barriers, SURVEYED_M) > 0
    count = _near(lines, gates.geometry.to_numpy(), GATE_REACH_M)
    (passage,) = read_tags(gates["tags"], _gate)
    shut = _near(lines, gates.geometry.to_numpy()[passage != "open"], GATE_REACH_M) > 0
    (access,) = read_tags(places.links["tags"].iloc[main.link], _access)
    of = stretches_of(main)
    word, told_of = worst_word(of, access, CLOSED_ACCESS.words[:-1]), known_share(of, access != UNKNOWN)
    gated = shut & (word != "restricted")
    return [
        evidence_rows(GATES, place_id, value=np.where(surveyed, count, np.nan), coverage=surveyed),
        evidence_rows(
            CLOSED_ACCESS, place_id, label=np.where(gated, "gated", word), coverage=np.where(gated, 1.0, told_of)
        ),
    ]


def _access(tags: Mapping[str, str]) -> str:
    word = tags.get("foot", tags.get("access", UNKNOWN))
    return word if word == UNKNOWN else "open" if word in _OPEN_TO_ALL else "restricted"


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
    return evidence_rows(measure, place_id, label=np.where(known, label, UNKNOWN), coverage=known)
