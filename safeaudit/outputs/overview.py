"""The picture of the whole map, for where no script runs: an SVG made of geometry alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.outputs.columns import BACKDROP_KINDS, LIGHTS, PLACE_KINDS, drawing_order

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.publish import Public

MAX_VERTICES = 30_000
"""About 300 kB."""

_WIDTH = 1600.0
_AREA = 2
_GREY = "#767676"
_BANDS = (("#440154", 6, ""), ("#414487", 4.5, "10 3"), ("#2b758e", 3.5, "4 2"), ("#20a486", 2.5, ""))
_FILLS = {"green": "#e6f0e1", "water": "#cfdfea", "building": "#efedea"}
_LINES = {"road": "#dcdcdc", "rail": "#bdbdbd"}


def draw(public: Public) -> bytes:
    """Return the first indicator of a map as an SVG without text.

    Parameters
    ----------
    public
        What may be shown. Where there is too much, what was audited is kept, then the largest of the rest.
    """
    places = drawing_order(public.places, PLACE_KINDS)
    backdrop = drawing_order(public.backdrop, BACKDROP_KINDS)
    project, height = _projection(places)
    band, audited = _headline(public, places)
    shape = np.concatenate([places.geometry.to_numpy(), backdrop.geometry.to_numpy()])
    shape = shapely.simplify(shapely.transform(shape, project), 1.0, preserve_topology=False)
    layer = np.concatenate([np.where(band < 0, "blank", "seen"), backdrop["kind"].to_numpy(dtype=object)])
    kept = _within_budget(shape, layer)
    placed = slice(0, len(places))
    marks = _backdrop_marks(shape, layer, kept) + _place_marks(shape[placed], band, audited, kept[placed])
    view = f'viewBox="0 0 {_WIDTH:.0f} {height:.0f}"'
    ground = f'<rect width="{_WIDTH:.0f}" height="{height:.0f}" fill="#fff"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {view} fill="none" stroke-linejoin="round">{ground}{marks}</svg>'
    return svg.encode("ascii")


def _projection(places: GeoDataFrame) -> tuple[_Projection, float]:
    """From degrees to pixels, north up, and how high the picture is."""
    west, south, east, north = places.total_bounds if len(places) else (0.0, 0.0, 1.0, 1.0)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    scale = (_WIDTH - 20) / max((east - west) * squeeze, (north - south) / 1.5, 1e-4)
    corner = np.array([(west + east) / 2 * squeeze * scale - _WIDTH / 2, -north * scale - 10])
    factors = np.array([squeeze * scale, -scale])
    return _Projection(factors, corner), max(60.0, (north - south) * scale + 20)
