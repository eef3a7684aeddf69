"""QGIS styles: rules by state and band in the words of a language, and a symbol for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from safeaudit.outputs.parts.qgis_symbols import SYMBOL_FLAGS, area_symbol, change_symbols, symbols_of
from safeaudit.rubric import BAND_CUTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.languages import Language
    from safeaudit.outputs.parts.qgis_symbols import Symbol
    from safeaudit.rubric import Rubric

_SHAPES: Final = {"segments": "line", "spaces": "fill", "stops": "square"}
_BANDS_FROM: Final = 3
"""The symbols of a kind begin with not audited, unanswered and stale."""


def qml(layer: str, column: str, words: Language, rubric: Rubric) -> str:
    """Return the style of a layer.

    Parameters
    ----------
    layer
        segments, spaces, spaces_mixed (some of the spaces are points), stops or areas.
    column
        Column that colours it, on 0-100.
    words
        The language of the legend.
    rubric
        Whose words the indicators have.
    """
    if layer == "areas":
        return _document([], [area_symbol()])
    label = words.label(column, rubric)
    if layer != "spaces_mixed":
        return _document(_rules(_SHAPES[layer], column, label, words), symbols_of(_SHAPES[layer]))
    areas, points = symbols_of("fill"), symbols_of("circle")
    rules = [
        *_group(words["qgis.spaces"], "geometry_type($geometry) = 'Polygon'", _rules("fill", column, label, words)),
        *_group(
            words["qgis.spaces_as_points"],
            "geometry_type($geometry) = 'Point'",
            _rules("circle", column, label, words, first=len(areas)),
        ),
    ]
    return _document(rules, [*areas, *points])


def changes_qml(shown: Sequence[tuple[str, str]], words: Language, rubric: Rubric) -> str:
    """Return the style of the layer of changes.

    Parameters
    ----------
    shown
        Lights, each with the indicator that is drawn in it; the first one is switched on.
    words
        The language of the legend.
    rubric
        Whose words the indicators have.
    """
    rules = []
    for number, (light, indicator) in enumerate(shown):
        here = f"\"indicator\" = '{indicator}' AND \"light\" = '{light}'"
        label = f"{words[f'light.{light}']}: {words.label(indicator, rubric)}"
        found = [
            _rule(words["qgis.better"], '"differs" AND "difference" > 0', 0),
            _rule(words["qgis.worse"], '"differs" AND "difference" < 0', 1),
            _rule(words["qgis.not_told_apart"], 'NOT "differs" AND "p" IS NOT NULL', 2),
            _rule(words["qgis.not_tested"], '"p" IS NULL', 3),
        ]
        rules += _group(label, here, found, ' checkstate="0"' if number else "")
    return _document(rules, change_symbols())


def _rules(shape: str, column: str, label: str, words: Language, first: int = 0) -> list[str]:
    """Return the rules of places of one shape, whose symbols are numbered from `first`."""
    value, rated = f'"{column}"', f'"{column}" IS NOT NULL'
    sure = first + _BANDS_FROM
    few = sure + len(words.bands)
    guessed = few + len(words.bands) + 1
    few_label = words.say("qgis.few" if shape in {"line", "fill"} else "qgis.few_points", label=label)
    return [
        _rule(words["qgis.not_audited"], "\"state\" = 'not_audited'", first),
        _rule(words["qgis.unanswered"], f"\"state\" <> 'not_audited' AND {value} IS NULL", first + 1),
        _rule(words["qgis.stale"], f"\"state\" = 'stale' AND {rated}", first + 2),
        *_group(label, f"\"state\" IN ('audited', 'stale') AND {rated}", _bands(value, words.bands, sure)),
        *_group(few_label, f"\"state\" = 'few' AND {rated}", _bands(value, words.bands, few)),
        _rule(
            words["qgis.level_0"],
            '"level_0" IS NOT NULL',
            few + len(words.bands),
            ' scalemaxdenom="5000" scalemindenom="0"',
        ),
        *(_estimated(column, label, words, guessed) if shape == "line" else ()),
    ]


def _estimated(column: str, label: str, words: Language, first: int) -> list[str]:
    """Return the rules of streets where nobody was: spaces and stops are never estimated."""
    where = f'"state" = \'estimated\' AND "{column}" IS NOT NULL'
    return _group(words.say("qgis.estimated", label=label), where, _bands(f'"{column}"', words.bands, first))


def _bands(value: str, labels: Sequence[str], first: int) -> list[str]:
    """Return a rule for each band, from its lower cut up to its upper."""
    lower = ["", *(f"{value} >= {cut!r}" for cut in BAND_CUTS)]
    upper = [*(f"{value} < {cut!r}" for cut in BAND_CUTS), ""]
    within = [" AND ".join(filter(None, ends)) for ends in zip(lower, upper, strict=True)]
    return [_rule(label, where, first + band) for band, (label, where) in enumerate(zip(labels, within, strict=True))]


def _rule(label: str, where: str, symbol: int, more: str = "") -> str:
    return f'<rule label="{_quoted(label)}" filter="{_quoted(where)}" symbol="{symbol}"{more}/>'


def _group(label: str, where: str, rules: Sequence[str], more: str = "") -> list[str]:
    head = f'<rule label="{_quoted(label)}" filter="{_quoted(where)}"{more}>'
    return [head, *(f"  {rule}" for rule in rules), "</rule>"]


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _document(rules: Sequence[str], symbols: Sequence[Symbol]) -> str:
    """Return a style; without rules, its one symbol is for everything."""
    kind, levels = ("RuleRenderer", 1) if rules else ("singleSymbol", 0)
    lines = [
        "<!DOCTYPE qgis>",
        '<qgis version="3.22" styleCategories="Symbology">',
        f'  <renderer-v2 type="{kind}" symbollevels="{levels}" forceraster="0" enableorderby="0">',
        *(["    <rules>", *(f"      {rule}" for rule in rules), "    </rules>"] if rules else []),
        "    <symbols>",
    ]
    for number, symbol in enumerate(symbols):
        layer = symbol.layer.replace("{number}", str(number))
        lines += [
            f'      <symbol name="{number}" type="{symbol.kind}" {SYMBOL_FLAGS}>',
            f"        {layer}",
            "      </symbol>",
        ]
    return "\n".join([*lines, "    </symbols>", "  </renderer-v2>", "</qgis>", ""])
