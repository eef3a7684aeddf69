"""Text cells to answers: levels of the rubric, and what auditors say of themselves."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from safeaudit import languages
from safeaudit.audits.normalise.cells import Problem, read_number, words
from safeaudit.config import MAX_GROUP
from safeaudit.rubric import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from safeaudit.rubric import Indicator

NO_LEVEL = -1
Rating = tuple[float, int]
"""Rating from 0 to 1 (NaN where not answered) and level (`NO_LEVEL` where there is none)."""
UNANSWERED: Rating = (math.nan, NO_LEVEL)
RUBRIC_SCALE = (0.0, float(LEVELS - 1))
_SEX = {
    "woman": "woman women female f w girl mujer niña femenino femenina femme fille mulher menina feminino feminina "
    "mwanamke msichana امرأة امراة أنثى انثى بنت سيدة महिला औरत स्त्री মহিলা নারী মেয়ে",
    "man": "man men male m boy hombre niño masculino homme garçon homem menino mwanaume mvulana رجل ذكر ولد पुरुष आदमी "
    "পুরুষ ছেলে",
    "other": "other o non-binary nonbinary nb diverse x otro autre",
}
_AGE_WORDS = {
    "child": "child children niña niño enfant criança mtoto طفل طفلة बच्चा बच्ची শিশু",
    "youth": "youth young teenager joven jeune jovem kijana شاب شابة युवा তরুণ তরুণী",
    "adult": "adult adulta adulto adulte mtu-mzima بالغ بالغة वयस्क প্রাপ্তবয়স্ক",
    "elderly": "elderly senior mayor anciana anciano âgée âgé idosa idoso mzee مسن مسنة बुज़ुर्ग बुजुर्ग বয়স্ক",
}
_CONSENT = {
    "none": "none no n 0 false refused non não nao hapana لا नहीं না",
    "analysis": "analysis internal",
    "conditions": "conditions",
    "public": "public yes y 1 true agreed si sí oui sim ndiyo نعم हाँ हां হ্যাঁ",
}
YES_NO = {"yes": "yes y 1 true si sí oui sim ndiyo نعم हाँ हां হ্যাঁ", "no": "no n 0 false non none não nao hapana لا नहीं না"}
_AGES = ((15, "child"), (25, "youth"), (60, "adult"), (121, "elderly"))


def rating_of(levels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the ratings that levels stand for; NaN for `NO_LEVEL`."""
    ratings: NDArray[np.float64] = levels / (LEVELS - 1)
    if levels.min(initial=0) < 0:
        ratings[levels == NO_LEVEL] = np.nan
    return ratings


def rating_reader(
    indicator: Indicator, own: Mapping[str, int], scale: tuple[float, ...], *, mean: bool = False
) -> Callable[[str], Rating | Problem]:
    """Return what reads the answers to one indicator.

    Parameters
    ----------
    indicator
        The indicator with its words for the levels, which are known answers.
    own
        The team's own answers and the level of each; they come before what is known besides.
    scale
        Lowest and highest rating of the file; 0 and 3 are the rubric's levels.
    mean
        Whether answers are means of several, which need not be whole.

    Returns
    -------
    A function from text to rating and level. An empty text is not answered.
    """
    low, high = scale

    @cache
    def known() -> dict[str, int]:
        return {words(answer): level for answer, level in _rubric_words(indicator).items()}

    own_levels = {words(answer): level for answer, level in own.items()}

    def read(text: str) -> Rating | Problem:
        if not text:
            return UNANSWERED
        meant = own_levels.get(words(text))
        value = read_number(text)
        if meant is not None or math.isnan(value):
            level = known().get(words(text)) if meant is None else meant
            return _unknown(indicator, own) if level is None else (level / (LEVELS - 1), level)
        whole = value.is_integer() or not (low.is_integer() and high.is_integer())
        if not low <= value <= high or not (whole or mean):
            return _outside(indicator, low, high)
        return (value - low) / (high - low), int(value) if scale == RUBRIC_SCALE and not mean else NO_LEVEL

    return read


def choice_reader(field: str, choices: Mapping[str, str]) -> Callable[[str], str]:
    """Return what reads one of some words in any of their spellings; "?" where it is another word."""

    @cache
    def known() -> dict[str, str]:
        plain = {spelling: word for word, spellings in choices.items() for spelling in spellings.split()}
        return {words(text): word for text, word in languages.answer_labels(field).items()} | plain

    def read(text: str) -> str:
        return known().get(words(text), "?") if text else ""

    return read


read_sex = choice_reader("auditor_sex", _SEX)
read_consent = choice_reader("consent", _CONSENT)
read_yes_no = choice_reader("auditor_disability", YES_NO)
_read_age_word = choice_reader("auditor_age", _AGE_WORDS)


def read_age(text: str) -> str:
    """Read an age in years, or a band of ages by its middle, as child (under 15), youth, adult or elderly (60 on)."""
    years = [int(digits) for digits in re.findall(r"\d+", words(text))]
    if not years or len(years) > 2:  # noqa: PLR2004 - a band has two ends
        return _read_age_word(text)
    under = bool(re.match(r"<|under|below|less", words(text)))
    age = sum(years) / len(years) - under
    return next((name for end, name in _AGES if age < end), "?")


def read_people(text: str) -> float:
    """Read a number of people of a group, 0 included; NaN where nothing is said, -1 where it is no such number."""
    people = read_number(text) if text else math.nan
    return people if not text or (0 <= people <= MAX_GROUP and people.is_integer()) else -1.0


def _rubric_words(indicator: Indicator) -> dict[str, int]:
    """Return the rubric's own answers in every language: each level in full, and what stands before its colon."""
    if indicator.own_words is None:
        return languages.level_labels(indicator.name)
    short = {text.partition(":")[0]: level for level, text in enumerate(indicator.own_words.levels)}
    full = {text: level for level, text in enumerate(indicator.own_words.levels)}
    return short | full


def _unknown(indicator: Indicator, own: Mapping[str, int]) -> Problem:
    known = ", ".join(["the levels 0 to 3", *(f'"{answer}"' for answer in own)])
    hint = f'Known are {known}. Add it under levels.{indicator.name}, as in "Nada" = 0.'
    return Problem("LEVEL_UNKNOWN", f"{{value}} is no known answer for {indicator.name}. {hint}")


def _outside(indicator: Indicator, low: float, high: float) -> Problem:
    kind = "a whole number " if low.is_integer() and high.is_integer() else ""
    hint = "If your form rates otherwise, write for example scale = [0, 4] under its [[audits]]."
    if kind:
        hint += f" If it holds means, name {indicator.name}_n under columns."
    return Problem("LEVEL_RANGE", f"{{value}} is not {kind}from {low:g} to {high:g} for {indicator.name}. {hint}")
