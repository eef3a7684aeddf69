"""CSV and its kin: cells of a delimited text file, each record with the line it starts on.

Two passes. The first looks at bytes alone (`survey`): encoding, line ends, length of lines. The
second parses, a block of whole lines at a time, so that a file of any size needs the memory of one
block. Where every line of a block is a row, its cells are found all at once (`plain_rows`); else the
block is parsed a record at a time, with all that can be wrong.
"""

from __future__ import annotations

import csv
import io
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.feed import Feed, split_lines
from safeaudit.audits.sources.plain_rows import CONTROL_CHARACTER, find_blank_rows, split_plain_rows
from safeaudit.audits.sources.records import (
    HXL_REMARK,
    MAX_NO_ROWS,
    SAMPLE_ROWS,
    blank_rows,
    find_header,
    header_of,
    is_hxl,
    join_headers,
    reject,
    rejected_table,
    say_header,
)
from safeaudit.audits.sources.survey import ESCAPED_BYTE, MAX_LINE_BYTES, survey_text
from safeaudit.audits.spans import Block
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.audits.sources.survey import Survey
    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE_LINES = 100
_HINT = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read a delimited text file; see `sources.read`."""
    survey = survey_text(file, settings.encoding)
    errors = "strict" if survey.encoding.startswith("utf-16") else "surrogateescape"
    with opened(file) as stream:
        text = io.TextIOWrapper(stream, survey.encoding, errors, newline=survey.newline)
        try:
            yield from _chunks(text, file.name, settings.delimiter, survey)
        except UnicodeDecodeError as error:
            what = f"It is damaged, or not {survey.encoding}: {error.reason}."
            raise InputError(what, hint="Export or copy it once more.", where=Where(file.name)) from error


def _chunks(text: TextIO, name: str, wanted: str | None, survey: Survey) -> Iterator[Cells]:
    """Parse a text and give its records, block by block."""
    feed = Feed(text, survey.newline)
    sample = split_lines(feed.block(), survey.newline, _SAMPLE_LINES)
    hinted = _HINT.fullmatch(sample[0].strip("\r\n")) if sample else None  # for Excel, on the delimiter
    sample = sample[1:] if hinted else sample
    delimiter = wanted or (hinted and hinted[1]) or _detect_delimiter(sample)
    above, lines, double = _find_header(sample, delimiter)
    rows = _Rows(feed, name, delimiter, suspect=survey.suspect)
    rows.leave_out(lines + bool(hinted))
    header = rows.header(double=double)
    remarks = [*survey.remarks, *([] if delimiter == "," else [_say_delimiter(delimiter)])]
    remarks += say_header(above, double=double)
    numbers, block = rows.chunk()
    if len(numbers) and is_hxl(block.row(0)):
        numbers, block = numbers[1:], block.at(slice(1, None))
        remarks.append(HXL_REMARK)
    while True:
        if rows.ended and rows.blank:
            remarks.append(blank_rows(rows.blank))
        yield Cells(
            file=name,
            header=header,
            lines=numbers,
            columns=block,
            rejected=rows.take_rejected(),
            remarks=tuple(remarks),
        )
        if rows.ended:
            return
        (numbers, block), remarks = rows.chunk(), []


class _Rows:
    """The records of a text; those that are no row are kept as rejected, the empty ones are counted."""

    def __init__(self, feed: Feed, name: str, delimiter: str, *, suspect: bool) -> None:
        self.blank = 0
        self._no_rows = 0
        self._rejected: list[tuple[int, str, str, str]] = []
        self.ended = False
        self._feed = feed
        self._name = name
        self._delimiter = delimiter
        self._suspect = suspect
        self._width = 0
        self._line = 1
        self._records = self._parse_records()

    def leave_out(self, lines: int) -> None:
        """Leave out the lines that stand above the header."""
        for _ in range(lines):
            next(self._feed)
        self._feed.pending.clear()
        self._line += lines

    def header(self, *, double: bool) -> tuple[str, ...]:
        """Take the first record as the header, or the first two together."""
        rows = [row for _, row in _take(self._records, 1 + double)]
        return header_of(join_headers(*rows) if double else next(iter(rows), []), self._name)

    def chunk(self) -> tuple[NDArray[np.int64], Block]:
        """Return the rows of the next block: the line where each starts and their cells."""
        text = self._feed.block()
        block = split_plain_rows(text, self._delimiter, self._width, suspect=self._suspect)
        lines, block = self._parse_block(text) if block is None else self._take_plain(block)
        self.ended = self.ended or not self._feed.block()
        return lines, block

    def _parse_block(self, text: str) -> tuple[NDArray[np.int64], Block]:
        """Parse a block a record at a time; its last record may end in the next block."""
        n = text.count(self._feed.newline) + (text != "" and not text.endswith(self._feed.newline))
        rows = _take(self._until(self._line + n), None)
        lines = np.array([line for line, _ in rows], dtype=np.int64)
        return lines, Block.of([row for _, row in rows], self._width)

    def _take_plain(self, block: Block) -> tuple[NDArray[np.int64], Block]:
        """Take a block whose lines are a row each, but for the blank ones."""
        self._feed.skip()
        lines = np.arange(self._line, self._line + block.rows)
        self._line += block.rows
        blank = find_blank_rows(block)
        if not len(blank):
            return lines, block
        self.blank += len(blank)
        return np.delete(lines, blank), block.at(np.delete(np.arange(block.rows), blank))

    def _until(self, end: int) -> Iterator[tuple[int, list[str]]]:
        """Give records that start before a line."""
        while self._line < end and not self.ended:
            yield from islice(self._records, 1)

    def _parse_records(self) -> Iterator[tuple[int, list[str]]]:
        """Parse the lines one record at a time, with all that can be wrong."""
        feed = self._feed
        reader = csv.reader(feed, delimiter=self._delimiter, strict=True)
        while True:
            row: list[str] | None = None
            try:
                row = next(reader)
            except StopIteration:
                self.ended = True
                return
            except csv.Error:
                self._reject_broken(self._line)
            # What the parser asked for since the last record are the lines of this one.
            line, pending = self._line, feed.pending
            self._line += len(pending)
            if row is not None and not "".join(row).strip():
                self.blank += bool(self._width)
            elif row is not None and self._is_row(line, row):
                pending.clear()  # before it is given: whoever takes it may ask for the next block
                yield line, row
            pending.clear()

    def take_rejected(self) -> pd.DataFrame:
        """Return what was rejected since the last call, as the table."""
        rejected, self._rejected = self._rejected, []
        return rejected_table(self._name, rejected)

    def _is_row(self, line: int, row: list[str]) -> bool:
        """Say whether a record can be taken as a row, and reject it where not; the first one is the header."""
        self._width = self._width or len(row)
        reason = self._why_no_row(row)
        if reason is not None:
            self._reject(line, *reason, row)
        return reason is None

    def _why_no_row(self, row: list[str]) -> tuple[str, str] | None:
        """Return the code and the sentence of why a record is no row; None where it is one."""
        may_be_cut = len(row) < self._width or self._suspect
        if may_be_cut and not self._feed.pending[-1].endswith(("\n", "\r")) and self._is_cut(row):
            return "TRUNCATED", "The file ends in the middle of this row. Export or copy it once more."
        if len(row) != self._width:
            fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
            sentence = f"This row has {fields}; the header has {self._width}. {self._say_what_parts(row)}"
            return "FIELD_COUNT", sentence
        if self._suspect and ESCAPED_BYTE.search("".join(row)):
            sentence = "This row holds letters in another encoding than the rest of the file. Type them anew."
            return "ENCODING", sentence
        if self._suspect and CONTROL_CHARACTER.search("".join(row)):
            return "CONTROL_CHAR", "This row holds a control character, such as NUL. Delete it."
        return None

    def _say_what_parts(self, row: list[str]) -> str:
        """Say how to mend a row of another width: its cells may stand apart by what other programs write."""
        text = self._delimiter.join(row)
        for other, name in DELIMITERS.items():
            if other != self._delimiter and text.count(other) + 1 == self._width:
                mine = DELIMITERS.get(self._delimiter, self._delimiter)
                return f"Its cells are parted by {name}, those of the header by {mine}: export it as the rest."
        return "Look for a missing quote."

    def _is_cut(self, row: list[str]) -> bool:
        """Say whether the last row, without its line end, lacks fields or the rest of a character."""
        return len(row) < self._width or bool(ESCAPED_BYTE.match(row[-1][-1:]))

    def _reject_broken(self, line: int) -> None:
        """Reject a record whose quotes do not close: as cut where nothing after it looks like a row."""
        feed = self._feed
        following = (text.count(self._delimiter) + 1 >= self._width for text in feed.pending[1:])
        if feed.ended and not any(following):
            sentence = "The file ends inside a quoted text that begins in this row. Export or copy it once more."
            self._reject(line, "TRUNCATED", sentence, feed.pending)
            return
        # The parser read on to the end of the file in search of the quote: only the first line is to blame.
        feed.take_back()
        self._reject(
            line, "QUOTES", "The quotes of this row do not close. Write a quote inside a text twice.", feed.pending
        )

    def _reject(self, line: int, code: str, sentence: str, row: list[str]) -> None:
        self._no_rows += 1
        if self._no_rows > MAX_NO_ROWS:
            what = f"More than {MAX_NO_ROWS} of its lines are no rows of {self._width} cells. This is one of them:"
            hint = f"{sentence} Or it is no table: export it once more."
            raise InputError(what, hint=hint, where=Where(self._name, line))
        self._rejected.append(reject(self._name, line, code, sentence, row))


def _detect_delimiter(sample: list[str]) -> str:
    """Return the delimiter that gives the widest rows that most agree with."""

    def agreement(delimiter: str) -> float:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # what was parsed before a broken quote is enough to tell
            rows.extend(csv.reader(sample, delimiter=delimiter))
        widths = [len(row) for row in rows if "".join(row).strip()]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return common * widths.count(common) / len(widths) if common > 1 else 0.0

    return max(DELIMITERS, key=agreement)


def _find_header(sample: list[str], delimiter: str) -> tuple[int, int, bool]:
    """Return how many records stand above the header, how many lines they take, and whether it takes two records."""
    rows: list[list[str]] = []
    ends: list[int] = []
    reader = csv.reader(sample, delimiter=delimiter)
    with suppress(csv.Error):
        for row in reader:
            if "".join(row).strip():
                rows.append(row)
                ends.append(reader.line_num)
    above, double = find_header(rows[:SAMPLE_ROWS])
    same = double and len(rows[above]) == len(rows[above + 1])
    return above, ends[above - 1] if above else 0, same


def _say_delimiter(delimiter: str) -> str:
    return f"Its columns are divided by {DELIMITERS.get(delimiter, repr(delimiter))}."


def _take(records: Iterator[tuple[int, list[str]]], n: int | None) -> list[tuple[int, list[str]]]:
    """Return the next records. The parser's limit for a cell is global: it is raised here alone and put back."""
    limit = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        return list(islice(records, n))
    finally:
        csv.field_size_limit(limit)
