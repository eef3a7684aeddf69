"""Maps, layers and rasters: cut, folded a thousand times, off the globe, of 300 MB in 300 kB."""

from __future__ import annotations

import bz2
import gzip
import json
import math
import struct
import zlib
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely

from attacks.project import AUDITS, Attack, as_bytes, well, whole_toml
from attacks.tables import ENCODINGS, GEOPACKAGES, geopackage

if TYPE_CHECKING:
    from pathlib import Path

    from attacks.project import Content

HEAD = '[city]\nname = "Town"\ntimezone = "Asia/Kolkata"\n[places]\n'
LINE = [[72.88, 19.07], [72.881, 19.071]]
NODES = (
    '<node id="1" lat="19.07" lon="72.88" version="1"/><node id="2" lat="19.071" lon="72.881" version="1"/>'
    '<node id="3" lat="19.072" lon="72.880" version="1"/>'
)
WAY = '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'


def _osm(folder: Path, content: Content, name: str = "city.osm") -> None:
    whole_toml(folder, f'{HEAD}osm = "{name}"\n{AUDITS}')
    (folder / name).write_bytes(as_bytes(content))


def _comment(n: int) -> str:
    return _xml("<!--" + "x" * n + "-->" + NODES + WAY)


def _xml(inside: str, attributes: str = "") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6"{attributes}>{inside}</osm>'


def _tagged(key: str, value: str, n: int = 1) -> str:
    tags = "".join(f'<tag k="{key}{i or ""}" v="{value}"/>' for i in range(n))
    return _xml(NODES + WAY.replace("<tag", f"{tags}<tag", 1))


def _star(n: int) -> list[list[float]]:
    """Return a ring that crosses itself about n times."""
    points = n | 1
    step = points // 2
    at = [(i * step) % points * 2 * math.pi / points for i in range(points)]
    return [[72.88 + 0.001 * math.cos(a), 19.07 + 0.001 * math.sin(a)] for a in [*at, at[0]]]


def _zigzag(n: int) -> list[list[float]]:
    """Return a ring that goes to and fro over its own middle line, n crossings in all."""
    there = [[72.88 + i * 1e-6, 19.07 + 1e-5 * (-1) ** i] for i in range(n)]
    return [*there, [there[-1][0], 19.07], [72.88, 19.07], there[0]]


def _ring_osm(n: int) -> str:
    ring = _zigzag(n)[:-1]
    nodes = "".join(f'<node id="{i + 10}" lat="{y:.7f}" lon="{x:.7f}"/>' for i, (x, y) in enumerate(ring))
    refs = "".join(f'<nd ref="{i + 10}"/>' for i in [*range(len(ring)), 0])
    return _xml(NODES + nodes + WAY + f'<way id="9">{refs}<tag k="leisure" v="park"/></way>')


