"""Streets proper: stretches between junctions, dual roads as one, and what lies inside a junction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safeaudit.places.streets.breaks import stretches
from safeaudit.places.streets.classes import STREET
from safeaudit.places.streets.junctions import merge_close
from safeaudit.places.streets.net import Net, Units, cut_net, units_of
from safeaudit.places.streets.paths import NONE, Chains, Flags, Rows, best, chain_up, components
from safeaudit.places.streets.twins import Feet, beside_longer, feet, same_road

_ROUND_M, _ROUND_OWN_M = 200.0, 80.0
_SHORT_M = 30.0
_INNER_M = 60.0
_INNER_OWN_M = 40.0
_FORK = 3


@dataclass(frozen=True, slots=True)
class Laid:
    """Links, and the units that were made of some of them.

    Attributes
    ----------
    net
        All links.
    units
        The units.
    unit, order, turned
        Of each link: its unit (-1 where it has none), its number in it and whether the unit passes it backwards.
    place
        Unit that each bit of a link belongs to, -1 where none has taken it yet.
    spine
        Whether a unit is the main line of its place.
    clusters
        Junction of each node: the number of one of its nodes.
    """

    net: Net
    units: Units
    unit: Rows
    order: Rows
    turned: Flags
    place: Rows
    spine: Flags
    clusters: Rows


def lay_streets(net: Net) -> Laid:
    """Return the streets proper of a net, as units; lanes and paths have none yet."""
    unbroken = np.zeros(net.nodes, dtype=bool)
    units, unit, _, _ = _chains(net, unbroken)
    found = _feet(net, units, unit)
    net = cut_net(net, found.at, found.node)
    broken = np.zeros(net.nodes, dtype=bool)
    broken[found.pairs[1]] = True
    units, unit, order, turned = _chains(net, broken)
    ring = _rings(net)[0]
    clusters = _clusters(net, units, found, broken, _narrow(net, units, unit))
    inner = _inner(units, unit, clusters, ring)
    road = same_road(net, unit, units, clusters, inner)
    place, joins = beside_longer(net, unit, units, road, inner)
    spine = _spines(units, road, joins | inner)
    taken = _inner_to_streets(units, road, inner, joins, clusters)
    of_bit = unit[net.bits.link]
    inside = np.append(inner, [False])[of_bit]
    place[inside] = taken[of_bit[inside]]
    spine |= inner & (taken == np.arange(len(units)))
    return Laid(net, units, unit, order, turned, _by_spine(units, road, spine)[place], spine, clusters)


def add_units(laid: Laid, rows: Rows, chains: Chains) -> Laid:
    """Return what is laid with chains of more links, each the main line of a place of its own."""
    count = len(laid.units)
    unit, order, turned = laid.unit.copy(), laid.order.copy(), laid.turned.copy()
    unit[rows], order[rows], turned[rows] = count + chains.chain, chains.place, chains.turned
    place = laid.place.copy()
    added = np.full(len(unit), NONE)
    added[rows] = unit[rows]
    mine = added[laid.net.bits.link] != NONE
    place[mine] = added[laid.net.bits.link][mine]
    units = laid.units.and_(units_of(laid.net, rows, chains))
    spine = np.append(laid.spine, np.ones(len(chains.first), dtype=bool))
    return Laid(laid.net, units, unit, order, turned, place, spine, laid.clusters)


def _chains(net: Net, broken: Flags) -> tuple[Units, Rows, Rows, Flags]:
    """Return all stretches and roundabouts as units, and for each link its unit, its number in it and its sense."""
    ring, _ = _rings(net)
    street = (net.kinds.class_ == STREET) & ~ring
    at_ring = broken.copy()
    at_ring[net.start[ring]] = at_ring[net.end[ring]] = True
    rows, round_ = np.flatnonzero(street), np.flatnonzero(ring)
    chains = stretches(net, rows, at_ring)
    rings = chain_up(net.start[round_], net.end[round_], np.ones(net.nodes, dtype=bool))
    units = units_of(net, rows, chains).and_(units_of(net, round_, rings))
    unit, order = np.full(len(net.start), NONE), np.zeros(len(net.start), dtype=np.int64)
    turned = np.zeros(len(net.start), dtype=bool)
    unit[rows], unit[round_] = chains.chain, rings.chain + len(chains.first)
    order[rows], order[round_] = chains.place, rings.place
    turned[rows], turned[round_] = chains.turned, rings.turned
    return units, unit, order, turned


def _rings(net: Net) -> tuple[Flags, Rows]:
    """Tell which links belong to a roundabout under 200 m, and a node of theirs."""
    round_ = np.flatnonzero(net.kinds.roundabout & (net.kinds.class_ == STREET))
    root = components(net.nodes, net.start[round_], net.end[round_])
    around = np.bincount(root[net.start[round_]], net.length_m[round_], minlength=net.nodes)
    ring = np.zeros(len(net.start), dtype=bool)
    ring[round_] = around[root[net.start[round_]]] < _ROUND_M
    return ring, root


def _junctions(net: Net) -> Flags:
    """Tell at which nodes three and more streets end."""
    street = net.kinds.class_ == STREET
    ends = np.concatenate([net.start[street], net.end[street]])
    return np.bincount(ends, minlength=net.nodes) >= _FORK


def _feet(net: Net, units: Units, unit: Rows) -> Feet:
    """Return where junctions, and changes of the name, on one carriageway cut the other."""
    first, last = net.bits.link, np.append(net.bits.link[1:], NONE)
    ending = np.bincount(np.concatenate([units.first, units.last]), minlength=net.nodes) > 1
    bits = (np.flatnonzero(np.diff(first, prepend=NONE)), np.flatnonzero(first != last))
    ends = []
    for node, bit in ((net.start, bits[0]), (net.end, bits[1])):
        known = np.flatnonzero(unit != NONE)
        known = known[(node[known] == units.first[unit[known]]) | (node[known] == units.last[unit[known]])]
        ends.append((bit[known], node[known]))
    bit, node = (np.concatenate(parts) for parts in zip(*ends, strict=True))
    return feet(net, unit, units, ending, (bit, node))


def _narrow(net: Net, units: Units, unit: Rows) -> Flags:
    """Tell which units are no wider than a path: where such meet, the junction is a point."""
    wide = np.zeros(len(units), dtype=bool)
    wide[unit[(unit != NONE) & ~net.kinds.narrow]] = True
    return ~wide


def _clusters(net: Net, units: Units, found: Feet, broken: Flags, narrow: Flags) -> Rows:
    """Return the junction of each node: roundabouts, then what short chains join, then the twins' feet."""
    ring, root = _rings(net)
    clusters = np.arange(net.nodes)
    of_ring = np.concatenate([net.start[ring], net.end[ring]])
    clusters[of_ring] = root[of_ring]
    real = _junctions(net) | broken
    short = (units.length_m <= _SHORT_M) & real[units.first] & real[units.last] & ~narrow
    xy = net.xy()
    pairs = (units.first[short], units.last[short])
    clusters = merge_close(clusters, xy, pairs, units.length_m[short])
    return merge_close(clusters, xy, found.pairs, found.cost)


