"""What `init` shows of an audit file: which column it takes for what, and what a person must say."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit import languages
from safeaudit.audits.normalise import people_words
from safeaudit.audits.normalise.answers import rating_reader, read_consent
from safeaudit.audits.normalise.cells import Problem, quote, read_number
from safeaudit.audits.normalise.choices import CHOICES
from safeaudit.audits.normalise.faults import unknown_faults
from safeaudit.audits.normalise.guess import guess, is_upload_time, positions
from safeaudit.audits.normalise.guess import several as several_columns
from safeaudit.audits.normalise.identifiers import TEXT_FIELDS, held_kind, identifying, private_kind
from safeaudit.audits.normalise.moments import guess_number_format, moment_reader
from safeaudit.audits.normalise.positions import MARGIN_DEGREES
from safeaudit.audits.normalise.written_times import guess_date_format
from safeaudit.config import COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells
    from safeaudit.crs import Bounds
    from safeaudit.rubric import Indicator, Rubric

MANY_ANSWERS = 12
"""More distinct unknown answers than this are not listed one by one."""
FEW_VALUES = 3
"""Of a column that nobody knows, so many values are shown."""

_NAIVE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_COUNTED = re.compile(r"\d+(\.\d+)?")
_LEVELS = {"0", "1", "2", "3"}
_FEW_ROWS, _MOSTLY = 3, 0.8
"""A column of levels has as many answers at least, and such a share of them are levels."""
_SCALES = (
    ("none", "little", "some", "much"),
    ("none", "bad", "fair", "good"),
    ("very bad", "bad", "fair", "good"),
    ("bad", "fair", "good", "very good"),
)
"""Words that make a scale from 0 to 3; see `people_words.levels`."""

read_moment = moment_reader(None, UTC)


class Word(NamedTuple):
    """How often a word stands for a level, and which level; None where nobody can say."""

    rows: int
    level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A guess at what a file holds.

    Attributes
    ----------
    columns
        Header of each field and indicator that was found, as for `columns` in the TOML.
    unused
        Headers that are not loaded, each with the reason.
    private
        Headers that look as if they say who somebody is or what happened to them. Of them only a
        note is loaded, and no column of them is ever made public.
    questions
        What the person must say before the file can be used, as sentences.
    date_format
        How dates are written, or what times count that are numbers; None where that is not known.
    levels
        For an indicator, words that stand for a level, and the level by their usual meaning; None where that is open.
    faults
        Words for something to be mended that nobody knows.
    encoding
        The code page that the text seems to be in, where it is not Unicode.
    offers
        Settings that only a person can make, as lines to be uncommented.
    scales
        Columns that hold 0 to 3 and that nobody knows, as lines to be uncommented under `columns`.
    """

    columns: dict[str, str]
    unused: tuple[tuple[str, str], ...]
    private: tuple[str, ...]
    questions: tuple[str, ...]
    date_format: str | None = None
    levels: dict[str, dict[str, Word]] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    encoding: str | None = None
    offers: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()


def propose(  # noqa: PLR0913 - what is known of the city besides
    header: tuple[str, ...],
    sample: Cells,
    rubric: Rubric,
    *,
    extent: Bounds | None = None,
    timezone: str | None = None,
    several: bool = False,
) -> Proposal:
    """Guess what the columns of an audit file are.

    Parameters
    ----------
    header
        Names of the columns; they are text, whatever stands in them.
    sample
        Some of the file's rows.
    rubric
        The indicators that columns can be.
    extent
        Bounds of the city, degrees: two columns of numbers that lie in it are the position.
    timezone
        The city's time zone, where it is known.
    several
        Whether there are other audit files, which may be of other rounds.

    Returns
    -------
    The guess, which `normalise` makes too where the settings name no columns; but for a position by the city alone.
    """
    if not header:
        return Proposal(columns={}, unused=(), private=(), questions=sample.remarks)
    found = guess(header, sample, rubric)
    left_out = identifying(found, sample)
    columns = {field: column for field, column in found.items() if field not in left_out}
    if not {"latitude", "position"} & columns.keys():
        columns |= _find_position(columns, header, sample, extent)
    faults = several_columns(header, columns.get("faults", ""))
    private = _private(header, sample, columns)
    taken = {*columns.values(), *(header[at] for at in faults.values())}
    levels = _levels(columns, header, sample, rubric)
    date_format = _date_format(columns, header, sample)
    words = _unknown_faults(columns, faults, header, sample)
    unused = {column: private.get(column, "") for column in header if column and column not in taken}
    return Proposal(
        columns=columns,
        unused=tuple((column, _reason(column, kind, header, sample)) for column, kind in unused.items()),
        private=tuple(column for column in private if column not in taken or column in columns.values()),
        questions=(
            *_missing(columns, rubric),
            *_position_questions(header, sample),
            *_time_questions(columns, header, sample, date_format, timezone),
            *_scale_questions(columns, header, sample, rubric),
            *_word_questions(levels),
            *_choice_questions(columns, header, sample),
            *([f"What is to be mended where it says {_listed(words)}? Set faults."] if words else []),
        ),
        date_format=date_format,
        levels=levels,
        faults=words,
        offers=_offers(columns, several=several),
        scales=_scales(columns, [column for column in unused if not private.get(column)], header, sample, rubric),
    )


