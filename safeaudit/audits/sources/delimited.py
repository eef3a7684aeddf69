"""CSV and its kin: cells of a delimited text file, each record with the line it starts on.

Two passes. The first looks at bytes alone (`_survey`): encoding, line ends, length of lines. The
second parses, a block of whole lines at a time, so that a file of any size needs the memory of one
block. Where every line of a block is a row, its cells are found all at once; else the block is
parsed a record at a time, with all that can be wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.cells import Cells
from safeaudit.audits.sources.records import HXL_REMARK, blank_rows, header_of, is_hxl, rejected_table, told
from safeaudit.audits.spans import Block, padded
from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.config import AuditSettings
    from safeaudit.files.admit import Admitted

BLOCK_CHARACTERS = 8_000_000
MAX_LINE_BYTES = 1_000_000
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_BLOCK_BYTES = 1024 * 1024
_SAMPLE_LINES = 100
_BATCH_LINES = 20_000
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_QUOTE, _END = ord('"'), ord("\n")
_GRAPH = ord("!")
"""The first sign that is not blank; those beyond `~` may be."""
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


def _chunks(text: TextIO, name: str, wanted: str | None, survey: _Survey) -> Iterator[Cells]:
    """Parse a text and give its records, block by block."""
    feed = _Feed(text, survey.newline)
    delimiter = wanted or _delimiter(_lines(feed.block(), survey.newline, _SAMPLE_LINES))
    rows = _Rows(feed, name, delimiter, suspect=survey.suspect)
    header = rows.header()
    remarks = [*survey.remarks, *([] if delimiter == "," else [_divided_by(delimiter)])]
    numbers, block = rows.chunk()
    if len(numbers) and is_hxl(block.row(0)):
        numbers, block = numbers[1:], block.at(slice(1, None))
        remarks.append(HXL_REMARK)
    while True:
        if rows.ended and rows.blank:
            remarks.append(blank_rows(rows.blank))
        yield Cells(
            file=name, header=header, lines=numbers, columns=block, rejected=rows.taken(), remarks=tuple(remarks)
        )
        if rows.ended:
            return
        (numbers, block), remarks = rows.chunk(), []


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
        blanks = sum(map(block.count, (b"\t", b"\r", b"\n")))
        signs = np.frombuffer(block, dtype=np.uint8)
        self.control = self.control or b"\x7f" in block or int(np.count_nonzero(signs < ord(" "))) > blanks
        self._check_length(block)
        if block.isascii() and not self._decoder.getstate()[0]:
            self._bytes += len(block)
            self._lines += block.count(self.newline)
            return
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
    """Gives a text by blocks of whole lines, or by lines, and takes lines of the record at hand back if it breaks."""

    def __init__(self, text: TextIO, newline: str) -> None:
        self.pending: list[str] = []
        self.ended = False
        self.newline = newline
        self._text = text
        self._blocks: deque[str] = deque()
        self._lines: deque[str] = deque()

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if not self._lines:
            self._lines.extend(_lines(self.block(), self.newline))
            self.skip()
        if not self._lines:
            self.ended = True
            raise StopIteration
        self.pending.append(self._lines.popleft())
        return self.pending[-1]

    def block(self) -> str:
        """Return the next lines as one text, without giving them; empty at the end."""
        left = deque[str]()
        while self._lines:
            left.append("".join(self._lines.popleft() for _ in range(min(len(self._lines), _BATCH_LINES))))
        self._blocks.extendleft(reversed(left))
        if not self._blocks:
            self._blocks.append(self._text.read(BLOCK_CHARACTERS) + self._text.readline())
        return self._blocks[0]

    def skip(self) -> None:
        """Leave out the block that was looked at."""
        self._blocks.popleft()

    def take_back(self) -> None:
        """Keep the first line of the record at hand as pending and give the others once more."""
        self._lines.extendleft(reversed(self.pending[1:]))
        del self.pending[1:]
        self.ended = False


def _lines(text: str, newline: str, most: int = -1) -> list[str]:
    """Return the lines of a text with their ends, or the first of them."""
    parts = text.split(newline, most)
    last = parts.pop()
    return [part + newline for part in parts] + ([last] if last and most < 0 else [])


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

    def chunk(self) -> tuple[NDArray[np.int64], Block]:
        """Return the rows of the next block: the line where each starts and their cells."""
        text = self._feed.block()
        block = self._plain(text)
        if block is None:
            n = text.count(self._feed.newline) + (text != "" and not text.endswith(self._feed.newline))
            rows = _taken(self._until(self._line + n), None)
            lines = np.array([line for line, _ in rows], dtype=np.int64)
            block = Block.of([row for _, row in rows], self._width)
        else:
            self._feed.skip()
            lines = np.arange(self._line, self._line + block.rows)
            self._line += block.rows
            lines, block = self._without_blank(lines, block)
        self.ended = self.ended or not self._feed.block()
        return lines, block

    def _until(self, end: int) -> Iterator[tuple[int, list[str]]]:
        """Give records that start before a line."""
        while self._line < end and not self.ended:
            yield from islice(self._records, 1)

    def _plain(self, text: str) -> Block | None:
        """Return the cells of lines that are a row each, their quotes around whole cells; None where one is not."""
        if "\r" in text:
            text = text.replace("\r\n", "\n") if "\n" in text else text.replace("\r", "\n")
        damaged = self._suspect and (_ESCAPED_BYTE.search(text) or _CONTROL_CHARACTER.search(text))
        if "\r" in text or damaged or not self._delimiter.isascii():
            return None
        signs = padded(text if text.endswith("\n") or not text else text + "\n")
        ends = signs == _END
        n = np.count_nonzero(ends)
        ends |= signs == ord(self._delimiter)
        if quoted := '"' in text:
            ends &= ~np.logical_xor.accumulate(signs == _QUOTE)
        found = np.flatnonzero(ends)
        if len(found) != n * self._width:
            return None
        if (signs[found[self._width - 1 :: self._width]] != _END).any():
            return None
        stop = np.ascontiguousarray(found.reshape(n, self._width).T, dtype=np.int32)
        start = np.empty_like(stop)
        start[0], start[1:] = np.concatenate([[-1], stop[-1]])[:n], stop[:-1]
        start += 1
        return _unquoted(signs, start, stop) if quoted else Block(signs, start, stop)

    def _without_blank(self, lines: NDArray[np.int64], block: Block) -> tuple[NDArray[np.int64], Block]:
        blank = np.arange(len(lines))
        for at in range(len(block)):
            cells = block.spans(at).at(blank)
            first = cells.signs[cells.start]
            blank = blank[(cells.length == 0) | (first < _GRAPH) | (first > ord("~"))]
        blank = np.array([row for row in blank.tolist() if not "".join(block.row(row)).strip()], dtype=np.int64)
        self.blank += len(blank)
        return (
            (np.delete(lines, blank), block.at(np.delete(np.arange(len(lines)), blank)))
            if len(blank)
            else (lines, block)
        )

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


def _unquoted(signs: NDArray[np.uint8], start: NDArray[np.int32], stop: NDArray[np.int32]) -> Block | None:
    """Return cells without the quotes around them; None where a quote stands elsewhere."""
    opened, closed = signs[start] == _QUOTE, signs[stop - 1] == _QUOTE
    whole = opened & closed & (stop - start > 1)
    if 2 * np.count_nonzero(whole) != np.count_nonzero(signs == _QUOTE):
        return None
    return Block(signs, start + whole, stop - whole)


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
