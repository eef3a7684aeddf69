"""Which column is what, by its header, and a position by how it is written."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING

from safeaudit import languages
from safeaudit.audits.marks import strip_invisible
from safeaudit.audits.normalise import people_words
from safeaudit.audits.normalise.cells import simplify, words
from safeaudit.audits.normalise.coordinates import WKT
from safeaudit.audits.normalise.headers import INDICATOR_NAMES, KOBO_OWN, NAMES, UPLOAD_TIMES
from safeaudit.config import FIELDS, NO_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from safeaudit.audits.cells import Cells
    from safeaudit.config import OwnGroup
    from safeaudit.rubric import Rubric

_CLOCK = re.compile(r"(.*T)?\d{1,2}[:.hH]\d\d\b.*")
_POSITIONS = {"position", "gps", "geopoint", "gps_point", "coordinates"}
_LATITUDE = re.compile(r"(?:(.*)_)?(?:lat|latitude)|(?:lat|latitude)_(\d+_.*)")
_LONGITUDE = re.compile(r"(?:(.*)_)?(?:lon|lng|long|longitude)|(?:lon|lng|long|longitude)_(\d+_.*)")
"""As in spot_latitude; or as Epicollect5 writes it, number and question behind: lat_1_Where_are_you."""
_PRECISION = re.compile(r"(.+_)?(precision|accuracy)|accuracy_\d+_.*")
_GEOPOINT = re.compile(r"[(\s]*-?\d+\.\d+[ ,;]\s*-?\d+\.\d+( -?\d+(\.\d+)?){0,2}[)\s]*|\s*-?\d+,\d+[ ;]\s*-?\d+,\d+\s*")
_NUMBERING = re.compile(r"^q?\d+[a-z]?_+")
_SUFFIX = re.compile(r"_(rating|score|level|rate)$")
_CLOSE = 0.88
_FEW, _LONG = 3, 3
"""Headings of one language that must be there, or words of a heading, to take it for one of our form's."""
_UNLABELLED = {"position", "photo", "faults"}
"""Questions whose column is not known by its heading alone."""


def plain_header(text: str) -> str:
    """Return a header as it is compared with the settings: one form of each letter, nothing invisible around."""
    return strip_invisible(unicodedata.normalize("NFC", text))


def guess(
    header: Sequence[str], sample: Cells | None, rubric: Rubric, groups: Mapping[str, OwnGroup] = NO_GROUPS
) -> dict[str, str]:
    """Guess the column of each field and indicator.

    Parameters
    ----------
    header
        Names of the columns.
    sample
        Some rows, to know a position by how it is written; None to go by names alone.
    rubric, groups
        The indicators, and the questions of the city's own, that columns can be.

    Returns
    -------
    Header of each field that was found, fields in the order of the file.
    """
    names = {column: _simple(column) for column in header if column and column not in KOBO_OWN}
    columns = _coordinates(names)
    if "latitude" not in columns:
        columns |= _geopoint(header, sample)
    headed = {field: column for column, field in reversed(_headings(header).items())}
    columns |= {field: column for field, column in headed.items() if field != "observed_at"}
    english = languages.read_language(languages.REFERENCE)
    for indicator in rubric.indicators:
        label = english.indicator_words(indicator).label
        known = [indicator.name, _words(label), *INDICATOR_NAMES.get(indicator.name, "").split()]
        _match_name(columns, indicator.name, names, known)
    for name, group in groups.items():
        _match_name(columns, name, names, [name, _words(group.question)])
    for field, spellings in NAMES.items():
        _match_name(columns, field, names, spellings.split())
    columns = {**headed, **columns}  # a phone's own clock comes before a time that somebody wrote
    upload = columns.pop("observed_at", None) if is_upload_time(columns.get("observed_at", ""), header) else None
    _match_words(columns, header, sample, rubric)
    columns |= _day_and_clock(names, header, sample, columns)
    if upload is not None:  # where nothing says when it was seen
        columns.setdefault("observed_at", upload)
    if "latitude" in columns:
        _match_only(columns, "accuracy_m", names, _PRECISION)
    for indicator in rubric.indicators:
        _match_nearly(columns, indicator.name, names)
    columns |= _faults(header)
    return dict(sorted(columns.items(), key=lambda item: _first_column(header, item[1])))


def several(header: Sequence[str], question: str) -> dict[str, int]:
    """Return the column of each answer to a question that has a column for each, as in faults/lamp_out.

    Parameters
    ----------
    header
        Names of the columns.
    question
        What stands before the slash; a column of that name alone holds all answers in one.

    Returns
    -------
    Number of the column by its answer, as it is written.
    """
    start = f"{plain_header(question)}/"
    return {name.removeprefix(start): at for at, name in enumerate(map(plain_header, header)) if name.startswith(start)}


