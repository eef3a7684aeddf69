"""Day or dark as auditors say it, where the sun cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.answers import choice_reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.cells import Coded

_WORDS = {"day": "day daytime daylight", "dark": "dark night after_dark", "twilight": "twilight dusk dawn"}
read_light = choice_reader("day_or_dark", _WORDS)


def with_declared(sun: Coded, declared: Coded) -> tuple[Coded, NDArray[np.bool_]]:
    """Return the light by the sun, else as it was declared; and where one says day and the other dark.

    Parameters
    ----------
    sun
        day, twilight or dark at each place and time; empty where one of the two is unknown.
    declared
        What the auditors said; empty where they did not.
    """
    if not any(declared.texts):
        return sun, np.zeros(len(sun.codes), dtype=bool)
    differ = (sun.where("day") & declared.where("dark")) | (sun.where("dark") & declared.where("day"))
    return sun.otherwise(declared), differ
