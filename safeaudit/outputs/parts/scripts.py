"""The page's own scripts as one constant, the palette among them."""

from __future__ import annotations

from safeaudit.outputs import assets
from safeaudit.outputs.parts import palette


def join_scripts(first: str, *rest: str) -> bytes:
    """Return scripts of `assets` in one piece; the first makes the name that the palette and the rest add to."""
    return b"".join([assets.read(first), palette.script(), *(assets.read(name) for name in rest)])
