"""What kinds of evidence are asked in: a town with nobody in it, unless a test puts somebody there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from town import submissions

from safeaudit.config import EvidenceSettings
from safeaudit.evidence import Context, segment_links
from safeaudit.network import build_network
from safeaudit.tables import empty_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from safeaudit.evidence.parts.context import RasterFile
    from safeaudit.tables import Places

_USUAL = EvidenceSettings()


def context_of(
    places: Places,
    *,
    people: pd.DataFrame | None = None,
    matches: pd.DataFrame | None = None,
    rasters: Sequence[RasterFile] = (),
    settings: EvidenceSettings = _USUAL,
) -> Context:
    return Context(
        places=places,
        network=build_network(places.links),
        segment_links=segment_links(places),
        submissions=submissions() if people is None else people,
        matches=empty_table("matches") if matches is None else matches,
        rasters=tuple(rasters),
        settings=settings,
    )
