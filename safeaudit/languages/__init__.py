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
from functools import cache
from typing import TYPE_CHECKING, Any

from safeaudit.errors import ConfigError, Where
from safeaudit.files.admit import read_small
from safeaudit.files.staged import write_whole
from safeaudit.languages.language import INDICATOR, PLACEHOLDER, REFERENCE, Language, read_english, read_raw
from safeaudit.rubric import STANDARD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "FOLDER",
    "LANGUAGES",
    "REFERENCE",
    "Language",
    "answer_labels",
    "level_labels",
    "offer_translation",
    "question_labels",
    "read_language",
]

LANGUAGES = (REFERENCE, "fr", "es", "pt", "sw", "ar", "hi", "bn")
"""Languages that are shipped."""
FOLDER = "locale"

_DRAFT = "draft translation"
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_QUESTION = "question."


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
    heads = (INDICATOR, _QUESTION)
    names = [key.removesuffix(".label") for key in read_english() if key.startswith(heads) and key.endswith(".label")]
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
    given = _parsed(file) if file.is_file() else read_raw(code) if code in LANGUAGES[1:] else {}
    texts = {key: _text(text) for key, text in given.get("words", {}).items()}
    document = {
        "language": code,
        "name": name or given.get("name") or code,
        "direction": given.get("direction") or ("rtl" if code.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"),
        "status": given.get("status", _DRAFT),
        "signed_by": given.get("signed_by", ""),
        "signed_on": given.get("signed_on", ""),
        "words": {key: {"english": english, "text": texts.get(key, "")} for key, english in read_english().items()},
    }
    write_whole(file, f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode())
    return file, sum(bool(texts.get(key)) for key in read_english()), len(read_english())


def _checked(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ConfigError(f'"{code}" is no code of a language.', hint='Write two or three letters, such as "rn".')
    return code


@cache
def _shipped(code: str) -> Language:
    return _language(read_raw(code))


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
    english = read_english()
    if unknown := [key for key in language.own if key not in english]:
        what = f"{len(unknown)} texts are not known; the first is {unknown[0]}."
        raise ConfigError(what, hint="Remove them.", where=where)
    for key, text in english.items():
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(language[key])):
            what = f"{key} must hold {' '.join(PLACEHOLDER.findall(text)) or 'no braces'}, as its English does."
            raise ConfigError(what, hint=f'It is "{text}".', where=where)
    for indicator in STANDARD.indicators:
        levels = language.indicator_words(indicator).levels
        if len(set(levels)) < len(levels):
            what = f"Two levels of {indicator.name} have the same words."
            raise ConfigError(what, hint="Say them apart.", where=where)
    if language.direction not in {"ltr", "rtl"}:
        raise ConfigError('direction must be "ltr" or "rtl".', hint="Say how it is written.", where=where)
