"""Whether a submission may be used at all: consent, a child's guardian, the office's own review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.answers import choice_reader, read_consent
from safeaudit.audits.normalise.cells import Coded, Fault
from safeaudit.audits.normalise.faults import CONSENT, GUARDIAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.faults import Chunk

_GUARDIAN = {"yes": "yes y 1 true si sí oui", "no": "no n 0 false non none", "adult": "adult"}
_read_guardian = choice_reader("guardian_consent", _GUARDIAN)
_NOT_APPROVED = Fault("NOT_APPROVED", "The office did not approve this row: {value}.")
_CHILDREN = (
    "{n} rows are by children, and no column says whether a guardian agreed: they count for the office and are never "
    "published."
)


def consents(chunk: Chunk, children: NDArray[np.bool_], otherwise: str) -> tuple[Coded, Coded]:
    """Read what may be done with each row; put a fault where nothing may.

    A child needs a guardian's yes where the form asks for it; where it does not, a child's row is for the
    office alone. Somebody of another age who says that no guardian agrees is taken at their word.

    Parameters
    ----------
    chunk
        The rows.
    children
        Which of them a child made, shape (n,).
    otherwise
        Consent where a row says none.

    Returns
    -------
    Consent as it was said, empty where it was not; and as it counts.
    """
    said = chunk.coded("consent").changed(read_consent)
    chunk.faults.put(chunk.spot("consent"), said.where("none", "?"), CONSENT)
    counts = said.changed(lambda text: text or otherwise)
    if "guardian_consent" in chunk.columns:
        guardian = chunk.coded("guardian_consent").changed(_read_guardian)
        refused = guardian.where("no", "?") | (children & ~guardian.where("yes"))
        chunk.faults.put(chunk.columns["guardian_consent"], refused, GUARDIAN)
        return said, counts
    if not children.any():
        return said, counts
    shown = children & ~counts.where("none", "?", "analysis")
    chunk.remarks.count(_CHILDREN, shown, chunk.cells.lines)
    return said, Coded(np.where(shown, len(counts.texts), counts.codes), (*counts.texts, "analysis"))


def on_hold(chunk: Chunk) -> NDArray[np.bool_]:
    """Say which rows the office has doubts about; put a fault where it refused them. KoboToolbox and ODK ask it."""
    if "review" not in chunk.columns:
        return np.zeros(len(chunk.cells.lines), dtype=bool)
    found = chunk.coded("review").changed(_verdict)
    chunk.faults.put(chunk.columns["review"], found.where("refused"), _NOT_APPROVED)
    sentence = "{n} rows have a review that is not known, such as {first}; they are used."
    chunk.remarks.count(sentence, found.where("?"), chunk.texts("review"))
    return found.where("on hold")


def _verdict(text: str) -> str:
    """Read what an office said: empty where nothing stands in the way, "?" where it is another word."""
    plain = re.sub(r"[\W_]+", "", text.casefold())
    if "notapproved" in plain or "rejected" in plain:
        return "refused"
    if "onhold" in plain or "hasissues" in plain:
        return "on hold"
    return "" if plain in ("", "null", "none", "edited", "received") or "approved" in plain else "?"
