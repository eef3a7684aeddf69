"""How bands, states and the backdrop look, said once: the page, its picture, its legend and QGIS draw from here.

Worst first: the darkest and the widest. Colours are viridis, which is told apart in grey and by people who do
not see red or green. Each medium has its own widths: pixels on a screen, pixels of a picture of 1600, millimetres
in QGIS.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its colour, its width, and the lengths of its dashes and gaps; a whole line where there are none."""

    colour: str
    width: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Hatch:
    """Strokes across an area: how far apart, and how wide."""

    distance: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Millimetres:
    """A band in QGIS: the width of lines and of edges of areas, the size of squares and circles."""

    line: float
    edge: float
    square: float
    circle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How one band looks: on a screen from near, across an area there, in the picture, and in QGIS."""

    screen: Line
    hatch: Hatch | None
    picture: Line
    qgis: Millimetres


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of what the map says, under what people saw, and its width in the legend, which is lower."""

    colour: str
    width: float
    legend_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One kind of the backdrop: what fills its areas, its line, and from which zoom on it is drawn."""

    fill: str = ""
    line: Line | None = None
    from_zoom: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """How large a part of the city is written, in pixels, and at which zooms."""

    size: int
    from_zoom: int
    to_zoom: int


BANDS: Final = (
    Band(
        screen=Line("#440154", 9),
        hatch=Hatch(8, 2.2),
        picture=Line("#440154", 6),
        qgis=Millimetres(line=1.8, edge=1.4, square=4.2, circle=5),
    ),
    Band(
        screen=Line("#414487", 6.5),
        hatch=Hatch(8, 1),
        picture=Line("#414487", 4.5),
        qgis=Millimetres(line=1.3, edge=1, square=3.6, circle=4.4),
    ),
    Band(
        screen=Line("#2b758e", 4.6),
        hatch=Hatch(16, 1),
        picture=Line("#2b758e", 3.5),
        qgis=Millimetres(line=0.9, edge=0.7, square=3, circle=3.8),
    ),
    Band(
        screen=Line("#20a486", 3.4),
        hatch=None,
        picture=Line("#20a486", 2.5),
        qgis=Millimetres(line=0.6, edge=0.5, square=2.6, circle=3.2),
    ),
)
"""Worst first."""

STEPS: Final = (
    Step(colour="#fdeed9", width=8, legend_width=8),
    Step(colour="#fbd7a8", width=11, legend_width=10),
    Step(colour="#f4b169", width=14, legend_width=12),
    Step(colour="#dd8231", width=17, legend_width=14),
)
"""The last one is the darkest and the widest; a layer of fewer steps has the last of these."""

BACKDROP: Final = {
    "green": Ground(fill="#dbe8d0"),
    "water": Ground(fill="#bfd9e6", line=Line("#a9c9da", 1.2)),
    "building": Ground(fill="#e7e3db", line=Line("#d8d3c9", 0.6), from_zoom=14.5),
    "road": Ground(line=Line("#fff", 2.6)),
    "rail": Ground(line=Line("#c6c2ba", 1.2)),
}
"""From the ground up."""

LOCALITIES: Final = {
    "city": Name(size=19, from_zoom=0, to_zoom=12),
    "borough": Name(size=16, from_zoom=10, to_zoom=14),
    "town": Name(size=17, from_zoom=0, to_zoom=14),
    "suburb": Name(size=15, from_zoom=11, to_zoom=15),
    "quarter": Name(size=14, from_zoom=12, to_zoom=15),
    "village": Name(size=14, from_zoom=11, to_zoom=16),
    "neighbourhood": Name(size=13, from_zoom=13, to_zoom=16),
    "hamlet": Name(size=13, from_zoom=13, to_zoom=16),
}
"""Parts of a city, those that are written first in front: closer than that, streets tell where one is."""

LOCALITY_INK: Final = "#5d5566"
WHITE: Final = "#fff"

GROUND: Final = "#f3f1ec"
"""What everything lies on, with a pale warmth of its own, so that white reads as street."""

NOT_AUDITED: Final = Line("#b9b4a8", 1.4)
NOT_AUDITED_FAR: Final = Line("#c9c4b8", 0.7)
AREA_OUTLINE: Final = Line("#8a8496", 1.6)
"""Wards and sites: where they end, whatever was seen there."""

NOT_AUDITED_AREA: Final = Line("#b9b4a8", 0.9)
NOT_AUDITED_PICTURE: Final = Line("#b9b4a8", 0.9)
"""A plain pale street: nobody looked, which says nothing of it."""

CASING: Final = 2.4
"""White on both sides of a line that is sure, in pixels of both together: it parts it from what it crosses."""
FEW_DASH: Final = (8.0, 5.0)
"""Dashes mean unsure, and nothing else: few people rated."""
STALE_CORE: Final = 0.45
"""Where it was seen long ago, a line is thinner and pale inside: the share of its width that is white."""
STALE_WIDTH: Final = 0.75

FILL_OPACITY: Final = {"audited": 0.22, "unsure": 0.1, "hatch": 0.55, "picture": 0.2}
QGIS_OPACITY: Final = {"audited": 110, "few": 40, "unanswered": 40, "unanswered_point": 60}
"""Of areas, out of 255."""
QGIS_STALE: Final = "#a6a6a6"
"""The edge in QGIS of what was seen long ago."""

BETTER: Final = BANDS[-1].screen.colour
WORSE: Final = BANDS[0].screen.colour
"""What changed between two rounds: a triangle up, and one down."""

LEGEND_FEW: Final = Line(BANDS[0].screen.colour, 6.5, FEW_DASH)
LEGEND_STALE: Final = Line(BANDS[0].screen.colour, 5)
LEGEND_STALE_CORE: Final = 2.2
"""Widths that fit a swatch of 44 by 16 pixels."""

LEVEL_0_INK: Final = "#111"
LAMP_FILL: Final = "#ffd34d"
LAMP_LINE: Final = "#5c4300"


def script() -> bytes:
    """Return the palette of the screen as a line of JavaScript: a constant, for `assets/draw.js`."""
    palette = {
        "bands": [{**asdict(band.screen), "hatch": band.hatch and asdict(band.hatch)} for band in BANDS],
        "steps": [{"colour": step.colour, "width": step.width} for step in STEPS],
        "backdrop": {kind: asdict(ground) for kind, ground in BACKDROP.items()},
        "localities": {kind: asdict(name) for kind, name in LOCALITIES.items()},
        "locality_ink": LOCALITY_INK,
        "white": WHITE,
        "ground": GROUND,
        "not_audited": asdict(NOT_AUDITED),
        "not_audited_far": asdict(NOT_AUDITED_FAR),
        "not_audited_area": asdict(NOT_AUDITED_AREA),
        "area_outline": asdict(AREA_OUTLINE),
        "casing": CASING,
        "few_dash": FEW_DASH,
        "stale_core": STALE_CORE,
        "stale_width": STALE_WIDTH,
        "fill_opacity": FILL_OPACITY,
        "level_0_ink": LEVEL_0_INK,
        "lamp": {"fill": LAMP_FILL, "line": LAMP_LINE},
    }
    return f"safeaudit.palette = {json.dumps(palette)};\n".encode()
