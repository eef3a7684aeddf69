"""Streets as people know them: from the links of a map to places and the links that belong to each.

The rules, in the order in which they are used: classes, breaks, twins, junctions, what lies inside them, carriageways,
what belongs to a street beside it, spaces, paths, crumbs, pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.links import course_of
from safeaudit.places.streets.attachment import Ground, attach, spaces_take
from safeaudit.places.streets.axes import Axes, Pieces, axes_of, cut_axes
from safeaudit.places.streets.breaks import stretches
from safeaudit.places.streets.carriageways import Laid, add_units, lay_streets
from safeaudit.places.streets.classes import LANE, PATH, STREET, kinds_of
from safeaudit.places.streets.crumbs import join_crumbs
from safeaudit.places.streets.net import Units, cut_by, net_of
from safeaudit.places.streets.paths import NONE, Flags, Rows, components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.places.links import Lines

__all__ = ["Ground", "Streets", "build_streets"]


@dataclass(frozen=True, slots=True)
class Streets:
    """Places on streets, and the links.

    Attributes
    ----------
    units
        Chains of links; the place of a segment is one of them.
    axes
        Main line of each place.
    pieces
        Main lines in pieces, and the links with their piece.
    clusters
        Junction of each node of the links: the number of its smallest node.
    names
        What the numbers of names stand for.
    remarks
        What was left out, as sentences.
    """

    units: Units
    axes: Axes
    pieces: Pieces
    clusters: Rows
    names: NDArray[np.object_]
    remarks: tuple[str, ...]


def build_streets(lines: Lines, ground: Ground, *, max_segment_m: float) -> Streets:
    """Return the streets that people would call so.

    Parameters
    ----------
    lines
        All lines that people may walk along, metres.
    ground
        What lies around.
    max_segment_m
        Longest segment, metres.
    """
    course, remarks = course_of(lines)
    of_line, names = kinds_of(lines.attributes)
    laid = lay_streets(net_of(course, of_line, len(lines.node_ids)))
    kinds = laid.net.kinds
    laid = replace(laid, place=attach(laid, kinds.class_ == LANE, ground))
    laid = _lay_lanes(laid)
    laid = replace(laid, place=attach(laid, laid.net.kinds.class_ == PATH, ground))
    laid = replace(laid, place=spaces_take(laid, ground))
    laid, place = _lay_paths(laid)
    clusters = _grown(laid.clusters, laid.net.nodes)
    into, spine = join_crumbs(laid, place, clusters)
    axes = axes_of(laid, into, spine, clusters)
    place[place >= 0] = into[place[place >= 0]]
    pieces = cut_axes(laid.net, axes, place, max_segment_m)
    return Streets(laid.units, axes, pieces, _grown(clusters, pieces.net.nodes), names, tuple(remarks))


def _lay_lanes(laid: Laid) -> Laid:
    """Make places of the lanes that belong to no street; the aisles of a car park are one place."""
    net = laid.net
    free = _free(laid) & (net.kinds.class_ == LANE)
    aisles, lanes = np.flatnonzero(free & net.kinds.aisle), np.flatnonzero(free & ~net.kinds.aisle)
    laid = add_units(laid, lanes, stretches(net, lanes, _at_streets(laid)))
    before = len(laid.units)
    laid = add_units(laid, aisles, stretches(net, aisles, np.zeros(net.nodes, dtype=bool)))
    return _one_car_park(laid, aisles, before)


def _one_car_park(laid: Laid, aisles: Rows, before: int) -> Laid:
    """Let the longest chain of connected aisles stand for all of them."""
    net, units = laid.net, laid.units
    root = components(net.nodes, net.start[aisles], net.end[aisles])
    park = root[units.first[before:]]
    order = np.lexsort((-units.length_m[before:], park))
    heads = np.flatnonzero(np.diff(park[order], prepend=NONE))
    longest = before + order[heads]
    chief = np.arange(len(units))
    chief[before:] = longest[np.searchsorted(park[order][heads], park)]
    place = np.append(chief, [NONE])[laid.place]
    return replace(laid, place=place, spine=laid.spine & (chief == np.arange(len(units))))


def _lay_paths(laid: Laid) -> tuple[Laid, Rows]:
    """Cut links where their place changes, and make places of the paths that have none; return each link's place."""
    net, place, origin = cut_by(laid.net, laid.place)
    laid = Laid(
        net=net,
        units=laid.units,
        unit=laid.unit[origin],
        order=laid.order[origin],
        turned=laid.turned[origin],
        place=place[net.bits.link],
        spine=laid.spine,
        clusters=_grown(laid.clusters, net.nodes),
    )
    paths = np.flatnonzero(place == NONE)
    laid = add_units(laid, paths, stretches(net, paths, _at_streets(laid)))
    return laid, np.where(place == NONE, laid.unit, place)


def _free(laid: Laid) -> Flags:
    """Tell which links have no place yet on any of their bits."""
    taken = np.zeros(len(laid.net.start), dtype=bool)
    taken[laid.net.bits.link[laid.place != NONE]] = True
    return ~taken


def _at_streets(laid: Laid) -> Flags:
    """Tell at which nodes a street passes or ends."""
    net = laid.net
    street = net.kinds.class_ == STREET
    at = np.zeros(net.nodes, dtype=bool)
    at[net.start[street]] = at[net.end[street]] = True
    return at


def _grown(clusters: Rows, nodes: int) -> Rows:
    """Return the junctions with those of new nodes, which are their own."""
    return np.append(clusters, np.arange(len(clusters), nodes))
