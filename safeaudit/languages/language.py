"""One language: its words by key, and how sentences are made of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Any

from safeaudit.rubric import BAND_CUTS, LEVELS, IndicatorWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from safeaudit.rubric import Indicator, Rubric

REFERENCE = "en"
"""The language that every text has."""

PLACEHOLDER = re.compile(r"\{\w*\}")
INDICATOR = "indicator."

_BRACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words of one language.

    Attributes
    ----------
    code
        Its code, such as "fr".
    name
        Its name, in itself.
    direction
        How it is written: "ltr" or "rtl".
    signed_by, signed_on
        Who answers for the translation, and since when; empty while it is a draft.
    own
        Its text of each key, where it has one.
    """

    code: str
    name: str
    direction: str
    signed_by: str
    signed_on: str
    own: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        """Return the text of a key, in English where the language has none."""
        return self.own.get(key) or read_english()[key]

    @property
    def draft(self) -> bool:
        """Whether nobody has signed the translation."""
        return self.code != REFERENCE and not self.signed_by

    @property
    def bands(self) -> tuple[str, ...]:
        """The words for the bands, worst first. Never "dangerous"."""
        return tuple(self[f"band.{band}"] for band in range(len(BAND_CUTS) + 1))

    def get(self, key: str) -> str:
        """Return the text of a key, empty where no language has one: a question without a hint."""
        return self[key] if key in read_english() else ""

    def say(self, key: str, **values: object) -> str:
        """Return the text of a key with its braces filled, in one pass: what fills one is never taken for another.

        Examples
        --------
        >>> from safeaudit.languages import read_language
        >>> read_language("fr").say("page.search.found", count=3)
        '3 trouvés'
        """
        return PLACEHOLDER.sub(lambda brace: str(values[brace[0][1:-1]]), self[key])

    def retell(self, text: str, *parts: str) -> str:
        """Return an English text, as a table or a release holds it, in this language: what no key says stays as it is.

        Parameters
        ----------
        text
            The text, its braces filled.
        parts
            With one of these its key begins.

        Examples
        --------
        >>> from safeaudit.languages import read_language
        >>> read_language("fr").retell("3 found", "page.search.")
        '3 trouvés'
        """
        for key, english in read_english().items():
            if key.startswith(parts) and (found := _pattern(english).fullmatch(text)):
                return self.say(key, **found.groupdict())
        return text

    def label(self, name: str, rubric: Rubric) -> str:
        """Return what an indicator or a composite is called."""
        if name in rubric.names:
            return self.indicator_words(rubric[name]).label
        return self.get(f"{name}.label") or self.get(f"places.column.{name}") or name

    def missing(self, parts: Iterable[str] = ("",)) -> list[str]:
        """Return the keys that begin with one of `parts` and that the language has no text of its own for."""
        return [key for key in read_english() if key.startswith(tuple(parts)) and not self.own.get(key)]

    def under(self, *parts: str) -> dict[str, str]:
        """Return the text of every key that begins with one of `parts`."""
        return {key: self[key] for key in read_english() if key.startswith(parts)}

    def answers(self, field: str) -> dict[str, str]:
        """Return the words for the answers to a question, by their names, in order."""
        head = "fault." if field == "faults" else f"answer.{field}."
        return {key.removeprefix(head): text for key, text in self.under(head).items()}

    def indicator_words(self, indicator: Indicator) -> IndicatorWords:
        """Return the words of an indicator; a city's own stand in every language as its settings say them."""
        if indicator.own_words is not None:
            return indicator.own_words
        label, question, *levels = (self[key] for key in _indicator_keys(indicator.name))
        return IndicatorWords(label=label, question=question, levels=tuple(levels))


def read_raw(code: str) -> dict[str, Any]:
    """Return the file of a language that is shipped, as it stands."""
    text = (package_files("safeaudit.languages") / f"{code}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def read_english() -> dict[str, str]:
    """Return the words of the reference, by key."""
    words: dict[str, str] = read_raw(REFERENCE)["words"]
    return words


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """Return what a text is known by, whatever fills its braces."""
    plain, *braces = _BRACE.split(english)
    filled = zip(braces[::2], braces[1::2], strict=True)
    return re.compile(re.escape(plain) + "".join(f"(?P<{name}>.+){re.escape(rest)}" for name, rest in filled))


def _indicator_keys(name: str) -> list[str]:
    return [f"{INDICATOR}{name}.{part}" for part in ("label", "question", *range(LEVELS))]
