"""CSV and its kin: cells of a delimited text file, each record with the line it starts on.

Two passes. The first looks at bytes alone (`_survey`): encoding, line ends, length of lines. The
second parses, a chunk at a time, so that a file of any size needs the memory of one chunk.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from operator import methodcaller
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.errors import InputError, Where
from safeaudit.files import opened
from safeaudit.sources.records import HXL_REMARK, blank_rows, header_of, is_hxl, rejected_table, told
from safeaudit.tables import Cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from safeaudit.config import AuditSettings
    from safeaudit.files import Admitted

CHUNK_LINES = 20_000
MAX_LINE_BYTES = 1_000_000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BLOCK_BYTES = 1024 * 1024
_SAMPLE_LINES = 100
_CONTROL = bytes(code for code in range(32) if code not in b"\t\r\n") + b"\x7f"
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_Block = tuple["NDArray[np.int64]", tuple["NDArray[np.object_]", ...]]
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read(file: Admitted, settings: AuditSettings) -> Iterator[Cells]:
    """Read a delimited text file; see `sources.read`."""
    survey = _survey(file, settings.encoding)
    errors = "strict" if survey.encoding.startswith("utf-16") else "surrogateescape"
    with opened(file) as stream:
        text = io.TextIOWrapper(stream, survey.encoding, errors, newline=survey.newline)
        try:
            yield from _chunks(text, file.name, settings.delimiter, survey)
        except UnicodeDecodeError as error:
            what = f"It is damaged, or not {survey.encoding}: {error.reason}."
            raise InputError(what, hint="Export or copy it once more.", where=Where(file.name)) from error


def _chunks(text: Iterable[str], name: str, wanted: str | None, survey: _Survey) -> Iterator[Cells]:
    """Parse lines and give their records, chunk by chunk."""
    lines = iter(text)
    sample = list(islice(lines, _SAMPLE_LINES))
    delimiter = wanted or _delimiter(sample)
    rows = _Rows(_Feed(chain(sample, lines)), name, delimiter, suspect=survey.suspect)
    header = rows.header()
    remarks = [*survey.remarks, *([] if delimiter == "," else [_divided_by(delimiter)])]
    numbers, columns = rows.chunk()
    if len(numbers) and is_hxl([column[0] for column in columns]):
        numbers, columns = numbers[1:], tuple(column[1:] for column in columns)
        remarks.append(HXL_REMARK)
    while True:
        if rows.ended and rows.blank:
            remarks.append(blank_rows(rows.blank))
        yield Cells(
            file=name, header=header, lines=numbers, columns=columns, rejected=rows.taken(), remarks=tuple(remarks)
        )
        if rows.ended:
            return
        (numbers, columns), remarks = rows.chunk(), []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    """What the bytes of a file say of its text; `suspect` where some characters cannot be taken."""

    encoding: str
    newline: str
    suspect: bool
    remarks: tuple[str, ...]


class _Tally:
    """Looks at the bytes of a file, a block at a time: the first bad byte, line ends, lengths of lines."""

    def __init__(self, name: str) -> None:
        self.newline = b""
        self.bad: tuple[int, int, int] | None = None
        self.multibyte = False
        self.control = False
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._bytes = 0
        self._lines = 1
        self._line_bytes = 0

    def look(self, block: bytes, *, final: bool = False) -> None:
        """Take in one block."""
        self.newline = self.newline or (b"\r" if b"\r" in block and b"\n" not in block else b"\n")
        self.control = self.control or len(block.translate(None, _CONTROL)) < len(block)
        self._check_length(block)
        text = self._decoder.decode(block, final)
        if not text.isascii():
            self._look_beyond_ascii(text)
        self._bytes += len(text.encode("utf-8", "surrogateescape"))
        self._lines += text.count(self.newline.decode())

    def _look_beyond_ascii(self, text: str) -> None:
        damaged = _ESCAPED_BYTE.search(text) if _is_damaged(text) else None
        if damaged and self.bad is None:
            before = text[: damaged.start()]
            at = self._bytes + len(before.encode("utf-8", "surrogateescape"))
            self.bad = at, self._lines + before.count(self.newline.decode()), ord(damaged[0]) - 0xDC00
        self.multibyte = self.multibyte or not _ESCAPED_BYTE.sub("", text).isascii()

    def _check_length(self, block: bytes) -> None:
        first, last = block.find(self.newline), block.rfind(self.newline)
        if self._line_bytes + (len(block) if first < 0 else first) > MAX_LINE_BYTES:
            what = f"A line is longer than {MAX_LINE_BYTES} bytes."
            hint = "Open it in a text editor: it is no table, or a quote is not closed."
            raise InputError(what, hint=hint, where=Where(self._name, self._lines))
        self._line_bytes = self._line_bytes + len(block) if last < 0 else len(block) - last - 1


def _survey(file: Admitted, declared: str | None) -> _Survey:
    """Look at all bytes once; refuse what is in no known encoding."""
    _check_encoding(declared, file.name)
    tally = _Tally(file.name)
    with opened(file) as stream:
        head = stream.read(_BLOCK_BYTES)
        encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "")
        tally.look(head)
        while block := stream.read(_BLOCK_BYTES):
            tally.look(block)
    tally.look(b"", final=True)
    suspect = tally.control or (tally.bad is not None)
    newline = tally.newline.decode()
    if encoding == "utf-16":
        remark = "It is read as UTF-16, as its first bytes say."
        return _Survey(encoding=encoding, newline=newline, suspect=True, remarks=(remark,))
    if declared:
        remark = f"It is read as {declared}, as the settings say."
        return _Survey(encoding=encoding or declared, newline=newline, suspect=True, remarks=(remark,))
    if tally.bad and not tally.multibyte:
        raise _not_utf8(tally.bad, file.name)
    return _Survey(encoding=encoding or "utf-8", newline=newline, suspect=suspect, remarks=())


def _is_damaged(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _check_encoding(declared: str | None, name: str) -> None:
    try:
        codecs.lookup(declared or "utf-8")
    except LookupError as error:
        hint = 'Write it as in encoding = "cp1252".'
        raise InputError(f'No encoding is called "{declared}".', hint=hint, where=Where(name)) from error


def _not_utf8(bad: tuple[int, int, int], name: str) -> InputError:
    at, line, byte = bad
    what = f"It is not UTF-8 at byte {at} (line {line}, value 0x{byte:02X})."
    hint = (
        'If it comes from Windows in a western language, it is cp1252: write encoding = "cp1252" under its '
        "[[audits]] and look at the letters with accents. Or save it once more as CSV UTF-8."
    )
    return InputError(what, hint=hint, where=Where(name, line))


class _Feed:
    """Gives lines to the parser and remembers those of the record at hand, to take them back if it breaks."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.pending: list[str] = []
        self.ended = False
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        try:
            line = self._ahead.popleft() if self._ahead else next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self.pending.append(line)
        return line

    def ahead(self, n: int) -> list[str]:
        """Return the next lines without giving them."""
        self._ahead.extend(islice(self._lines, n - len(self._ahead)))
        return list(self._ahead)

    def skip_ahead(self) -> None:
        """Leave out the lines that were looked at."""
        self._ahead.clear()

    def take_back(self) -> None:
        """Keep the first line of the record at hand as pending and give the others once more."""
        self._ahead.extendleft(reversed(self.pending[1:]))
        del self.pending[1:]
        self.ended = False


