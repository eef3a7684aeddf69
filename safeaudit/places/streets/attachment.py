"""Sidewalks, crossings, islands, cycle tracks and lanes that are a part of the street beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.places.streets.classes import LANE, PATH, STREET
from safeaudit.places.streets.paths import NONE, Bits, Flags, Near, Rows, best, components, near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.places.streets.carriageways import Laid
    from safeaudit.places.streets.net import Net
    from safeaudit.places.streets.paths import Floats

_TAGGED_M, _BESIDE_M, _FREELY_M = 25.0, 15.0, 8.0
_ANGLE, _ANGLE_COST = 25.0, 12.0
_LANE_COST, _NAME_GAIN = 12.0, 30.0
_SHARE = 0.75
_STUB_M, _STUB_AWAY_M = 30.0, 12.0
_ONTO_M, _ONTO_GAIN = 15.0, 30.0
_TWO = 2
_TEN_THOUSANDTH = 1e-4


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies around the streets, in the run's CRS.

    Attributes
    ----------
    obstacles
        Buildings, walls, rails and water.
    spaces
        Polygons of the public spaces, those that take paths first.
    """

    obstacles: NDArray[np.object_]
    spaces: NDArray[np.object_]

    def spaces_at(self, xy: Floats) -> Rows:
        """Return the row of the first space that each point lies in, -1 for none."""
        point, space = shapely.STRtree(self.spaces).query(shapely.points(xy), predicate="intersects")
        found = np.full(len(xy), NONE)
        first = best(point, space)
        found[point[first]] = space[first]
        return found


def attach(laid: Laid, rows: Flags, ground: Ground) -> Rows:
    """Let places take what belongs to the street beside it.

    Parameters
    ----------
    laid
        What is laid.
    rows
        Links that may belong to a place.
    ground
        What lies around.

    Returns
    -------
    The place of each bit.
    """
    net, place = laid.net, laid.place.copy()
    kinds = net.kinds
    asks = rows & (kinds.part | ((kinds.class_ == PATH) & (kinds.name == NONE) & ~kinds.steps))
    found = _candidates(laid, np.flatnonzero(asks[net.bits.link] & (place == NONE)))
    cost = _costs(laid, found)
    chosen = found.take(best(found.row, cost, found.host))
    tagged = net.kinds.part[net.bits.link[chosen.row]]
    ok = tagged | _by_shape(laid, chosen, ground)
    chosen = chosen.take(ok)
    place[chosen.row] = place[chosen.host]
    return _filled(net.bits, place, np.unique(net.bits.link[chosen.row[~tagged[ok]]]))


def spaces_take(laid: Laid, ground: Ground) -> Rows:
    """Let spaces take the unnamed paths inside them; return the place of each bit, -2 - row of the space for those."""
    place, bits, kinds = laid.place.copy(), laid.net.bits, laid.net.kinds
    free = (kinds.class_ == PATH) & (kinds.name == NONE) & (kinds.layer == 0)
    rows = np.flatnonzero((place == NONE) & free[bits.link])
    space = ground.spaces_at(bits.middle[rows])
    place[rows[space != NONE]] = -2 - space[space != NONE]
    return place


def _candidates(laid: Laid, asking: Rows) -> Near:
    """Return the bits of places near each bit, on its layer and of no other name."""
    net, place, kinds = laid.net, laid.place, laid.net.kinds
    hosts, tagged = np.flatnonzero(place >= 0), kinds.part[net.bits.link[asking]]
    found = near(net.bits, asking[tagged], hosts, _TAGGED_M).and_(near(net.bits, asking[~tagged], hosts, _BESIDE_M))
    link, host = net.bits.link[found.row], net.bits.link[found.host]
    to = laid.units.name[place[found.host]]
    name, beside = kinds.name[link], kinds.beside[link]
    fits = (kinds.layer[link] == kinds.layer[host]) & ((name == NONE) | (name == to))
    fits &= (beside == NONE) | (beside == to)
    return found.take(fits)


def _costs(laid: Laid, found: Near) -> Floats:
    """Weigh distance, direction, kind and name; what leads onto a street or over it belongs to that one."""
    net, kinds, units = laid.net, laid.net.kinds, laid.units
    link, host, to = net.bits.link[found.row], net.bits.link[found.host], laid.place[found.host]
    onto = _meet(net, link, host) & (kinds.crossing[link] | (net.length_m[link] <= _ONTO_M))
    onto &= kinds.class_[host] == STREET
    askew = (found.angle > _ANGLE) & ~kinds.crossing[link] & ~onto
    named = (units.name[to] != NONE) & ((kinds.name[link] == units.name[to]) | (kinds.beside[link] == units.name[to]))
    cost = found.distance_m + _ANGLE_COST * askew - _NAME_GAIN * named - _ONTO_GAIN * onto
    return np.round((cost + _LANE_COST * (units.class_[to] == LANE)) / _TEN_THOUSANDTH)


