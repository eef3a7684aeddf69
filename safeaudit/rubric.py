"""The indicators: their levels, words and questions, as data.

The nine indicators follow the parameters that Safetipin publishes and the ratings 0 (worst) to 3
(best) that go with them. Levels whose published wording could not be confirmed are in our own words
(`docs/score.md` says which). Nothing here reproduces a proprietary score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LEVELS = 4
"""A rubric has the levels 0, 1, 2 and 3."""

Publication = Literal["place", "area", "feeling", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that auditors rate.

    Attributes
    ----------
    name
        Key in tables and in the TOML.
    label
        Heading for people.
    question
        What the form asks.
    levels
        Words for the levels 0, 1, 2 and 3.
    weight
        Its weight in the score; 0 for an outcome such as feeling.
    public
        Where it may be shown: by `place`, by `area` alone, as `feeling` (its own rules), or `never`.
    needs_dark
        Whether a rating given by day is no answer.
    """

    name: str
    label: str
    question: str
    levels: tuple[str, str, str, str]
    weight: float = 1.0
    public: Publication = "never"
    needs_dark: bool = False


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
        Indicator(
            name="lighting",
            label="Lighting",
            question="Is there enough light to see this spot and the people in it?",
            levels=(
                "None: no light at all",
                "Little: lights can be seen, but barely reach this spot",
                "Enough: clear visibility",
                "Bright: brightly lit",
            ),
            public="place",
            needs_dark=True,
        ),
        Indicator(
            name="openness",
            label="Openness",
            question="In how many directions can you see?",
            levels=(
                "Not open: blind corners, no clear view",
                "Partly open: a little can be seen ahead and around",
                "Mostly open: a clear view in most directions",
                "Open: a clear view in all directions",
            ),
            public="place",
        ),
        Indicator(
            name="visibility",
            label="Visibility",
            question="How well can others see you: windows, entrances, shops, vendors?",
            levels=(
                "No eyes: no windows, entrances or vendors look on",
                "Few eyes: fewer than 5 look on",
                "Some eyes: 5 to 10 look on",
                "Many eyes: more than 10 look on",
            ),
            public="place",
        ),
        Indicator(
            name="people",
            label="People",
            question="How many people are around?",
            levels=(
                "Deserted: nobody",
                "Few: fewer than 10",
                "Some: 10 or more",
                "Crowded: many within touching distance",
            ),
            public="area",
        ),
        Indicator(
            name="security",
            label="Security",
            question="Are police or guards to be seen?",
            levels=(
                "None: nobody to turn to",
                "Little: a guard, but not near",
                "Some: a guard within call",
                "Much: police or reliable guards within call",
            ),
            public="area",
        ),
        Indicator(
            name="walk_path",
            label="Walk path",
            question="How good is the path to walk on?",
            levels=(
                "None: there is no path to walk on",
                "Poor: a path, in very bad condition",
                "Fair: one can walk, but not run",
                "Good: easy to walk fast or run",
            ),
            public="place",
        ),
        Indicator(
            name="public_transport",
            label="Public transport",
            question="How near is public transport?",
            levels=(
                "None within 10 minutes' walk",
                "Distant: within 10 minutes' walk",
                "Near: 2 to 5 minutes' walk",
                "Very near: within 2 minutes' walk",
            ),
            public="place",
        ),
        Indicator(
            name="gender_usage",
            label="Gender usage",
            question="Who uses this place: are women and children among them?",
            levels=(
                "Not diverse: nobody, or only men",
                "Little: mostly men, very few women or children",
                "Some: some women and children",
                "Diverse: as many women as men, or more",
            ),
            public="area",
        ),
        Indicator(
            name="feeling",
            label="Feeling",
            question="How do you feel here?",
            levels=("Frightening", "Uncomfortable", "Acceptable", "Comfortable"),
            weight=0.0,
            public="feeling",
        ),
    )
)
"""The nine indicators with equal weights; feeling is an outcome and has none."""

COMPOSITES = ("score", "street_condition")
"""Weighted means of indicators: of all that have a weight, and of those that are public by place."""

BAND_CUTS = (100 / 6, 50.0, 500 / 6)
"""Scores where the bands change: half way between the rubric's levels."""

BANDS = ("Needs attention first", "Needs attention", "Fair", "Good")
"""Words for the four bands, worst first. Never "dangerous"."""
