"""Whether a submission may be used at all: consent, a child's guardian, the office's own review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from safeaudit.audits.normalise.answers import YES_NO, choice_reader, read_consent
from safeaudit.audits.normalise.cells import Problem
from safeaudit.audits.normalise.coded import Coded
from safeaudit.audits.normalise.problems import CONSENT, GUARDIAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.audits.normalise.chunk import Chunk

_GUARDIAN = {**YES_NO, "adult": "adult"}
_read_guardian = choice_reader("guardian_consent", _GUARDIAN)
_NOT_APPROVED = Problem("NOT_APPROVED", "The office did not approve this row: {value}.")
_CHILDREN = (
    "{n} rows are by children, and no column says whether a guardian agreed: they count for the office and are never "
    "published."
)


class Consents(NamedTuple):
    """Consent as it was said, empty where it was not; and as it counts."""

    said: Coded
    counts: Coded


def read_consents(chunk: Chunk, children: NDArray[np.bool_], otherwise: str) -> Consents:
    """Read what may be done with each row; put a problem where nothing may.

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
    """
    said = chunk.coded("consent").changed(read_consent)
    chunk.problems.add(chunk.column_to_blame("consent"), said.where("none", "?"), CONSENT)
    counts = said.changed(lambda text: text or otherwise)
    if "guardian_consent" in chunk.columns:
        guardian = chunk.coded("guardian_consent").changed(_read_guardian)
        refused = guardian.where("no", "?") | (children & ~guardian.where("yes"))
        chunk.problems.add(chunk.columns["guardian_consent"], refused, GUARDIAN)
        return Consents(said, counts)
    if not children.any():
        return Consents(said, counts)
    publishable = children & ~counts.where("none", "?", "analysis")
    chunk.remarks.count(_CHILDREN, publishable, chunk.cells.lines)
    codes = np.where(publishable, len(counts.texts), counts.codes)
    return Consents(said, Coded(codes, (*counts.texts, "analysis")))


def read_reviews(chunk: Chunk) -> NDArray[np.bool_]:
    """Say which rows the office has doubts about; put a problem where it refused them. KoboToolbox and ODK ask it."""
    if "review" not in chunk.columns:
        return np.zeros(chunk.n, dtype=bool)
    verdicts = chunk.coded("review").changed(_read_verdict)
    chunk.problems.add(chunk.columns["review"], verdicts.where("refused"), _NOT_APPROVED)
    sentence = "{n} rows have a review that is not known, such as {first}; they are used."
    chunk.remarks.count(sentence, verdicts.where("?"), chunk.texts("review"))
    return verdicts.where("on hold")


def _read_verdict(text: str) -> str:
    """Read what an office said: empty where nothing stands in the way, "?" where it is another word."""
    plain = re.sub(r"[\W_]+", "", text.casefold())
    if "notapproved" in plain or "rejected" in plain:
        return "refused"
    if "onhold" in plain or "hasissues" in plain:
        return "on hold"
    return "" if plain in ("", "null", "none", "edited", "received") or "approved" in plain else "?"
