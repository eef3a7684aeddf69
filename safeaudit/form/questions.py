"""What the form asks, as data: the same for phone, paper and entry sheet.

Names are those that `normalise` knows by themselves, so that answers come back without settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from safeaudit.errors import ConfigError, Where
from safeaudit.languages import FOLDER, REFERENCE, read_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from safeaudit.config import OwnGroup
    from safeaudit.languages import Language
    from safeaudit.rubric import Indicator, Rubric

MAX_GROUP = 100
PLACE_CODE = "[SPT][2-9A-HJKMNP-Z]{6}"
"""How place codes are written: see `place_codes.py`."""

WHO = ("auditor_sex", "auditor_disability", "auditor_role", "auditor")
GROUP = ("group_women", "group_men", "group_other")
WALK = ("walk_id", "group_size", *GROUP)
FAULTS = "faults"


_FORM = ("indicator.", "form.", "group.", "question.", "answer.", "fault.", "paper.", "entry.")
"""Where the forms' words begin in a catalogue."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A city's indicators in one language: heading, question and words for the levels of each; and its own groups."""

    language: Language
    indicators: tuple[Worded, ...]
    groups: Mapping[str, OwnGroup]


@dataclass(frozen=True, slots=True)
class Worded:
    """One indicator in one language."""

    name: str
    label: str
    question: str
    levels: tuple[str, ...]


def asked(rubric: Rubric, groups: Mapping[str, OwnGroup], languages: Sequence[Language]) -> tuple[Asked, ...]:
    """Return what is asked in each language; what is the city's own stands in every one as its settings say it.

    Raises
    ------
    ConfigError
        A language lacks words of the forms: nobody answers alike in half a language.
    """
    for language in languages:
        _refuse_gaps(language)
    return tuple(
        Asked(language, tuple(_worded(i, language) for i in rubric.indicators), groups) for language in languages
    )


def _refuse_gaps(language: Language) -> None:
    gaps = language.missing(_FORM)
    if gaps:
        every = len(read_language(REFERENCE).under(*_FORM))
        what = f"{len(gaps)} of {every} texts of the forms are missing in {language.code}; the first is {gaps[0]}."
        file = Where(f"{FOLDER}/{language.code}.json")
        raise ConfigError(what, hint=f'Its English is "{read_language(REFERENCE)[gaps[0]]}". Fill them in.', where=file)


def _worded(indicator: Indicator, language: Language) -> Worded:
    words = language.indicator_words(indicator)
    return Worded(indicator.name, words.label, words.question, words.levels)
