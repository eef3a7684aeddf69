"""How a place is found by what people write: its code, or the name of its street."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.crs import WGS84

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.tables import Places

_NO_SIGN = re.compile(r"[^A-Z0-9]+")
"""What people write between the signs of a code: spaces, hyphens."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The places of a city by their codes; worked out when it is first asked.

    Attributes
    ----------
    places
        The places.
    overrides
        Place code by what stands for it in the forms, or by a submission's id.
    """

    places: Places
    overrides: Mapping[str, str]

    @cached_property
    def known(self) -> pd.DataFrame:
        """Every place by its plain code: place_id, kind."""
        places = self.places
        frames = {"segment": places.segments, "space": places.spaces, "stop": places.stops}
        every = [frame[["place_code", "place_id"]].assign(kind=kind) for kind, frame in frames.items()]
        known = pd.concat(every, ignore_index=True).astype(object)
        known.index = pd.Index(plain_codes(known.pop("place_code")))
        return known[~known.index.duplicated()]

    def codes(self, written: pd.Series[str]) -> pd.Series[str]:
        """Return plain codes for what stands in forms, on the same index; what is overridden by what is meant."""
        meant = {plain_code(key): plain_code(code) for key, code in self.overrides.items()}
        return plain_codes(written).map(lambda code: meant.get(code, code))

    @cached_property
    def middles(self) -> pd.DataFrame:
        """Middle of every place by its plain code: lon, lat, name (None where it has none), half_m of a segment."""
        places = self.places
        frames = []
        for frame in (places.segments, places.spaces, places.stops):
            middle = frame.geometry.interpolate(0.5, normalized=True) if "length_m" in frame else frame.centroid
            degrees = middle.to_crs(WGS84)
            half_m = frame["length_m"] / 2 if "length_m" in frame else np.nan
            columns = {"lon": degrees.x, "lat": degrees.y, "name": frame["name"].astype(object), "half_m": half_m}
            frames.append(pd.DataFrame(columns).set_index(pd.Index(plain_codes(frame["place_code"]))))
        every = pd.concat(frames)
        return every[~every.index.duplicated()]


def plain_code(code: str) -> str:
    """Return a code as it is compared: in capitals, nothing between its signs."""
    return _NO_SIGN.sub("", str(code).upper())


def plain_codes(codes: pd.Series[str]) -> pd.Series[str]:
    """Return codes as they are compared."""
    return codes.astype(object).map(plain_code)
