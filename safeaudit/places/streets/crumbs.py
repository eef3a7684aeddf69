"""Short remains join the neighbour that goes on most nearly straight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.streets.classes import LANE, STREET
from safeaudit.places.streets.paths import NONE, Chains, Flags, Floats, Rows, best, chain_up, heading

if TYPE_CHECKING:
    from safeaudit.places.streets.carriageways import Laid

_CRUMB_M, _RAMP_M, _BLOB_M = 30.0, 60.0, 150.0
_STRAIGHT = 60.0
_GAP_M = 12.0
_ROUNDS = 50


@dataclass(slots=True)
class _Ends:
    """Both ends of each place's main line: junction, where, and direction of leaving it into the place; (u, 2)."""

    cluster: Rows
    xy: Floats
    heading: Floats


@dataclass(frozen=True, slots=True)
class _Touch:
    """Ends of links: junction, place of the link and direction of leaving."""

    cluster: Rows
    link: Rows
    heading: Floats


def join_crumbs(laid: Laid, place: Rows, clusters: Rows) -> tuple[Rows, Flags]:
    """Let main lines under 30 m (ramps 60 m) join a neighbour.

    The smallest goes first, to the touching neighbour of its layer that goes on most nearly straight; one with a name
    to its own name alone; heaps of paths end at 150 m. Where it touches the neighbour's end it continues its main
    line, elsewhere it is a part beside it.

    Parameters
    ----------
    laid
        What is laid, every link of one place.
    place
        Place of each link, below 0 where it has none.
    clusters
        Junction of each node.

    Returns
    -------
    The place that each unit is part of, and whether it is a part of its main line.
    """
    units, count = laid.units, len(laid.units)
    into = np.arange(count)
    spine = laid.spine.copy()
    touch, ends = _touches(laid, place, clusters), _ends(laid, clusters)
    length, whole = units.length_m.copy(), _whole(laid, place)
    limit = np.where(_ramps(laid), _RAMP_M, _CRUMB_M)
    for _ in range(_ROUNDS):
        crumb = spine & (into == np.arange(count)) & (length < limit)
        move = _moves(
            laid,
            np.append(into, [NONE])[np.maximum(place, NONE)],
            touch,
            ends,
            (crumb, length, whole, into, spine, clusters),
        )
        if not len(move[0]):
            break
        _apply(move, (into, spine, length, whole), ends)
    return into, spine


def order_spines(units_first: Rows, units_last: Rows, place: Rows, clusters: Rows) -> Chains:
    """Return the units of each place's main line in a row, place after place.

    Parameters
    ----------
    units_first, units_last
        Node where each of these units starts and ends.
    place
        Place that each belongs to.
    clusters
        Junction of each node.
    """
    width = int(clusters.max(initial=0)) + 1
    nodes = np.concatenate([place * width + clusters[units_first], place * width + clusters[units_last]])
    _, node = np.unique(nodes, return_inverse=True)
    node = node.reshape(-1)
    return chain_up(node[: len(place)], node[len(place) :], np.ones(int(node.max(initial=-1)) + 1, dtype=bool))


def _ramps(laid: Laid) -> Flags:
    ramp = np.zeros(len(laid.units), dtype=bool)
    known = laid.unit != NONE
    np.logical_or.at(ramp, laid.unit[known], laid.net.kinds.ramp[known])
    return ramp


def _whole(laid: Laid, place: Rows) -> Floats:
    known = place >= 0
    return np.bincount(place[known], laid.net.length_m[known], minlength=len(laid.units)).astype(np.float64)


def _leaving(laid: Laid) -> tuple[Floats, Floats]:
    """Return the directions of leaving each link's start and end into the link, degrees."""
    bits = laid.net.bits
    first = np.flatnonzero(np.diff(bits.link, prepend=NONE))
    last = np.append(first[1:], len(bits.link)) - 1 if len(first) else first
    return heading(bits.start[first], bits.end[first]), heading(bits.end[last], bits.start[last])


def _touches(laid: Laid, place: Rows, clusters: Rows) -> _Touch:
    """Return all ends of links of places, by junction."""
    rows = np.flatnonzero(place >= 0)
    out, back = _leaving(laid)
    cluster = np.concatenate([clusters[laid.net.start[rows]], clusters[laid.net.end[rows]]])
    order = np.argsort(cluster, kind="stable")
    turn = np.concatenate([out[rows], back[rows]])[order]
    return _Touch(cluster[order], np.tile(rows, 2)[order], turn)


def _ends(laid: Laid, clusters: Rows) -> _Ends:
    """Return the ends of each unit."""
    out, back = _leaving(laid)
    rows = np.flatnonzero(laid.unit != NONE)
    edges = Chains(laid.unit[rows], laid.order[rows], laid.turned[rows], laid.units.first, laid.units.last).edges()
    first, last = rows[edges[0]], rows[edges[1]]
    turned = laid.turned
    leave = np.where(turned[first], back[first], out[first]), np.where(turned[last], out[last], back[last])
    nodes = np.column_stack([laid.units.first, laid.units.last])
    return _Ends(clusters[nodes], laid.net.xy()[nodes], np.column_stack(leave))


