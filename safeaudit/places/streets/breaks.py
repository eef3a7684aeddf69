"""Where a street ends for people: its stretches between junctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.places.streets.paths import NONE, Chains, Flags, Rows, chain_up

if TYPE_CHECKING:
    from safeaudit.places.streets.net import Net

_LOW, _HIGH = np.iinfo(np.int64).max, np.iinfo(np.int64).min


def stretches(net: Net, rows: Rows, broken: Flags) -> Chains:
    """Return links in chains that people would call one stretch.

    A chain ends where three or more of the links meet or one ends, where two names meet, and where the layer
    changes (short bridges aside). What has no name continues what has one; between two names it is on its own.

    Parameters
    ----------
    net
        All links.
    rows
        Those that are joined.
    broken
        Nodes where a chain ends in any case.
    """
    u, v = net.start[rows], net.end[rows]
    name, level = net.kinds.name[rows], net.level[rows]
    passes = ~broken & _alike(net.nodes, u, v, level, known=np.ones(len(rows), dtype=bool))
    passes &= _alike(net.nodes, u, v, name, known=name != NONE)
    chains = chain_up(u, v, passes)
    low, high = _range(len(chains.first), [chains.chain[name != NONE]], name[name != NONE])
    torn = ((low < high) & (high != _HIGH))[chains.chain]
    if not torn.any():
        return chains
    at = np.zeros(net.nodes, dtype=bool)
    at[np.concatenate([u[torn], v[torn]])] = True
    return chain_up(u, v, passes & ~(at & ~_alike(net.nodes, u, v, name, known=np.ones(len(rows), dtype=bool))))


def _alike(count: int, u: Rows, v: Rows, value: Rows, known: Flags) -> Flags:
    """Tell at which nodes all known values are the same."""
    low, high = _range(count, [u[known], v[known]], value[known])
    return (low >= high) | (high == _HIGH)


def _range(count: int, places: list[Rows], value: Rows) -> tuple[Rows, Rows]:
    low, high = np.full(count, _LOW), np.full(count, _HIGH)
    for where in places:
        np.minimum.at(low, where, value)
        np.maximum.at(high, where, value)
    return low, high
