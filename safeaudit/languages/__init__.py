"""All words for people, said once: a catalogue per language, from key to text, and English before all.

Form, page, sheets and QGIS styles read them here. A key says where its text stands:

- `indicator.NAME.label`, `.question`, and `.0` (worst) to `.3` for its levels; `street_condition.*`; `band.0` to `.3`
- `question.FIELD.label`, `.hint`, `.wrong`; `answer.FIELD.NAME`; `fault.KIND`: what the form asks, and what can be said
- `form.*`, `group.*`, `paper.*`, `entry.*`: the rest of the forms
- `page.*`: the map; `kind.*`, `category.*`, `light.*`, `state.*`, `count.*`: what it calls places, and how they were
  seen; `remark.*`: sentences on every output
- `mend.*`, `places.*`: the sheets of what is to be mended, and of the places
- `label.*`: what a place is called, from its parts (`languages.labels` puts them together)
- `layer.NAME.label`, and `.1` on for its steps: what the map says of streets; `measure.NAME`: what evidence is
- `qgis.*`: the legend in QGIS; `report.*`: the page to print; `priorities.*`: the sheets of what a budget mends
- `console.*`: what a command says it found. What it says of files, columns and settings is English, as those are

A text that a language lacks is English. A team's own languages, or its better words for one of ours, lie in
the folder `locale` beside its settings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Any

from safeaudit.errors import ConfigError, Where
from safeaudit.files.admit import read_small
from safeaudit.files.staged import write_whole
from safeaudit.rubric import BAND_CUTS, LEVELS, STANDARD, IndicatorWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from safeaudit.rubric import Indicator, Rubric

REFERENCE = "en"
LANGUAGES = (REFERENCE, "fr", "es", "pt", "sw", "ar", "hi", "bn")
"""Languages that are shipped."""
FOLDER = "locale"

_DRAFT = "draft translation"
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_PLACEHOLDER = re.compile(r"\{\w*\}")
_BRACE = re.compile(r"\{(\w+)\}")
_INDICATOR = "indicator."
_QUESTION = "question."


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
        return self.own.get(key) or _english()[key]

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
        return self[key] if key in _english() else ""

    def say(self, key: str, **values: object) -> str:
        """Return the text of a key with its braces filled, in one pass: what fills one is never taken for another.

        Examples
        --------
        >>> read_language("fr").say("page.search.found", count=3)
        '3 trouvés'
        """
        return _PLACEHOLDER.sub(lambda brace: str(values[brace[0][1:-1]]), self[key])

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
        >>> read_language("fr").retell("3 found", "page.search.")
        '3 trouvés'
        """
        for key, english in _english().items():
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
        return [key for key in _english() if key.startswith(tuple(parts)) and not self.own.get(key)]

    def under(self, *parts: str) -> dict[str, str]:
        """Return the text of every key that begins with one of `parts`."""
        return {key: self[key] for key in _english() if key.startswith(parts)}

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


def read_language(code: str, folder: Path | None = None) -> Language:
    """Read the catalogue of a language.

    Parameters
    ----------
    code
        Its code, such as "fr".
    folder
        Folder of the project, whose own words come first; None for those that are shipped.

    Raises
    ------
    ConfigError
        There is no such language, or its file is damaged or says what cannot be.
    """
    own = None if folder is None else folder / FOLDER / f"{_checked(code)}.json"
    if own is not None and own.is_file():
        language = _language(_parsed(own))
        _check(language, where=Where(str(own)))
        return language
    if code not in LANGUAGES:
        known = f"Known are {', '.join(LANGUAGES)}."
        hint = f"{known} For another: safeaudit translate DIR --lang {code}"
        raise ConfigError(f'There are no words in the language "{code}".', hint=hint)
    return _shipped(code)


def level_labels(indicator: str) -> dict[str, int]:
    """Return what the levels of an indicator are called in every language that is shipped.

    Parameters
    ----------
    indicator
        Its name; one that is not of the standard rubric has no words here.

    Returns
    -------
    Level of each text: in full, and what stands before its colon.
    """
    if indicator not in STANDARD.names:
        return {}
    levels: dict[str, int] = {}
    for code in LANGUAGES:
        for level, text in enumerate(_shipped(code).indicator_words(STANDARD[indicator]).levels):
            levels |= {text: level, text.partition(":")[0].strip(): level}
    return levels


def answer_labels(field: str) -> dict[str, str]:
    """Return what the answers to a question are called in every language that is shipped.

    Parameters
    ----------
    field
        Name of the question, such as "consent".

    Returns
    -------
    Name of the answer for each text, such as "none" for "Non".
    """
    return {text: name for code in LANGUAGES for name, text in _shipped(code).answers(field).items()}