def _inner(units: Units, unit: Rows, clusters: Rows, ring: Flags) -> Flags:
    """Tell which units lie inside a junction; a roundabout of 80 m and more is a place of its own."""
    inner = (clusters[units.first] == clusters[units.last]) & (units.first != units.last)
    inner &= units.length_m <= _INNER_M
    round_ = np.zeros(len(units), dtype=bool)
    round_[unit[ring]] = True
    return np.where(round_, units.length_m < _ROUND_OWN_M, inner)


def _spines(units: Units, road: Rows, no_spine: Flags) -> Flags:
    """Take the longest unit of each road as its main line."""
    spine = np.zeros(len(units), dtype=bool)
    rows = np.flatnonzero(~no_spine[road] & ~no_spine)
    spine[rows[best(road[rows], -units.length_m[rows], rows)]] = True
    return spine


def _by_spine(units: Units, road: Rows, spine: Flags) -> Rows:
    """Return the main line of the road of each unit; -1 for -1."""
    of_road = np.arange(len(units) + 1)
    of_road[-1] = NONE
    of_road[road[spine]] = np.flatnonzero(spine)
    return of_road


def _inner_to_streets(units: Units, road: Rows, inner: Flags, joins: Flags, clusters: Rows) -> Rows:
    """Return the road that takes each inner unit: of its name, else one that it joins to itself, else the longest."""
    length = np.bincount(road, units.length_m, minlength=len(units))
    outer = np.flatnonzero(~inner & ~joins[road])
    at = np.concatenate([clusters[units.first[outer]], clusters[units.last[outer]]])
    who = np.tile(road[outer], 2)
    order = np.argsort(at, kind="stable")
    at, who = at[order], who[order]
    rows = np.flatnonzero(inner)
    first = np.searchsorted(at, clusters[units.first[rows]])
    size = np.searchsorted(at, clusters[units.first[rows]], side="right") - first
    pair = np.repeat(np.arange(len(rows)), size)
    host = who[np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + first[pair]]
    name = units.name[rows][pair]
    other = (name != units.name[host]) | (name == NONE)
    far = other & (name != NONE) & (units.length_m[rows][pair] >= _INNER_OWN_M)
    pair, host, other = pair[~far], host[~far], other[~far]
    at = np.concatenate([units.first[outer], units.last[outer]]) * len(units) + np.tile(road[outer], 2)
    ends = [end[rows][pair] * len(units) + host for end in (units.first, units.last)]
    joins_itself = np.isin(ends[0], at) & np.isin(ends[1], at)  # as a link between two carriageways does
    chosen = best(pair, other, ~joins_itself, -length[host], host)
    taken = np.arange(len(units))
    taken[rows[pair[chosen]]] = host[chosen]
    return taken
