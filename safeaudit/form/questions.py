"""What the form asks, as data: the same for phone, paper and entry sheet.

Names are those that `normalise` knows by themselves, so that answers come back without settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.languages import Language
    from safeaudit.rubric import Indicator, Rubric

MAX_GROUP = 100
PLACE_CODE = "[SPT][2-9A-HJKMNP-Z]{6}"
"""How place codes are written: see `place_codes.py`."""

WHO = ("auditor_sex", "auditor_disability", "auditor_role", "auditor")
WALK = ("walk_id", "group_size")
FAULTS = "faults"


@dataclass(frozen=True, slots=True)
class Asked:
    """A city's indicators in one language: heading, question and words for the levels of each."""

    language: Language
    indicators: tuple[Worded, ...]


@dataclass(frozen=True, slots=True)
class Worded:
    """One indicator in one language."""

    name: str
    label: str
    question: str
    levels: tuple[str, ...]


def asked(rubric: Rubric, languages: Sequence[Language]) -> tuple[Asked, ...]:
    """Return the indicators in each language; a city's own stand in every one as its settings say them."""
    return tuple(Asked(language, tuple(_worded(i, language) for i in rubric.indicators)) for language in languages)


def _worded(indicator: Indicator, language: Language) -> Worded:
    if indicator.name not in STANDARD.names:
        return Worded(indicator.name, indicator.label, indicator.question, indicator.levels)
    head = f"indicator.{indicator.name}"
    levels = tuple(language[f"{head}.{level}"] for level in range(len(indicator.levels)))
    return Worded(indicator.name, language[f"{head}.label"], language[f"{head}.question"], levels)