def positions(header: Sequence[str], sample: Cells | None) -> tuple[str, ...]:
    """Return a column of each position that a form asked for: its latitude, or all of it in one.

    Parameters
    ----------
    header
        Names of the columns.
    sample
        Some rows, to know a position by how it is written.
    """
    names = {column: _simple(column) for column in header if column}
    longitudes = {_pair_key(column, match) for column, match in _matches(names, _LONGITUDE)}
    pairs = {column: _pair_key(column, match) for column, match in _matches(names, _LATITUDE)}
    split = [column for column, key in pairs.items() if key in longitudes]
    called = {_words(pairs[column][1]) or _simple(pairs[column][0].rstrip("/.:-")) for column in split}
    latitudes = [list(header).index(column) for column in split]
    whole = (
        column
        for at, column in enumerate(header)
        if column
        and _holds_positions(sample, at)
        and names[column] not in called
        and not _repeats(sample, at, latitudes)
    )
    return (*split, *whole)


def is_upload_time(column: str, header: Sequence[str]) -> bool:
    """Say whether a column holds the time when a form was sent; beside `uploaded_at`, `created_at` is the phone's."""
    name = _simple(column)
    return name in UPLOAD_TIMES and not (name == "created_at" and "uploaded_at" in map(_simple, header))


def _simple(column: str) -> str:
    """Return the last part of a header (after groups), in small letters, words joined by underscores."""
    text = unicodedata.normalize("NFKC", plain_header(column)).casefold()
    parts = [part for part in re.split(r"[/.:-]", text) if part.strip(" _")]
    return _words(parts[-1]) if parts else ""


def _words(text: str) -> str:
    """Return a text in small letters, words joined by underscores; a vowel sign is part of its letter."""
    signs = (sign if unicodedata.category(sign)[0] in "LMN" else "_" for sign in text.casefold())
    return re.sub("_+", "_", "".join(signs)).strip("_")


def _day_and_clock(
    names: dict[str, str], header: Sequence[str], sample: Cells | None, columns: dict[str, str]
) -> dict[str, str]:
    """Find a day and a time of day that stand in two columns, where no column holds both."""
    day = next((column for column, simple in names.items() if people_words.is_day(simple)), None)
    clock = next((column for column, simple in names.items() if people_words.is_clock(simple)), None)
    if sample is None or day is None or clock is None or columns.get("observed_at", day) not in (day, clock):
        return {}
    times = [cell for cell in map(strip_invisible, sample.columns[list(header).index(clock)][:100]) if cell]
    spelt = bool(times) and all(map(_CLOCK.fullmatch, times))
    return {"observed_at": day, "time_of_day": clock} if spelt else {}


def _headings(header: Sequence[str]) -> dict[str, str]:
    """Return the field of each column that is headed by a question of our form, in a language that is shipped.

    "Personas" alone may be anything; beside other headings in Spanish, or where it is as long as "May we
    use your answers?", a heading is ours.
    """
    known = {name: labels for name, labels in languages.question_labels().items() if name not in _UNLABELLED}
    columns: dict[str, str] = {}
    for labels in zip(*known.values(), strict=True):
        field = dict(zip(map(words, labels), known, strict=True))
        headed = [(column, text) for column in header for text in _texts(column) if text in field]
        few = len(headed) < _FEW
        columns |= {column: field[text] for column, text in headed if not few or len(text.split()) >= _LONG}
    return columns


def _texts(column: str) -> set[str]:
    """Return a header as a heading is compared, with its group and without."""
    whole = words(plain_header(column))
    return {whole, whole.rpartition("/")[2].strip()}


def _faults(header: Sequence[str]) -> dict[str, str]:
    """Find what is to be mended: one column, or what stands before the answer in a column for each."""
    asked = {words(label) for label in languages.question_labels()["faults"]}
    for column in header:
        for question in (plain_header(column).rpartition("/")[0], column):
            if _simple(question) == "faults" or not asked.isdisjoint(_texts(question)):
                return {"faults": question}
    return {}


def _first_column(header: Sequence[str], question: str) -> int:
    """Return the number of a column, or of the first that a question with several has."""
    return list(header).index(question) if question in header else min(several(header, question).values())