def _find_position(
    columns: Mapping[str, str], header: Sequence[str], sample: Cells, extent: Bounds | None
) -> dict[str, str]:
    """Find two columns of numbers that lie in the city, one as latitudes and one as longitudes, if only two do."""
    if extent is None:
        return {}
    free = [column for column in header if column and column not in columns.values()]
    west, south, east, north = extent
    within = {
        field: [column for column in free if _lies_within(_filled(column, header, sample), low, high)]
        for field, low, high in (("latitude", south, north), ("longitude", west, east))
    }
    pairs = [(lat, lon) for lat in within["latitude"] for lon in within["longitude"] if lat != lon]
    return dict(zip(within, pairs[0], strict=True)) if len(pairs) == 1 else {}


def _lies_within(cells: Sequence[str], low: float, high: float) -> bool:
    margin = MARGIN_DEGREES
    return bool(cells) and all(low - margin <= read_number(cell) <= high + margin for cell in cells)


def _date_format(columns: Mapping[str, str], header: Sequence[str], sample: Cells) -> str | None:
    """Return how dates are written, or what the times count, where all are numbers.

    Which of two numbers is the day is told by one above 12, or else by the language of the headers: of those that are
    shipped, English alone may put the month first.
    """
    if "observed_at" not in columns:
        return None
    cells = _filled(columns["observed_at"], header, sample)
    if cells and all(map(_COUNTED.fullmatch, cells)):
        return guess_number_format(cells)
    spoken = people_words.languages_of(header)
    return guess_date_format(cells, day_first=True if spoken and languages.REFERENCE not in spoken else None)


def _offers(columns: Mapping[str, str], *, several: bool) -> tuple[str, ...]:
    """Return what no column says and a person may: lines of settings, each with its question."""
    group = {"group_size", "group_women", "group_men", "group_other"}.isdisjoint(columns)
    asked = {
        'campaign = "before"  # which round of walks is it?': several and "campaign" not in columns,
        "group_size = 8  # of how many people is each row, if of a group?": group,
        'auditor_sex = "woman"  # if all who rated are of one: woman, man or other?': group
        and "auditor_sex" not in columns,
        'consent = "public"  # what did people agree to: analysis, conditions or public?': "consent" not in columns,
    }
    return tuple(f"{line} No column says." for line, wanted in asked.items() if wanted)


def _scales(
    columns: Mapping[str, str], unused: Sequence[str], header: Sequence[str], sample: Cells, rubric: Rubric
) -> tuple[str, ...]:
    """Offer columns of mostly 0 to 3, for the indicators that no column was found for."""
    names = [name for name in rubric.names if name not in columns]
    lines = []
    for column in unused if names else ():
        cells = _filled(column, header, sample)
        levels = Counter(cell for cell in cells if cell in _LEVELS)
        if len(cells) >= _FEW_ROWS and levels.total() >= _MOSTLY * len(cells) and max(levels) > "1":
            lines.append(
                f"{names[0]} = {json.dumps(column, ensure_ascii=False)}  # or {', '.join(names[1:])}? "
                f"It holds {_listed(levels)}."
            )
    return tuple(lines)


def _private(header: Sequence[str], sample: Cells, columns: Mapping[str, str]) -> dict[str, str]:
    """Return what is private about each column that is, but for the faults of a form and what is a number or time."""
    found = {}
    for at, column in enumerate(header):
        kind = private_kind(column)
        if not kind and (column not in columns.values() or column in map(columns.get, TEXT_FIELDS)):
            kind = held_kind(sample.columns[at])
        if column and kind:
            found[column] = kind
    return found


def _reason(column: str, kind: str, header: Sequence[str], sample: Cells) -> str:
    if kind:
        return f"it looks like {kind}: private, not loaded"
    held = Counter(_filled(column, header, sample))
    most = {text: n for text, n in held.most_common(FEW_VALUES) if n > 1}  # what stands there once may be anybody's
    return f"nothing here is known by this name{f'; it holds most often {_listed(most)}' if most else ''}"


def _missing(columns: Mapping[str, str], rubric: Rubric) -> list[str]:
    questions = []
    if "latitude" not in columns and "position" not in columns:
        questions.append("Which columns hold latitude and longitude? None was found.")
    if not set(columns) & set(rubric.names):
        questions.append(f"Which columns hold the ratings ({', '.join(rubric.names)})? None was found.")
    return questions


def _position_questions(header: tuple[str, ...], sample: Cells) -> list[str]:
    asked = positions(header, sample)
    listed = ", ".join(f'"{name}"' for name in asked)
    return [f"Which position is the place that was rated: {listed}? One was taken."] if len(asked) > 1 else []


