"""What `init` shows of an audit file: which column it takes for what, and what a person must say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.answers import rating_reader, read_consent
from safeaudit.audits.normalise.cells import Problem, quote, read_number
from safeaudit.audits.normalise.choices import CHOICES
from safeaudit.audits.normalise.faults import unknown_faults
from safeaudit.audits.normalise.guess import guess, is_upload_time, positions, several
from safeaudit.audits.normalise.identifiers import TEXT_FIELDS, held_kind, identifying, private_kind
from safeaudit.audits.normalise.moments import guess_number_format
from safeaudit.config import COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells
    from safeaudit.rubric import Rubric

MANY_ANSWERS = 12
"""More distinct unknown answers than this are not listed one by one."""
FEW_VALUES = 3
"""Of a column that nobody knows, so many values are shown."""

_NAIVE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
_COUNTED = re.compile(r"\d+(\.\d+)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")


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
        What times count that are numbers; None where they are not.
    """

    columns: dict[str, str]
    unused: tuple[tuple[str, str], ...]
    private: tuple[str, ...]
    questions: tuple[str, ...]
    date_format: str | None = None


def propose(header: tuple[str, ...], sample: Cells, rubric: Rubric) -> Proposal:
    """Guess what the columns of an audit file are.

    Parameters
    ----------
    header
        Names of the columns; they are text, whatever stands in them.
    sample
        Some of the file's rows.
    rubric
        The indicators that columns can be.

    Returns
    -------
    The guess, which `normalise` makes too where the settings name no columns.
    """
    if not header:
        return Proposal(columns={}, unused=(), private=(), questions=sample.remarks)
    found = guess(header, sample, rubric)
    left_out = identifying(found, sample)
    columns = {field: column for field, column in found.items() if field not in left_out}
    faults = several(header, columns.get("faults", ""))
    private = _private(header, sample, columns)
    taken = {*columns.values(), *(header[at] for at in faults.values())}
    unused = {column: private.get(column, "") for column in header if column and column not in taken}
    return Proposal(
        columns=columns,
        unused=tuple((column, _reason(column, kind, header, sample)) for column, kind in unused.items()),
        private=tuple(column for column in private if column not in taken or column in columns.values()),
        questions=(
            *_missing(columns, rubric),
            *_position_questions(header, sample),
            *_time_questions(columns, header, sample),
            *_level_questions(columns, header, sample, rubric),
            *_choice_questions(columns, header, sample),
            *_fault_questions(columns, faults, header, sample),
        ),
        date_format=_number_format(columns, header, sample),
    )


def _number_format(columns: Mapping[str, str], header: Sequence[str], sample: Cells) -> str | None:
    """Return what the times count, where all are numbers."""
    if "observed_at" not in columns:
        return None
    cells = _filled(columns["observed_at"], header, sample)
    return guess_number_format(cells) if all(map(_COUNTED.fullmatch, cells)) else None


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


def _time_questions(columns: Mapping[str, str], header: tuple[str, ...], sample: Cells) -> list[str]:
    if "observed_at" not in columns:
        return ["When was it seen? No column with a time was found, so day and dark cannot be told apart."]
    name, cells = columns["observed_at"], _filled(columns["observed_at"], header, sample)
    questions = []
    if is_upload_time(name, header):
        questions.append(f'Is there a column with the time of the visit? "{name}" is when the form was sent.')
    other = next((cell for cell in cells if not _ISO.fullmatch(cell)), None)
    if other is not None and _number_format(columns, header, sample) is None:
        questions.append(f'How are the dates in "{name}" written, such as {quote(other)}? Set date_format.')
    elif not is_upload_time(name, header) and any(_NAIVE_TIME.fullmatch(cell) for cell in cells):
        questions.append(f'In which time zone are the times in "{name}"? Set timezone under [city].')
    return questions


def _level_questions(columns: Mapping[str, str], header: tuple[str, ...], sample: Cells, rubric: Rubric) -> list[str]:
    questions = []
    for indicator in rubric.indicators:
        if indicator.name not in columns:
            continue
        column = columns[indicator.name]
        answers = Counter(_filled(column, header, sample))
        read = rating_reader(indicator, {}, (0.0, 3.0))
        odd = [answer for answer in answers if isinstance(read(answer), Problem)]
        numbers = [value for value in map(read_number, odd) if np.isfinite(value)]
        if numbers:
            span = f"{min(numbers):g} to {max(numbers):g}" if len(numbers) > 1 else f"{numbers[0]:g}"
            means = f" If they are means, set {indicator.name}{COUNT} too." if any(n % 1 for n in numbers) else ""
            questions.append(f'What is the scale of "{column}"? It holds {span}. Set scale.{means}')
        if texts := {answer: answers[answer] for answer in odd if not np.isfinite(read_number(answer))}:
            questions.append(f"Which level, 0 to 3, is each of {_listed(texts)}? Set levels.{indicator.name}.")
    return questions


def _choice_questions(columns: Mapping[str, str], header: Sequence[str], sample: Cells) -> list[str]:
    """Say which answers of people's own words are not known; they are left out, but of consent they count as a no."""
    questions = []
    for field, read in {**CHOICES, "consent": read_consent}.items():
        cells = _filled(columns[field], header, sample) if field in columns else []
        if odd := Counter(cell for cell in cells if read(cell) == "?"):
            left = "their rows are not loaded" if field == "consent" else "they are left out"
            questions.append(f'Not known in "{columns[field]}" ({field}): {_listed(odd)}; {left}. Correct them there.')
    return questions


def _fault_questions(
    columns: Mapping[str, str], faults: Mapping[str, int], header: Sequence[str], sample: Cells
) -> list[str]:
    """Ask what words for something to be mended mean that nobody knows."""
    if faults:
        ticked = {answer: _filled(header[at], header, sample) for answer, at in faults.items()}
        odd = Counter(answer for answer, cells in ticked.items() for cell in cells if cell != "0")
        odd = Counter({answer: n for answer, n in odd.items() if unknown_faults(answer, {})})
    else:
        cells = _filled(columns["faults"], header, sample) if "faults" in columns else []
        odd = Counter(left for cell in cells if (left := unknown_faults(cell, {})))
    return [f"What is to be mended where it says {_listed(odd)}? Set faults."] if odd else []


def _listed(counted: Mapping[str, int]) -> str:
    """List texts with how often each stands there, the commonest first."""
    order: Iterable[tuple[str, int]] = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{quote(text)} ({n})" for text, n in list(order)[:MANY_ANSWERS])


def _filled(column: str, header: Sequence[str], sample: Cells) -> list[str]:
    cells: NDArray[np.object_] = sample.columns[list(header).index(column)]
    return [cell.strip() for cell in cells if cell.strip()]
