"""The symbols of QGIS styles, from the palette: how each kind of place is drawn by band and state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from safeaudit.outputs.parts.palette import BANDS, BETTER, NOT_AUDITED, QGIS_OPACITY, QGIS_STALE, WHITE, WORSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GREY: Final = NOT_AUDITED.colour
_BLACK: Final = "#000000"
_HAIR_MM: Final = 0.26
_PLAIN_MM: Final = 0.4
_STALE_MM: Final = 2.8
_OPAQUE: Final = 255
_RANKS: Final = range(len(BANDS) + 1, 1, -1)
"""Of what overlaps, a higher rank is drawn later: the worst band over the others, the mark of level 0 over all."""
_STALE_RANK: Final = 1
_MARK_RANK: Final = len(BANDS) + 2


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol: line, fill or marker, and its layer; `{number}` in it stands for the symbol's own number."""

    kind: str
    layer: str


def symbols_of(kind: str) -> list[Symbol]:
    """Return the symbols of lines, fills, squares or circles.

    They are, in this order: not audited, unanswered, stale; the bands, worst first; the bands where few rated; level 0;
    of lines the bands of what is estimated.
    """
    if kind == "line":
        return _lines()
    if kind == "fill":
        return _fills()
    if kind == "square":
        return _points("square", (1.6, 2, 6), [band.qgis.square for band in BANDS])
    return _points("circle", (1.8, 2.2, 6.8), [band.qgis.circle for band in BANDS])


def area_symbol() -> Symbol:
    """Return the symbol of areas: an edge alone."""
    options = {"style": "no", "color": _rgba(WHITE, 0), **_outline("#333333", 0.5, "solid")}
    return Symbol("fill", _layer("SimpleFill", options, 0))


def change_symbols() -> list[Symbol]:
    """Return the symbols of what changed: better, worse, no change that can be told from chance, not tested."""
    layers = [
        _marker("triangle", 4.6, (BETTER, _OPAQUE), (WHITE, 0.3), 2),
        _marker("triangle", 4.6, (WORSE, _OPAQUE), (WHITE, 0.3), 2, turned="180"),
        _marker("circle", 1.8, (_GREY, _OPAQUE), (WHITE, 0.2), 1),
        _marker("circle", 1.8, (WHITE, 0), (_GREY, _HAIR_MM), 0),
    ]
    return [Symbol("marker", layer) for layer in layers]


def _lines() -> list[Symbol]:
    bands = [(band.screen.colour, band.qgis.line, rank) for band, rank in zip(BANDS, _RANKS, strict=True)]
    layers = [
        _line(_GREY, _HAIR_MM, 0),
        _line(_GREY, _PLAIN_MM, 0),
        _line(QGIS_STALE, _STALE_MM, _STALE_RANK),
        *(_line(colour, width, rank) for colour, width, rank in bands),
        *(_line(colour, width, rank, dash="2;1.2") for colour, width, rank in bands),
        _with_mark("MarkerLine", {"placement": "centralpoint", "rotate": "0"}),
        *(_line(colour, _PLAIN_MM, 0, dash="0.8;1.6") for colour, _, _ in bands),
    ]
    return [Symbol("line", layer) for layer in layers]


def _fills() -> list[Symbol]:
    bands = [(band.screen.colour, band.qgis.edge, rank) for band, rank in zip(BANDS, _RANKS, strict=True)]
    audited, few, unanswered = (QGIS_OPACITY[name] for name in ("audited", "few", "unanswered"))
    layers = [
        _fill((WHITE, 0), (_GREY, _HAIR_MM, "solid"), 0),
        _fill((_GREY, unanswered), (_GREY, _PLAIN_MM, "solid"), 0),
        _fill((QGIS_STALE, 0), (QGIS_STALE, _STALE_MM, "solid"), _STALE_RANK),
        *(_fill((colour, audited), (colour, edge, "solid"), rank) for colour, edge, rank in bands),
        *(_fill((colour, few), (colour, edge, "dash"), rank) for colour, edge, rank in bands),
        _with_mark("CentroidFill", {"point_on_surface": "1", "point_on_all_parts": "0"}),
    ]
    return [Symbol("fill", layer) for layer in layers]


