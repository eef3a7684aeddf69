"""The public map as a folium map, for notebooks.

folium compiles what it is given as templates. So it is given constants, and the data as one block
of base64, in whose alphabet no template can be written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from safeaudit.outputs import assets
from safeaudit.outputs.parts import columns
from safeaudit.outputs.parts.scripts import join_scripts
from safeaudit.outputs.parts.symbols import draw_symbols

if TYPE_CHECKING:
    from safeaudit.tables.public import Public

_SCRIPTS: Final = ("decode.js", "labels.js", "draw.js", "card.js", "notebook.js")
_STYLES: Final = ("leaflet/leaflet.css", "notebook.css")
_MAP_ID: Final = "safeaudit"


class _Streets(MacroElement):  # type: ignore[misc]  # branca has no types
    """Draws the data block on the map it is added to."""

    _template = Template("{% macro script(this, kwargs) %}safeaudit.onMap(map_safeaudit);{% endmacro %}")


def to_folium(public: Public) -> folium.Map:
    """Return the public map as a folium map that shows itself in a notebook and needs no internet.

    Parameters
    ----------
    public
        What may be shown.

    Returns
    -------
    A map without tiles; other folium layers can be added to it.
    """
    drawn = folium.Map(tiles=None, attribution_control=False, control_scale=True)
    drawn._id = _MAP_ID  # noqa: SLF001 - a fixed id: the same map has the same bytes, and the script finds it
    drawn.default_js, drawn.default_css = [], []
    figure = drawn.get_root()
    for name, style in zip(("leaflet_style", "audit_style"), _STYLES, strict=True):
        figure.header.add_child(Element(f"<style>{_constant(style)}</style>"), name=name)
    figure.header.add_child(Element(f"<script>{_constant('leaflet/leaflet.js')}</script>"), name="leaflet")
    figure.header.add_child(Element(f"<script>{join_scripts(*_SCRIPTS).decode()}</script>"), name="audit_script")
    figure.html.add_child(Element(draw_symbols().decode()), name="symbols")
    block = columns.encode(public).decode("ascii")
    data = f'<script type="application/octet-stream;base64" id="data">{block}</script>'
    figure.html.add_child(Element(data), name="audit_data")
    drawn.add_child(_Streets(), name="audit_streets")
    return drawn


def _constant(name: str) -> str:
    return assets.read(name).decode().replace("//# sourceMappingURL=leaflet.js.map", "")
