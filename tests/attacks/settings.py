"""Settings that nobody means: numbers without end, words for numbers, keys of 50,000 parts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attacks.project import AUDITS, Attack, well, whole_toml

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {
    "inf": "inf",
    "minus inf": "-inf",
    "nan": "nan",
    "past the largest float": "1e999",
    "4,000 digits": "9" * 4000,
    "minus one": "-1",
    "2 to the 63": str(2**63 - 1),
    "hair's breadth": "5e-324",
    "text": '"text"',
    "empty text": '""',
    "list": "[1, [2, {a = 3}]]",
    "table": "{a = {b = 1}}",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "moment": "1979-05-27T07:32:00-23:59",
    "nul": '"a\\u0000b"',
}
FEW = {name: VALUES[name] for name in ("nan", "4,000 digits", "text", "list", "table", "year 1", "nul")}
KEYS = {
    "match": ("max_distance_m", "default_accuracy_m", "overrides"),
    "score": ("min_share", "min_ratings", "min_contributors", "stale_months", "as_of", "interval", "standard"),
    "rubric": ("weights", "indicators"),
    "publish": ("min_walks", "lone_ends_m"),
    "private": ("keep_months",),
    "check": ("max_rejected_share",),
    "faults": ("agencies", "rules"),
    "evidence": ("rasters", "lighting_class"),
}
INSIDE = {
    "score.standard": "lighting",
    "rubric.weights": "lighting",
    "match.overrides": "s1",
    "faults.agencies": "rubbish",
}
"""A key of each table of numbers or words."""

CITY = {"name": '"Town"', "slug": '"town"', "crs": '"auto"', "timezone": '"Asia/Kolkata"', "languages": '["en"]'}
PLACES = ("osm", "sha256", "spaces", "stops", "areas", "features", "exclude_highway", "max_segment_m", "register")
OF_AUDITS = (
    *("columns", "levels", "faults", "scale", "encoding", "delimiter", "date_format", "crs", "campaign"),
    *("group_size", "auditor_sex", "consent", "remote", "mends"),
)
ENCODINGS = ("rot13", "base64", "zlib", "punycode", "idna", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "../..")
DELIMITERS = (",,", "", "\\n", "\\r", '\\"', "a", "1", " ", "\\u0000", "\\U0001F600", "é")
DATES = (
    "%d%d",
    "%",
    "%Q",
    "%Y" * 2000,
    "%H:%M",
    "%c",
    "epoch",
    "%Y-%m-%d%%",
    "(",
    "%d/%m/%Y %H:%M:%S %Z %z",
    "\\u0000",
)
SYSTEMS = ("EPSG:999999", "EPSG:4326" * 500, "+proj=pipeline " * 200, "+init=epsg:4326", "EPSG:0", "/etc/passwd")
ZONES = ("../../etc/passwd", "Asia/" + "x" * 5000, "/etc/localtime", "Asia", "\\u0000", "UTC+25", ".")
SLUGS = ("../../up", "/absolute", "..", ".", "con", "a" * 5000, "a/b", "a\\\\b", "\\u0000", "-rf", "\\u202egnp")
FILES = (
    "/dev/zero",
    "/dev/null",
    "/dev/stdin",
    "/proc/self/environ",
    "..",
    ".",
    "a" * 5000,
    "http://127.0.0.1:9/x.csv",
)


def _well(folder: Path, line: str) -> None:
    well(folder, line)


def _in_audits(folder: Path, line: str) -> None:
    well(folder, audits=AUDITS + line)


def _in_places(folder: Path, line: str) -> None:
    well(folder)
    settings = (folder / "safeaudit.toml").read_text().replace("[places]\n", f"[places]\n{line}\n")
    (folder / "safeaudit.toml").write_text(settings, encoding="utf-8")


def _in_city(folder: Path, key: str, value: str) -> None:
    city = "\n".join(f"{name} = {value if name == key else usual}" for name, usual in CITY.items())
    whole_toml(folder, f'[city]\n{city}\n[places]\nstreets = {{ file = "streets.geojson" }}\n{AUDITS}')


def _line(table: str, key: str, value: str) -> str:
    inner = INSIDE.get(f"{table}.{key}")
    return f"[{table}]\n{key} = {{ {inner} = {value} }}" if inner else f"[{table}]\n{key} = {value}"


def _own(n: int) -> str:
    return "\n".join(f'[rubric.indicators.own_{i}]\nlabel = "Own {i}"' for i in range(n))


def _named(name: str, body: str = 'label = "x"') -> str:
    return f'[rubric.indicators."{name}"]\n{body}'


WHOLE = {
    "nothing": "",
    "brackets": "a = " + "[" * 100_000,
    "closed brackets": "a = " + "[" * 5_000 + "]" * 5_000,
    "braces": "a = " + "{b=" * 50_000,
    "a key of 50,000 parts": ".".join(["a"] * 50_000) + " = 1",
    "a table of 50,000 parts": "[" + ".".join(["a"] * 50_000) + "]",
    "50,000 tables": "".join(f"[a{n}]\n" for n in range(50_000)),
    "a key of a megabyte": "a" * 1_000_000 + " = 1",
    "a text that does not end": 'a = "' + "x" * 1_000_000,
    "latin-1": "[city]\nname = 'Bogot\xe1'".encode("latin-1"),
    "utf-16": "[city]\nname = 'Town'".encode("utf-16"),
    "nul bytes": b"\x00" * 10_000,
    "a lone surrogate": '[city]\nname = "\ud800"',
    "random bytes": bytes(range(256)) * 100,
    "city is no table": "city = 1",
    "audits is no list": "[audits]\nfile = 'walk.csv'",
    "places is a list": "[[places]]\nosm = 'x'",
    "a thousand unknown keys": "\n".join(f"k{n} = {n}" for n in range(1000)),
    "a million audits": "[[audits]]\nfile='walk.csv'\n" * 20_000,
}

ATTACKS = (
    *(
        Attack(f"settings: {table}.{key} = {name}", partial(_well, line=_line(table, key, value)), ("run", "--quick"))
        for table, keys in KEYS.items()
        for key in keys
        for name, value in VALUES.items()
    ),
    *(
        Attack(f"settings: city.{key} = {name}", partial(_in_city, key=key, value=value))
        for key in CITY
        for name, value in FEW.items()
    ),
    *(
        Attack(f"settings: places.{key} = {name}", partial(_in_places, line=f"{key} = {value}"))
        for key in PLACES
        for name, value in FEW.items()
    ),
    *(
        Attack(f"settings: audits.{key} = {name}", partial(_in_audits, line=f"{key} = {value}"))
        for key in OF_AUDITS
        for name, value in FEW.items()
    ),
    *(
        Attack(f"settings: {key} = {value[:30]!r}", partial(_in_audits, line=f'{key} = "{value}"'))
        for key, values in (
            ("encoding", ENCODINGS),
            ("delimiter", DELIMITERS),
            ("date_format", DATES),
            ("crs", SYSTEMS),
        )
        for value in values
    ),
    *(
        Attack(f"settings: city {key} = {value[:30]!r}", partial(_in_city, key=key, value=f'"{value}"'), words)
        for key, values, words in (
            ("crs", SYSTEMS, ("check",)),
            ("timezone", ZONES, ("check",)),
            ("slug", SLUGS, ("run",)),
        )
        for value in values
    ),
    *(Attack(f"settings: osm = {value[:30]!r}", partial(_in_places, line=f'osm = "{value}"')) for value in FILES),
    *(
        Attack(f"settings: audits file {value[:30]!r}", partial(well, audits=f'[[audits]]\nfile = "{value}"\n'))
        for value in FILES
    ),
    Attack("settings: 127 own indicators", lambda folder: well(folder, _own(127)), ("run",)),
    Attack("settings: 5,000 own indicators", lambda folder: well(folder, _own(5_000)), ("run",)),
    Attack("settings: an indicator without a name", lambda folder: well(folder, _named(""))),
    Attack("settings: an indicator named __class__", lambda folder: well(folder, _named("__class__"))),
    Attack("settings: an indicator of 100,000 letters", lambda folder: well(folder, _named("a" * 100_000)), ("run",)),
    Attack(
        "settings: an indicator whose words are a megabyte",
        lambda folder: well(folder, _named("own", f'label = "{"x" * 1_000_000}"\npublic = "place"')),
        ("run",),
    ),
    *(Attack(f"settings: {name}", partial(whole_toml, toml=toml)) for name, toml in WHOLE.items()),
)
