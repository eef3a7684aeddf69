"""Text that a spreadsheet would run as a formula: defused on the way out, restored on the way in."""

from __future__ import annotations

import re

_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What makes Excel or LibreOffice compute a cell, and the full-width forms of it."""

_RISKY = re.compile(f"'*[{_TRIGGERS}]")
_ESCAPED = re.compile(f"'+[{_TRIGGERS}]")


def escape(text: str) -> str:
    """Return text that a spreadsheet shows as text.

    Text that starts like a formula, whatever apostrophes stand before, gets one apostrophe more: so
    `unescape` gives every text back as it was.

    Examples
    --------
    >>> escape("=1+1"), escape("a lamp"), unescape(escape("=1+1"))
    ("'=1+1", 'a lamp', '=1+1')
    """
    return f"'{text}" if _RISKY.match(text) else text


def unescape(text: str) -> str:
    """Return what `escape` was given; other text as it is."""
    return text[1:] if _ESCAPED.match(text) else text
