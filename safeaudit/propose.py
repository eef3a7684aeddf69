"""What `init` shows of an audit file: which column it takes for what, and what a person must say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.normalise.answers import rating_reader
from safeaudit.normalise.cells import Fault, number, shown
from safeaudit.normalise.guess import guess, is_upload_time, positions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from safeaudit.rubric import Rubric
    from safeaudit.tables import Cells

MANY_ANSWERS = 12
"""More distinct unknown answers than this are not listed one by one."""

_PRIVATE = {
    "a name": r"name|nombre|nom|enumerator|submitted_by|username|signature|contact",
    "a telephone number": r"phone\w*|tel|mobile|cell|whatsapp|telefono|teléfono",
    "an e-mail address": r"e_?mail|correo",
    "a device": r"device_?id|imei|subscriber_?id|sim_?serial|sim",
    "an address": r"address|house_?number|direccion|dirección",
    "an incident report": r"incident|harass\w*|assault\w*|violence|rape\w*|abuse\w*|stalk\w*|threat\w*|crime|acoso",
    "free text": r"comments?|notes?|remarks?|observaci\w*|description|story|testimony",
    "a photo or recording": r"photo\w*|picture|image|audio|video|foto\w*",
}
_NAIVE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")
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
    """

    columns: dict[str, str]
    unused: tuple[tuple[str, str], ...]
    private: tuple[str, ...]
    questions: tuple[str, ...]


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
    columns = guess(header, sample, rubric)
    kinds = {column: _private_kind(column) for column in header if column}
    taken = set(columns.values())
    return Proposal(
        columns=columns,
        unused=tuple((column, _reason(kind)) for column, kind in kinds.items() if column not in taken),
        private=tuple(column for column, kind in kinds.items() if kind),
        questions=(
            *_missing(columns, rubric),
            *_position_questions(header, sample),
            *_time_questions(columns, header, sample),
            *_level_questions(columns, header, sample, rubric),
        ),
    )


def _private_kind(column: str) -> str:
    """Return what a header looks like that must stay private, empty where it does not."""
    plain = re.sub(r"[\W_]+", "_", column.casefold()).strip("_")
    return next((kind for kind, words in _PRIVATE.items() if re.search(rf"(^|_)({words})(_|$)", plain)), "")


def _reason(kind: str) -> str:
    return f"it looks like {kind}: private, not loaded" if kind else "nothing here is known by this name"


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
    if is_upload_time(name):
        questions.append(f'Is there a column with the time of the visit? "{name}" is when the form was sent.')
    other = next((cell for cell in cells if not _ISO.fullmatch(cell)), None)
    if other is not None:
        questions.append(f'How are the dates in "{name}" written, such as {shown(other)}? Set date_format.')
    elif not is_upload_time(name) and any(_NAIVE_TIME.fullmatch(cell) for cell in cells):
        questions.append(f'In which time zone are the times in "{name}"? Set timezone under [city].')
    return questions


def _level_questions(columns: Mapping[str, str], header: tuple[str, ...], sample: Cells, rubric: Rubric) -> list[str]:
    questions = []
    for indicator in rubric.indicators:
        if indicator.name not in columns:
            continue
        answers = sorted(set(_filled(columns[indicator.name], header, sample)))
        read = rating_reader(indicator, {}, (0.0, 3.0))
        odd = [answer for answer in answers if isinstance(read(answer), Fault)]
        numbers = [value for value in map(number, odd) if np.isfinite(value)]
        texts = [answer for answer in odd if not np.isfinite(number(answer))]
        if numbers:
            span = f"{min(numbers):g} to {max(numbers):g}" if len(numbers) > 1 else f"{numbers[0]:g}"
            questions.append(f'What is the scale of "{columns[indicator.name]}"? It holds {span}. Set scale.')
        if texts:
            listed = ", ".join(map(shown, texts[:MANY_ANSWERS]))
            questions.append(f"Which level, 0 to 3, is each of {listed}? Set levels.{indicator.name}.")
    return questions


def _filled(column: str, header: tuple[str, ...], sample: Cells) -> list[str]:
    cells: NDArray[np.object_] = sample.columns[header.index(column)]
    return [cell.strip() for cell in cells if cell.strip()]
