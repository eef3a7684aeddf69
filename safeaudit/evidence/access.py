"""Access to public space: who lives within a short walk of one, as SDG 11.7.1 counts it. Table `access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.evidence.parts.measures import read_tags
from safeaudit.network import find_doors, nearest_m, snap_to_network
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.network import Network
    from safeaudit.tables import Places

WALK_M = 400.0
"""Longest walk that counts: five minutes."""

EDGE_M = 15.0
"""A street within this distance of a space leads into it."""

_APPROACH_M = 100.0
_EXACT_M = 1e-6
_OPEN_ACCESS = ("yes", "public", "permissive", "designated", "foot", "unknown")
_NO_FEE = ("no", "unknown", "donation")


def find_access(places: Places, network: Network, population: pd.DataFrame) -> pd.DataFrame:
    """Return the share of people who live within 400 m of a public space along the streets.

    SDG 11.7.1, its part on access (UN-Habitat, metadata of March 2021)::

        share = people living within a walk of 400 m of an open public space / all people

    - A cell of population is served where the way from its middle straight to the nearest street, and along the
      streets to the nearest space, is no longer than 400 m in all.
    - A space is entered wherever a street runs within 15 m of it; where none does, from the nearest street within
      100 m, and that last way is not counted. A space known only as a point is entered at the point.
    - Spaces that anybody may enter without charge count, and those whose tags do not say; not those whose `access`
      is limited or that take a `fee`.

    Caveats: the spaces of a map are potential open public spaces until somebody has verified them. Every street is
    taken to be walkable; fences are not seen. Spaces beyond the edge of the map are missing. Cells much larger than
    100 m make it coarse. The indicator's other part, the share of the city's land that is public space and streets,
    is not computed here.

    Parameters
    ----------
    places
        Links, spaces and areas.
    network
        The walking graph of the links.
    population
        One row per cell, area and raster: area_id, x, y (metres), people, sex, age, source, coverage (of the area).

    Returns
    -------
    The table `access`: per area, sex and age. Where no space that counts is mapped at all, within_400_m and share
    are NA, never 0; share is NA too where nobody lives.
    """
    if not len(population):
        return empty_table("access")
    spaces = places.spaces.geometry.to_numpy()[_is_open(places.spaces)]
    served = _served(places.links, network, spaces, population) if len(spaces) else np.nan
    homes = population.assign(within_400_m=population["people"] * served)
    keys = ["area_id", "sex", "age"]
    table = homes.groupby(keys, as_index=False, observed=True).agg(
        population=("people", "sum"),
        within_400_m=("within_400_m", lambda people: people.sum(min_count=1)),
        source=("source", lambda names: ", ".join(dict.fromkeys(names))),
        coverage=("coverage", "min"),
    )
    some = table["population"].where(table["population"] > 0)
    return validate_table(table.assign(share=table["within_400_m"] / some), "access")


def _is_open(spaces: GeoDataFrame) -> NDArray[np.bool_]:
    (free,) = read_tags(spaces["tags"], _anybody_may_enter)
    return free.astype(bool)


def _anybody_may_enter(tags: Mapping[str, str]) -> bool:
    return tags.get("access", "unknown") in _OPEN_ACCESS and tags.get("fee", "unknown") in _NO_FEE


def _served(
    links: GeoDataFrame, network: Network, spaces: NDArray[np.object_], population: pd.DataFrame
) -> NDArray[np.float64]:
    """Return 1 for each cell within the walk, else 0."""
    lines = links.geometry.to_numpy()
    homes = shapely.points(population[["x", "y"]].to_numpy(dtype=np.float64))
    streets, home = snap_to_network(lines, homes, WALK_M)
    spots = shapely.line_interpolate_point(lines[streets.link], streets.along_m)
    doors, _ = find_doors(lines, spaces, EDGE_M, _APPROACH_M)
    walk_m = nearest_m(network, streets, doors)
    walk_m[shapely.STRtree(spaces).query(spots, predicate="dwithin", distance=EDGE_M)[0]] = 0.0
    served = np.zeros(len(homes))
    served[home[shapely.distance(homes[home], spots) + walk_m <= WALK_M + _EXACT_M]] = 1.0
    return served
