"""The data of a map as one compact block: columns of small whole numbers, packed, in base64.

Layout before packing (zlib): the length of the header in four bytes, the header as JSON, and the
columns it lists as LEB128 varints. Coordinates are steps of 1e-5 degrees, about a metre, as differences
from the vertex before, the sign in the lowest bit. `assets/decode.js` reads it.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from safeaudit.contributors import SPLITS
from safeaudit.languages import REFERENCE, read_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geopandas import GeoDataFrame, GeoSeries
    from numpy.typing import NDArray

    from safeaudit.languages import Language
    from safeaudit.tables.public import Public, PublicIndicator, PublicLayer

STEPS_PER_DEGREE = 100_000
PLACE_KINDS = ("space", "segment", "stop")
"""Kinds of places in the order they are drawn."""

BACKDROP_KINDS = ("green", "water", "building", "road", "rail")
"""Kinds of the backdrop in the order they are drawn."""

LABEL_KINDS = ("alone", "between", "to_end", "near", "way_between", "way_from", "way_near", "inside", "way")
LIGHTS = ("dark", "day", "twilight", "unrecorded")
"""The map opens in the first of these that anybody looked in."""

STATES = ("audited", "few", "stale")
LISTS = ("none", "look", "likely")
PAGE_WORDS = (
    *("page.", "kind.", "category.", "label.", "light.", "state.", "band.", "indicator.", "fault.", "count.", "layer."),
    *("street_condition.", "remark.", "answer.auditor_", "report.reach"),
    *(f"question.{field}.label" for field in SPLITS.values()),
)
"""Where the words of the page begin in a catalogue."""

MAX_BACKDROP_VERTICES = 200_000
"""About 1 MB of the page; what is over goes, smallest buildings first."""

_KEPT_FIRST = ("water", "rail", "road", "green", "building")
_BACKDROP_TOLERANCE_DEGREES = 2e-5
_VARINT_BITS = 7
_VARINT_BYTES = 5
_MAX_VALUE = 2**31
_AREA = 2
_PACKING_LEVEL = 6
_NO_LEVEL = 4
_REACHED = ("destinations", "counted", "within", "reach", "low", "high")
_CHANGE = (
    *("area_id", "kind", "indicator", "light", "verdict", "difference", "low", "high", "chance"),
    *("before", "after"),
)


def encode(public: Public, *languages: Language) -> bytes:
    """Return everything a map shows as one block.

    Parameters
    ----------
    public
        What may be shown.
    languages
        The words that the page can say, those that it opens in first. What one lacks is said in English.

    Returns
    -------
    Base64 in ASCII: letters, digits, "+", "/" and "=".
    """
    places = drawing_order(public.places, PLACE_KINDS)
    backdrop, dropped = _backdrop(public.backdrop)
    names, labels = _labels(places)
    categories, category = _dictionary(places["category"])
    words, seen = _seen(public, places)
    fault_words, faults = _faults(public, places)
    header = {
        **_words(public),
        "languages": _spoken(languages),
        "dropped": dropped,
        "place_kinds": _kind_counts(places, PLACE_KINDS),
        "backdrop_kinds": _kind_counts(backdrop, BACKDROP_KINDS),
        "label_kinds": LABEL_KINDS,
        **names,
        "categories": categories,
        "codes": places["place_code"].astype(str).tolist(),
        **words,
        "faults": fault_words,
        "layers": [_said_layer(layer) for layer in public.layers],
        "changes": _changes(public),
        "felt": _felt(public),
        "reach": _reach(public),
        "areas": [list(area) for area in public.areas[["name", "kind"]].itertuples(index=False)],
        "localities": [list(one) for one in public.localities[["name", "category"]].itertuples(index=False)],
        "lamp_coverage": round(public.lamp_coverage, 4),
    }
    columns = {f"place.{key}": values for key, values in shapes(places.geometry.to_numpy()).items()}
    columns |= {f"backdrop.{key}": values for key, values in shapes(backdrop.geometry.to_numpy()).items()}
    columns |= {f"area.{key}": values for key, values in shapes(_outlines(public.areas)).items()}
    columns |= _points("locality", public.localities.geometry)
    columns |= {f"place.{key}": values for key, values in labels.items()} | {"place.category": category}
    columns |= {f"seen.{key}": values for key, values in seen.items()}
    columns |= {f"faults.{key}": values for key, values in faults.items()}
    columns |= _evidence(public, places)
    return pack(header, columns)


def drawing_order(frame: GeoDataFrame, kinds: Sequence[str]) -> GeoDataFrame:
    """Return what can be drawn, by kind and then along a space-filling curve.

    Parameters
    ----------
    frame
        Rows with kind and geometry, EPSG:4326.
    kinds
        Kinds to keep, in the order they are drawn.
    """
    rank = pd.Index(kinds).get_indexer(frame["kind"])
    shown = (rank >= 0) & frame.geometry.notna().to_numpy() & ~frame.geometry.is_empty.to_numpy()
    frame, rank = frame[shown], rank[shown]
    if frame.empty:
        return frame
    return frame.iloc[np.lexsort((frame.geometry.hilbert_distance(), rank))]


def shapes(geometry: NDArray[np.object_]) -> dict[str, NDArray[np.int64]]:
    """Return geometries as columns.

    Parameters
    ----------
    geometry
        Points, lines and polygons, single or multi, EPSG:4326, shape (n,).

    Returns
    -------
    form (0 point, 1 line, 2 area) and rings (how many) per geometry, vertices (how many) per ring,
    x and y per vertex, as signed differences folded to whole numbers.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    area = shapely.get_dimensions(parts) == _AREA
    rings, polygon = shapely.get_rings(parts[area], return_index=True)
    owners = np.concatenate([owner[~area], owner[area][polygon]])
    order = np.argsort(owners, kind="stable")
    lines = np.concatenate([parts[~area], rings])[order]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    steps = np.rint(xy * STEPS_PER_DEGREE).astype(np.int64)
    moved = np.ones(len(steps), dtype=bool)
    moved[1:] = (line[1:] != line[:-1]) | (steps[1:] != steps[:-1]).any(axis=1)
    steps, line = steps[moved], line[moved]
    return {
        "form": shapely.get_dimensions(geometry).astype(np.int64),
        "rings": np.bincount(owners, minlength=len(geometry)),
        "vertices": np.bincount(line, minlength=len(lines)),
        "x": _differences(steps[:, 0]),
        "y": _differences(steps[:, 1]),
    }


