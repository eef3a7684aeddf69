"""What the map and the rasters say about every place. Evidence is never an audit. Table `evidence`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.evidence import (
    access,
    activity,
    escape,
    illuminance,
    lighting,
    open_space,
    raster,
    surveillance,
    visibility,
    walk_path,
)
from safeaudit.evidence.parts.measures import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from safeaudit.config import EvidenceSettings, RasterSettings
    from safeaudit.files.admit import Admitted
    from safeaudit.network import Network
    from safeaudit.tables import Places

MEASURES = (
    *lighting.MEASURES,
    *illuminance.MEASURES,
    *visibility.MEASURES,
    *surveillance.MEASURES,
    *escape.MEASURES,
    *activity.MEASURES,
    *walk_path.MEASURES,
    *open_space.MEASURES,
    *raster.MEASURES,
)
"""Everything that evidence can say: its dictionary."""


def find_evidence(
    places: Places,
    network: Network,
    audited: tuple[pd.DataFrame, pd.DataFrame],
    rasters: Sequence[tuple[RasterSettings, Admitted]],
    settings: EvidenceSettings,
) -> pd.DataFrame:
    """Return everything that the map, the rasters and light meters say of the places.

    Parameters
    ----------
    places
        Segments, spaces, stops and features, read with what evidence needs.
    network
        The walking graph of the segments.
    audited
        Tables `submissions`, of one campaign, and `matches`: they hold what light meters showed.
    rasters
        Each raster with its settings.
    settings
        What selects lighting classes.

    Returns
    -------
    The table `evidence`.
    """
    submissions, matches = audited
    return joined(
        [
            lighting.lighting(places),
            illuminance.illuminance(submissions, matches, places, settings),
            visibility.visibility(places),
            surveillance.surveillance(places),
            escape.escape(places, network),
            activity.activity(places, network),
            walk_path.walk_path(places),
            open_space.open_space(places),
            raster.rasters(places, rasters),
        ]
    )


def find_access(places: Places, network: Network, rasters: Sequence[tuple[RasterSettings, Admitted]]) -> pd.DataFrame:
    """Return who lives near a public space, as the rasters of population say; see `access.access`.

    Parameters
    ----------
    places, network, rasters
        As for `find_evidence`.

    Returns
    -------
    The table `access`.
    """
    return access.access(places, network, raster.population_cells(rasters, places))
