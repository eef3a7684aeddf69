"""The words of forms, in every language: one JSON file each, and English before all.

English for indicators and bands stands in `rubric.py`, for the rest in `en.json`. A team's own
languages, or its better words for one of ours, lie in the folder `locale` beside its settings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Any

from safeaudit.errors import ConfigError, Where
from safeaudit.files.staged import write_whole
from safeaudit.rubric import BANDS, STANDARD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REFERENCE = "en"
LANGUAGES = (REFERENCE, "fr", "es", "pt", "sw", "ar", "hi", "bn")
"""Languages that are shipped."""
FOLDER = "locale"

_DRAFT = "draft translation"
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RIGHT_TO_LEFT = {"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
_PLACEHOLDER = re.compile(r"\{\w*\}")
_NO_CHOICE = {"label", "hint", "wrong"}
_NO_FIELD = {"form", "group", "paper", "entry", "band", "indicator"}


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
    words
        Text of each key.
    """

    code: str
    name: str
    direction: str
    signed_by: str
    signed_on: str
    words: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    @property
    def draft(self) -> bool:
        """Whether nobody has signed the translation."""
        return self.code != REFERENCE and not self.signed_by

    def choices(self, field: str) -> dict[str, str]:
        """Return the words for the answers to a question, by their names, in order."""
        return _answers(self.words, field)


def read(code: str, folder: Path | None = None) -> Language:
    """Read the words of a language.

    Parameters
    ----------
    code
        Its code, such as "fr".
    folder
        Folder of the project, whose own words come first; None for those that are shipped.

    Raises
    ------
    ConfigError
        There is no such language, or its file is damaged or not complete.
    """
    own = None if folder is None else folder / FOLDER / f"{_checked(code)}.json"
    if own is not None and own.is_file():
        language = _language(_parsed(own))
        _complete(language, where=Where(str(own)))
        return language
    if code not in LANGUAGES:
        known = f"Known are {', '.join(LANGUAGES)}."
        hint = f"{known} For another: safeaudit translate DIR --lang {code}"
        raise ConfigError(f'There are no words in the language "{code}".', hint=hint)
    return _shipped(code)


def labels(indicator: str) -> dict[str, int]:
    """Return what the levels of an indicator are called in every language that is shipped.

    Parameters
    ----------
    indicator
        Its name; one that is not of the standard rubric has no words here.

    Returns
    -------
    Level of each text: in full, and what stands before its colon.
    """
    found: dict[str, int] = {}
    for code in LANGUAGES:
        for level, text in enumerate(_level_words(_shipped(code).words, indicator)):
            found |= {text: level, text.partition(":")[0].strip(): level}
    return found


def choices(field: str) -> dict[str, str]:
    """Return what the answers to a question are called in every language that is shipped.

    Parameters
    ----------
    field
        Name of the question, such as "consent".

    Returns
    -------
    Name of the answer for each text, such as "none" for "Non".
    """
    return {text: name for code in LANGUAGES for name, text in _shipped(code).choices(field).items()}


def headings() -> dict[str, tuple[str, ...]]:
    """Return what every indicator and question is called in the languages that are shipped, by its name."""
    names = [key.removesuffix(".label") for key in _english() if key.endswith(".label")]
    return {
        name.removeprefix("indicator."): tuple(_shipped(code)[f"{name}.label"] for code in LANGUAGES) for name in names
    }


def offer(code: str, name: str | None, folder: Path) -> tuple[Path, int, int]:
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
    return file, sum(bool(texts.get(key, "").strip()) for key in _english()), len(_english())


def _checked(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ConfigError(f'"{code}" is no code of a language.', hint='Write two or three letters, such as "rn".')
    return code


@cache
def _shipped(code: str) -> Language:
    given = _raw(code)
    return _language({**given, "words": _english()} if code == REFERENCE else given)


def _raw(code: str) -> dict[str, Any]:
    text = (package_files("safeaudit.languages") / f"{code}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _english() -> dict[str, str]:
    """Return the reference: the rubric's words, then the form's."""
    bands = {f"band.{band}": text for band, text in enumerate(BANDS)}
    rubric: dict[str, str] = {}
    for indicator in STANDARD.indicators:
        head = f"indicator.{indicator.name}"
        rubric |= {f"{head}.label": indicator.label, f"{head}.question": indicator.question}
        rubric |= {f"{head}.{level}": text for level, text in enumerate(indicator.levels)}
    return bands | rubric | _raw(REFERENCE)["words"]


def _parsed(file: Path) -> dict[str, Any]:
    """Read a file of the team's own."""
    hint = "Mend it, or remove it and let safeaudit translate write it anew."
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"It is no file of words: {error}.", hint=hint, where=Where(str(file))) from error
    if not isinstance(document, dict) or not isinstance(document.get("words"), dict):
        raise ConfigError('It has no table of "words".', hint=hint, where=Where(str(file)))
    return document


def _language(given: Mapping[str, Any]) -> Language:
    fields = ("name", "direction", "signed_by", "signed_on")
    texts = {name: str(given.get(name, "")).strip() for name in fields}
    words = {str(key): _text(text) for key, text in given["words"].items()}
    return Language(code=str(given.get("language", "")), words=words, **texts)


def _text(given: object) -> str:
    """Return a text, alone or with its English beside."""
    text = given.get("text", "") if isinstance(given, dict) else given
    return text.strip() if isinstance(text, str) else ""


def _complete(language: Language, where: Where) -> None:
    """Refuse a language that lacks texts, or whose levels cannot be told apart."""
    english, words = _english(), language.words
    missing = [key for key in english if not words.get(key)]
    if missing:
        what = f"{len(missing)} of {len(english)} texts are missing; the first is {missing[0]}."
        raise ConfigError(what, hint=f'Its English is "{english[missing[0]]}". Fill them in.', where=where)
    if unknown := [key for key in words if key not in english]:
        what = f"{len(unknown)} texts are not known; the first is {unknown[0]}."
        raise ConfigError(what, hint="Remove them.", where=where)
    for key, text in english.items():
        if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(words[key])):
            what = f"{key} must hold {' '.join(_PLACEHOLDER.findall(text)) or 'no braces'}, as its English does."
            raise ConfigError(what, hint=f'It is "{text}".', where=where)
    for name in STANDARD.names:
        if len(set(_level_words(words, name))) < len(_level_words(words, name)):
            raise ConfigError(f"Two levels of {name} have the same words.", hint="Say them apart.", where=where)
    if language.direction not in {"ltr", "rtl"}:
        raise ConfigError('direction must be "ltr" or "rtl".', hint="Say how it is written.", where=where)


def _level_words(words: Mapping[str, str], indicator: str) -> list[str]:
    return [words[key] for level in range(4) if (key := f"indicator.{indicator}.{level}") in words]


def _answers(words: Mapping[str, str], field: str) -> dict[str, str]:
    if field in _NO_FIELD:
        return {}
    keys = (key.split(".") for key in _english())
    return {parts[1]: words[".".join(parts)] for parts in keys if parts[0] == field and parts[1] not in _NO_CHOICE}