EXTRACTS = {
    "nothing": "",
    "no way": _xml(NODES),
    "no end": _xml(NODES + WAY)[:-20],
    "lon 500": _xml(NODES.replace("72.88", "500") + WAY),
    "lat of words": _xml(NODES.replace("19.07", "north") + WAY),
    "lat of 4,000 digits": _xml(NODES.replace("19.07", "1" * 4_000) + WAY),
    "an id of 30 digits": _xml(NODES + WAY.replace('id="1"', f'id="{"9" * 30}"', 1)),
    "an id of words": _xml(NODES + WAY.replace('id="1"', 'id="x"', 1)),
    "a way of one node 50,000 times": _xml(
        NODES + '<way id="1">' + '<nd ref="1"/>' * 1_900 + "</way>" + WAY.replace('"1"', '"2"', 1)
    ),
    "a way of 50,000 nodes": _xml(
        NODES + '<way id="1">' + '<nd ref="1"/><nd ref="2"/>' * 25_000 + '<tag k="highway" v="path"/></way>'
    ),
    "a relation of itself": _xml(
        NODES
        + WAY
        + '<relation id="1"><member type="relation" ref="1" role=""/><tag k="type" v="multipolygon"/><tag k="leisure" v="park"/></relation>'
    ),
    "a relation of 50,000 members": _xml(
        NODES
        + WAY
        + '<relation id="1">'
        + '<member type="way" ref="1" role="outer"/>' * 50_000
        + '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/></relation>'
    ),
    "a name of 1 MB": _tagged("name", "x" * 1_000_000),
    "10,000 tags": _tagged("k", "v", 10_000),
    "a name of markup": _tagged("name", "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
    "a name turned round": _tagged("name", "\u202egnp.exe"),
    "a name of accents": _tagged("name", "e" + "\u0301" * 200),
    "a lone surrogate": _tagged("name", "\ud800"),
    "a highway of markup": _xml(NODES + WAY.replace("residential", "&quot;&gt;&lt;b&gt;")),
    "a street of no length": _xml(NODES.replace("19.071", "19.07").replace("72.881", "72.88") + WAY),
    "streets at both ends of the world": _xml(NODES.replace("72.881", "-179.9").replace("19.071", "-89.9") + WAY),
    "a doctype": '<!DOCTYPE osm [<!ENTITY a "b">]>' + _xml(NODES + WAY),
    "an encoding that lies": _xml(NODES + WAY).replace("UTF-8", "UTF-32"),
    "a comment of 30 MB": lambda: _comment(30_000_000),
    "deep elements": _xml("<a>" * 100_000),
    "a park of 2,000 nodes that crosses itself": lambda: _ring_osm(1_990),
}


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _blob(kind: bytes, raw: bytes, size: int | None = None) -> bytes:
    packed = zlib.compress(raw, 9)
    blob = _varint(2 << 3) + _varint(len(raw) if size is None else size) + _field(3, packed)
    head = _field(1, kind) + _varint(3 << 3) + _varint(len(blob))
    return struct.pack(">I", len(head)) + head + blob


PBF_HEAD = _blob(b"OSMHeader", _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes"))
PBFS = {
    "a head alone": PBF_HEAD,
    "a head of 4 GB": b"\x00\x00\x00\x0d\n\x09OSMHeader" + b"\x18\xff\xff\xff\xff\x0f",
    "a block of 300 MB in 300 kB": lambda: PBF_HEAD + _blob(b"OSMData", _field(1, b"\x00" * 31_000_000)) * 10,
    "a block that lies about its size": PBF_HEAD + _blob(b"OSMData", _field(1, b"x"), size=2**31 - 1),
    "a block of garbage": PBF_HEAD + _blob(b"OSMData", bytes(range(256)) * 100),
    "a text table of 30 MB": lambda: PBF_HEAD + _blob(b"OSMData", _field(1, _field(1, b"n" * 31_000_000))),
    "a feature nobody knows": _blob(b"OSMHeader", _field(4, b"Teleport")),
    "a head without end": b"\x00\x00\x00\x0d\n\x09OSMHeader",
}
PACKED = {
    "300 MB of comment in 300 kB, gzip": ("city.osm.gz", lambda: gzip.compress(_comment(300_000_000).encode())),
    "300 MB of comment, bzip2": ("city.osm.bz2", lambda: bz2.compress(_comment(300_000_000).encode())),
    "300 MB of blanks, gzip": ("city.osm.gz", lambda: gzip.compress(b" " * 300_000_000)),
    "gzip cut": ("city.osm.gz", gzip.compress(_xml(NODES + WAY).encode())[:-20]),
    "gzip of gzip": ("city.osm.gz", gzip.compress(gzip.compress(_xml(NODES + WAY).encode()))),
}
OVERPASS = {
    "deep": '{"elements":' + "[" * 200_000,
    "elements of numbers": '{"elements": [1, 2, null]}',
    "a node without id": '{"elements": [{"type": "node"}]}',
    "an id of 5,000 digits": '{"elements": [{"type": "node", "id": ' + "9" * 4_000 + ', "lat": 1, "lon": 1}]}',
    "an id past 64 bits": json.dumps({"elements": [{"type": "node", "id": 2**70, "lat": 1, "lon": 1}]}),
    "an id of true": '{"elements": [{"type": "node", "id": true, "lat": 1, "lon": 1}]}',
    "not a number": '{"elements": [{"type": "node", "id": 1, "lat": NaN, "lon": Infinity}]}',
    "a number of 5,000 digits": '{"elements": [{"type": "node", "id": 1, "lat": ' + "1" * 5_000 + ', "lon": 1}]}',
    "tags of lists": '{"elements": [{"type": "node", "id": 1, "lat": 1, "lon": 1, "tags": {"name": [1]}}]}',
    "a lone surrogate": '{"elements": [{"type": "node", "id": 1, "lat": 1, "lon": 1, "tags": {"name": "\\ud800"}}]}',
    "a remark that is a list": '{"remark": [{"a": 1}], "elements": []}',
    "a version of words": '{"elements": [{"type": "node", "id": 1, "lat": 1, "lon": 1, "version": "x"},{"type": "node", "id": 1, "lat": 1, "lon": 1, "version": 2}]}',
    "a version past 32 bits": '{"elements": [{"type": "node", "id": 1, "lat": 1, "lon": 1, "version": 99999999999}]}',
}


def _streets(folder: Path, content: Content, name: str = "own.geojson", more: str = "") -> None:
    whole_toml(folder, f'{HEAD}streets = {{ file = "{name}"{more} }}\n{AUDITS}')
    (folder / name).write_bytes(as_bytes(content))


def _spaces(folder: Path, *, geometry: object, kind: str = "spaces") -> None:
    well(folder)
    entry = '[{ file = "own.geojson" }]' if kind == "areas" else '{ file = "own.geojson" }'
    settings = (folder / "safeaudit.toml").read_text().replace("[places]\n", f"[places]\n{kind} = {entry}\n")
    (folder / "safeaudit.toml").write_text(settings, encoding="utf-8")
    shape = geometry() if callable(geometry) else geometry
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": shape}
    (folder / "own.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))


def _lines(*coordinates: object, **properties: object) -> str:
    features = [
        {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": one}}
        for one in coordinates
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def _geometry(geometry: object) -> str:
    return json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}
    )


def _nested(n: int) -> str:
    inner = '{"type":"LineString","coordinates":[[72.88,19.07],[72.881,19.071]]}'
    whole = '{"type":"GeometryCollection","geometries":[' * n + inner + "]}" * n
    return '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":' + whole + "}]}"


GEOJSON = {
    "nothing": "",
    "no features": '{"type":"FeatureCollection","features":[]}',
    "deep": "[" * 200_000,
    "lon 500": _lines([[500, 19], [501, 19]]),
    "not a number": _lines([[72.88, 19.07], [72.881, 19.071]]).replace("19.071", "NaN"),
    "infinity": _lines([[72.88, 19.07], [72.881, 19.071]]).replace("19.071", "1e999"),
    "one vertex": _lines([[72.88, 19.07]]),
    "no vertex": _lines([]),
    "the same vertex": _lines([[72.88, 19.07]] * 100),
    "50,000 vertices on one line": lambda: _lines([[72.88 + i * 1e-8, 19.07] for i in range(50_000)]),
    "the same line 5,000 times": _lines(*[LINE] * 5_000),
    "5,000 lines through one point": lambda: _lines(
        *([[72.88, 19.07], [72.88 + 1e-3 * math.cos(i), 19.07 + 1e-3 * math.sin(i)]] for i in range(5_000))
    ),
    "a line that crosses itself 20,000 times": lambda: _lines([*_zigzag(20_000)[:-2], [72.88, 19.07]]),
    "points for streets": _geometry({"type": "Point", "coordinates": [72.88, 19.07]}),
    "collections within collections": _nested(5_000),
    "a geometry without kind": _geometry({"coordinates": [1]}),
    "a geometry of words": _geometry({"type": "LineString", "coordinates": "abc"}),
    "coordinates of four numbers": _lines([[72.88, 19.07, 1, 2], [72.881, 19.071, 1, 2]]),
    "coordinates of texts": _lines([["72.88", "19.07"], ["72.881", "19.071"]]),
    "a name of a megabyte": _lines(LINE, name="x" * 1_000_000),
    "a name that is a list": _lines(LINE, name=[1, {"a": 2}]),
    "a name that is a number": _lines(LINE, name=10**400),
    "a lone surrogate": _lines(LINE, name="\ud800"),
    "a name of nul": _lines(LINE, name="a\x00b"),
    "a crs that is linked": '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://127.0.0.1:9/","type":"proj4"}},"features":[]}',
    "a crs of nowhere": _lines(LINE)[:-1] + ',"crs":{"type":"name","properties":{"name":"EPSG:99999999"}}}',
    "20,000 features of different keys": lambda: json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {f"k{n}": n},
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[72.88 + n * 1e-6, 19.07], [72.88 + n * 1e-6, 19.071]],
                    },
                }
                for n in range(20_000)
            ],
        }
    ),
    "streets over the whole world": _lines([[-179, -89], [179, 89]]),
    "streets at the pole": _lines([[0, 89.9999], [90, 89.9999]]),
    "streets over the date line": _lines([[179.999, 0], [-179.999, 0]]),
    "a topology": '{"type":"Topology","objects":{},"arcs":[]}',
    "Esri's JSON": '{"geometryType":"esriGeometryPolyline","features":[]}',
    "a sequence": '{"type":"Feature","properties":{},"geometry":null}\n' * 3,
    "a STAC item that leads elsewhere": '{"type":"Feature","stac_version":"1.0.0","links":[{"href":"http://127.0.0.1:9/"}],"assets":{}}',
}
SHAPES = {
    "a ring of 20,000 self-crossings": lambda: {"type": "Polygon", "coordinates": [_zigzag(20_000)]},
    "a star of 2,001 points": {"type": "Polygon", "coordinates": [_star(2_001)]},
    "5,000 holes that overlap": lambda: {
        "type": "Polygon",
        "coordinates": [
            [[72.87, 19.06], [72.89, 19.06], [72.89, 19.08], [72.87, 19.08], [72.87, 19.06]],
            *(
                [[72.88 + i * 1e-7, 19.07], [72.881, 19.07], [72.881, 19.071], [72.88 + i * 1e-7, 19.07]]
                for i in range(5_000)
            ),
        ],
    },
    "an open ring": {"type": "Polygon", "coordinates": [[[72.88, 19.07], [72.881, 19.07], [72.881, 19.071]]]},
    "a ring of two points": {"type": "Polygon", "coordinates": [[[72.88, 19.07], [72.881, 19.07]]]},
    "a spike": {"type": "Polygon", "coordinates": [[[72.88, 19.07], [72.881, 19.07], [72.88, 19.07], [72.88, 19.07]]]},
    "the whole world": {
        "type": "Polygon",
        "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]],
    },
    "inside out": {"type": "MultiPolygon", "coordinates": [[_star(101)], [_star(103)]] * 50},
    "nothing": None,
}


