"""Place codes: short, stable, safe to read aloud and to copy by hand; and how a place is found by what people write."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.crs import WGS84

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from safeaudit.tables import Places

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, 1, I, L or O: they are mistaken for each other. 31 signs, a prime, for the check sign."""

_SIGNS = 5
_LENGTH = _SIGNS + 2
_CODE_AND_MORE = rf"^[^A-Z0-9]*((?:[A-Z0-9][^A-Z0-9]*){{{_LENGTH - 1}}}[A-Z0-9])[^A-Z0-9]"
"""A code, and whatever stands behind it that is no sign of it."""
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
        """Every place by its plain code: place_id, kind, label."""
        places = self.places
        frames = {"segment": places.segments, "space": places.spaces, "stop": places.stops}
        every = [frame[["place_code", "place_id", "label"]].assign(kind=kind) for kind, frame in frames.items()]
        known = pd.concat(every, ignore_index=True)
        known.index = pd.Index(plain_codes(known.pop("place_code")))
        return known[~known.index.duplicated()]

    def codes(self, written: pd.Series[str]) -> pd.Series[str]:
        """Return plain codes for what stands in forms, on the same index; what is overridden by what is meant.

        A code may stand with words behind it, such as its street: they are left aside where a place has the code.
        """
        meant = {plain_code(key): plain_code(code) for key, code in self.overrides.items()}
        codes = plain_codes(written).map(lambda code: meant.get(code, code))
        longer = (codes.str.len() > _LENGTH) & ~codes.isin(self.known.index)
        if not longer.any():
            return codes
        first = written[longer].astype("str").str.upper().str.extract(_CODE_AND_MORE, expand=False)
        first = plain_codes(first.fillna(""))
        return codes.mask(first.isin(self.known.index).reindex(codes.index, fill_value=False), first)

    def meant(self, code: str) -> str:
        """Return label and code of the one place whose code is off by one sign or two swapped ones; else nothing."""
        known = self.known.index[self.known.index.str.len() == len(code)]
        if not code or not len(known):
            return ""
        signs = known.to_numpy(dtype=f"U{len(code)}").view("U1").reshape(len(known), len(code))
        written = np.array(list(code))
        off = (signs != written).sum(axis=1)
        alike = (np.sort(signs, axis=1) == np.sort(written)).all(axis=1)
        close = known[off - alike == 1]  # one sign is off, or two are and the signs are the same
        return f"{self.known['label'][close[0]]}, {close[0]}" if len(close) == 1 else ""

    @cached_property
    def middles(self) -> pd.DataFrame:
        """Middle of every place by its plain code: lon, lat, name (None where it has none), half_m of a segment."""
        places = self.places
        frames = []
        for frame in (places.segments, places.spaces, places.stops):
            middle = frame.geometry.interpolate(0.5, normalized=True) if "length_m" in frame else frame.centroid
            degrees = middle.to_crs(WGS84)
            half_m = frame["length_m"] / 2 if "length_m" in frame else np.nan
            columns = {"lon": degrees.x, "lat": degrees.y, "name": frame["name"], "half_m": half_m}
            frames.append(pd.DataFrame(columns).set_index(pd.Index(plain_codes(frame["place_code"]))))
        every = pd.concat(frames)
        return every[~every.index.duplicated()]


def plain_code(code: str) -> str:
    """Return a code as it is compared: in capitals, nothing between its signs."""
    return _NO_SIGN.sub("", str(code).upper())


def plain_codes(codes: pd.Series[str]) -> pd.Series[str]:
    """Return codes as they are compared."""
    return codes.astype("str").map(plain_code)


def place_codes(prefix: str, place_ids: pd.Series[str]) -> pd.Series[str]:
    """Return a code for each place: the prefix, five signs and a check sign.

    The check sign is the sum of the signs times their positions, modulo 31: it catches one wrong
    sign and two swapped ones.

    Parameters
    ----------
    prefix
        S for a segment, P for a public space, T for a stop.
    place_ids
        Ids of all places of one kind, unique.

    Returns
    -------
    Codes on the same index. A code depends on its id alone, but where two ids meet in one code the
    later id in sorted order takes its next one.

    Examples
    --------
    >>> import pandas as pd
    >>> place_codes("S", pd.Series(["w1-0", "w1-1"])).tolist()
    ['SJ9EN2K', 'SMB22K9']
    """
    ordered = place_ids.sort_values()
    codes = pd.Series(_codes(prefix, ordered), index=ordered.index, dtype="str")
    attempt = 0
    while (clash := codes.duplicated()).any():
        attempt += 1
        codes[clash] = _codes(prefix, ordered[clash] + f"~{attempt}")
    return codes.reindex(place_ids.index)


def _codes(prefix: str, texts: Iterable[str]) -> NDArray[np.str_]:
    digests = b"".join(hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts)
    numbers = np.frombuffer(digests, dtype=">u8").astype(np.uint64)
    base = np.uint64(len(ALPHABET))
    signs = np.empty((len(numbers), _SIGNS + 2), dtype=np.int64)
    signs[:, 0] = ALPHABET.index(prefix)
    for position in range(1, _SIGNS + 1):
        signs[:, position] = numbers % base
        numbers = numbers // base
    signs[:, -1] = signs[:, :-1] @ np.arange(2, _SIGNS + 3) % len(ALPHABET)
    letters = np.array(list(ALPHABET))[signs]
    return letters.view(f"<U{_SIGNS + 2}").ravel()