def _moves(
    laid: Laid, of_link: Rows, touch: _Touch, ends: _Ends, state: tuple[Flags, Floats, Floats, Rows, Flags, Rows]
) -> tuple[Rows, Rows, Rows, Flags]:
    """Return crumbs that move in this round, where to, by which of their ends, and whether straight on."""
    crumb, length, whole, into, spine, clusters = state
    units = laid.units
    rows = np.flatnonzero(crumb)
    one = np.repeat(rows, 2)
    side = np.tile([0, 1], len(rows))
    at = ends.cluster[rows].ravel()
    first = np.searchsorted(touch.cluster, at)
    size = np.searchsorted(touch.cluster, at, side="right") - first
    pair = np.repeat(np.arange(len(one)), size)
    found = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size) + first[pair]
    who, end, to = one[pair], side[pair], of_link[touch.link[found]]
    bend = 180 - np.abs((touch.heading[found] - ends.heading[who, end] + 180) % 360 - 180)
    path, other = units.class_[who] != STREET, units.class_[to] != STREET
    fits = (who != to) & (units.level[who] == laid.net.level[touch.link[found]])
    fits &= (units.name[who] == NONE) | (units.name[who] == units.name[to])
    fits &= (path | ~other) & ~(path & other & (whole[who] + whole[to] > _BLOB_M))
    fits &= (units.class_[who] != LANE) | (units.class_[to] <= LANE)
    who, end, to, bend = who[fits], end[fits], to[fits], np.round(bend[fits], 3)
    chosen = best(who, bend, -length[to], to, end)
    who, end, to, bend = who[chosen], end[chosen], to[chosen], bend[chosen]
    keep = _undisturbed(who, to, length, len(units))
    who, end, to, bend = who[keep], end[keep], to[keep], bend[keep]
    straight = (bend <= _STRAIGHT) & ((units.class_[who] == STREET) == (units.class_[to] == STREET))
    nodes = np.column_stack([clusters[units.first], clusters[units.last]])[spine]
    width = int(clusters.max(initial=0)) + 1
    passed = (into[np.flatnonzero(spine)][:, None] * width + nodes).ravel()
    return _one_for_each_end((who, end, to, straight), ends, (length, passed, width))


def _undisturbed(who: Rows, to: Rows, length: Floats, count: int) -> Flags:
    """Let a crumb go only where nobody smaller comes to it, and its goal does not go itself."""
    rank = np.full(count, count)
    order = who[np.lexsort((who, length[who]))]
    rank[order] = np.arange(len(order))
    hit = np.full(count, count)
    np.minimum.at(hit, to, rank[who])
    goes = np.zeros(count, dtype=bool)
    goes[who] = hit[who] > rank[who]
    return goes[who] & ~goes[to]


def _one_for_each_end(
    move: tuple[Rows, Rows, Rows, Flags], ends: _Ends, state: tuple[Floats, Rows, int]
) -> tuple[Rows, Rows, Rows, Flags]:
    """Let only the smallest crumb continue an end of a main line in a round; the others wait."""
    who, end, to, straight = move
    length, passed, width = state
    at = ends.cluster[who, end]
    there = ends.cluster[to]
    meets = straight & ((there[:, 0] == at) | (there[:, 1] == at)) & (there[:, 0] != there[:, 1])
    beyond = ends.cluster[who, 1 - end]
    gap = np.hypot(*(ends.xy[to, (there[:, 1] == at).astype(np.int64)] - ends.xy[who, end]).T)
    meets &= gap <= _GAP_M  # a main line does not jump across a junction
    meets &= ~np.isin(to * width + beyond, passed)  # nor comes back to where it passed
    key = np.where(meets, to * 2 + (there[:, 1] == at), -1 - np.arange(len(who)))
    chosen = np.sort(best(key - key.min(initial=0), length[who], who))
    return who[chosen], end[chosen], to[chosen], meets[chosen]


def _apply(move: tuple[Rows, Rows, Rows, Flags], state: tuple[Rows, Flags, Floats, Floats], ends: _Ends) -> None:
    """Move the crumbs of a round."""
    who, end, to, meets = move
    into, spine, length, whole = state
    spine[np.isin(into, who[~meets])] = False
    moved = np.arange(len(into))
    moved[who] = to
    into[:] = moved[into]
    np.add.at(whole, to, whole[who])
    who, end, to = who[meets], end[meets], to[meets]
    np.add.at(length, to, length[who])
    side = (ends.cluster[to, 1] == ends.cluster[who, end]).astype(np.int64)
    ends.cluster[to, side] = ends.cluster[who, 1 - end]
    ends.heading[to, side] = ends.heading[who, 1 - end]
    ends.xy[to, side] = ends.xy[who, 1 - end]