def _flatgeobuf(folder: Path, share: float) -> None:
    _streets(folder, b"", "own.fgb")
    lines = [shapely.LineString([(72.88, 19.07 + i * 1e-4), (72.881, 19.07 + i * 1e-4)]) for i in range(500)]
    gpd.GeoDataFrame({"name": [f"street {i}" for i in range(500)]}, geometry=lines, crs=4326).to_file(
        folder / "own.fgb", driver="FlatGeobuf"
    )
    whole = (folder / "own.fgb").read_bytes()
    (folder / "own.fgb").write_bytes(whole[: int(len(whole) * share)])


def _turned_flatgeobuf(folder: Path, at: int) -> None:
    _flatgeobuf(folder, 1)
    whole = bytearray((folder / "own.fgb").read_bytes())
    whole[at % len(whole)] ^= 0xFF
    (folder / "own.fgb").write_bytes(bytes(whole))


def _geopackage(folder: Path, sql: str) -> None:
    _streets(folder, b"", "own.gpkg", ', layer = "walks"')
    (folder / "own.gpkg").unlink()
    geopackage(folder / "own.gpkg", sql)


def _raster(folder: Path, content: bytes, kind: str = "population") -> None:
    well(folder, f'[evidence]\nrasters = [{{ kind = "{kind}", file = "r.tif" }}]')
    (folder / "r.tif").write_bytes(content)


