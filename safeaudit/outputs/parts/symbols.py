"""The swatches of the legend: one SVG of symbols that the page refers to. Constants alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeaudit.outputs.parts import palette
from safeaudit.outputs.parts.palette import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINE = "M2 8H42"
_ZERO = "M22 5.2c-1.5 0-1.9 1.4-1.9 2.8s.4 2.8 1.9 2.8 1.9-1.4 1.9-2.8-.4-2.8-1.9-2.8z"


def draw_symbols() -> bytes:
    """Return the symbols as a fragment of HTML: a line for each, its end in lines of its own."""
    lines = [_symbol(name, body) for name, body in _symbols()]
    return "\n".join(['<svg class="symbols" aria-hidden="true">', *lines, "</svg>", ""]).encode("ascii")


def _symbols() -> Iterable[tuple[str, str]]:
    for number, band in enumerate(palette.BANDS, start=1):
        yield f"band-{number}", _stroke(_LINE, band.screen)
    yield "not-audited", _stroke(_LINE, palette.NOT_AUDITED)
    yield "few", _stroke(_LINE, palette.LEGEND_FEW)
    core = Line(palette.WHITE, palette.LEGEND_STALE_CORE)
    yield "stale", _stroke(_LINE, palette.LEGEND_STALE) + _stroke(_LINE, core)
    ink = f'stroke="{palette.LEVEL_0_INK}" stroke-width="1.4"'
    zero = f'<path d="{_ZERO}" fill="none" {ink}/>'
    yield "level-0", f'<circle cx="22" cy="8" r="6.5" fill="{palette.WHITE}" {ink}/>{zero}'
    for number, step in enumerate(palette.STEPS, start=1):
        yield f"step-{number}", _stroke(_LINE, Line(step.colour, step.legend_width))
    yield "lamp", f'<circle cx="22" cy="8" r="4" fill="{palette.LAMP_FILL}" stroke="{palette.LAMP_LINE}"/>'


def _symbol(name: str, body: str) -> str:
    return f'<symbol id="{name}" viewBox="0 0 44 16">{body}</symbol>'


def _stroke(path: str, line: Line) -> str:
    return f'<path d="{path}" {stroke(line)}/>'


def stroke(line: Line) -> str:
    """Return a line's colour, width and dashes as attributes of SVG."""
    dash = f' stroke-dasharray="{" ".join(f"{length:g}" for length in line.dash)}"' if line.dash else ""
    return f'stroke="{line.colour}" stroke-width="{line.width:g}"{dash}'
