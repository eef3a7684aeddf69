"""What teams call things in the languages that are shipped, with and without accents, as `people_words.json` lists it.

Two texts are the same words where `fold` makes them one: no case, no accents, no article before an Arabic word. Of a
header, small words such as "level of" are left aside too.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from safeaudit.languages import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY, CLOCK = "day", "clock"
"""What a column holds that says the day, or the time of day, alone."""

_ACCENTS = {*range(0x300, 0x370), *range(0x64B, 0x660), 0x640, 0x670, 0x93C, 0x9BC}
"""Signs over and under Latin letters, vowels and stretching of Arabic, dots under Indian letters."""
_LETTERS = {0x629: "\u0647", 0x649: "\u064a"}
"""Arabic letters at the end of a word that many write as their neighbours."""
_PLAIN = dict.fromkeys(_ACCENTS) | _LETTERS
_ARTICLE, _ROOT = "\u0627\u0644", 3
"""The Arabic article, and how many letters must be left of a word without it."""


def fold(text: str) -> str:
    """Return words as they are compared, joined by single spaces."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN))
    kept = (sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in plain)
    return " ".join(map(_without_article, "".join(kept).split()))


def field_of(header: str) -> str | None:
    """Return the field or indicator that a header names, `DAY` and `CLOCK` among them; None where it names none."""
    whole = fold(header)
    return _headers().get(whole) or _headers().get(_without_small(whole))


def languages_of(headers: Iterable[str]) -> set[str]:
    """Return the languages that most of the headers are in, as far as they are known; none where none is."""
    said = Counter(code for header in headers for code in _codes().get(_without_small(fold(header)), ()))
    return {code for code, n in said.items() if n == max(said.values())}


def is_day(header: str) -> bool:
    """Say whether a header names a day."""
    return _without_small(fold(header)) in _of(DAY)


def is_clock(header: str) -> bool:
    """Say whether a header names a time of day."""
    return _without_small(fold(header)) in _of(CLOCK)


@cache
def levels() -> dict[str, str]:
    """Return the step of each word that says how much or how good, such as "little" for "poca"."""
    return {fold(word): step for step, by_code in _read()["levels"].items() for word in _every(by_code)}


@cache
def months() -> dict[str, int]:
    """Return the number of each month by its names."""
    return {fold(name): number for number, names in enumerate(_read()["months"], start=1) for name in names}


@cache
def halves_of_day() -> dict[str, str]:
    """Return am or pm for each of their names."""
    return {fold(name): half for half, names in _read()["halves_of_day"].items() for name in names}


def _without_article(word: str) -> str:
    return word[2:] if word.startswith(_ARTICLE) and len(word) >= len(_ARTICLE) + _ROOT else word


def _without_small(folded: str) -> str:
    return " ".join(word for word in folded.split() if word not in _small())


@cache
def _read() -> dict[str, Any]:
    text = (files("safeaudit.audits.normalise") / "people_words.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _headers() -> dict[str, str]:
    """Return the field of each header; of several, the one that is listed first."""
    named: dict[str, str] = {}
    for field, by_code in _read()["headers"].items():
        for header in _every(by_code):
            for text in filter(None, (fold(header), _without_small(fold(header)))):
                named.setdefault(text, field)
    return named


@cache
def _of(field: str) -> set[str]:
    return {_without_small(fold(header)) for header in _every(_read()["headers"][field])}


@cache
def _codes() -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for by_code in _read()["headers"].values():
        for code, headers in by_code.items():
            for header in headers:
                codes.setdefault(_without_small(fold(header)), set()).add(code)
    return codes


@cache
def _small() -> set[str]:
    return {fold(word) for words in _read()["small"].values() for word in words}


def _every(by_code: dict[str, list[str]]) -> list[str]:
    """Return the words of all languages, those of the reference first."""
    return [word for code in sorted(by_code, key=lambda code: code != REFERENCE) for word in by_code[code]]