def pack(header: Mapping[str, Any], columns: Mapping[str, NDArray[np.int64]]) -> bytes:
    """Return a header and columns of whole numbers from 0 to 2**31 as one block of base64."""
    listed = {**header, "columns": [[name, len(values)] for name, values in columns.items()]}
    head = json.dumps(listed, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    body = b"".join(varint(values) for values in columns.values())
    return base64.b64encode(zlib.compress(struct.pack("<I", len(head)) + head + body, _PACKING_LEVEL))


def varint(values: NDArray[np.int64]) -> bytes:
    """Return whole numbers from 0 to 2**31 as LEB128: seven bits a byte, the eighth where more follow.

    Raises
    ------
    ValueError
        A number is negative or too large.
    """
    if values.size and (values.min() < 0 or values.max() >= _MAX_VALUE):
        message = "Only whole numbers from 0 to 2**31 can be packed."
        raise ValueError(message)
    limits = 1 << _VARINT_BITS * np.arange(1, _VARINT_BYTES)
    width = 1 + np.searchsorted(limits, values, side="right")
    end = np.cumsum(width)
    out = np.zeros(int(end[-1]) if values.size else 0, dtype=np.uint8)
    for k in range(_VARINT_BYTES):
        has = width > k
        more = np.where(width[has] > k + 1, 128, 0)
        out[(end - width)[has] + k] = (values[has] >> (_VARINT_BITS * k)) & 127 | more
    return out.tobytes()


def _differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """First differences with the sign in the lowest bit."""
    steps = np.diff(values, prepend=0)
    return (steps << 1) ^ (steps >> 63)


def _words(public: Public) -> dict[str, Any]:
    coverage = public.coverage[["indicator", "light", "kind", "seen"]]
    return {
        "title": public.title,
        "remarks": _keyed(public.remarks, "remark."),
        "as_of": public.as_of,
        "attribution": public.attribution,
        "bands": _keyed(public.bands, "band."),
        "indicators": [_said_indicator(indicator) for indicator in public.indicators],
        "lights": LIGHTS,
        "states": STATES,
        "coverage": [
            [str(indicator), LIGHTS.index(light), str(kind), None if pd.isna(seen) else round(float(seen), 4)]
            for indicator, light, kind, seen in coverage.itertuples(index=False)
        ],
    }


def _spoken(languages: Sequence[Language]) -> list[dict[str, Any]]:
    """Return the page's part of each catalogue, English last and whole, of others what is their own."""
    english = read_language(REFERENCE)
    whole = english.under(*PAGE_WORDS)
    others = [one for one in languages if one.code != english.code]
    return [
        {
            "code": one.code,
            "name": one.name,
            "direction": one.direction,
            "draft": one.draft,
            "words": {
                key: text for key, text in one.under(*PAGE_WORDS).items() if one is english or text != whole[key]
            },
        }
        for one in (*others, english)
    ]


def _keyed(texts: Iterable[str], *parts: str) -> list[tuple[str, str]]:
    """Return texts, each with the key of the catalogue that says it in every language; empty for a team's own."""
    keys = {text: key for key, text in read_language(REFERENCE).under(*parts).items()}
    return [(text, keys.get(text, "")) for text in texts]


def _said_indicator(indicator: PublicIndicator) -> dict[str, Any]:
    label, *levels = _keyed(
        [indicator.label, *indicator.levels], f"indicator.{indicator.name}.", f"{indicator.name}.label"
    )
    return {"name": indicator.name, "label": label, "levels": levels, "dark": indicator.needs_dark}


def _said_layer(layer: PublicLayer) -> dict[str, Any]:
    label, *steps = _keyed([layer.label, *layer.steps], f"layer.{layer.name}.")
    return {"name": layer.name, "label": label, "steps": steps, "coverage": layer.coverage}


def _kind_counts(frame: GeoDataFrame, kinds: Sequence[str]) -> list[tuple[str, int]]:
    return [(kind, int((frame["kind"] == kind).sum())) for kind in kinds]


def _dictionary(values: pd.Series[Any]) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct words in order, and per row the place of its word from 1; 0 where there is none."""
    codes, words = pd.factorize(values.astype("str"), sort=True)
    return [str(word) for word in words], codes.astype(np.int64) + 1


def _labels(places: GeoDataFrame) -> tuple[dict[str, list[str]], dict[str, NDArray[np.int64]]]:
    """Return the names and marks of labels, each once, and for each place which of them its label is made of.

    A street or space is either at an end of a place or near it. What a label calls a place is mostly its name.
    """
    start = places["label_from"].where(places["label_from"].notna(), places["label_near"])
    parts = {"name": places["name"], "word": places["label_name"], "start": start, "end": places["label_to"]}
    names, codes = _dictionary(pd.concat(list(parts.values())))
    columns = dict(zip(parts, codes.reshape(len(parts), -1), strict=True))
    columns["word"] = np.where(columns["word"] == columns["name"], 0, columns["word"])
    columns["label"] = pd.Index(LABEL_KINDS).get_indexer(places["label_kind"]).astype(np.int64)
    marks, columns["mark"] = _dictionary(places["label_mark"])
    return {"names": names, "marks": marks}, columns


def _seen(public: Public, places: GeoDataFrame) -> tuple[dict[str, Any], dict[str, NDArray[np.int64]]]:
    """Words for numbers and quarters, and what was seen as columns: by indicator, light and place."""
    frame = public.conditions
    place = pd.Index(places["place_id"]).get_indexer(frame["place_id"])
    indicator = pd.Index([i.name for i in public.indicators]).get_indexer(frame["indicator"])
    light = pd.Index(LIGHTS).get_indexer(frame["light"])
    drawn = np.flatnonzero((place >= 0) & (indicator >= 0))
    order = drawn[np.lexsort((place[drawn], light[drawn], indicator[drawn]))]
    frame = frame.iloc[order]
    answers, n = _dictionary(frame["n"])
    people_words, people = _dictionary(frame["people"])
    quarters, quarter = _dictionary(frame["quarter"])
    return (
        {"answers": _keyed(answers, "count."), "people": _keyed(people_words, "count."), "quarters": quarters},
        {
            "place": _differences(place[order].astype(np.int64)),
            "indicator": indicator[order].astype(np.int64),
            "light": light[order].astype(np.int64),
            "band": frame["band"].to_numpy(dtype=np.int64),
            "state": pd.Index(STATES).get_indexer(frame["state"]).astype(np.int64),
            "n": n,
            "people": people,
            "level": frame["level"].astype("Float64").fillna(_NO_LEVEL).to_numpy(dtype=np.int64),
            "level_0": frame["level_0"].to_numpy(dtype=np.int64),
            "list": pd.Index(LISTS).get_indexer(frame["list"]).astype(np.int64),
            "quarter": quarter,
        },
    )


def _faults(public: Public, places: GeoDataFrame) -> tuple[dict[str, Any], dict[str, NDArray[np.int64]]]:
    """Words of the faults, and the faults as columns by place."""
    place = pd.Index(places["place_id"]).get_indexer(public.faults["place_id"])
    drawn = np.flatnonzero(place >= 0)
    order = drawn[np.lexsort((public.faults["kind"].to_numpy(dtype=str)[drawn], place[drawn]))]
    frame = public.faults.iloc[order]
    words: dict[str, Any] = {}
    columns = {"place": _differences(place[order].astype(np.int64))}
    for name in ("kind", "agency", "n", "quarter", "status"):
        words[name], columns[name] = _dictionary(frame[name])
    return words | {"kind": _keyed(words["kind"], "fault."), "n": _keyed(words["n"], "count.")}, columns


def _changes(public: Public) -> list[list[Any]]:
    """Return what changed, by area: its number (-1 for the city), and what of it in which light, by their numbers."""
    rows = public.changes
    numbers = {
        "area_id": pd.Index(public.areas["area_id"]).get_indexer(rows["area_id"]).tolist(),
        "indicator": pd.Index([i.name for i in public.indicators]).get_indexer(rows["indicator"]).tolist(),
        "light": pd.Index(LIGHTS).get_indexer(rows["light"]).tolist(),
        "chance": rows["chance"].astype(int).tolist(),
    }
    for name in ("difference", "low", "high"):
        numbers[name] = [None if pd.isna(value) else int(value) for value in rows[name]]
    return [list(row) for row in zip(*(numbers.get(name, rows[name].tolist()) for name in _CHANGE), strict=True)]


def _felt(public: Public) -> list[list[Any]]:
    """Return how groups felt: the light by its number, a kind of place (empty for all), who, and what they said."""
    rows = public.groups
    zone = rows["zone"].where(rows["zone_kind"] != "city", "").tolist()
    light = pd.Index(LIGHTS).get_indexer(rows["light"]).tolist()
    told = (rows[name].tolist() for name in ("indicator", "split", "who", "score", "low", "high", "round"))
    return [list(row) for row in zip(light, zone, *told, strict=True)]


def _reach(public: Public) -> list[list[Any]]:
    """Return who reaches what, as numbers and words."""
    names = {i.name: _said_indicator(i)["label"] for i in public.indicators}
    rows = public.reach[public.reach["indicator"].isin(list(names))]
    label = [names[name] for name in rows["indicator"]]
    light = pd.Index(LIGHTS).get_indexer(rows["light"]).tolist()
    same = rows["same"].astype(int).tolist()
    counts = ([int(value) for value in rows[name]] for name in _REACHED)
    unit, category, called = (rows[name].tolist() for name in ("unit", "category", "round"))
    return [list(row) for row in zip(category, label, light, same, unit, *counts, called, strict=True)]


def _evidence(public: Public, places: GeoDataFrame) -> dict[str, NDArray[np.int64]]:
    """Lamps, and for each layer the step of every place, one more than in `Public`: 0 where it is not known."""
    at = pd.Index(public.evidence["place_id"]).get_indexer(places["place_id"])
    columns = {
        f"layer.{layer.name}": np.append(public.evidence[layer.name].to_numpy(dtype=np.int64), -1)[at] + 1
        for layer in public.layers
    }
    lamps = public.lamps.iloc[np.argsort(public.lamps.hilbert_distance(), kind="stable")] if len(public.lamps) else []
    return columns | _points("lamp", lamps)


def _points(prefix: str, points: GeoSeries | Sequence[shapely.Point]) -> dict[str, NDArray[np.int64]]:
    steps = np.rint(shapely.get_coordinates(points) * STEPS_PER_DEGREE).astype(np.int64)
    return {f"{prefix}.x": _differences(steps[:, 0]), f"{prefix}.y": _differences(steps[:, 1])}


def _outlines(areas: GeoDataFrame) -> NDArray[np.object_]:
    """Return outlines of areas as fine as the backdrop is."""
    return shapely.simplify(areas.geometry.to_numpy(), _BACKDROP_TOLERANCE_DEGREES, preserve_topology=True)


def _backdrop(backdrop: GeoDataFrame) -> tuple[GeoDataFrame, int]:
    """Return the backdrop, simplified and within its budget, and how many features that leaves out."""
    shown = drawing_order(backdrop, BACKDROP_KINDS)
    if shown.empty:
        return shown, 0
    thin = shapely.simplify(shown.geometry.to_numpy(), _BACKDROP_TOLERANCE_DEGREES, preserve_topology=True)
    shown = shown.set_geometry(thin, crs=shown.crs)
    rank = pd.Index(_KEPT_FIRST).get_indexer(shown["kind"])
    first = np.lexsort((-shapely.area(thin), rank))
    fits = np.cumsum(shapely.get_num_coordinates(thin)[first]) <= MAX_BACKDROP_VERTICES
    kept = np.zeros(len(shown), dtype=bool)
    kept[first[fits]] = True
    return shown[kept], int((~kept).sum())