def _points(shape: str, others: tuple[float, float, float], sizes: Sequence[float]) -> list[Symbol]:
    """Return the symbols of points; `others` are the sizes of not audited, unanswered and stale."""
    blank, unanswered, stale = others
    bands = [(band.screen.colour, size, rank) for band, size, rank in zip(BANDS, sizes, _RANKS, strict=True)]
    layers = [
        _marker(shape, blank, (WHITE, 0), (_GREY, _HAIR_MM), 0),
        _marker(shape, unanswered, (_GREY, QGIS_OPACITY["unanswered_point"]), (_GREY, _HAIR_MM), 0),
        _marker(shape, stale, (QGIS_STALE, _OPAQUE), (QGIS_STALE, 0), _STALE_RANK),
        *(_marker(shape, size, (colour, _OPAQUE), (WHITE, 0.3), rank) for colour, size, rank in bands),
        *(_marker(shape, size, (WHITE, _OPAQUE), (colour, 0.9), rank) for colour, size, rank in bands),
        _marker("diamond", 1.8, (WHITE, _OPAQUE), (_BLACK, _PLAIN_MM), _MARK_RANK),
    ]
    return [Symbol("marker", layer) for layer in layers]


def _with_mark(name: str, where: Mapping[str, str]) -> str:
    """Return the layer that sets the mark of level 0 in the middle of a line or an area."""
    mark = _marker("diamond", 2.2, (WHITE, _OPAQUE), (_BLACK, _PLAIN_MM), 0)
    nested = f'<symbol name="@{{number}}@0" type="marker" {SYMBOL_FLAGS}>        {mark}      </symbol>'
    return _layer(name, where, _MARK_RANK, nested)


SYMBOL_FLAGS: Final = 'alpha="1" clip_to_extent="1" force_rhr="0"'


def _line(colour: str, width_mm: float, rank: int, dash: str = "") -> str:
    options = {
        "line_color": _rgba(colour, _OPAQUE),
        "line_style": "solid",
        "line_width": f"{width_mm:g}",
        "line_width_unit": "MM",
        "capstyle": "flat" if dash else "round",
        "joinstyle": "round",
    }
    dashes = {"use_custom_dash": "1", "customdash": dash, "customdash_unit": "MM"} if dash else {}
    return _layer("SimpleLine", options | dashes, rank)


def _fill(inside: tuple[str, int], edge: tuple[str, float, str], rank: int) -> str:
    options = {"color": _rgba(*inside), "style": "solid" if inside[1] else "no", **_outline(*edge)}
    return _layer("SimpleFill", options, rank)


def _marker(  # noqa: PLR0913 - a shape, how it is filled and edged, and where it lies
    shape: str, size_mm: float, inside: tuple[str, int], edge: tuple[str, float], rank: int, *, turned: str = ""
) -> str:
    options = {"name": shape, "size": f"{size_mm:g}", "size_unit": "MM", "color": _rgba(*inside)}
    options |= {"angle": turned} if turned else {}
    return _layer("SimpleMarker", options | _outline(*edge, "solid"), rank)


def _outline(colour: str, width_mm: float, style: str) -> dict[str, str]:
    return {
        "outline_color": _rgba(colour, _OPAQUE),
        "outline_style": style,
        "outline_width": f"{width_mm:g}",
        "outline_width_unit": "MM",
    }


def _layer(name: str, options: Mapping[str, str], rank: int, nested: str = "") -> str:
    listed = "".join(f'<Option name="{key}" type="QString" value="{value}"/>' for key, value in options.items())
    head = f'<layer class="{name}" enabled="1" locked="0" pass="{rank}">'
    return f'{head}<Option type="Map">{listed}</Option>{nested}</layer>'


def _rgba(colour: str, opacity: int) -> str:
    """Return a colour such as #fff or #112233 as QGIS writes it."""
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)  # noqa: PLR2004 - two for each part
    return ",".join(str(part) for part in (*bytes.fromhex(whole), opacity))
