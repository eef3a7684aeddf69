"""What was seen of each place: in bands, with numbers in classes and times by quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.coverage import bands, place_sizes, quarters
from safeaudit.languages import REFERENCE, read_language
from safeaudit.publish.walks import hold_lone_ends, on_enough_walks
from safeaudit.rubric import LIKELY, LOW_LEVEL, STREET_CONDITION
from safeaudit.tables.public import PublicIndicator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import PublishSettings
    from safeaudit.rubric import Rubric
    from safeaudit.tables import AuditResult, Places

_LEAST_FORMS = 2
_EVEN_ODDS = 0.5
_N_CLASSES = (("1-2", 3), ("3-4", 5))


def public_rows(result: AuditResult) -> pd.DataFrame:
    """Return the rows of the open scores that are public by place: of public indicators, each light apart.

    What is estimated stays with the office: the public map shows what somebody saw.
    """
    scores = result.open_scores
    names = [STREET_CONDITION, *result.rubric.street_condition]
    return scores[scores["indicator"].isin(names) & (scores["state"] != "estimated")]


def shown_scores(result: AuditResult, settings: PublishSettings) -> pd.DataFrame:
    """Return the public rows that may be shown: enough walks stand behind them, and they are no end of a lone one."""
    return hold_lone_ends(on_enough_walks(public_rows(result), result, settings), result, settings)


def public_conditions(shown: pd.DataFrame) -> pd.DataFrame:
    """Return the shown scores without their values: bands, classes of numbers, quarters, and the list each is on.

    Of few people, or one form, the band alone is told: the level that one person chose is that person's answer.
    """
    told = (shown["state"] != "few") & (shown["answers"] >= _LEAST_FORMS)
    return pd.DataFrame(
        {
            "place_id": shown["place_id"],
            "indicator": shown["indicator"],
            "band": bands(shown["score"]),
            "state": shown["state"],
            "n": count_classes(shown["n"]),
            "people": count_classes(shown["contributors"]),
            "level": shown["level_seen"].where(told),
            "level_0": shown["level_0"] & told,
            "list": public_lists(shown),
            "light": shown["group"],
            "quarter": quarters(shown["latest_at"]),
        }
    ).reset_index(drop=True)


def public_lists(shown: pd.DataFrame) -> NDArray[np.str_]:
    """Return the list that each place is on: likely below the standard, look (go and look), or none.

    Only what enough people saw of late is listed, and only with an answer of level 0 or 1 given mainly there.
    """
    listed = (shown["state"] == "audited") & (shown["lowest_seen"] <= LOW_LEVEL)
    look = (shown["p_below"] >= _EVEN_ODDS) | (shown["lowest_seen"] == 0)
    return np.select([listed & (shown["p_below"] >= LIKELY), listed & look], ["likely", "look"], default="none")


def count_classes(n: pd.Series[float]) -> NDArray[np.str_]:
    """Return how many there are in words that tell no single answer apart."""
    words = [word for word, _ in _N_CLASSES]
    many = read_language(REFERENCE)["count.many"]
    return np.select([n < upper for _, upper in _N_CLASSES], words, default=many)


def public_coverage(places: Places, conditions: pd.DataFrame) -> pd.DataFrame:
    """Return how much of each kind of place was seen in each light, by what is shown alone."""
    sizes = place_sizes(places)
    total = sizes.groupby("kind")["size"].sum()
    rows = conditions[["place_id", "indicator", "light"]].merge(sizes, on="place_id")
    by_kind = rows.pivot_table(
        index=["indicator", "light"], columns="kind", values="size", aggfunc="sum", fill_value=0.0, observed=True
    )
    share = by_kind.reindex(columns=total.index, fill_value=0.0) / total
    return share.reset_index().melt(["indicator", "light"], var_name="kind", value_name="seen")


def public_indicators(rubric: Rubric, conditions: pd.DataFrame) -> tuple[PublicIndicator, ...]:
    """Return what can be switched on: the street condition first, or else the best-answered indicator."""
    answered = conditions["indicator"].astype("str").value_counts()
    english = read_language(REFERENCE)
    words = {i.name: english.indicator_words(i) for i in rubric.indicators}
    every = ", ".join(words[name].label.lower() for name in rubric.street_condition)
    mean = PublicIndicator(
        name=STREET_CONDITION,
        label=english["street_condition.label"],
        question=english["street_condition.question"].replace("{list}", every),
        levels=(),
    )
    single = [
        PublicIndicator(
            name=name,
            label=words[name].label,
            question=words[name].question,
            levels=words[name].levels,
            needs_dark=rubric[name].needs_dark,
        )
        for name in rubric.names
        if name in rubric.street_condition and name in answered
    ]
    if STREET_CONDITION in answered and answered[STREET_CONDITION] * 2 >= answered.max():
        return (mean, *single)
    ordered = sorted(single, key=lambda indicator: -answered[indicator.name])
    return (*ordered, mean) if STREET_CONDITION in answered else tuple(ordered)
