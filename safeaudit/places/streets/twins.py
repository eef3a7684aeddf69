"""The two carriageways of a dual road: which lie beside each other, and where a junction of one cuts the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.streets.paths import NONE, Flags, Floats, Near, Rows, best, components, near, position

if TYPE_CHECKING:
    from safeaudit.places.streets.net import Net, Units

_ANGLE = 20.0
_CLOSEST_M, _BOTH_ONEWAY_M, _ONE_ONEWAY_M, _UNNAMED_M = 4.0, 35.0, 20.0, 22.0
_NEAR_END_M, _SNAP_M = 20.0, 3.0
_JOINED_M = 40.0
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Feet:
    """Where a junction of one carriageway meets the other.

    Attributes
    ----------
    at
        New cuts, metres along the course, shape (c,).
    node
        Their nodes, shape (c,).
    pairs
        Nodes that face each other: the junction and its foot, shape (p,) each.
    cost
        Metres between them, shape (p,).
    """

    at: Floats
    node: Rows
    pairs: tuple[Rows, Rows]
    cost: Floats


def twin_bits(net: Net, unit: Rows, units: Units, rows: Rows) -> Near:
    """Return pairs of bits of two units that are the two carriageways of one road.

    They have the same name and layer, run within 20 degrees and 4 to 35 m apart (20 m where one of them is open both
    ways); without a name they have the same reference or kind, are oneway and at most 22 m apart.

    Parameters
    ----------
    net
        All links.
    unit
        Unit of each link, -1 where it has none.
    units
        The units.
    rows
        Bits that ask.
    """
    of_bit = unit[net.bits.link]
    like = np.append(_with_oneway(units), [False])[of_bit]
    rows = rows[like[rows]]
    hosts = np.flatnonzero(like)
    found = near(net.bits, rows, hosts, _BOTH_ONEWAY_M)
    a, b = of_bit[found.row], of_bit[found.host]
    fits = (a != b) & (found.angle < _ANGLE) & (found.aside_m >= _CLOSEST_M) & found.alongside
    named = (units.name[a] == units.name[b]) & (units.name[a] != NONE)
    alike = ((units.ref[a] == units.ref[b]) & (units.ref[a] != NONE)) | (units.highway[a] == units.highway[b])
    unnamed = (units.name[a] == NONE) & (units.name[b] == NONE) & alike
    both, one = units.oneway[a] & units.oneway[b], units.oneway[a] | units.oneway[b]
    reach = np.where(named, np.where(both, _BOTH_ONEWAY_M, _ONE_ONEWAY_M), _UNNAMED_M)
    fits &= (units.level[a] == units.level[b]) & (found.distance_m <= reach)
    return found.take(fits & ((named & one) | (unnamed & both)))


def feet(net: Net, unit: Rows, units: Units, junction: Flags, ends: tuple[Rows, Rows]) -> Feet:
    """Return where the junctions at which units end cut their twins.

    Parameters
    ----------
    net, unit, units
        As for `twin_bits`.
    junction
        Whether a node is a junction.
    ends
        Bit and node of each end of a unit.
    """
    bit, node = (those[junction[ends[1]]] for those in ends)
    found = twin_bits(net, unit, units, np.unique(bit))
    order = np.argsort(bit, kind="stable")
    of_end, pair = _matched(bit[order], found.row)
    at_node = node[order][of_end]
    host = found.host[pair]
    other = unit[net.bits.link[host]]
    apart = (units.first[other] != at_node) & (units.last[other] != at_node)
    at_node, host, other = at_node[apart], host[apart], other[apart]
    xy = net.xy()[at_node]
    along, far = _foot(net, host, xy)
    chosen = best(at_node * (len(units) + 1) + other, far, host)
    return _settled(net, unit, units, (at_node[chosen], host[chosen], along[chosen], far[chosen]))


def same_road(net: Net, unit: Rows, units: Units, clusters: Rows, inner: Flags) -> Rows:
    """Return for each unit the smallest unit between the same two junctions that is the same road.

    Such have the same name and layer and lie at most 40 m apart in the mean; without a name they have the same kind or
    reference, are oneway and lie at most 22 m apart.
    """
    a, b = clusters[units.first], clusters[units.last]
    key = np.column_stack([np.minimum(a, b), np.maximum(a, b), units.name, units.level])
    _, group, size = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    several = np.append((size[group] > 1) & ~inner, [False])
    of_bit = unit[net.bits.link]
    rows = np.flatnonzero(several[of_bit])
    found = near(net.bits, rows, rows, _JOINED_M + _UNNAMED_M)
    one, other = of_bit[found.row], of_bit[found.host]
    fits = (group[one] == group[other]) & (one != other)
    named = units.name[one] != NONE
    alike = ((units.ref[one] == units.ref[other]) & (units.ref[one] != NONE)) | (
        units.highway[one] == units.highway[other]
    )
    found = found.take(fits & (named | (alike & units.oneway[one] & units.oneway[other])))
    pair, mean = _mean_distance(net, of_bit, found, len(units))
    one, other = pair // len(units), pair % len(units)
    close = mean <= np.where(units.name[one] != NONE, _JOINED_M, _UNNAMED_M)
    return components(len(units), one[close], other[close])


def beside_longer(net: Net, unit: Rows, units: Units, road: Rows, inner: Flags) -> tuple[Rows, Flags]:
    """Return the road of each bit, where what lies mostly beside a longer twin is part of that, bit by bit.

    Parameters
    ----------
    net, unit, units
        As for `twin_bits`.
    road
        The first unit of the road that each unit belongs to.
    inner
        Units inside a junction.

    Returns
    -------
    The road of each bit, -1 where its link has none; and the roads that are nothing but such parts.
    """
    of_bit = unit[net.bits.link]
    own = np.append(road, [NONE])[of_bit]
    length = np.bincount(road, units.length_m, minlength=len(units))
    rows = np.flatnonzero(np.append(~inner, [False])[of_bit])
    found = twin_bits(net, unit, units, rows)
    a, b = own[found.row], own[found.host]
    longer = (length[b] > length[a]) | ((length[b] == length[a]) & (b < a))
    found = found.take((a != b) & longer & ~inner[of_bit[found.host]])
    chosen = best(found.row, found.distance_m, found.host)
    host = np.arange(len(own))
    host[found.row[chosen]] = found.host[chosen]
    has = host != np.arange(len(own))
    share = np.bincount(own[has], net.bits.length_m[has], minlength=len(units)) / np.maximum(_all(net, own, units), 1)
    joins = share >= _MOSTLY
    host = np.where(np.append(joins, [False])[own], _nearest_with(net, own, host, has), np.arange(len(own)))
    while (host != (further := host[host])).any():
        host = further
    return own[host], joins


def _with_oneway(units: Units) -> Flags:
    """Tell which units share their name with a oneway street, or are one without a name."""
    names = np.unique(units.name[units.oneway & (units.name != NONE)])
    return np.isin(units.name, names) | (units.oneway & (units.name == NONE))


def _all(net: Net, own: Rows, units: Units) -> Floats:
    known = own != NONE
    return np.bincount(own[known], net.bits.length_m[known], minlength=len(units)).astype(np.float64)


def _nearest_with(net: Net, own: Rows, host: Rows, has: Flags) -> Rows:
    """Give bits without a twin the twin of the nearest bit of the same road that has one."""
    middle = net.bits.middle
    lacking = np.flatnonzero(~has & (own != NONE))
    order = np.argsort(own, kind="stable")
    found = order[has[order]]
    first = np.searchsorted(own[found], own[lacking])
    size = np.searchsorted(own[found], own[lacking], side="right") - first
    pair = np.repeat(np.arange(len(lacking)), size)
    which = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + first[pair]
    far = np.hypot(*(middle[lacking[pair]] - middle[found[which]]).T)
    chosen = best(pair, far, which)
    filled = host.copy()
    filled[lacking[pair[chosen]]] = host[found[which[chosen]]]
    return filled


def _mean_distance(net: Net, of_bit: Rows, found: Near, count: int) -> tuple[Rows, Floats]:
    """Return pairs of units and their mean distance; a bit with no bit of the other near counts as far."""
    key = of_bit[found.row] * count + of_bit[found.host]
    pairs, pair = np.unique(key, return_inverse=True)
    nearest = best(pair * len(of_bit) + found.row, found.distance_m)
    pair, row, far = pair[nearest], found.row[nearest], found.distance_m[nearest]
    weight = net.bits.length_m[row]
    whole = np.bincount(of_bit[of_bit != NONE], net.bits.length_m[of_bit != NONE], minlength=count)[pairs // count]
    seen = np.bincount(pair, weight, minlength=len(pairs))
    total = np.bincount(pair, weight * far, minlength=len(pairs)) + (whole - seen) * 2 * _JOINED_M
    return pairs, total / whole


def _matched(known: Rows, wanted: Rows) -> tuple[Rows, Rows]:
    """Return all pairs of a row of `known` (sorted) and a row of `wanted` with the same value."""
    first = np.searchsorted(known, wanted)
    size = np.searchsorted(known, wanted, side="right") - first
    pair = np.repeat(np.arange(len(wanted)), size)
    return np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + first[pair], pair


def _foot(net: Net, host: Rows, xy: Floats) -> tuple[Floats, Floats]:
    """Return where the foot of each point on its bit is, metres along the course, and how far it is."""
    start, way = net.bits.start[host], net.bits.end[host] - net.bits.start[host]
    span = np.maximum(np.square(way).sum(axis=1), 1e-12)
    share = np.clip(((xy - start) * way).sum(axis=1) / span, 0, 1)
    return net.bits.along[host] + share * net.bits.length_m[host], np.hypot(*(xy - start - share[:, None] * way).T)


def _settled(net: Net, unit: Rows, units: Units, found: tuple[Rows, Rows, Floats, Floats]) -> Feet:
    """Take an end of the other carriageway, or of one of its links, that is close to the foot, in its place."""
    junction, host, along, far = found
    first, last = net.course.spans
    course_along = net.course.along
    link = net.bits.link[host]
    before, after = along - course_along[first[link]], course_along[last[link]] - along
    xy = net.xy()
    at = position(net.course, along)
    other = unit[link]
    to_first, to_last = (np.hypot(*(xy[end[other]] - at).T) for end in (units.first, units.last))
    foot = np.where(before <= _SNAP_M, net.start[link], np.where(after <= _SNAP_M, net.end[link], NONE))
    close = np.minimum(to_first, to_last) <= _NEAR_END_M
    foot = np.where(close, np.where(to_first <= to_last, units.first[other], units.last[other]), foot)
    new = foot == NONE
    cuts = np.sort(along[new])
    cuts = cuts[np.diff(cuts, prepend=-np.inf) > _SNAP_M]
    number = np.searchsorted(cuts, along[new], side="right") - 1  # feet closer than that are one
    foot[new] = net.nodes + number
    return Feet(cuts, net.nodes + np.arange(len(cuts)), (junction, foot), far)
