"""The picture of the whole map, for where no script runs: an SVG made of geometry alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from safeaudit.outputs.parts.by_street import seen_first
from safeaudit.outputs.parts.columns import BACKDROP_KINDS, PLACE_KINDS, drawing_order
from safeaudit.outputs.parts.palette import (
    BACKDROP,
    BANDS,
    FEW_DASH,
    FILL_OPACITY,
    GROUND,
    NOT_AUDITED_PICTURE,
    STALE_CORE,
    STALE_WIDTH,
    WHITE,
    Line,
)
from safeaudit.outputs.parts.symbols import stroke

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.outputs.parts.palette import Ground
    from safeaudit.tables.public import Public

MAX_VERTICES = 30_000
"""About 250 kB of the page."""

_WIDTH_PX = 1600
_MARGIN_PX = 12
_MIN_HEIGHT_PX = 60
_TALLEST = 0.75
_AREA = 2
_STATES = {"audited": "", "few": "?", "stale": "~"}
"""How layers of the picture are marked, by the state of what is on them."""


def draw(public: Public) -> bytes:
    """Return the first indicator of a map as an SVG without text, in ASCII.

    Parameters
    ----------
    public
        What may be shown. Where it is too much for a picture, the audited places are kept, then the
        largest of the rest.
    """
    places = drawing_order(public.places, PLACE_KINDS)
    backdrop = drawing_order(public.backdrop, BACKDROP_KINDS)
    shapes, height = _pixels(np.concatenate([places.geometry.to_numpy(), backdrop.geometry.to_numpy()]), places)
    layers = np.concatenate([_place_layers(public, places), backdrop["kind"].to_numpy(dtype=object)])
    kept = _within_budget(shapes, layers)
    marks = "".join(_paths(shapes[kept & (layers == layer)], layer) for layer in _layer_order())
    view = f'viewBox="0 0 {_WIDTH_PX} {height}" width="{_WIDTH_PX}" height="{height}"'
    ground = f'<rect width="{_WIDTH_PX}" height="{height}" fill="{GROUND}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {view} fill="none" stroke-linejoin="round">{ground}{marks}</svg>'
    return svg.encode("ascii")


def _pixels(shapes: NDArray[np.object_], places: GeoDataFrame) -> tuple[NDArray[np.object_], int]:
    """Shapes in whole pixels, north up, and the height of the picture."""
    west, south, east, north = places.total_bounds if len(places) else (0.0, 0.0, 1.0, 1.0)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    inner = _WIDTH_PX - 2 * _MARGIN_PX
    scale = inner / max((east - west) * squeeze, (north - south) / _TALLEST, 1e-4)
    middle = (west + east) / 2

    def to_pixels(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (lonlat[:, 0] - middle) * squeeze * scale + _WIDTH_PX / 2
        y = (north - lonlat[:, 1]) * scale + _MARGIN_PX
        return np.column_stack([np.rint(x), np.rint(y)])

    drawn = shapely.simplify(shapely.transform(shapes, to_pixels), 1.0, preserve_topology=False)
    height = max(_MIN_HEIGHT_PX, round((north - south) * scale) + 2 * _MARGIN_PX)
    return drawn, height


def _place_layers(public: Public, places: GeoDataFrame) -> NDArray[np.object_]:
    """Per place its layer in the picture: its band and state, or blank where nobody was."""
    frame = seen_first(public)
    layer = frame["band"].astype(int).astype(str) + frame["state"].astype(str).map(_STATES)
    found = layer.set_axis(frame["place_id"].astype(str)).reindex(places["place_id"].astype(str))
    layers: NDArray[np.object_] = found.fillna("blank").to_numpy(dtype=object)
    return layers


def _layer_order() -> list[str]:
    """Layers from the ground up; the worst on top."""
    bands = [
        f"{band}{state}" for band in reversed(range(len(BANDS))) for state in sorted(_STATES.values(), reverse=True)
    ]
    return [*BACKDROP, "blank", *bands]


def _within_budget(shapes: NDArray[np.object_], layers: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes to draw: what was audited first, then the largest."""
    blank = np.isin(layers, [*BACKDROP, "blank"])
    first = np.lexsort((-shapely.length(shapes), blank))
    kept = np.zeros(len(shapes), dtype=bool)
    kept[first] = np.cumsum(shapely.get_num_coordinates(shapes[first])) <= MAX_VERTICES
    return kept


def _paths(shapes: NDArray[np.object_], layer: str) -> str:
    parts = shapely.get_parts(shapes)
    size = shapely.get_dimensions(parts)
    lines = parts[size == 1]
    rings = shapely.get_rings(parts[size == _AREA])
    dots = shapely.boundary(shapely.buffer(parts[size == 0], 4, quad_segs=2))
    if layer in BACKDROP:
        return _ground(BACKDROP[layer], rings, lines)
    if layer == "blank":
        return _path(np.concatenate([lines, rings]), stroke(NOT_AUDITED_PICTURE))
    line, core = BANDS[int(layer[0])].picture, ""
    drawn = np.concatenate([lines, rings, dots])
    if layer.endswith(_STATES["few"]):
        line = Line(line.colour, line.width, FEW_DASH)
    if layer.endswith(_STATES["stale"]):
        line = Line(line.colour, line.width * STALE_WIDTH)
        core = _path(drawn, stroke(Line(WHITE, line.width * STALE_CORE)))
    fill = f'fill="{line.colour}" fill-opacity="{FILL_OPACITY["picture"]}"'
    return _path(rings, fill) + _path(drawn, stroke(line)) + core


def _ground(ground: Ground, rings: NDArray[np.object_], lines: NDArray[np.object_]) -> str:
    """Return one kind of the backdrop: its areas filled, or where it is made of lines those alone, one pixel wide."""
    if ground.line is None or ground.fill:
        return _path(rings, f'fill="{ground.fill}"')
    style = f'stroke="{ground.line.colour}"'
    return _path(rings, style) + _path(lines, style)


def _path(lines: NDArray[np.object_], style: str) -> str:
    """One path of many lines; GEOS writes the numbers, so that no loop is needed."""
    lines = lines[shapely.get_num_coordinates(lines) > 1]
    if not len(lines):
        return ""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    plain = shapely.linestrings(xy, indices=line)
    text = shapely.to_wkt(shapely.multilinestrings(plain), rounding_precision=0)
    data = text[text.index("((") :].replace("((", "M").replace("), (", "M").replace("))", "").replace(", ", " ")
    return f'<path {style} d="{data}"/>'
