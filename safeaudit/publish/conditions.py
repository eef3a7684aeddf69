"""What was seen of each place: in bands, with numbers in classes and times by quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.coverage import bands, coverage, place_sizes, quarters
from safeaudit.languages import REFERENCE, read_language
from safeaudit.publish.walks import on_enough_walks
from safeaudit.tables.public import PublicIndicator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import PublishSettings
    from safeaudit.tables import AuditResult

STREET_CONDITION = "street_condition"
_N_CLASSES = (("1-2", 3), ("3-4", 5))


def shown_scores(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the rows of the open scores that may be shown by place: in the headline's light, of public indicators."""
    scores = result.open_scores
    names = [STREET_CONDITION, *result.rubric.street_condition]
    shown = scores[scores["headline"] & scores["indicator"].isin(names)]
    return on_enough_walks(shown, result, settings)


def public_conditions(shown: pd.DataFrame) -> pd.DataFrame:
    """Return the shown scores without their values: bands, classes of numbers, quarters."""
    return pd.DataFrame(
        {
            "place_id": shown["place_id"],
            "indicator": shown["indicator"],
            "band": bands(shown["score"]),
            "state": shown["state"],
            "n": count_classes(shown["n"]),
            "level": shown["level_seen"],
            "level_0": shown["level_0"],
            "light": shown["group"],
            "quarter": quarters(shown["latest_at"]),
        }
    ).reset_index(drop=True)


def count_classes(n: pd.Series[float]) -> NDArray[np.str_]:
    """Return how many there are in words that tell no single answer apart."""
    words = [word for word, _ in _N_CLASSES]
    many = read_language(REFERENCE)["count.many"]
    return np.select([n < upper for _, upper in _N_CLASSES], words, default=many)


def public_coverage(result: AuditResult, shown: pd.DataFrame) -> pd.DataFrame:
    """Return how much of each kind of place was seen, by what is shown alone, and in which bands."""
    found = coverage(shown, place_sizes(result.places), ["indicator", "kind"])
    return found.rename(columns={"coverage": "seen"})


def public_indicators(result: AuditResult, shown: pd.DataFrame) -> tuple[PublicIndicator, ...]:
    """Return what can be switched on: the street condition first, or else the best-answered indicator."""
    answered = shown["indicator"].astype("str").value_counts()
    english = read_language(REFERENCE)
    words = {i.name: english.indicator_words(i) for i in result.rubric.indicators}
    every = ", ".join(words[name].label.lower() for name in result.rubric.street_condition)
    mean = PublicIndicator(
        name=STREET_CONDITION,
        label=english["street_condition.label"],
        question=english["street_condition.question"].replace("{list}", every),
        levels=(),
    )
    single = [
        PublicIndicator(name=name, label=words[name].label, question=words[name].question, levels=words[name].levels)
        for name in result.rubric.names
        if name in result.rubric.street_condition and name in answered
    ]
    if STREET_CONDITION in answered and answered[STREET_CONDITION] * 2 >= answered.max():
        return (mean, *single)
    ordered = sorted(single, key=lambda indicator: -answered[indicator.name])
    return (*ordered, mean) if STREET_CONDITION in answered else tuple(ordered)
