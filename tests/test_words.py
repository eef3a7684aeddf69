"""Words for people and the palette are said once: page and styles have none of their own."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from public_town import public_town

from safeaudit.languages import read_language
from safeaudit.outputs import assets, webmap
from safeaudit.outputs.parts import palette, styles
from safeaudit.outputs.parts.columns import LIGHTS, PAGE_WORDS
from safeaudit.outputs.parts.symbols import draw_symbols
from safeaudit.rubric import STANDARD

SCRIPTS = (
    "decode.js",
    "labels.js",
    "draw.js",
    "card.js",
    "streets.js",
    "search.js",
    "told.js",
    "lists.js",
    "paper.js",
    "panel.js",
    "page.js",
    "notebook.js",
)
ENGLISH = read_language("en")
NOT_SHOWN = {"use strict", "The data of this map is damaged."}  # that error goes to the console, #damaged to people
KEYBOARD = {"Enter", "Escape"}


def code(script: str) -> str:
    """Return a script without its comments."""
    return re.sub(r"^\s*//.*$", "", assets.read(script).decode(), flags=re.MULTILINE)


def literals(script: str) -> set[str]:
    return {text for _, text in re.findall(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""", code(script))}


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_script_has_words_of_its_own(script: str) -> None:
    """A sentence, or one word with a capital, is for people; they say `word(key)`."""
    plain = literals(script) - NOT_SHOWN - KEYBOARD
    assert [text for text in sorted(plain) if re.search(r"[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}|^[A-Z][a-z]+$", text)] == []
    shown = r"""(?:textContent\s*=|say\("[\w-]+",|(?:node|dataText)\("\w+", "[\w -]*",)\s*["']"""
    assert re.findall(shown, code(script)) == []


def test_the_shell_has_no_words_of_its_own() -> None:
    shell = re.sub(rb"<!--.*?-->|<[^>]*>|@@[\w./-]+@@", b"", assets.read("shell.html"), flags=re.DOTALL)
    assert shell.decode().split() == ["\u00d7"]
    assert b"aria-label=" not in assets.read("shell.html")


def test_every_word_that_the_page_asks_for_is_there_and_no_other() -> None:
    """A key is written whole, or its first part is and the rest is a name from the data."""
    python = files("safeaudit.outputs").joinpath("webmap.py").read_text(encoding="utf-8")
    said = " ".join([*map(code, SCRIPTS), python])
    asked = set(re.findall(r"""["'`]((?:page|light|kind)(?:\.\w+)+)["'`]""", said))
    asked |= {f"page.{key}" for key in re.findall(r'\["[\w-]+", "([\w.]+)"\]', code("page.js"))}
    asked |= {f"page.{part}.{which}" for part in ("attention", "look", "strengths") for which in ("about", "empty")}
    asked |= {f"page.street.{which}_places" for which in ("one", "part")}
    asked |= {f"page.mend.status.{status}" for status in ("open", "not_seen_again", "agency_says_mended", "old")}
    asked |= {f"kind.{kind}" for kind in ("ward", "site")}
    asked |= {f"page.said.{light}" for light in LIGHTS}
    asked |= {f"page.change.{verdict}" for verdict in ("better", "worse", "unsure", "untold")}
    asked -= {"page.css", "page.js"}
    asked |= {f"page.share.{kind}" for kind in ("segment", "space", "stop")}
    page = set(ENGLISH.under("page."))
    assert {key for key in asked if key not in ENGLISH.own} == set()
    assert page - asked == set()


def test_the_page_brings_its_words_as_data() -> None:
    assert ENGLISH["page.search.label"].encode() not in webmap._shell()
    page = webmap.render(public_town())
    assert b'<html lang="en" dir="ltr">' in page
    assert f"<title>{ENGLISH['page.name']}</title>".encode() in page
    assert set(ENGLISH.under(*PAGE_WORDS)) > set(ENGLISH.under("page."))


def test_a_style_in_qgis_speaks_the_language_it_is_given() -> None:
    french = read_language("fr")
    style = styles.qml("spaces_mixed", "score", french, STANDARD)
    assert [text for text in french.bands if f'label="{text}"' not in style] == []
    labels = set(re.findall(r'label="([^"]*)"', style))
    index = french["places.column.score"]
    known = {text.replace("{label}", index) for text in french.under("qgis.").values()}
    assert labels <= {*french.bands, *known, index}


def test_colours_of_bands_and_states_stand_in_the_palette_alone() -> None:
    colours = {band.screen.colour for band in palette.BANDS} | {step.colour for step in palette.STEPS}
    colours |= {palette.NOT_AUDITED.colour, palette.LAMP_FILL, palette.QGIS_STALE}
    parts = [file for file in files("safeaudit.outputs.parts").iterdir() if file.name.endswith(".py")]
    texts = {file.name: file.read_text(encoding="utf-8") for file in parts if file.name != "palette.py"}
    texts |= {script: assets.read(script).decode() for script in (*SCRIPTS, "shell.html")}
    assert {name: colour for name, text in texts.items() for colour in colours if colour in text} == {}


def test_every_medium_draws_from_the_palette() -> None:
    for band in palette.BANDS:
        assert band.picture.colour == band.screen.colour
        assert f'"{band.screen.colour}"'.encode() in palette.script()
        assert f'stroke="{band.screen.colour}"'.encode() in draw_symbols()
        red, green, blue = bytes.fromhex(band.screen.colour.removeprefix("#"))
        assert f'"{red},{green},{blue},255"' in styles.qml("segments", "score", ENGLISH, STANDARD)
    widths = [band.screen.width for band in palette.BANDS]
    assert widths == sorted(widths, reverse=True)
