"""What is to be mended: a question with several answers, in one column or in a column for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit import languages
from safeaudit.audits.normalise.answers import read_yes_no
from safeaudit.audits.normalise.cells import read_number, words
from safeaudit.audits.normalise.coded import Coded, encode, objects
from safeaudit.audits.normalise.columns import FAULT
from safeaudit.config import NOTHING, TO_DISCUSS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk

_PEOPLE = (
    *("vendor", "vendors", "street vendor", "street vendors", "hawker", "hawkers", "trader", "traders", "residents"),
    *("homeless", "homeless people", "beggars", "squatters", "rough sleepers", "neighbours", "sex workers"),
    *("vendeurs", "vendeuses", "marchands ambulants", "riverains", "habitants", "sans-abri", "mendiants"),
    *("vendedores", "vendedoras", "vendedores ambulantes", "ambulantes", "vecinos", "personas sin hogar", "mendigos"),
    *("moradores", "moradores de rua", "camel\u00f4s", "vizinhos", "wachuuzi", "machinga", "wakazi", "ombaomba"),
)
"""Words for people and their livelihoods in a list of faults: something to talk about with them."""
_NOTHING = ("none", "nothing", "no", "0")
_WORD = r"[^\s,;|]"
"""What answers in one cell are made of; between them stand spaces, commas and their like."""
_UNKNOWN = (
    "{n} rows name something to be mended that is not known, such as {first}; the rest of these rows is kept. "
    'Say what it is under its [[audits]], as in faults = {"Foco fundido" = "lamp_out"}; or "none", or "to_discuss" '
    "where it names vendors or residents."
)
_ODD = "{n} cells of a column for one answer are neither 1 nor 0, such as {first}; they count as 0."


class ReportedFaults(NamedTuple):
    """What each row reports: its kinds, sorted and joined by spaces; and whether it says more that is not known."""

    kinds: Coded
    unknown: NDArray[np.bool_]


def read_faults(chunk: Chunk, own: Mapping[str, str]) -> ReportedFaults:
    """Read what each row says is to be mended.

    Parameters
    ----------
    chunk
        Rows, with a column "faults" or columns such as "faults/lamp_out", or none of them.
    own
        Kind of each of the team's own words.

    Returns
    -------
    Kinds of the form by row. What is not known is counted among the remarks, with the first example.
    """
    answers = {name.removeprefix(FAULT): at for name, at in chunk.columns.items() if name.startswith(FAULT)}
    if answers:
        kinds, left = _from_columns(chunk, answers, _known(own))
    elif "faults" in chunk.columns:
        kinds, left = _from_one(chunk.coded("faults"), _splitter(_known(own)))
    else:
        return ReportedFaults(chunk.coded("faults"), np.zeros(chunk.n, dtype=bool))
    unknown = left != ""
    chunk.remarks.count(_UNKNOWN, unknown, left)
    return ReportedFaults(kinds, unknown)


def unknown_faults(text: str, own: Mapping[str, str]) -> str:
    """Return what of a cell with several answers is not known, empty where all is."""
    return _splitter(_known(own))(text)[1]


def _known(own: Mapping[str, str]) -> dict[str, str]:
    """Return the kind of each word: the team's own, the form's names, its labels in every language."""
    names = languages.read_language(languages.REFERENCE).answers("faults")
    known = dict.fromkeys(_PEOPLE, TO_DISCUSS) | languages.answer_labels("faults")
    known |= {name: name for name in names} | dict(own)
    return {words(text): kind for text, kind in known.items()}


def _from_one(cells: Coded, split: Callable[[str], tuple[str, str]]) -> tuple[Coded, NDArray[np.object_]]:
    """Read one column that holds all answers: their kinds, and what is not known of each cell."""
    pairs = [split(text) for text in cells.texts]
    left = objects(left for _, left in pairs)
    return Coded(cells.codes, tuple(kinds for kinds, _ in pairs)), left[cells.codes]


def _splitter(known: Mapping[str, str]) -> Callable[[str], tuple[str, str]]:
    """Return what splits a cell into kinds and what is not known.

    A label may hold spaces and commas itself, so the longest that is known is taken first.
    """
    longest = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    one = re.compile(rf"(?<!{_WORD})(?:{longest})(?!{_WORD})")

    def split(text: str) -> tuple[str, str]:
        plain = words(text)
        if plain in _NOTHING:
            return "", ""
        kinds = {known[found] for found in one.findall(plain)} - {NOTHING}
        return " ".join(sorted(kinds)), " ".join(re.findall(f"{_WORD}+", one.sub(" ", plain)))

    return split


def _from_columns(
    chunk: Chunk, answers: Mapping[str, int], known: Mapping[str, str]
) -> tuple[Coded, NDArray[np.object_]]:
    """Read a column for each answer, where 1 and its like are yes; 0 and nothing are no."""
    n = chunk.n
    kinds = sorted({known.get(words(answer), "") for answer in answers} - {"", NOTHING})
    bits, unknown = np.zeros(n, dtype=np.int64), np.full(n, "", dtype=object)
    for answer, at in answers.items():
        cells = encode(chunk.cells.texts(at))
        ticks = [_tick(text, answer) for text in cells.texts]
        ticked = np.array([tick == "yes" for tick in ticks])[cells.codes]
        chunk.remarks.count(_ODD, np.array([tick == "?" for tick in ticks])[cells.codes], chunk.cells.texts(at))
        kind = known.get(words(answer), "")
        if kind in kinds:
            bits |= ticked.astype(np.int64) << kinds.index(kind)
        elif not kind:
            unknown = np.where(ticked & (unknown == ""), answer, unknown)
    sets, codes = np.unique(bits, return_inverse=True)
    texts = (" ".join(kind for at, kind in enumerate(kinds) if held >> at & 1) for held in sets.tolist())
    return Coded(codes, tuple(texts)), unknown


def _tick(text: str, answer: str) -> str:
    """Read whether one answer was ticked: "yes", "no", empty, or "?"; some tools repeat the answer itself."""
    if words(text) in (words(answer), "x", "\u2713", "\u2714") or read_number(text) == 1:
        return "yes"
    return "no" if read_number(text) == 0 else read_yes_no(text)
