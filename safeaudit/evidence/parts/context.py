"""What every kind of evidence is found in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit.config import RasterSettings
from safeaudit.files.admit import Admitted

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.config import EvidenceSettings
    from safeaudit.evidence.parts.segment_links import SegmentLinks
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
        Links, segments, spaces, stops, areas and features, read with what evidence needs.
    network
        The walking graph of the links.
    segment_links
        How the links lie along the segments.
    submissions, matches
        The tables of these names, the submissions of one campaign: they hold what light meters showed.
    rasters
        Each raster with its settings.
    settings
        What selects lighting classes.
    """

    places: Places
    network: Network
    segment_links: SegmentLinks
    submissions: pd.DataFrame
    matches: pd.DataFrame
    rasters: tuple[RasterFile, ...]
    settings: EvidenceSettings
