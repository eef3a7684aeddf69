"""Who can mend a fault: as the rules of the settings say, by where it is, else by its kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.place_areas import find_areas, list_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from safeaudit.config import FaultRule, FaultSettings
    from safeaudit.tables import Places


def name_agencies(faults: pd.DataFrame, places: Places, settings: FaultSettings) -> pd.Series[str]:
    """Return who can mend each fault.

    The first rule that fits goes before what `agencies` says of the kind. A rule that asks where a fault is fits no
    fault whose place is not known.

    Parameters
    ----------
    faults
        place_id (may be NA) and kind.
    places
        The places of the city, with its areas.
    settings
        Who mends what.

    Returns
    -------
    Names on the index of `faults`, NA where nobody is named.
    """
    kind = faults["kind"].astype("str")
    agency = kind.map(dict(settings.agencies)).astype("str")
    if not settings.rules:
        return agency
    where = list_places(places, faults["place_id"].dropna().astype("str"))
    at = where.index.get_indexer(faults["place_id"].astype("str"))
    for rule in reversed(settings.rules):  # the first that fits is written last
        of_kind = kind.isin(rule.kinds) if rule.kinds else pd.Series(data=True, index=faults.index)
        # The last one stands for faults without a place: a rule that asks where fits none of them.
        fits = np.append(_fits(rule, where, places), not (rule.places or rule.areas or rule.tags))
        agency = agency.mask(of_kind & fits[at], rule.agency)
    return agency


def say_idle_rules(places: Places, settings: FaultSettings) -> tuple[str, ...]:
    """Say which rules fit no place of the city, or name what it does not have: most likely a typing error.

    Parameters
    ----------
    places, settings
        As for `name_agencies`.
    """
    if not settings.rules:
        return ()
    where = list_places(places)
    return tuple(
        f'[[faults.rules]] number {number} ("{rule.agency}") {why}'
        for number, rule in enumerate(settings.rules, start=1)
        for why in _idle(rule, where, places)
    )


def _idle(rule: FaultRule, where: gpd.GeoDataFrame, places: Places) -> Iterator[str]:
    """Yield why a rule fits nothing."""
    areas = places.areas.loc[places.areas["kind"] != "city", "name"].astype("str")
    for area in rule.areas:
        if area not in set(areas):
            known = f"Areas are {', '.join(sorted(set(areas))[:8])}." if len(areas) else "No areas are given."
            yield f'names the area "{area}", which is not there. {known}'
    kinds = {*where["kind"], *where["category"].dropna()}
    for kind in rule.places:
        if kind not in kinds:
            yield f'names places of the kind "{kind}", of which there are none.'
    if rule.tags and not _has_tags(rule.tags, where, places).any():
        tags = ", ".join(f"{key}={value}" for key, value in rule.tags.items())
        yield f"asks for the tags {tags}, which no place has."


def _fits(rule: FaultRule, where: gpd.GeoDataFrame, places: Places) -> NDArray[np.bool_]:
    """Return which places a rule is about."""
    fits = np.ones(len(where), dtype=bool)
    if rule.places:
        fits &= (where["kind"].isin(rule.places) | where["category"].isin(rule.places)).to_numpy(bool)
    if rule.areas:
        found = find_areas(places, where.geometry)
        fits &= where.index.isin(found.loc[found["area"].isin(rule.areas), "place_id"])
    if rule.tags:
        fits &= _has_tags(rule.tags, where, places)
    return fits


def _has_tags(tags: Mapping[str, str], where: gpd.GeoDataFrame, places: Places) -> NDArray[np.bool_]:
    """Return which places have all the tags: of a street, one of its links."""
    said = [
        places.links[["segment_id", "tags"]].rename(columns={"segment_id": "place_id"}),
        places.spaces[["place_id", "tags"]],
        places.stops[["place_id", "tags"]],
    ]
    every = pd.concat(said, ignore_index=True)
    every = every[every["place_id"].isin(where.index)]
    wanted = tags.items()
    holds = {text: wanted <= json.loads(text).items() for text in every["tags"].unique()}
    return where.index.isin(every.loc[every["tags"].map(holds).astype(bool), "place_id"])
