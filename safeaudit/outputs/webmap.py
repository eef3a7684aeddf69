"""The public map: one file that opens with no internet, on an old phone as in a hall.

The page is made of constants (`assets/`), whose hashes are all that its policy lets run. What comes
from data enters it twice: as one block of base64, and, for where no script runs, as escaped text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from safeaudit.files.staged import write_whole
from safeaudit.outputs import assets
from safeaudit.outputs.parts import columns, overview

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables.public import Public

_SCRIPTS: Final = ("decode.js", "draw.js", "card.js", "page.js")
_STYLES: Final = ("leaflet/leaflet.css", "page.css")
_MARKER: Final = re.compile(rb"@@([\w./-]+)@@")


def render(public: Public) -> bytes:
    """Return the map as one HTML file.

    Parameters
    ----------
    public
        What may be shown.

    Returns
    -------
    UTF-8; the same for the same input.
    """
    before, between, after = _shell()
    return b"".join([before, _without_script(public), between, columns.encode(public), after])


def write(public: Public, target: Path) -> None:
    """Write the map.

    Parameters
    ----------
    public
        What may be shown.
    target
        Where it shall be; it is written whole or not at all.

    Raises
    ------
    OutputError
        It could not be written, or does not read back as it was made.
    """
    write_whole(target, render(public))


@lru_cache(maxsize=1)
def _shell() -> tuple[bytes, bytes, bytes]:
    """Return the page around its two gaps: what shows without a script, and the data."""
    scripts = {"leaflet/leaflet.js": _leaflet(), "scripts": _own_scripts()}
    styles = {name: assets.read(name) for name in _STYLES}
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hashes(scripts)}",
            f"style-src {_hashes(styles)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    constants = {
        **scripts,
        **styles,
        "policy": policy.encode(),
        "leaflet/LICENSE": assets.read("leaflet/LICENSE"),
        "symbols.html": assets.read("symbols.html"),
        "noscript": b"@@noscript@@",
        "data": b"@@data@@",
    }
    page = _MARKER.sub(lambda match: constants[match[1].decode()], assets.read("shell.html"))
    before, rest = page.split(b"@@noscript@@")
    between, after = rest.split(b"@@data@@")
    return before, between, after


def _leaflet() -> bytes:
    """Return Leaflet without the line that makes developer tools ask for another file."""
    return assets.read("leaflet/leaflet.js").replace(b"//# sourceMappingURL=leaflet.js.map", b"")


def _own_scripts() -> bytes:
    words = b"safeaudit.words = " + assets.read("words.json").strip() + b";\n"
    decode, *rest = (assets.read(name) for name in _SCRIPTS)
    return b"".join([decode, words, *rest])


def _hashes(constants: dict[str, bytes]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in constants.values())
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _without_script(public: Public) -> bytes:
    """Title, picture and legend for where no script runs."""
    words = json.loads(assets.read("words.json"))
    picture = base64.b64encode(overview.draw(public)).decode()
    remarks = [_text("p", remark, ' class="remark"') for remark in public.remarks]
    legend = [_row(f"band-{band}", f"{band} {text}") for band, text in enumerate(public.bands, 1)]
    legend += [_row("few", words["few_or_stale"]), _row("not-audited", words["not_audited"])]
    label = public.indicators[0].label if public.indicators else ""
    lines = [
        '<div class="no-script">',
        _text("h1", public.title),
        _text("p", words["subtitle"]),
        *remarks,
        _text("p", label, ' class="remark"'),
        f'<img alt="" src="data:image/svg+xml;base64,{picture}">',
        f"<ul>{''.join(legend)}</ul>",
        _text("p", words["about_1"]),
        _text("p", words["noscript"]),
        _text("p", f"{public.as_of} {public.attribution}".strip()),
        "</div>",
    ]
    return "".join(lines).encode()


def _text(tag: str, text: str, attributes: str = "") -> str:
    return f'<{tag}{attributes} dir="auto">{escape(text)}</{tag}>'


def _row(symbol: str, text: str) -> str:
    swatch = f'<svg class="swatch" viewBox="0 0 44 16" aria-hidden="true"><use href="#{symbol}"/></svg>'
    return f"<li>{swatch}{_text('span', text)}</li>"
