"""Place codes: short, stable, safe to read aloud and to copy by hand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, 1, I, L or O: they are mistaken for each other. 31 signs, a prime, for the check sign."""

_SIGNS = 5


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
    """
    ordered = place_ids.sort_values()
    codes = pd.Series(_codes(prefix, ordered), index=ordered.index, dtype=object)
    attempt = 0
    while (clash := codes.duplicated()).any():
        attempt += 1
        codes[clash] = _codes(prefix, ordered[clash] + f"~{attempt}")
    return codes.reindex(place_ids.index)


def _codes(prefix: str, texts: Iterable[str]) -> NDArray[np.object_]:
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
    return letters.view(f"<U{_SIGNS + 2}").ravel().astype(object)
