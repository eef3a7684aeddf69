"""Sidewalks, crossings, islands, cycle tracks and lanes that are a part of the street beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.places.streets.classes import LANE, PATH
from safeaudit.places.streets.paths import NONE, Bits, Flags, Near, Rows, best, near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.places.streets.carriageways import Laid
    from safeaudit.places.streets.paths import Floats

_TAGGED_M, _BESIDE_M, _FREELY_M = 25.0, 15.0, 8.0
_ANGLE, _ANGLE_COST = 25.0, 12.0
_LANE_COST, _NAME_GAIN = 5.0, 30.0
_SHARE = 0.75
_STUB_M, _STUB_AWAY_M = 30.0, 12.0
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
    asking = np.flatnonzero(rows[net.bits.link] & (place == NONE))
    found = _candidates(laid, asking)
    cost = _costs(laid, found)
    chosen = found.take(best(found.row, cost, found.host))
    link, kinds = net.bits.link[chosen.row], net.kinds
    tagged = kinds.part[link]
    ok = tagged | _mostly_beside(laid, chosen, ground) | _stubs(laid, chosen)
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
    net, place = laid.net, laid.place
    found = near(net.bits, asking, np.flatnonzero(place >= 0), _TAGGED_M)
    kinds = net.kinds
    link, host = net.bits.link[found.row], net.bits.link[found.host]
    to = laid.units.name[place[found.host]]
    name, beside = kinds.name[link], kinds.beside[link]
    fits = (kinds.layer[link] == kinds.layer[host]) & ((name == NONE) | (name == to))
    fits &= (beside == NONE) | (beside == to)
    return found.take(fits & (kinds.part[link] | (found.distance_m <= _BESIDE_M)))


def _costs(laid: Laid, found: Near) -> Floats:
    """Weigh distance, direction, kind and name; a crossing belongs to the street that it crosses."""
    kinds, units = laid.net.kinds, laid.units
    link, to = laid.net.bits.link[found.row], laid.place[found.host]
    askew = (found.angle > _ANGLE) & ~kinds.crossing[link]
    named = (units.name[to] != NONE) & ((kinds.name[link] == units.name[to]) | (kinds.beside[link] == units.name[to]))
    cost = found.distance_m + _ANGLE_COST * askew - _NAME_GAIN * named
    return np.round((cost + _LANE_COST * (units.class_[to] == LANE)) / _TEN_THOUSANDTH)


def _mostly_beside(laid: Laid, chosen: Near, ground: Ground) -> Flags:
    """Tell which untagged, unnamed bits belong to a link that runs along places for three quarters and more."""
    net = laid.net
    link, kinds = net.bits.link[chosen.row], net.kinds
    open_ = ~kinds.part[link] & (kinds.name[link] == NONE) & ~kinds.steps[link] & (chosen.angle <= _ANGLE)
    open_ &= ~kinds.aisle[link]
    beyond = np.flatnonzero(open_ & (chosen.distance_m > _FREELY_M))
    bits = net.bits.take(chosen.row[beyond])
    hosts = net.bits.take(chosen.host[beyond])
    barred = _between(bits, hosts, ground.obstacles)
    barred |= ground.spaces_at(bits.middle) != NONE
    open_[beyond[barred]] = False
    length = np.bincount(link[open_], net.bits.length_m[chosen.row[open_]], minlength=len(net.start))
    enough = length >= _SHARE * net.length_m - _TEN_THOUSANDTH
    return ~kinds.part[link] & ~kinds.steps[link] & (kinds.name[link] == NONE) & enough[link] & ~kinds.aisle[link]


def _stubs(laid: Laid, chosen: Near) -> Flags:
    """Tell which untagged bits belong to a link of at most 30 m that lies wholly close to places."""
    net = laid.net
    link, kinds = net.bits.link[chosen.row], net.kinds
    close = chosen.distance_m <= _STUB_AWAY_M
    length = np.bincount(link[close], net.bits.length_m[chosen.row[close]], minlength=len(net.start))
    whole = (length >= net.length_m - _TEN_THOUSANDTH) & (net.length_m <= _STUB_M)
    return whole[link] & ~kinds.part[link] & ~kinds.steps[link] & (kinds.name[link] == NONE) & ~kinds.aisle[link]


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
