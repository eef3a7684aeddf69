"""The public map: one file that opens with no internet, on an old phone as in a hall.

The page is made of constants (`assets/`, `parts/`), whose hashes are all that its policy lets run. Data and
words enter it twice: as one block of base64, and, for where no script runs, as escaped text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from safeaudit.files.staged import write_whole
from safeaudit.languages import REFERENCE, read_language
from safeaudit.outputs import assets
from safeaudit.outputs.parts import columns, overview
from safeaudit.outputs.parts.by_street import first_light, streets_on_list
from safeaudit.outputs.parts.scripts import join_scripts
from safeaudit.outputs.parts.symbols import draw_symbols

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from safeaudit.languages import Language
    from safeaudit.tables.public import Public

_SCRIPTS: Final = (
    *("decode.js", "labels.js", "draw.js", "card.js", "streets.js", "search.js", "told.js", "lists.js", "paper.js"),
    *("panel.js", "page.js"),
)
_STYLES: Final = ("leaflet/leaflet.css", "page.css")
_MARKER: Final = re.compile(rb"@@([\w./-]+)@@")
_LIST_LENGTH: Final = 20
_GAPS: Final = ("language", "title", "damaged", "noscript", "data")
"""What is not constant: words and data, as escaped text or base64."""


def render(public: Public, languages: Sequence[Language] = ()) -> bytes:
    """Return the map as one HTML file.

    Parameters
    ----------
    public
        What may be shown.
    languages
        What the page can be read in, the one that it opens in first; English is always among them.

    Returns
    -------
    UTF-8; the same for the same input.
    """
    words = next(iter(languages), read_language(REFERENCE))
    texts = {
        "language": f'lang="{escape(words.code)}" dir="{escape(words.direction)}"',
        "title": f"<title>{escape(words['page.name'])}</title>",
        "damaged": _text("p", words["page.damaged"], ' id="damaged" role="alert" hidden'),
        "noscript": _without_script(public, words),
    }
    gaps = {name: text.encode() for name, text in texts.items()} | {"data": columns.encode(public, *languages)}
    return _fill(_shell(), gaps)


def write(public: Public, target: Path, languages: Sequence[Language] = ()) -> None:
    """Write the map.

    Parameters
    ----------
    public
        What may be shown.
    target
        Where it shall be; it is written whole or not at all.
    languages
        As for `render`.

    Raises
    ------
    OutputError
        It could not be written, or does not read back as it was made.
    """
    write_whole(target, render(public, languages))


@lru_cache(maxsize=1)
def _shell() -> bytes:
    """Return the page, constant but for its gaps."""
    scripts = {"leaflet/leaflet.js": _leaflet(), "scripts": join_scripts(*_SCRIPTS)}
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
        "symbols": draw_symbols(),
    }
    return _fill(assets.read("shell.html"), constants | {name: f"@@{name}@@".encode() for name in _GAPS})


def _fill(page: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Put parts where their marks are, in one pass: what a part holds is never taken for a mark."""
    return _MARKER.sub(lambda mark: parts[mark[1].decode()], page)


def _leaflet() -> bytes:
    """Return Leaflet without the line that makes developer tools ask for another file."""
    return assets.read("leaflet/leaflet.js").replace(b"//# sourceMappingURL=leaflet.js.map", b"")


def _hashes(constants: dict[str, bytes]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in constants.values())
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _without_script(public: Public, words: Language) -> str:
    """Title, picture and legend for where no script runs."""
    picture = base64.b64encode(overview.draw(public)).decode()
    remarks = [_text("p", remark, ' class="remark"') for remark in public.remarks]
    legend = [_row(f"band-{band}", f"{band} {text}") for band, text in enumerate(public.bands, 1)]
    legend += [_row("few", words["page.legend.few_or_stale"]), _row("not-audited", words["page.legend.not_audited"])]
    light = first_light(public)
    label = f"{public.indicators[0].label} · {words[f'light.{light}']}" if public.indicators and light else ""
    lines = [
        '<div class="no-script">',
        _text("h1", public.title),
        _text("p", words["page.subtitle"]),
        *remarks,
        _text("p", label, ' class="remark"'),
        f'<img alt="" src="data:image/svg+xml;base64,{picture}">',
        f"<ul>{''.join(legend)}</ul>",
        *_list(public, words, "likely", "attention"),
        *_list(public, words, "look", "look"),
        *_changes(public, words, light),
        _text("p", words["page.about.1"]),
        _text("p", words["page.noscript"]),
        _text("p", f"{public.as_of} {public.attribution}".strip()),
        "</div>",
    ]
    return "".join(lines)


def _list(public: Public, words: Language, which: str, part: str) -> list[str]:
    """Say which streets are on a list, each once."""
    streets = streets_on_list(public, which)
    about = words[f"page.{part}.about" if len(streets) else f"page.{part}.empty"]
    if len(streets) > _LIST_LENGTH:
        more = words["page.list_more"].replace("{count}", str(_LIST_LENGTH)).replace("{all}", str(len(streets)))
        about = f"{about} {more}"
    rows = [
        _row(f"band-{band + 1}", f"{name}: {band + 1} {public.bands[band]}")
        for name, band in streets[["name", "band"]].head(_LIST_LENGTH).itertuples(index=False)
    ]
    return [_text("h2", words[f"page.{part}.title"]), _text("p", about), f"<ol>{''.join(rows)}</ol>"]


def _changes(public: Public, words: Language, light: str) -> list[str]:
    """Say what a second round changed of what the page opens on, area by area."""
    first = public.indicators[0].name if public.indicators else ""
    rows = public.changes[(public.changes["indicator"] == first) & (public.changes["light"] == light)]
    if rows.empty:
        return []
    told = [
        f"{public.title if row.area_kind == 'city' else row.area}, {words[f'kind.{row.kind}']}: "
        + words[f"page.change.{row.verdict}"]
        .replace("{difference}", f"{row.difference:+.0f}")
        .replace("{low}", f"{row.low:+.0f}")
        .replace("{high}", f"{row.high:+.0f}")
        for row in rows.itertuples()
    ]
    head = _text("h2", words["page.change.title"]), _text("p", words["page.change.about_unnamed"])
    return [*head, f"<ul>{''.join(_text('li', line) for line in told)}</ul>"]


def _text(tag: str, text: str, attributes: str = "") -> str:
    return f'<{tag}{attributes} dir="auto">{escape(text)}</{tag}>'


def _row(symbol: str, text: str) -> str:
    swatch = f'<svg class="swatch" viewBox="0 0 44 16" aria-hidden="true"><use href="#{symbol}"/></svg>'
    return f"<li>{swatch}{_text('span', text)}</li>"
