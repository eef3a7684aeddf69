"""Text that a spreadsheet would run as a formula: defused on the way out, restored on the way in."""

from __future__ import annotations

import re

_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What makes Excel or LibreOffice compute a cell, and the full-width forms of it."""

_WHOLE = re.compile(r"0|[1-9]\d{0,14}")
"""Numbers that every spreadsheet leaves as they are."""
_REWRITTEN = re.compile(
    rf"[{_TRIGGERS}'\d]|(?:true|false)$|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.-]? ?\d",
    re.IGNORECASE,
)
"""What a spreadsheet computes, or takes for a date, a decimal or a truth and writes in its own way."""
_ESCAPED = re.compile(f"'+[{_TRIGGERS}]")
_COMPUTED = re.compile(f"'*[{_TRIGGERS}]")


def escape(text: str) -> str:
    """Return text that no spreadsheet computes, in a file that people read: `unescape` takes it back.

    Examples
    --------
    >>> escape("=1+1"), escape("'-2"), escape("'tis dark"), escape("a lamp"), unescape(escape("'-2"))
    ("'=1+1", "''-2", "'tis dark", 'a lamp', "'-2")
    """
    return f"'{text}" if _COMPUTED.match(text) else text


def unescape(text: str) -> str:
    """Return text without the apostrophe that a program put before what a spreadsheet would compute.

    Examples
    --------
    >>> unescape("'=1+1"), unescape("''-2"), unescape("'tis dark"), unescape("a lamp")
    ('=1+1', "'-2", "'tis dark", 'a lamp')
    """
    return text[1:] if _ESCAPED.match(text) else text


def protect(text: str) -> str:
    """Return text that a spreadsheet neither computes nor writes anew, as it does with dates and decimals.

    Examples
    --------
    >>> protect("2026-03-05 18:30"), protect("1.29"), protect("3"), unprotect(protect("'tis dark"))
    ("'2026-03-05 18:30", "'1.29", '3', "'tis dark")
    """
    return f"'{text}" if _REWRITTEN.match(text) and not _WHOLE.fullmatch(text) else text


def unprotect(text: str) -> str:
    """Return what `protect` was given."""
    return text.removeprefix("'")
