"""[rubric], [match], [score], [faults], [publish], [private], [check]: what is made of the audits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from safeaudit.config.build import no_entries, within
from safeaudit.errors import ConfigError
from safeaudit.rubric import LEVELS, Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIndicator:
    """[rubric.indicators.NAME]: an indicator of the city's own.

    Attributes
    ----------
    label, question, levels
        Words for people: heading, question and the four levels.
    weight
        Weight in the score.
    public
        Where it may be shown: place, area or never.
    """

    label: str
    question: str = ""
    levels: tuple[str, ...] = ("0", "1", "2", "3")
    weight: float = within(0, default=1.0)
    public: Publication = "never"

    def __post_init__(self) -> None:
        if len(self.levels) != LEVELS:
            message = f"an indicator has {LEVELS} levels, not {len(self.levels)}."
            raise ConfigError(message, hint="List the words for 0, 1, 2 and 3, worst first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricSettings:
    """[rubric]: weights of indicators, and indicators of the city's own."""

    weights: MappingProxyType[str, float] = within(0, 1e6, default_factory=no_entries)
    indicators: MappingProxyType[str, OwnIndicator] = field(default_factory=no_entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings:
    """[match]: how far a fix may lie from its place, and what is placed by hand.

    Attributes
    ----------
    max_distance_m
        A submission farther than this from every place of a kind has none of that kind.
    default_accuracy_m
        Accuracy taken for a fix whose accuracy is unknown.
    overrides
        Place code by submission_id: where a submission belongs, whatever its form says.
    """

    max_distance_m: float = within(0, 1000, default=25.0)
    default_accuracy_m: float = within(0.1, 1000, default=10.0)
    overrides: MappingProxyType[str, str] = field(default_factory=no_entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """[score]: what a score needs and when it is stale.

    Attributes
    ----------
    estimate
        Whether streets where nobody was are estimated, as far as that is shown to help.
    campaign
        Round of walks to score; where not set, each place is shown in its latest. Rounds are never pooled.
    min_share
        Share of the weight that must be answered for a score.
    min_ratings, min_contributors
        Ratings and people; below either a place is `few`. A group that agreed is as many people as it has.
    stale_months
        A place whose latest rating is older than this before `as_of` is `stale`.
    as_of
        Day that age is counted back from; the latest observation where not set.
    interval
        Probability that low and high enclose.
    standard
        By indicator, or for score and street_condition: the score from which on a place is as it should be, 50 where
        not set.
    """

    estimate: bool = True
    campaign: str | None = None
    min_share: float = within(0, 1, default=0.75)
    min_ratings: float = within(0, default=0.0)
    min_contributors: int = within(0, default=3)
    stale_months: int = within(0, 1200, default=24)
    as_of: date | None = None
    interval: float = within(0.01, 0.999, default=0.9)
    standard: MappingProxyType[str, float] = within(0, 100, default_factory=no_entries)

    def dated(self, latest: datetime) -> ScoreSettings:
        """Return the settings with the day that age is counted back from: the latest observation where none is set.

        Parameters
        ----------
        latest
            Time of the latest observation; NaT where no time is known.
        """
        unknown = latest != latest  # noqa: PLR0124 - NaT alone is not itself
        return self if self.as_of or unknown else replace(self, as_of=latest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """[[faults.rules]]: whose a fault is by where it is; what a rule leaves out it does not ask.

    Attributes
    ----------
    agency
        Who can mend it.
    kinds
        Kinds of faults, such as "rubbish".
    places
        Kinds of places: segment, space or stop, or their categories, such as "park" or "residential".
    areas
        Names of wards or sites.
    tags
        What the map says of the place, such as operator = "Metro".
    """

    agency: str
    kinds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    tags: MappingProxyType[str, str] = field(default_factory=no_entries)

    def __post_init__(self) -> None:
        if not self.agency.strip():
            raise ConfigError("a rule names no agency.", hint='Write agency = "Parks department".')


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSettings:
    """[faults]: who mends what.

    Attributes
    ----------
    agencies
        Who can mend it, by kind of fault, such as lamp_out = "City power company".
    rules
        Whose a fault is by where it is: the first rule that fits goes before `agencies`.
    """

    agencies: MappingProxyType[str, str] = field(default_factory=no_entries)
    rules: tuple[FaultRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSettings:
    """[publish]: what a community decided to hold back.

    Attributes
    ----------
    min_walks
        What fewer walks by different people have answered at a place, in that light, is not shown.
    lone_ends_m
        So many metres from both ends of a walk by one person, what nobody else saw is not shown; 0 shows it.
    """

    min_walks: int = within(1, default=1)
    lone_ends_m: float = within(0, 10_000, default=200.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateSettings:
    """[private]: how long what is private is kept.

    Attributes
    ----------
    keep_months
        So long after the latest observation the folder private/ is deleted; never where not set.
    """

    keep_months: int | None = within(1, 1200, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """[check]: how much may be wrong before a run says so by its exit code."""

    max_rejected_share: float = within(0, 1, default=0.05)
