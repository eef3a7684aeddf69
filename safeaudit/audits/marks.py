"""Signs that nobody sees: zero-width spaces, byte order marks and marks of writing direction, which copying brings."""

from __future__ import annotations

_INVISIBLE = dict.fromkeys(
    (0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
)  # joiners (200C, 200D) are not among them: they are part of how words of some languages are spelt


def strip_invisible(text: str) -> str:
    """Return a text without invisible signs, and without blanks around it."""
    return (text if text.isascii() else text.translate(_INVISIBLE)).strip()
