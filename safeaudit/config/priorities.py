"""[priorities]: a budget, and the measures that it may be spent on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safeaudit.config.build import within
from safeaudit.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """[[priorities.measures]]: something that the city can do, and what it costs.

    Attributes
    ----------
    name
        What it is called, such as "New lamp".
    against
        Kinds of faults, and indicators, that it mends.
    cost
        What it costs, in the city's money.
    per
        Whether that is for a whole place, or for each 100 m of a street.
    effect
        What is known of its effect, and where that was measured, in words.
    """

    name: str
    against: tuple[str, ...]
    cost: float = within(0.01, 1e12)
    per: Literal["place", "100 m"] = "place"
    effect: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.against:
            message = "a measure has a name and something that it is against."
            raise ConfigError(message, hint='Write name = "New lamp" and against = ["lamp_out"].')


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritySettings:
    """[priorities]: what a budget is to be spent on.

    Attributes
    ----------
    budget
        What there is, in the city's money; nothing is chosen where not set.
    floor
        So many problems are mended in each ward at the least, or all that were found there. It must be set with a
        budget: most people served alone would mend main roads.
    measures
        What can be done.
    """

    budget: float | None = within(0, 1e15, default=None)
    floor: int | None = within(1, 1_000_000, default=None)
    measures: tuple[MeasureSettings, ...] = ()

    def __post_init__(self) -> None:
        if self.budget is None:
            return
        if self.floor is None:
            message = "a budget needs a floor: most people served alone would mend main roads."
            raise ConfigError(message, hint="Write floor = 1: problems mended in each ward at the least.")
        names = [measure.name for measure in self.measures]
        if not names or len(set(names)) < len(names):
            message = "a budget needs measures, each with a name of its own."
            raise ConfigError(message, hint="Write [[priorities.measures]] with name, against and cost.")
