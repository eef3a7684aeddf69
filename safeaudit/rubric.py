"""The indicators: their names, weights, and where they may be shown, as data.

The nine indicators follow the parameters that Safetipin publishes and the ratings 0 (worst) to 3
(best) that go with them. Their words stand in `languages`; levels whose published wording could not be
confirmed are in our own words (`docs/score.md` says which). Nothing here reproduces a proprietary score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LEVELS = 4
"""A rubric has the levels 0, 1, 2 and 3."""

LIKELY = 0.8
"""Probability of lying below the standard from which on a place is listed as likely."""

LOW_LEVEL = 1
"""A place is listed where at least one answer, given mainly there, is as low as this."""

Publication = Literal["place", "area", "feeling", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorWords:
    """What people read of one indicator.

    Attributes
    ----------
    label
        Its heading.
    question
        What the form asks.
    levels
        Words for the levels 0, 1, 2 and 3.
    """

    label: str
    question: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that auditors rate.

    Attributes
    ----------
    name
        Key in tables, in the TOML and in the catalogues of words.
    weight
        Its weight in the score; 0 for an outcome such as feeling.
    public
        Where it may be shown: by `place`, by `area` alone, as `feeling` (its own rules), or `never`.
    needs_dark
        Whether a rating given by day is no answer.
    own_words
        The words that a city's TOML gives to an indicator of its own; None where the catalogues have them.
    """

    name: str
    weight: float = 1.0
    public: Publication = "never"
    needs_dark: bool = False
    own_words: IndicatorWords | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """The indicators of one city, in the order they are asked and shown."""

    indicators: tuple[Indicator, ...]

    def __getitem__(self, name: str) -> Indicator:
        return next(indicator for indicator in self.indicators if indicator.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all indicators."""
        return tuple(indicator.name for indicator in self.indicators)

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each indicator that is part of the score."""
        return {i.name: i.weight for i in self.indicators if i.weight > 0}

    @property
    def street_condition(self) -> dict[str, float]:
        """Weight of each indicator of the street condition: what may be shown by place."""
        return {i.name: i.weight for i in self.indicators if i.weight > 0 and i.public == "place"}


STANDARD = Rubric(
    (
        Indicator(name="lighting", public="place", needs_dark=True),
        Indicator(name="openness", public="place"),
        Indicator(name="visibility", public="place"),
        Indicator(name="people", public="area"),
        Indicator(name="security", public="area"),
        Indicator(name="walk_path", public="place"),
        Indicator(name="public_transport", public="place"),
        Indicator(name="gender_usage", public="area"),
        Indicator(name="feeling", weight=0.0, public="feeling"),
    )
)
"""The nine indicators with equal weights; feeling is an outcome and has none."""

STREET_CONDITION = "street_condition"
COMPOSITES = ("score", STREET_CONDITION)
"""Weighted means of indicators: of all that have a weight, and of those that are public by place."""

BAND_CUTS = (100 / 6, 50.0, 500 / 6)
"""Scores where the bands change: half way between the rubric's levels."""
