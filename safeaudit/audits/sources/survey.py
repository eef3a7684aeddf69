"""What the bytes of a text file say before it is parsed: encoding, line ends, damage, lines too long for a table."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.errors import InputError, Where
from safeaudit.files.admit import opened

if TYPE_CHECKING:
    from safeaudit.files.admit import Admitted

MAX_LINE_BYTES = 1_000_000
ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is no UTF-8, as Python writes it into a text (PEP 383)."""
_BLOCK_BYTES = 1024 * 1024
_CODE_PAGES = ("cp1252", "cp1256", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1257", "cp1258", "cp874")
"""The code pages of Windows, the commonest first."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the bytes of a file say of its text; `suspect` where some of its characters may be damaged."""

    encoding: str
    newline: str
    suspect: bool
    remarks: tuple[str, ...]


class _Bytes:
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
        # Old Macs end lines with CR alone; with CR and LF, the LF ends the line and the CR is taken off later.
        self.newline = self.newline or (b"\r" if b"\r" in block and b"\n" not in block else b"\n")
        blanks = sum(map(block.count, (b"\t", b"\r", b"\n")))
        signs = np.frombuffer(block, dtype=np.uint8)
        self.control = self.control or b"\x7f" in block or int(np.count_nonzero(signs < ord(" "))) > blanks
        self._check_length(block)
        # Most files are ASCII, which needs no decoding, unless the block before ended inside a character.
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
        """Note where the first byte stands that is no UTF-8, and whether any character of several bytes is."""
        damaged = ESCAPED_BYTE.search(text) if _is_damaged(text) else None
        if damaged and self.bad is None:
            before = text[: damaged.start()]
            at = self._bytes + len(before.encode("utf-8", "surrogateescape"))
            self.bad = at, self._lines + before.count(self.newline.decode()), ord(damaged[0]) - 0xDC00
        self.multibyte = self.multibyte or not ESCAPED_BYTE.sub("", text).isascii()

    def _check_length(self, block: bytes) -> None:
        """Refuse a line that no table has; only the ends of a block are looked at, for it is no longer than a line."""
        first, last = block.find(self.newline), block.rfind(self.newline)
        if self._line_bytes + (len(block) if first < 0 else first) > MAX_LINE_BYTES:
            what = f"A line is longer than {MAX_LINE_BYTES} bytes."
            hint = "Open it in a text editor: it is no table, or a quote is not closed."
            raise InputError(what, hint=hint, where=Where(self._name, self._lines))
        self._line_bytes = self._line_bytes + len(block) if last < 0 else len(block) - last - 1


def survey_text(file: Admitted, declared: str | None) -> Survey:
    """Look at all bytes once; refuse what is in no known encoding."""
    looked = _Bytes(file.name)
    with opened(file) as stream:
        head = stream.read(_BLOCK_BYTES)
        encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "")
        looked.look(head)
        while block := stream.read(_BLOCK_BYTES):
            looked.look(block)
    looked.look(b"", final=True)
    suspect = looked.control or (looked.bad is not None)
    newline = looked.newline.decode()
    if encoding == "utf-16":
        remark = "It is read as UTF-16, as its first bytes say."
        return Survey(encoding=encoding, newline=newline, suspect=True, remarks=(remark,))
    if declared:
        remark = f"It is read as {declared}, as the settings say."
        return Survey(encoding=encoding or declared, newline=newline, suspect=True, remarks=(remark,))
    # Bad bytes among good characters are rows of another encoding, pasted in: they are rejected one by one.
    # Bad bytes and no good character at all are a file in another encoding.
    if looked.bad and not looked.multibyte:
        raise _not_utf8(looked.bad, file.name, guess_encoding(file))
    return Survey(encoding=encoding or "utf-8", newline=newline, suspect=suspect, remarks=())


def guess_encoding(file: Admitted) -> str | None:
    """Guess the Windows code page of a text that is not Unicode; None where it is, or nothing fits.

    A guess is shown and written down by whoever asks for it: a wrong one gives wrong letters, never an error.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need a guess

    with opened(file) as stream:
        head = stream.read(_BLOCK_BYTES)
    if head.startswith(tuple(bom for bom, _ in _BOMS)) or _is_utf8(head):
        return None
    ranked = list(from_bytes(head, cp_isolation=list(_CODE_PAGES)))
    best = [one for one in ranked if (one.chaos, one.coherence) == (ranked[0].chaos, ranked[0].coherence)]
    # Western and central European pages share most letters: where both read alike, the western one is meant.
    pages = {page for one in best for page in one.could_be_from_charset}
    return next((page for page in _CODE_PAGES if page in pages), None)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last letter may be cut
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _not_utf8(bad: tuple[int, int, int], name: str, guess: str | None) -> InputError:
    at, line, byte = bad
    what = f"It is not UTF-8 at byte {at} (line {line}, value 0x{byte:02X})."
    page = guess or "cp1252"
    hint = (
        f'It may be {page}, a code page of Windows: write encoding = "{page}" under its [[audits]] and look at its '
        "letters. Or save it once more as CSV UTF-8."
    )
    return InputError(what, hint=hint, where=Where(name, line))
