"""Walks through the street network that prefer to go straight on, and the pins along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from extract import Piece
    from numpy.typing import NDArray

LIKING = {
    "pedestrian": 3.0,
    "residential": 3.0,
    "footway": 2.0,
    "unclassified": 2.0,
    "living_street": 2.0,
    "path": 2.0,
    "tertiary": 1.5,
    "secondary": 1.2,
    "primary": 1.0,
    "cycleway": 1.0,
    "steps": 0.5,
    "service": 0.3,
}
"""How gladly a group walks along each kind of street; others it does not walk at all."""


class Way(NamedTuple):
    """A piece of street as it is walked from one of its ends."""

    piece: int
    end: int
    line: NDArray[np.float64]
    liking: float


Network = dict[int, list[Way]]


def streets(pieces: list[Piece]) -> Network:
    """Return the ways that leave each junction, of the kinds that a group walks along."""
    network: Network = {}
    for number, piece in enumerate(pieces):
        liking = LIKING.get(piece.tags["highway"])
        if liking is not None:
            start, end = piece.ends
            network.setdefault(start, []).append(Way(number, end, piece.line, liking))
            network.setdefault(end, []).append(Way(number, start, piece.line[::-1], liking))
    return network


def route(network: Network, rng: np.random.Generator, length_m: float) -> shapely.LineString:
    """Return a walk of at least a length, metres; it starts anew where it cannot get there."""
    nodes = list(network)
    while True:
        node = nodes[rng.integers(len(nodes))]
        line, visits = [], {}
        for _ in range(400):
            ways = network[node]
            taken = ways[rng.choice(len(ways), p=_chances(ways, line[-1] if line else None, visits))]
            visits[taken.piece] = visits.get(taken.piece, 0) + 1
            line.append(taken.line)
            node = taken.end
            walk = shapely.LineString(np.concatenate(line))
            if walk.length >= length_m:
                if max(visits.values()) <= 2:
                    return walk
                break


def _chances(ways: list[Way], before: NDArray[np.float64] | None, visits: dict[int, int]) -> NDArray[np.float64]:
    """Return the chance of each way: glad ones, straight on, and not where one has been."""
    liking = np.array([way.liking * 0.03 ** visits.get(way.piece, 0) for way in ways])
    if before is not None:
        came = before[-1] - before[-2]
        go = np.array([way.line[1] - way.line[0] for way in ways])
        cosine = go @ came / (np.linalg.norm(go, axis=1) * np.linalg.norm(came) + 1e-9)
        liking = liking * np.exp(2.2 * cosine)
    return liking / liking.sum()


def pins(line: shapely.LineString, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return spots every 30 to 60 m along a walk, shape (n, 2)."""
    steps = np.cumsum(rng.uniform(30, 60, int(line.length // 30) + 1))
    return shapely.get_coordinates(shapely.line_interpolate_point(line, steps[steps < line.length]))
