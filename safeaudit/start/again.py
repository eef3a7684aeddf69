"""`init` once more: what it guessed is written anew, what a person changed stays."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Change(NamedTuple):
    """Lines of the first writing, from `start` to `stop`, and what stands there now."""

    start: int
    stop: int
    lines: Sequence[str]

    def touches(self, other: _Change) -> bool:
        """Say whether two changes are of the same lines, or both add something at one spot."""
        if self.start == self.stop or other.start == other.stop:
            return self.start <= other.stop and other.start <= self.stop
        return self.start < other.stop and other.start < self.stop


def merge(first: Sequence[str], changed: Sequence[str], anew: Sequence[str]) -> list[str]:
    """Return settings that were written anew, with what a person changed in those that were written first.

    Parameters
    ----------
    first
        Lines as they were written.
    changed
        Lines as a person left them.
    anew
        Lines as they would be written now: where both differ from the first, the person's stand.
    """
    theirs = _changes(first, changed)
    ours = [change for change in _changes(first, anew) if not any(change.touches(other) for other in theirs)]
    merged: list[str] = []
    at = 0
    for change in sorted([*theirs, *ours], key=lambda change: (change.start, change.stop)):
        merged += [*first[at : change.start], *change.lines]
        at = change.stop
    return [*merged, *first[at:]]


def _changes(first: Sequence[str], other: Sequence[str]) -> list[_Change]:
    codes = difflib.SequenceMatcher(None, first, other, autojunk=False).get_opcodes()
    return [_Change(i, j, other[k:end]) for kind, i, j, k, end in codes if kind != "equal"]
