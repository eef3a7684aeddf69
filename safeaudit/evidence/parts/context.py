"""What every kind of evidence is found in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit.config import RasterSettings
from safeaudit.files.admit import Admitted

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.config import EvidenceSettings
    from safeaudit.network import Network
    from safeaudit.tables import Places

RasterFile = tuple[RasterSettings, Admitted]
"""A raster, and what its cells hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a kind of evidence may look at.

    Attributes
    ----------
    places
        Segments, spaces, stops, areas and features, read with what evidence needs.
    network
        The walking graph of the segments.
    submissions, matches
        The tables of these names, the submissions of one campaign: they hold what light meters showed.
    rasters
        Each raster with its settings.
    settings
        What selects lighting classes.
    """

    places: Places
    network: Network
    submissions: pd.DataFrame
    matches: pd.DataFrame
    rasters: tuple[RasterFile, ...]
    settings: EvidenceSettings