def _tiff(
    folder: Path, *, share: float = 1.0, at: tuple[float, float] = (72.87, 19.08), value: float = 1.0, **profile: object
) -> None:
    _raster(folder, b"")
    usual = {"driver": "GTiff", "height": 20, "width": 20, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    transform = rasterio.transform.from_origin(*at, 0.001, 0.001)
    with rasterio.open(folder / "r.tif", "w", **{**usual, "transform": transform, **profile}) as file:
        file.write(np.full((file.count, file.height, file.width), value, dtype=file.dtypes[0]))
    whole = (folder / "r.tif").read_bytes()
    (folder / "r.tif").write_bytes(whole[: int(len(whole) * share)])


def _ifd(*entries: tuple[int, int, int, int]) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + packed + struct.pack("<I", 8)


TIFFS = {
    "nothing": b"",
    "a head": b"II*\x00",
    "a head that leads nowhere": b"II*\x00\xff\xff\xff\xff",
    "pages that follow each other round": _ifd((256, 4, 1, 10), (257, 4, 1, 10)),
    "four milliards of pixels": _ifd(
        (256, 4, 1, 65_535),
        (257, 4, 1, 65_535),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, 65_535),
        (279, 4, 1, 2**32 - 1),
    ),
    "a BigTIFF of nothing": b"II+\x00\x08\x00\x00\x00" + b"\xff" * 8,
    "garbage": b"MM\x00*" + bytes(range(256)) * 50,
}

