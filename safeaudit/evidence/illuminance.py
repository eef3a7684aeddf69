"""Evidence of light that teams measured: their lux readings, held against the class that the street needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.evidence.parts.measures import FROM_AUDITS, concat_evidence, evidence_rows
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.config import LightingClass
    from safeaudit.evidence.parts.context import Context
    from safeaudit.tables import Places

CLASSES: Mapping[str, tuple[float, float]] = {
    "P1": (15.0, 3.0),
    "P2": (10.0, 2.0),
    "P3": (7.5, 1.5),
    "P4": (5.0, 1.0),
    "P5": (3.0, 0.6),
    "P6": (2.0, 0.4),
}
"""EN 13201-2:2015: mean and minimum horizontal illuminance that a class for pedestrians asks for, lux."""

WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "travel_speed": {"low": 1, "walking": 0},
    "use_intensity": {"busy": 1, "normal": 0, "quiet": -1},
    "traffic_composition": {
        "pedestrians_cyclists_motor": 2,
        "pedestrians_motor": 1,
        "pedestrians_cyclists": 1,
        "pedestrians": 0,
        "cyclists": 0,
    },
    "parked_vehicles": {"present": 1, "not_present": 0},
    "ambient_luminosity": {"high": 1, "moderate": 0, "low": -1},
}
"""CEN/TR 13201-1:2014, classes P: what each parameter weighs. The report calls them an example; countries differ."""

_GRID_POINTS = 10
"""Fewest points along the street, from one lamp to the next, of the grid of EN 13201-3."""

_ALL = ("segment", "space", "stop")
_MEAN = Measure(name="lux_mean", unit="lx", of=_ALL)
_LOWEST = Measure(name="lux_min", unit="lx", of=_ALL)
_COUNT = Measure(name="lux_n", unit="readings", of=_ALL)
_CLASS = Measure(name="lighting_class", words=tuple(CLASSES), of=_ALL)
_MEETS = Measure(name="lux_meets", words=("yes", "no"), of=_ALL)
MEASURES = (_MEAN, _LOWEST, _COUNT, _CLASS, _MEETS)


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell what lux meters showed in the dark, and whether that reaches the class the place needs.

    A reading counts at the place that has more than half of its submission: at most one of a kind. Where a fix
    does not tell one street from the next, it counts at none. `lux_meets` is yes where the mean and the minimum
    both reach the class (EN 13201-2:2015). The class is P6 less the weights of CEN/TR 13201-1:2014, P1 at the
    most and P6 at the least; it is known only for kinds of places that the settings declare, as the map does not
    tell how busy or how bright a surrounding is. No class is computed from lamps.

    A few readings by hand are no measurement by EN 13201-4, and the classes are meant for maintained light.

    Parameters
    ----------
    context
        Its submissions, matches and places, and of its settings `lighting_class`: parameters by kind of place
        (`highway` or category).

    Returns
    -------
    The table `evidence`, for places with a reading alone. Coverage is the number of readings over 10, at most 1.
    """
    found = _readings(context.submissions, context.matches)
    words = {kind: class_of(declared) for kind, declared in context.settings.lighting_class.items()}
    found["class"] = _kinds(context.places).reindex(found["place_id"]).map(words).to_numpy()
    known = found[found["class"].notna()]
    wanted = np.array([CLASSES[word] for word in known["class"]]).reshape(-1, 2)
    met = (known[["mean", "min"]].to_numpy() >= wanted).all(axis=1)
    numbers = {_MEAN: "mean", _LOWEST: "min", _COUNT: "size"}
    rows = [_measured(measure, found, value=found[column]) for measure, column in numbers.items()]
    labels = {_CLASS: known["class"], _MEETS: np.where(met, "yes", "no")}
    return concat_evidence([*rows, *(_measured(measure, known, label=label) for measure, label in labels.items())])


def class_of(declared: LightingClass) -> str:
    """Return the class that CEN/TR 13201-1:2014 selects: P6 less the sum of the weights, P1 to P6."""
    total = sum(weights[getattr(declared, name)] for name, weights in WEIGHTS.items())
    return f"P{min(max(6 - total, 1), len(CLASSES))}"


def _readings(submissions: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return mean, min and number (size) of the readings of each place that has some."""
    dark = submissions["light"].eq("dark") & submissions["lux"].astype(float).ge(0)
    sure = matches.loc[matches["weight"] > 1 / 2, ["submission_id", "place_id"]]
    read = sure.merge(submissions.loc[dark, ["submission_id", "lux"]])
    return read.groupby("place_id")["lux"].agg(["mean", "min", "size"]).reset_index()


def _kinds(places: Places) -> pd.Series[str]:
    """Return the kind of every place, by its place_id: `highway` of a segment, category of the others."""
    kinds = ((places.segments, "highway"), (places.spaces, "category"), (places.stops, "category"))
    return pd.concat([frame.set_index("place_id")[column].astype("str") for frame, column in kinds])


def _measured(measure: Measure, found: pd.DataFrame, **said: pd.Series[str]) -> pd.DataFrame:
    coverage = np.minimum(found["size"] / _GRID_POINTS, 1.0)
    return evidence_rows(measure, found["place_id"], coverage=coverage, source=FROM_AUDITS, **said)
