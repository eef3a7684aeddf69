"""Files of audits that are no tables: cut, packed in each other, in old encodings, devices and pipes."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import zipfile
from functools import partial
from typing import TYPE_CHECKING

from attacks.project import CSV, HEADER, ROW, Attack, as_bytes, well

if TYPE_CHECKING:
    from pathlib import Path

    from attacks.project import Content

ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-32-be", "shift_jis", "euc_kr", "gb18030", "utf-7", "cp037", "hz")
BYTES = {
    "nothing": b"",
    "a blank": b" ",
    "line ends": b"\n" * 1_000_000,
    "commas": b"," * 1_000_000,
    "commas and line ends": b",\n" * 500_000,
    "a quote": b'"',
    "a megabyte of quotes": b'"' * 1_000_001,
    "nul bytes": b"\x00" * 1_000_000,
    "a line of 30 MB": lambda: HEADER.encode() + b"\n" + b"a" * 30_000_000,
    "a header of 30 MB": lambda: b"a" * 30_000_000,
    "a quoted text of 30 MB": lambda: HEADER.encode() + b'\n"' + b"a\n" * 15_000_000,
    "all bytes": bytes(range(256)) * 1_000,
    "half a mark of UTF-16": b"\xff",
    "a mark of UTF-8 alone": b"\xef\xbb\xbf",
    "carriage returns": CSV.encode().replace(b"\n", b"\r") * 3,
    "vertical tabs": CSV.encode().replace(b"\n", b"\x0b"),
    "a header alone": HEADER.encode(),
    "two headers": (HEADER + "\n" + HEADER + "\n").encode(),
    "the same column fifty times": (",".join(["latitude"] * 50) + "\n" + ",".join(["19"] * 50) + "\n").encode(),
    "a header of blanks": b" , , , \n1,2,3,4\n",
    "html": b"<!doctype html><title>Log in</title>",
    "an empty zip": b"PK\x05\x06" + b"\x00" * 18,
    "a zip cut": b"PK\x03\x04" + b"\x00" * 10,
    "gzip of nothing": gzip.compress(b""),
    "gzip cut": gzip.compress(CSV.encode())[:-9],
    "gzip in gzip": gzip.compress(gzip.compress(CSV.encode())),
    "a gzip bomb": lambda: gzip.compress(b"a,b\n" * 10_000_000),
    "an old Excel file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5_000,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 5_000,
    "a PDF": b"%PDF-1.7\n" + b"x" * 1_000,
    "a program": b"\x7fELF" + b"\x01" * 5_000,
}
POINT = {"type": "Point", "coordinates": [72.8805, 19.0705]}
RATED = {"observed_at": "2026-03-05T21:30:00+05:30", "lighting": 1, "walk_path": 1}


def _feature(**changed: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": POINT, "properties": RATED, **changed}


def _collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


JSON = {
    "deep lists": "[" * 200_000,
    "deep lists that close": "[" * 50_000 + "]" * 50_000,
    "deep objects": '{"features":' * 50_000,
    "a number of 5,000 digits": '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"lighting":'
    + "9" * 5_000
    + "}}]}",
    "not a number": '{"type":"FeatureCollection","features":[NaN, Infinity, -Infinity]}',
    "features that are texts": '{"type":"FeatureCollection","features":["a", 1, null, [], {}]}',
    "a lone surrogate": _collection(_feature(properties={**RATED, "note": "\ud800"})),
    "a key that is a lone surrogate": _collection(_feature(properties={**RATED, "\udfff": "x"})),
    "lon 500": _collection(_feature(geometry={"type": "Point", "coordinates": [500, 19]})),
    "a point of texts": _collection(_feature(geometry={"type": "Point", "coordinates": ["a", {}]})),
    "a point of lists": _collection(_feature(geometry={"type": "Point", "coordinates": [[[[]]]]})),
    "a point of one number": _collection(_feature(geometry={"type": "Point", "coordinates": [1]})),
    "a geometry that is a list": _collection(_feature(geometry=[1, 2])),
    "properties that are a list": _collection(_feature(properties=[1, 2])),
    "properties within properties": _collection(_feature(properties={"a": {"b": {"c": [1, {"d": 2}]}}})),
    "a type that is a number": _collection(_feature(type=3, geometry={"type": 3, "coordinates": 3})),
    "a crs that leads elsewhere": '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"http://127.0.0.1:9/"}},"features":[]}',
    "20,000 features of different keys": lambda: _collection(
        *(_feature(properties={f"k{n}": 1}) for n in range(20_000))
    ),
    "the same key ten times": '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{'
    + ",".join(['"lighting":1'] * 10)
    + '},"geometry":null}]}',
    "a list of submissions": json.dumps([{"_id": n, "q": {"deep": [n] * 3}} for n in range(100)]),
    "submissions within each other": '[{"a":' * 5_000,
    "submissions of different keys": json.dumps([{f"k{n}": n} for n in range(10_000)]),
    "submissions that are numbers": "[ {}, 1, 2, 3]",
    "a page of an API that is empty": '{"count": 1, "results": null}',
    "a page of an API that names itself": '{"count": 1e999, "next": "http://127.0.0.1:9/", "results": [1]}',
}
XML = {
    "lon 500": '<gpx><wpt lat="500" lon="500"/></gpx>',
    "lon is a word": '<gpx><wpt lat="a" lon=""/></gpx>',
    "no lat": "<gpx><wpt/></gpx>",
    "deep elements": "<gpx>" + "<a>" * 100_000,
    "many attributes": "<gpx " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>",
    "a billion laughs": '<!DOCTYPE g [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>',
    "an entity of another file": '<!DOCTYPE g [<!ENTITY a SYSTEM "/etc/passwd">]><gpx>&a;</gpx>',
    "an encoding nobody knows": '<?xml version="1.0" encoding="x-none"?><gpx/>',
    "an encoding that lies": '<?xml version="1.0" encoding="UTF-16"?><gpx/>',
    "a comment of 30 MB": lambda: "<gpx><!--" + "x" * 30_000_000 + "--></gpx>",
    "a name of a megabyte": "<gpx><wpt lat='19' lon='72'><name>" + "x" * 1_000_000 + "</name></wpt></gpx>",
    "nothing that closes": "<gpx><wpt lat='19'",
}


def _encoded_xml(encoding: str) -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?><gpx><wpt lat="19.07" lon="72.88"><name>x</name></wpt></gpx>'
    return text.encode(encoding)


def _sheet(inside: str, *, cells: str = "") -> bytes:
    """Return a workbook whose one sheet holds this XML."""
    book = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": inside
        or f'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>',
    }
    return _zipped(book)


def _zipped(entries: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _text_cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


SHEETS = {
    "a cell far away": _sheet("", cells=f'<row r="1048576">{_text_cell("XFD1048576", "x")}</row>'),
    "a cell beyond the sheet": _sheet("", cells=f'<row r="99999999">{_text_cell("ZZZZ99999999", "x")}</row>'),
    "a cell without a place": _sheet("", cells='<row><c t="s"><v>99</v></c></row>'),
    "a number that is no number": _sheet("", cells='<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>x</v></c></row>'),
    "a date out of time": _sheet("", cells='<row r="1"><c r="A1" s="1"><v>99999999999</v></c></row>'),
    "an error": _sheet("", cells='<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>'),
    "deep elements": _sheet("<worksheet>" + "<a>" * 50_000),
    "laughs": _sheet('<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'),
    "a bomb": lambda: _sheet("<worksheet>" + " " * 200_000_000),
    "names that lead elsewhere": _zipped({"../../evil.xml": "x", "/etc/evil": "x", "xl/workbook.xml": ""}),
    "10,000 entries": lambda: _zipped({f"e{n}": "" for n in range(10_000)}),
    "a workbook without sheets": _zipped({"xl/workbook.xml": "<workbook/>", "[Content_Types].xml": "<Types/>"}),
}


def _other(folder: Path, name: str, content: Content) -> None:
    """Write a project whose audits are this file."""
    well(folder, audits=f'[[audits]]\nfile = "{name}"\nconsent = "conditions"\n')
    (folder / name).write_bytes(as_bytes(content))


def _pipe(folder: Path) -> None:
    well(folder)
    (folder / "walk.csv").unlink()
    os.mkfifo(folder / "walk.csv")


def _round_and_round(folder: Path) -> None:
    well(folder)
    (folder / "walk.csv").unlink()
    (folder / "walk.csv").symlink_to("walk.csv")


def _to_device(folder: Path, device: str) -> None:
    well(folder)
    (folder / "walk.csv").unlink()
    (folder / "walk.csv").symlink_to(device)


def _locale(folder: Path, content: str) -> None:
    well(folder)
    settings = (folder / "safeaudit.toml").read_text().replace("[places]", 'languages = ["fr", "xx"]\n[places]', 1)
    (folder / "safeaudit.toml").write_text(settings, encoding="utf-8")
    (folder / "locale").mkdir()
    for code in ("fr", "xx"):
        (folder / "locale" / f"{code}.json").write_text(content, encoding="utf-8", errors="surrogatepass")


def _named(folder: Path, name: str, content: bytes) -> None:
    well(folder)
    (folder / name).write_bytes(content)


def _pipe_named(folder: Path, name: str) -> None:
    well(folder)
    (folder / name).unlink(missing_ok=True)
    (folder / name).parent.mkdir(exist_ok=True)
    os.mkfifo(folder / name)


GEOPACKAGES = {
    "a view that never ends": """
        CREATE VIEW walks AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, NULL AS geom FROM n;
        INSERT INTO gpkg_contents VALUES ('walks', 'features', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('walks', 'geom', 4326);""",
    "contents that are a view that never ends": """
        DROP TABLE gpkg_contents;
        CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT 'walks' AS table_name, 'features' AS data_type, i AS srs_id FROM n;
        CREATE TABLE walks (fid INTEGER PRIMARY KEY, geom BLOB);""",
    "a generated column that takes for ever": """
        CREATE TABLE walks (fid INTEGER PRIMARY KEY, geom BLOB, lighting TEXT AS (hex(zeroblob(400000000))));
        INSERT INTO walks (fid) VALUES (1);
        INSERT INTO gpkg_contents VALUES ('walks', 'features', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('walks', 'geom', 4326);""",
    "a table of a virtual kind": """
        CREATE VIRTUAL TABLE walks USING fts5(lighting);
        INSERT INTO gpkg_contents VALUES ('walks', 'features', 4326);""",
    "names with quotes": """
        CREATE TABLE "wa""lks'; DROP TABLE x;--" (fid INTEGER PRIMARY KEY, "ge""om" BLOB, "light""ing" TEXT);
        INSERT INTO gpkg_contents VALUES ('wa"lks''; DROP TABLE x;--', 'features', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('wa"lks''; DROP TABLE x;--', 'ge"om', 4326);""",
    "shapes that are no shapes": """
        CREATE TABLE walks (fid INTEGER PRIMARY KEY, geom BLOB, lighting TEXT);
        INSERT INTO walks VALUES (1, x'4750', '1'), (2, x'47500001FFFFFFFF', '1'), (3, 'text', '1'), (4, 5, '1'),
            (5, x'47500001E61000000101000000000000000000F87F000000000000F87F', '1');
        INSERT INTO gpkg_contents VALUES ('walks', 'features', 4326);
        INSERT INTO gpkg_geometry_columns VALUES ('walks', 'geom', 4326);""",
    "a CRS of nowhere": """
        CREATE TABLE walks (fid INTEGER PRIMARY KEY, geom BLOB, lighting TEXT);
        INSERT INTO walks VALUES (1, x'47500001E6100000010100000000000000000052400000000000003340', '1');
        INSERT INTO gpkg_spatial_ref_sys VALUES (7, 'NONE', 1, 'PROJCS["' || hex(zeroblob(100000)) || '"]');
        INSERT INTO gpkg_contents VALUES ('walks', 'features', 7);
        INSERT INTO gpkg_geometry_columns VALUES ('walks', 'geom', 7);""",
    "no contents": "DROP TABLE gpkg_contents;",
    "contents of blobs": "INSERT INTO gpkg_contents VALUES (x'ff', 'features', 'x');",
}


def geopackage(file: Path, sql: str) -> None:
    """Write a database that says it is a GeoPackage."""
    with sqlite3.connect(file) as database:
        database.executescript(f"""
            PRAGMA application_id = 0x47504B47;
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
            CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
            INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'EPSG', 4326, '');
            {sql}""")  # noqa: S608 - an attack is what is wanted
    database.close()


def _geopackage(folder: Path, sql: str) -> None:
    _other(folder, "walk.gpkg", b"")
    (folder / "walk.gpkg").unlink()
    geopackage(folder / "walk.gpkg", sql)


def _cut_geopackage(folder: Path, share: float) -> None:
    _geopackage(folder, GEOPACKAGES["shapes that are no shapes"])
    whole = (folder / "walk.gpkg").read_bytes()
    (folder / "walk.gpkg").write_bytes(whole[: int(len(whole) * share)])


LOCALES = {
    "deep": "[" * 200_000,
    "deep objects": '{"words":' * 100_000,
    "a list": "[1, 2]",
    "numbers for words": '{"language": "xx", "direction": [], "words": {"page.title": 7}}',
    "a lone surrogate": '{"language": "xx", "name": "\\ud800", "direction": "ltr", "words": {"page.title": "\\udfff"}}',
    "placeholders": '{"language": "xx", "name": "x", "direction": "ltr", "words": {"state.few": "{0} {n.__class__} {"}}',
    "markup": '{"language": "xx", "name": "</script>", "direction": "ltr", "words": {"page.title": "</script><b>"}}',
    "no JSON": "{",
}

ATTACKS = (
    *(Attack(f"tables: CSV in {encoding}", partial(well, walk=CSV.encode(encoding))) for encoding in ENCODINGS),
    *(Attack(f"tables: {name}", partial(well, walk=content)) for name, content in BYTES.items()),
    *(
        Attack(f"tables: JSON, {name}", partial(_other, name="walk.geojson", content=text))
        for name, text in JSON.items()
    ),
    *(Attack(f"tables: GPX, {name}", partial(_other, name="walk.gpx", content=text)) for name, text in XML.items()),
    *(
        Attack(f"tables: GPX in {encoding}", partial(_other, name="walk.gpx", content=_encoded_xml(encoding)))
        for encoding in ENCODINGS
    ),
    *(
        Attack(f"tables: XLSX, {name}", partial(_other, name="walk.xlsx", content=book))
        for name, book in SHEETS.items()
    ),
    *(Attack(f"tables: GeoPackage, {name}", partial(_geopackage, sql=sql)) for name, sql in GEOPACKAGES.items()),
    *(
        Attack(f"tables: GeoPackage, {share:.0%} of it", partial(_cut_geopackage, share=share))
        for share in (0.1, 0.5, 0.9)
    ),
    *(Attack(f"tables: locale, {name}", partial(_locale, content=text), ("run",)) for name, text in LOCALES.items()),
    Attack("tables: a pipe", _pipe),
    Attack("tables: a link to itself", _round_and_round),
    *(
        Attack(f"tables: {device}", partial(_to_device, device=device))
        for device in ("/dev/zero", "/dev/urandom", "/dev/tty")
    ),
    *(
        Attack(f"tables: {name} is a pipe", partial(_pipe_named, name=name), words)
        for name, words in (
            ("safeaudit.toml", ("check",)),
            ("auditors.key", ("run",)),
            ("forgotten.txt", ("run",)),
            ("actions.csv", ("actions",)),
            ("locale/en.json", ("run",)),
            ("streets.geojson", ("run",)),
        )
    ),
    *(
        Attack(f"tables: {name} of {what}", partial(_named, name=name, content=content), words)
        for name, words in (("auditors.key", ("run",)), ("forgotten.txt", ("run",)), ("actions.csv", ("actions",)))
        for what, content in (
            ("nul bytes", b"\x00" * 100),
            ("all bytes", bytes(range(256))),
            ("a megabyte", b"a" * 10**6),
        )
    ),
    Attack("tables: a row of quotes to the end", lambda folder: well(folder, walk=f'{HEADER}\n"{ROW}\n' * 20_000)),
)
