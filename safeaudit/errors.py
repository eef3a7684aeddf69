"""What can go wrong, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """The spot in an input that an error speaks of."""

    file: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f" line {self.line}"
        column = "" if self.column is None else f', column "{self.column}"'
        return f"{self.file}{line}{column}"


class SafeauditError(Exception):
    """Root of every error safeaudit raises on purpose.

    Parameters
    ----------
    what
        What is wrong, as a sentence without the place.
    hint
        What to do about it.
    where
        File, line and column, where they are known.
    """

    def __init__(self, what: str, *, hint: str, where: Where | None = None) -> None:
        self.what = what
        self.hint = hint
        self.where = where
        super().__init__(str(self))

    def __str__(self) -> str:
        place = "" if self.where is None else f"{self.where}: "
        return f"{place}{self.what} {self.hint}"


class ConfigError(SafeauditError):
    """The settings cannot be used as they stand."""


class InputError(SafeauditError):
    """An input file was refused; nothing of it was kept."""


class CrsError(SafeauditError):
    """Coordinates are not in the metres (or degrees) that the step needs."""


class TableError(SafeauditError):
    """A table does not have the shape that `tables.py` declares."""


class OutputError(SafeauditError):
    """An output could not be written; the earlier one is untouched."""