def _meet(net: Net, one: Rows, other: Rows) -> Flags:
    """Tell which pairs of links share a node."""
    first, last = net.start[other], net.end[other]
    at_start = (net.start[one] == first) | (net.start[one] == last)
    return at_start | (net.end[one] == first) | (net.end[one] == last)


def _by_shape(laid: Laid, chosen: Near, ground: Ground) -> Flags:
    """Tell which untagged, unnamed bits of paths belong to the street beside them; lanes and steps never do.

    A path is looked at from fork to fork: it runs along streets for three quarters and more, or it is at most 30 m
    long and lies wholly close to them.
    """
    net, kinds = laid.net, laid.net.kinds
    link = net.bits.link[chosen.row]
    plain = (kinds.class_ == PATH) & ~kinds.part & (kinds.name == NONE)
    run = _runs(net, plain)
    whole = np.bincount(run, net.length_m, minlength=len(run))
    asks = (plain & ~kinds.steps)[link]
    beside, close = asks & _beside(laid, chosen, ground, asks), asks & (chosen.distance_m <= _STUB_AWAY_M)
    metres = net.bits.length_m[chosen.row]
    along, near_by = (np.bincount(run[link[those]], metres[those], minlength=len(run)) for those in (beside, close))
    enough = along >= _SHARE * whole - _TEN_THOUSANDTH
    enough |= (near_by >= whole - _TEN_THOUSANDTH) & (whole <= _STUB_M)
    return asks & enough[run[link]]


def _runs(net: Net, rows: Flags) -> Rows:
    """Return the smallest link of the run of each link: some links, end to end, where nothing else meets them."""
    node = np.concatenate([net.start, net.end])
    link = np.tile(np.arange(len(net.start)), 2)
    passed = (np.bincount(node, minlength=net.nodes) == _TWO) & (
        np.bincount(node[rows[link]], minlength=net.nodes) == _TWO
    )
    at = np.flatnonzero(passed[node])
    order = at[np.argsort(node[at], kind="stable")]
    return components(len(net.start), link[order[0::2]], link[order[1::2]])


def _beside(laid: Laid, chosen: Near, ground: Ground, asks: Flags) -> Flags:
    """Tell which bits run along their street with nothing between: freely up to 8 m, up to 15 m outside of spaces."""
    net = laid.net
    found = asks & (chosen.angle <= _ANGLE)
    beyond = np.flatnonzero(found & (chosen.distance_m > _FREELY_M))
    bits, hosts = net.bits.take(chosen.row[beyond]), net.bits.take(chosen.host[beyond])
    barred = _between(bits, hosts, ground.obstacles)
    barred |= ground.spaces_at(bits.middle) != NONE
    found[beyond[barred]] = False
    return found


def _between(bits: Bits, hosts: Bits, obstacles: NDArray[np.object_]) -> Flags:
    """Tell between which bits and their hosts something stands."""
    if not len(bits.link):
        return np.zeros(0, dtype=bool)
    across = shapely.shortest_line(
        shapely.points(bits.middle), shapely.linestrings(np.stack([hosts.start, hosts.end], axis=1))
    )
    barred = np.zeros(len(across), dtype=bool)
    barred[shapely.STRtree(obstacles).query(across, predicate="intersects")[0]] = True
    return barred


def _filled(bits: Bits, place: Rows, links: Rows) -> Rows:
    """Give bits of links that belong to a place as a whole, and have found none, their nearest bit's place."""
    of_links = np.isin(bits.link, links)
    lacking = np.flatnonzero(of_links & (place == NONE))
    has = np.flatnonzero(of_links & (place != NONE))
    if not len(lacking):
        return place
    at = np.clip(np.searchsorted(has, lacking), 1, max(len(has) - 1, 1))
    before, after = has[at - 1], has[np.minimum(at, len(has) - 1)]
    far = np.where(bits.link[before] == bits.link[lacking], lacking - before, len(place))
    back = (bits.link[after] != bits.link[lacking]) | (np.abs(after - lacking) >= np.abs(far))
    filled = place.copy()
    filled[lacking] = place[np.where(back, before, after)]
    return filled
