"""QGIS styles: one template per layer, filled with the column to show."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from xml.sax.saxutils import escape

from safeaudit.rubric import BAND_CUTS, BANDS


def qml(layer: str, column: str) -> str:
    """Return the style of a layer.

    Parameters
    ----------
    layer
        segments, spaces, spaces_mixed (some of the spaces are points), stops or areas.
    column
        Column that colours it, on 0-100.
    """
    template = (files("safeaudit.outputs") / "assets" / "styles" / f"{layer}.qml").read_text(encoding="utf-8")
    names = {f"band_{i}": word for i, word in enumerate(BANDS, start=1)}
    cuts = {f"cut_{i}": repr(cut) for i, cut in enumerate(BAND_CUTS, start=1)}
    quote = {'"': "&quot;"}
    values = {"column": column, **names, **cuts}
    return Template(template).substitute({key: escape(value, quote) for key, value in values.items()})
