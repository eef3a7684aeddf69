"""What may leave: the one door between what is known and what is shown to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIndicator:
    """An indicator as the public sees it: `street_condition` or one that is public by place."""

    name: str
    label: str
    question: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What public outputs may show; made by `to_public` alone.

    Attributes
    ----------
    title
        Name of the city.
    slug
        The same, for file names.
    remarks
        Sentences that must stand on every output, such as "Simulated audits".
    as_of
        Quarter of the latest observation, such as "2026 Q3"; empty where times are unknown.
    attribution
        Whose data the places are.
    bands
        Words for the bands 0 (worst) to 3 (best).
    indicators
        What may be switched on, the first one on opening.
    places
        EPSG:4326: place_id, place_code, kind (segment, space or stop), category (highway or
        category; may be NA), name (may be NA), geometry. Every place, audited or not, sorted.
    conditions
        What was seen, sparse: place_id, indicator, band (0-3), state (audited, few or stale),
        n ("1-2", "3-4", "5 or more"), level (typical level chosen, 0-3; NA for street_condition and on other
        scales), level_0 (bool: level 0 was seen), light (dark, day, twilight or unrecorded),
        quarter (such as "2026 Q2"; NA where unknown).
    coverage
        One row per indicator and kind: indicator, kind, seen (share 0-1 of length, area or stops),
        band_1 ... band_4 (shares of what was seen).
    backdrop
        EPSG:4326: kind (building, water, green, rail or road) and geometry.
    """

    title: str
    slug: str
    remarks: tuple[str, ...]
    as_of: str
    attribution: str
    bands: tuple[str, ...]
    indicators: tuple[PublicIndicator, ...]
    places: GeoDataFrame
    conditions: pd.DataFrame
    coverage: pd.DataFrame
    backdrop: GeoDataFrame
