"""Answers that are one of some words: who auditors say they are, and whether they say it was dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.audits.normalise.answers import choice_reader, read_age, read_sex, read_yes_no
from safeaudit.audits.normalise.cells import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.audits.normalise.coded import Coded

_LIGHTS = {
    "day": "day daytime daylight día dia jour mchana نهار نهارا दिन দিন",
    "dark": "dark night after_dark noche nuit noite usiku giza ليل ليلا रात রাত",
    "twilight": "twilight dusk dawn",
}
_HOMBRE, _MUJER = "h", "m"
"""Where somebody is an h, as men are in Spanish, Portuguese and French, an m is a woman."""
CHOICES: Mapping[str, Callable[[str], str]] = {
    "auditor_sex": read_sex,
    "auditor_age": read_age,
    "auditor_disability": read_yes_no,
    "day_or_dark": choice_reader("day_or_dark", _LIGHTS),
}
"""What reads the answers to each field, "?" where it is another word."""


def read_choice(chunk: Chunk, field: str) -> Coded:
    """Read a field; a word that is not known is left out, and counted."""
    answers = chunk.coded(field)
    if field == "auditor_sex" and _HOMBRE in map(words, answers.texts):
        answers = answers.changed(lambda text: {_HOMBRE: "man", _MUJER: "woman"}.get(words(text), text))
    answers = answers.changed(CHOICES[field])
    chunk.remarks.count(
        f"{{n}} answers for {field} are not known, such as {{first}}; they are left out.",
        answers.where("?"),
        chunk.column(field),
    )
    return answers.changed(lambda answer: "" if answer == "?" else answer)