def question_labels() -> dict[str, tuple[str, ...]]:
    """Return what every indicator and question is called in the languages that are shipped, by its name."""
    heads = (_INDICATOR, _QUESTION)
    names = [key.removesuffix(".label") for key in _english() if key.startswith(heads) and key.endswith(".label")]
    return {name.partition(".")[2]: tuple(_shipped(code)[f"{name}.label"] for code in LANGUAGES) for name in names}


def offer_translation(code: str, name: str | None, folder: Path) -> tuple[Path, int, int]:
    """Write the file of a language for a person to fill, English beside every text.

    What is filled already stays as it is; a language that is shipped is filled with its words.

    Parameters
    ----------
    code
        Code of the language, such as "rn".
    name
        Its name in itself; where not given, as it was, or the code.
    folder
        Folder of the project.

    Returns
    -------
    Path of the file, how many texts are filled, and how many there are.

    Raises
    ------
    ConfigError
        The code is none, or the file that is there is damaged.
    """
    file = folder / FOLDER / f"{_checked(code)}.json"
    given = _parsed(file) if file.is_file() else _raw(code) if code in LANGUAGES[1:] else {}
    texts = {key: _text(text) for key, text in given.get("words", {}).items()}
    document = {
        "language": code,
        "name": name or given.get("name") or code,
        "direction": given.get("direction") or ("rtl" if code.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"),
        "status": given.get("status", _DRAFT),
        "signed_by": given.get("signed_by", ""),
        "signed_on": given.get("signed_on", ""),
        "words": {key: {"english": english, "text": texts.get(key, "")} for key, english in _english().items()},
    }
    write_whole(file, f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode())
    return file, sum(bool(texts.get(key)) for key in _english()), len(_english())


def _checked(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ConfigError(f'"{code}" is no code of a language.', hint='Write two or three letters, such as "rn".')
    return code


@cache
def _shipped(code: str) -> Language:
    return _language(_raw(code))


def _raw(code: str) -> dict[str, Any]:
    text = (package_files("safeaudit.languages") / f"{code}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _english() -> dict[str, str]:
    """Return the reference."""
    words: dict[str, str] = _raw(REFERENCE)["words"]
    return words


@cache
def _pattern(english: str) -> re.Pattern[str]:
    """Return what a text is known by, whatever fills its braces."""
    plain, *braces = _BRACE.split(english)
    filled = zip(braces[::2], braces[1::2], strict=True)
    return re.compile(re.escape(plain) + "".join(f"(?P<{name}>.+){re.escape(rest)}" for name, rest in filled))


def _indicator_keys(name: str) -> list[str]:
    return [f"{_INDICATOR}{name}.{part}" for part in ("label", "question", *range(LEVELS))]


def _parsed(file: Path) -> dict[str, Any]:
    """Read a file of the team's own."""
    hint = "Mend it, or remove it and let safeaudit translate write it anew."
    try:
        document = json.loads(read_small(file).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"It is no file of words: {error}.", hint=hint, where=Where(str(file))) from error
    if not isinstance(document, dict) or not isinstance(document.get("words"), dict):
        raise ConfigError('It has no table of "words".', hint=hint, where=Where(str(file)))
    return document


def _language(given: Mapping[str, Any]) -> Language:
    fields = ("name", "direction", "signed_by", "signed_on")
    texts = {name: _text(str(given.get(name, ""))) for name in fields}
    own = {str(key): _text(text) for key, text in given["words"].items()}
    return Language(code=str(given.get("language", "")), own=own, **texts)


def _text(given: object) -> str:
    """Return a text, alone or with its English beside."""
    text = given.get("text", "") if isinstance(given, dict) else given
    return text.strip().encode(errors="replace").decode() if isinstance(text, str) else ""  # half a sign is none


def _check(language: Language, where: Where) -> None:
    """Refuse a language with texts that nobody reads or cannot be filled, or whose levels cannot be told apart."""
    english = _english()
    if unknown := [key for key in language.own if key not in english]:
        what = f"{len(unknown)} texts are not known; the first is {unknown[0]}."
        raise ConfigError(what, hint="Remove them.", where=where)
    for key, text in english.items():
        if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(language[key])):
            what = f"{key} must hold {' '.join(_PLACEHOLDER.findall(text)) or 'no braces'}, as its English does."
            raise ConfigError(what, hint=f'It is "{text}".', where=where)
    for indicator in STANDARD.indicators:
        levels = language.indicator_words(indicator).levels
        if len(set(levels)) < len(levels):
            what = f"Two levels of {indicator.name} have the same words."
            raise ConfigError(what, hint="Say them apart.", where=where)
    if language.direction not in {"ltr", "rtl"}:
        raise ConfigError('direction must be "ltr" or "rtl".', hint="Say how it is written.", where=where)
