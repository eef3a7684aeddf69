"""What the map and the rasters say about every place. Evidence is never an audit. Table `evidence`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from safeaudit.evidence import access, raster
from safeaudit.evidence.parts.context import Context
from safeaudit.evidence.parts.measures import concat_evidence
from safeaudit.evidence.parts.segment_links import middles, segment_links

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.tables import Measure

__all__ = [
    "KINDS",
    "MEASURES",
    "Context",
    "find_access",
    "find_evidence",
    "middles",
    "population_cells",
    "segment_links",
]

KINDS = (
    "lighting",
    "illuminance",
    "visibility",
    "surveillance",
    "escape",
    "activity",
    "walk_path",
    "open_space",
    "raster",
)
"""The kinds of evidence, each a file here: `MEASURES` is what it can say, `find_evidence(context)` says it."""

_KINDS = [import_module(f"safeaudit.evidence.{name}") for name in KINDS]

MEASURES: tuple[Measure, ...] = tuple(measure for kind in _KINDS for measure in kind.MEASURES)
"""Everything that evidence can say: its dictionary."""


def find_evidence(context: Context) -> pd.DataFrame:
    """Return everything that the map, the rasters and light meters say of the places.

    Parameters
    ----------
    context
        What it is found in.

    Returns
    -------
    The table `evidence`.
    """
    return concat_evidence([kind.find_evidence(context) for kind in _KINDS])


def population_cells(context: Context) -> pd.DataFrame:
    """Return how many live where, as the rasters of population say; see `raster.population_cells`.

    Parameters
    ----------
    context
        Its places and rasters.
    """
    return raster.population_cells(context.rasters, context.places)


def find_access(context: Context, population: pd.DataFrame) -> pd.DataFrame:
    """Return who lives near a public space; see `access.find_access`.

    Parameters
    ----------
    context
        Its places and network.
    population
        As from `population_cells`.

    Returns
    -------
    The table `access`.
    """
    return access.find_access(context.places, context.network, population)