class _Rows:
    """The records of a text; those that are no row are put in `rejected`, the empty ones are counted."""

    def __init__(self, feed: _Feed, name: str, delimiter: str, *, suspect: bool) -> None:
        self.blank = 0
        self.rejected: list[tuple[int, str, str, str]] = []
        self.ended = False
        self._feed = feed
        self._name = name
        self._delimiter = delimiter
        self._suspect = suspect
        self._width = 0
        self._line = 1
        self._records = self._parsed()

    def header(self) -> tuple[str, ...]:
        """Take the first record as the header."""
        _, row = next(iter(_taken(self._records, 1)), (1, []))
        return header_of(row, self._name)

    def chunk(self) -> _Block:
        """Return the next rows: the line where each starts and the columns."""
        ahead = self._feed.ahead(CHUNK_LINES)
        plain = self._plain_text(ahead)
        if plain is not None:
            self._feed.skip_ahead()
            first, self._line = self._line, self._line + len(ahead)
            self.ended = len(ahead) < CHUNK_LINES
            return self._without_blank(np.arange(first, self._line), self._parsed_plain(plain))
        self.ended = not ahead
        end = self._line + len(ahead)
        rows = _taken(self._until(end), None)
        columns = zip(*(row for _, row in rows), strict=True) if rows else ((),) * self._width
        lines = np.array([line for line, _ in rows], dtype=np.int64)
        return lines, tuple(np.array(column, dtype=object) for column in columns)

    def _until(self, end: int) -> Iterator[tuple[int, list[str]]]:
        """Give records that start before a line."""
        while self._line < end and not self.ended:
            yield from islice(self._records, 1)

    def _plain_text(self, lines: list[str]) -> str | None:
        """Return the text of lines that are a row each, quoted whole or not at all; None where one is not."""
        text = "".join(lines)
        quoted = '"' in text
        if not quoted and set(map(methodcaller("count", self._delimiter), lines)) != {self._width - 1}:
            return None
        if quoted and not all(map(self._is_plain, lines)):
            return None
        text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
        damaged = self._suspect and (_ESCAPED_BYTE.search(text) or _CONTROL_CHARACTER.search(text))
        return None if "\r" in text or damaged or text.count("\n") > len(lines) else text

    def _is_plain(self, line: str) -> bool:
        width, quotes = self._width, line.count('"')
        if not quotes:
            return line.count(self._delimiter) == width - 1
        body = line.rstrip("\r\n")
        whole = quotes == 2 * width and body[0] == body[-1] == '"'
        return whole and body[1:-1].count(f'"{self._delimiter}"') == width - 1

    def _parsed_plain(self, text: str) -> tuple[NDArray[np.object_], ...]:
        """Parse plain text; pandas does so several times as fast as csv, but would mend or drop what is broken."""
        frame = pd.read_csv(
            io.StringIO(text),
            sep=self._delimiter,
            header=None,
            names=range(self._width),
            index_col=False,
            dtype=object,
            na_filter=False,
            skip_blank_lines=False,
            engine="c",
            low_memory=False,
        )
        return tuple(frame[column].to_numpy(dtype=object) for column in frame.columns)

    def _without_blank(self, lines: NDArray[np.int64], columns: tuple[NDArray[np.object_], ...]) -> _Block:
        blank = np.array([not cell.strip() for cell in columns[0]], dtype=bool)
        for row in np.flatnonzero(blank):
            blank[row] = not any(column[row].strip() for column in columns)
        if not blank.any():
            return lines, columns
        self.blank += int(blank.sum())
        return lines[~blank], tuple(column[~blank] for column in columns)

    def _parsed(self) -> Iterator[tuple[int, list[str]]]:
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
                self._put_broken(self._line)
            line, pending = self._line, feed.pending
            self._line += len(pending)
            if row is not None and not "".join(row).strip():
                self.blank += bool(self._width)
            elif row is not None and self._is_row(line, row):
                pending.clear()
                yield line, row
            pending.clear()

    def taken(self) -> pd.DataFrame:
        """Return what was rejected since the last call, as the table."""
        found, self.rejected = self.rejected, []
        return rejected_table(self._name, found)

    def _is_row(self, line: int, row: list[str]) -> bool:
        """Say whether a record can be taken as a row; the first one is the header."""
        self._width = self._width or len(row)
        cut = len(row) < self._width or self._suspect
        if cut and not self._feed.pending[-1].endswith(("\n", "\r")) and self._is_cut(row):
            self._put(line, "TRUNCATED", "The file ends in the middle of this row. Export or copy it once more.", row)
        elif len(row) != self._width:
            fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
            sentence = f"This row has {fields}; the header has {self._width}. Look for a missing quote."
            self._put(line, "FIELD_COUNT", sentence, row)
        elif self._suspect and _ESCAPED_BYTE.search("".join(row)):
            self._put(
                line,
                "ENCODING",
                "This row holds letters in another encoding than the rest of the file. Type them anew.",
                row,
            )
        elif self._suspect and _CONTROL_CHARACTER.search("".join(row)):
            self._put(line, "CONTROL_CHAR", "This row holds a control character, such as NUL. Delete it.", row)
        else:
            return True
        return False

    def _is_cut(self, row: list[str]) -> bool:
        """Say whether the last row, without its line end, lacks fields or the rest of a character."""
        return len(row) < self._width or bool(_ESCAPED_BYTE.match(row[-1][-1:]))

    def _put_broken(self, line: int) -> None:
        """Reject a record whose quotes do not close: as cut where nothing after it looks like a row."""
        feed = self._feed
        following = (text.count(self._delimiter) + 1 >= self._width for text in feed.pending[1:])
        if feed.ended and not any(following):
            sentence = "The file ends inside a quoted text that begins in this row. Export or copy it once more."
            self._put(line, "TRUNCATED", sentence, feed.pending)
            return
        feed.take_back()
        self._put(
            line, "QUOTES", "The quotes of this row do not close. Write a quote inside a text twice.", feed.pending
        )

    def _put(self, line: int, code: str, sentence: str, row: list[str]) -> None:
        self.rejected.append(told(self._name, line, code, sentence, row))


def _delimiter(sample: list[str]) -> str:
    """Return the delimiter that gives the widest header that most rows agree with."""

    def agreement(delimiter: str) -> float:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # what was parsed before a broken quote is enough to tell
            rows.extend(csv.reader(sample, delimiter=delimiter))
        widths = [len(row) for row in rows if "".join(row).strip()]
        return widths[0] * widths.count(widths[0]) / len(widths) if widths and widths[0] > 1 else 0.0

    return max(DELIMITERS, key=agreement)


def _divided_by(delimiter: str) -> str:
    return f"Its columns are divided by {DELIMITERS.get(delimiter, repr(delimiter))}."


def _taken(records: Iterator[tuple[int, list[str]]], n: int | None) -> list[tuple[int, list[str]]]:
    """Return the next records. The parser's limit for a cell is global: it is raised here alone and put back."""
    limit = csv.field_size_limit(MAX_LINE_BYTES)
    try:
        return list(islice(records, n))
    finally:
        csv.field_size_limit(limit)