def _time_questions(
    columns: Mapping[str, str], header: tuple[str, ...], sample: Cells, date_format: str | None, timezone: str | None
) -> list[str]:
    if "observed_at" not in columns:
        return ["When was it seen? No column with a time was found, so day and dark cannot be told apart."]
    name, cells = columns["observed_at"], _filled(columns["observed_at"], header, sample)
    questions = []
    if is_upload_time(name, header):
        questions.append(f'Is there a column with the time of the visit? "{name}" is when the form was sent.')
    other = next((cell for cell in cells if isinstance(read_moment(cell), Problem)), None)
    if other is not None and date_format is None:
        questions.append(f'How are the dates in "{name}" written, such as {quote(other)}? Set date_format.')
    elif timezone is None and not is_upload_time(name, header) and any(_NAIVE_TIME.fullmatch(cell) for cell in cells):
        questions.append(f'In which time zone are the times in "{name}"? Set timezone under [city].')
    return questions


def _scale_questions(columns: Mapping[str, str], header: tuple[str, ...], sample: Cells, rubric: Rubric) -> list[str]:
    questions = []
    for indicator in rubric.indicators:
        odd = _odd_answers(columns, header, sample, indicator)
        numbers = [value for value in map(read_number, odd) if np.isfinite(value)]
        if numbers:
            span = f"{min(numbers):g} to {max(numbers):g}" if len(numbers) > 1 else f"{numbers[0]:g}"
            means = f" If they are means, set {indicator.name}{COUNT} too." if any(n % 1 for n in numbers) else ""
            questions.append(f'What is the scale of "{columns[indicator.name]}"? It holds {span}. Set scale.{means}')
    return questions


def _odd_answers(
    columns: Mapping[str, str], header: Sequence[str], sample: Cells, indicator: Indicator
) -> Counter[str]:
    """Count the answers to an indicator that nobody knows."""
    if indicator.name not in columns:
        return Counter()
    read = rating_reader(indicator, {}, (0.0, 3.0))
    answers = Counter(_filled(columns[indicator.name], header, sample))
    return Counter({answer: n for answer, n in answers.items() if isinstance(read(answer), Problem)})


def _levels(
    columns: Mapping[str, str], header: Sequence[str], sample: Cells, rubric: Rubric
) -> dict[str, dict[str, Word]]:
    """Return the words of each indicator that nobody knows, with a level where their meanings make a scale."""
    found = {}
    for indicator in rubric.indicators:
        odd = _odd_answers(columns, header, sample, indicator)
        words = {answer: n for answer, n in odd.items() if not np.isfinite(read_number(answer))}
        steps = {answer: people_words.levels().get(people_words.fold(answer)) for answer in words}
        if words:
            found[indicator.name] = {
                answer: Word(words[answer], _level_of(step, set(steps.values()) - {None}))
                for answer, step in steps.items()
            }
    return found


def _level_of(step: str | None, steps: set[str | None]) -> int | None:
    """Return the level of a word, where all scales that hold it and the others agree on it."""
    levels = {scale.index(step) for scale in _SCALES if step in scale and steps <= set(scale)}
    return levels.pop() if len(levels) == 1 else None


def _word_questions(levels: Mapping[str, Mapping[str, Word]]) -> list[str]:
    questions = []
    for name, words in levels.items():
        if open_ := {answer: word.rows for answer, word in words.items() if word.level is None}:
            questions.append(f"Which level, 0 to 3, is each of {_listed(open_)}? Set levels.{name}.")
    return questions


def _choice_questions(columns: Mapping[str, str], header: Sequence[str], sample: Cells) -> list[str]:
    """Say which answers of people's own words are not known; they are left out, but of consent they count as a no."""
    questions = []
    for asked, read in {**CHOICES, "consent": read_consent}.items():
        cells = _filled(columns[asked], header, sample) if asked in columns else []
        if odd := Counter(cell for cell in cells if read(cell) == "?"):
            left = "their rows are not loaded" if asked == "consent" else "they are left out"
            questions.append(f'Not known in "{columns[asked]}" ({asked}): {_listed(odd)}; {left}. Correct them there.')
    return questions


def _unknown_faults(
    columns: Mapping[str, str], faults: Mapping[str, int], header: Sequence[str], sample: Cells
) -> dict[str, int]:
    """Count the words for something to be mended that nobody knows."""
    if faults:
        ticked = {answer: _filled(header[at], header, sample) for answer, at in faults.items()}
        odd = Counter(answer for answer, cells in ticked.items() for cell in cells if cell != "0")
        odd = Counter({answer: n for answer, n in odd.items() if unknown_faults(answer, {})})
    else:
        cells = _filled(columns["faults"], header, sample) if "faults" in columns else []
        odd = Counter(left for cell in cells if (left := unknown_faults(cell, {})))
    return dict(odd)


def _listed(counted: Mapping[str, int]) -> str:
    """List texts with how often each stands there, the commonest first."""
    order: Iterable[tuple[str, int]] = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{quote(text)} ({n})" for text, n in list(order)[:MANY_ANSWERS])


def _filled(column: str, header: Sequence[str], sample: Cells) -> list[str]:
    cells: NDArray[np.object_] = sample.columns[list(header).index(column)]
    return [cell.strip() for cell in cells if cell.strip()]
