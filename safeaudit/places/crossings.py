"""What has a name at the ends of a stretch: the streets and spaces that meet there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.links import expand
from safeaudit.places.streets.classes import is_door
from safeaudit.places.streets.paths import NONE, Rows, best

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.places.streets import Streets


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Which names meet at which junction, in the order of junctions; the more of a street there is, the sooner."""

    junction: Rows
    name: Rows


def names_at_ends(
    streets: Streets, space_names: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the best known name at each end of each main line, None where there is none.

    A street's own name and names of doors ("Exit", "Gate 1") are left out. Where the same name is at both ends and
    another one is at the second, that is taken there.

    Parameters
    ----------
    streets
        The streets.
    space_names
        Names of the spaces that took paths, None where they have none.
    """
    known = np.concatenate([streets.names, space_names, [None]]).astype(object)
    texts, number = np.unique(np.array([text or "" for text in known.tolist()], dtype=object), return_inverse=True)
    silent = np.array([not text or is_door(text) for text in texts.tolist()], dtype=bool)
    meetings = _meetings(streets, number, silent)
    own = number[streets.units.name[streets.axes.place]]
    first = _chosen(meetings, streets.axes.first, own, np.full(len(own), NONE))
    last = _chosen(meetings, streets.axes.last, own, first)
    names = np.append(texts, [None])
    return names[first], names[last]


def _meetings(streets: Streets, number: Rows, silent: NDArray[np.bool_]) -> _Meetings:
    """Return all names of links, of their places and of their spaces, by the junctions they touch."""
    net, piece = streets.pieces.net, streets.pieces.piece
    count, spaces = len(streets.names), len(number) - 1 - len(streets.names)
    of_place = streets.units.name[streets.axes.place[streets.pieces.axis]]
    place = np.where(piece >= 0, np.append(of_place, NONE)[np.maximum(piece, NONE)], NONE)
    place = np.where(piece < NONE, np.minimum(count - 2 - piece, count + spaces), place)
    links = np.tile(np.arange(len(piece)), 2)
    name = number[np.concatenate([net.kinds.name, place])]
    much = np.bincount(name, np.tile(net.length_m, 2), minlength=len(silent))
    junction = np.concatenate([streets.clusters[net.start[links]], streets.clusters[net.end[links]]])
    name = np.tile(name, 2)
    pairs = np.unique(np.column_stack([junction, name])[~silent[name]], axis=0)
    order = np.lexsort((pairs[:, 1], -np.round(much[pairs[:, 1]], 2), pairs[:, 0]))
    return _Meetings(pairs[order, 0], pairs[order, 1])


def _chosen(meetings: _Meetings, junction: Rows, own: Rows, taken: Rows) -> Rows:
    """Return the first name at each junction that is not the street's own, and rather not one that is taken."""
    first = np.searchsorted(meetings.junction, junction)
    row, end = expand(first, np.searchsorted(meetings.junction, junction, side="right") - first)
    name = meetings.name[row]
    other = name != own[end]
    row, end, name = row[other], end[other], name[other]
    chosen = best(end, name == taken[end], row)
    found = np.full(len(junction), NONE)
    found[end[chosen]] = name[chosen]
    return found