ATTACKS = (
    *(Attack(f"map: {name}", partial(_osm, content=text)) for name, text in EXTRACTS.items()),
    *(
        Attack(
            f"map in {encoding}", partial(_osm, content=_xml(NODES + WAY).replace("UTF-8", encoding).encode(encoding))
        )
        for encoding in ENCODINGS
    ),
    *(
        Attack(f"map: PBF, {name}", partial(_osm, content=content, name="city.osm.pbf"))
        for name, content in PBFS.items()
    ),
    *(
        Attack(f"map: {name}", partial(_osm, content=content, name=file), slow=callable(content))
        for name, (file, content) in PACKED.items()
    ),
    *(
        Attack(f"map: Overpass, {name}", partial(_osm, content=text, name="city.json"))
        for name, text in OVERPASS.items()
    ),
    *(Attack(f"layer: {name}", partial(_streets, content=text), ("run", "--quick")) for name, text in GEOJSON.items()),
    *(
        Attack(f"layer: {kind} of {name}", partial(_spaces, geometry=shape, kind=kind), ("run", "--quick"))
        for kind in ("spaces", "areas", "stops", "lamps")
        for name, shape in SHAPES.items()
    ),
    *(
        Attack(f"layer: FlatGeobuf, {share:.0%} of it", partial(_flatgeobuf, share=share))
        for share in (0.05, 0.3, 0.5, 0.9, 0.999)
    ),
    *(
        Attack(f"layer: FlatGeobuf, byte {at} turned", partial(_turned_flatgeobuf, at=at))
        for at in (9, 13, 20, 60, 200, 700, 5_000, 30_000)
    ),
    *(Attack(f"layer: GeoPackage, {name}", partial(_geopackage, sql=sql)) for name, sql in GEOPACKAGES.items()),
    *(Attack(f"raster: {name}", partial(_raster, content=content)) for name, content in TIFFS.items()),
    *(Attack(f"raster: {share:.0%} of it", partial(_tiff, share=share), ("run",)) for share in (0.2, 0.6, 0.95)),
    *(
        Attack(f"raster: of {value}", partial(_tiff, value=value), ("run",))
        for value in (math.nan, math.inf, -math.inf, 3e38, -1.0)
    ),
    Attack("raster: elsewhere", partial(_tiff, at=(0.0, 0.0)), ("run",)),
    Attack("raster: no CRS", partial(_tiff, crs=None), ("run",)),
    Attack("raster: a CRS of metres that is none", partial(_tiff, crs="EPSG:3857"), ("run",)),
    Attack("raster: 60 bands", partial(_tiff, count=60), ("run",)),
    Attack("raster: numbers of two parts", partial(_tiff, dtype="complex64"), ("run",)),
    Attack(
        "raster: 300 million pixels in 300 kB",
        partial(_tiff, height=17_000, width=17_000, dtype="uint8", compress="deflate", tiled=True),
        ("run",),
        slow=True,
    ),
    Attack(
        "layer: two streets of 30,000 km",
        partial(_streets, content=_lines(LINE, [[-170, 0], [170, 0]])),
        ("run", "--quick"),
    ),
)