def _match_name(columns: dict[str, str], field: str, names: dict[str, str], known: Iterable[str]) -> None:
    """Give a field the first column with the first of its known names."""
    if field in columns:
        return
    used = set(columns.values())
    for name in known:
        for column, simple in names.items():
            if column not in used and name in (simple, _SUFFIX.sub("", _NUMBERING.sub("", simple))):
                columns[field] = column
                return


def _match_words(columns: dict[str, str], header: Sequence[str], sample: Cells | None, rubric: Rubric) -> None:
    """Give each field the first column that people call so, in any language, among those that nothing else took.

    Of a position the words alone are not enough, "location" may be a street; of latitude and longitude it takes both.
    """
    unplaced = not {"latitude", "position"} & columns.keys()
    found: dict[str, str] = {}
    for at, column in enumerate(header):
        field = people_words.field_of(_simple(column)) if column and column not in KOBO_OWN else None
        if field is None or column in columns.values() or field not in (*FIELDS, *rubric.names):
            continue
        if field not in columns and (field != "position" or (unplaced and _holds_positions(sample, at))):
            found.setdefault(field, column)
    if not (unplaced and {"latitude", "longitude"} <= found.keys()):
        found = {field: column for field, column in found.items() if field not in ("latitude", "longitude")}
    columns |= found


def _match_only(columns: dict[str, str], field: str, names: dict[str, str], pattern: re.Pattern[str]) -> None:
    """Give a field the column whose name fits, where there is but one."""
    fitting = [column for column, simple in names.items() if pattern.fullmatch(simple)]
    if field not in columns and len(fitting) == 1:
        columns[field] = fitting[0]


def _match_nearly(columns: dict[str, str], field: str, names: dict[str, str]) -> None:
    """Give an indicator a column whose name is a slip of the pen away."""
    free = {simple: column for column, simple in names.items() if column not in columns.values()}
    close = difflib.get_close_matches(field, list(free), n=1, cutoff=_CLOSE)
    if field not in columns and close:
        columns[field] = free[close[0]]


def _coordinates(names: dict[str, str]) -> dict[str, str]:
    """Find a latitude and a longitude that belong together: same group and prefix, or x and y."""
    longitudes = {_pair_key(column, match): column for column, match in _matches(names, _LONGITUDE)}
    for column, match in _matches(names, _LATITUDE):
        key = _pair_key(column, match)
        if key in longitudes:
            precision = next((c for c in names if _group(c) == key[0] and names[c] == _precision(key[1])), None)
            accuracy = {"accuracy_m": precision} if precision else {}
            return {"latitude": column, "longitude": longitudes[key], **accuracy}
    by_name = {simple: column for column, simple in names.items()}
    return {"latitude": by_name["y"], "longitude": by_name["x"]} if {"x", "y"} <= set(by_name) else {}


def _matches(names: dict[str, str], pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    matches = ((column, pattern.fullmatch(simple)) for column, simple in names.items())
    return [(column, match) for column, match in matches if match]


def _pair_key(column: str, match: re.Match[str]) -> tuple[str, str]:
    return _group(column), match[1] or match[2] or ""


def _group(column: str) -> str:
    """Return what stands before the last part of a header."""
    return plain_header(column).casefold()[: -len(re.split(r"[/.:-]", plain_header(column))[-1]) or None]


def _precision(prefix: str) -> str:
    return f"{prefix}_precision" if prefix else "accuracy"


def _geopoint(header: Sequence[str], sample: Cells | None) -> dict[str, str]:
    """Find a column most of whose cells read "latitude longitude ...", or one with such a name."""
    for index, column in enumerate(header):
        if column and _holds_positions(sample, index):
            return {"position": column}
    named = next((column for column in header if _simple(column) in _POSITIONS), None)
    return {"position": named} if named else {}


def _holds_positions(sample: Cells | None, index: int) -> bool:
    """Say whether most cells of a column read "latitude longitude ..."."""
    cells = [] if sample is None else [cell for cell in map(strip_invisible, sample.columns[index][:100]) if cell]
    written = sum(bool(_GEOPOINT.fullmatch(simplify(cell)) or WKT.fullmatch(cell)) for cell in cells)
    return bool(cells) and 2 * written >= len(cells)


def _repeats(sample: Cells | None, at: int, latitudes: Sequence[int]) -> bool:
    """Say whether the positions of a column start with the latitudes of another, as in Kobo's GeoJSON."""
    first = [] if sample is None else [cell.replace(",", " ").split()[:1] for cell in sample.columns[at][:100]]
    return any(sample is not None and first == [cell.split() for cell in sample.columns[i][:100]] for i in latitudes)
