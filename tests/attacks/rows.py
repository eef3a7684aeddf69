"""Cells and lines that nobody writes: positions off the globe, times before time, images in columns, surrogates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attacks.project import AUDITS, CSV, HEADER, ROW, Attack, well

if TYPE_CHECKING:
    from pathlib import Path

NAMES = HEADER.split(",")
GOOD = dict(zip(NAMES, ROW.split(","), strict=True))
LONG = {
    "an inline image": "data:image/png;base64," + "iVBORw0KGgo" * 20_000,
    "letters before no at sign": "a" * 200_000,
    "dots before no at sign": "a." * 100_000,
    "at signs": "@" * 200_000,
    "words with at signs": "a@" * 100_000,
    "an address without its end": "a@" + "b." * 100_000,
    "digits": "1" * 200_000,
    "digits and blanks": "1 " * 100_000,
    "brackets": "(" * 200_000,
    "blanks": "x" + " " * 200_000 + "x",
    "quotes": "'" * 200_000,
    "accents": "e" + "\u0301" * 100_000,
    "turned letters": "\u202e" * 50_000,
    "nothing wide": "\u200b" * 100_000,
}
SHORT = {
    "lone surrogate": "\ud800",
    "pair of surrogates": "\ud83d\ude00",
    "no character": "\uffff",
    "formula": "=cmd|' /C calc'!A0",
    "script": "</script><script>alert(1)</script>",
    "template": "{{ 7 * 7 }}{% raw %}",
    "format": "{0.__class__}%s%n$&",
    "path": "../../../../etc/passwd",
    "turned": "\u202egnp.exe",
    "infinity": "inf",
    "not a number": "nan",
    "exponent": "1e400",
    "hex": "0x1F",
    "underscores": "1_0",
    "4,300 digits": "7" * 4_301,
    "tiny": "1e-400",
    "minus zero": "-0.0",
    "arabic digits": "\u0661\u0669",
    "superscript": "\u00b2",
    "fraction": "\u00bd",
    "prototype": "__proto__",
}
TIMES = (
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00", "2026-02-30", "-0001-01-01", "+10000-01-01"),
    *("2026-03-05T24:00:00", "2026-03-05T21:30:60", "2026-03-05T21:30:00+99:99", "2026-03-05T21:30:00.1234567890123"),
    *("1e18", "-62135596800", "99999999999999999999", "2026-W10-4", "2026-064", "now", "2026-03-05T21:30:00[Asia/X]"),
)
PLACES = (
    *(("lat", "500"), ("lon", "500"), ("lon", "1e308"), ("lat", "-90.0000001"), ("lon", "180"), ("lon", "-180")),
    *(("lat", "90"), ("lat", "19°4'99\"N"), ("lat", "19,0705,1"), ("lat", "N"), ("lon", "72.88°" * 1000)),
)


def _row(folder: Path, **cells: str) -> None:
    text = ",".join('"' + (GOOD | cells)[name].replace('"', '""') + '"' for name in NAMES)
    well(folder, walk=f"{HEADER}\n{text}\n{ROW.replace('s1', 's2')}\n")


def _headed(folder: Path, header: str) -> None:
    well(folder, walk=CSV.replace("note", '"' + header.replace('"', '""') + '"', 1))


def _same(folder: Path) -> None:
    well(folder, walk=HEADER + "\n" + "".join(ROW.replace("s1", f"s{n}") + "\n" for n in range(20_000)))


def _columns(folder: Path, n: int) -> None:
    more = "".join(f",c{number}" for number in range(n))
    well(folder, walk=f"{HEADER}{more}\n{ROW}{',x' * n}\n")


def _mixed(folder: Path) -> None:
    """All long cells in one column, many rows: what takes a while for one takes for ever for all."""
    rows = [ROW.replace("s1", f"s{n}").replace("dark here", text[:20_000]) for n, text in enumerate(LONG.values())]
    well(folder, walk="\n".join([HEADER, *rows * 20]) + "\n")


ATTACKS = (
    *(Attack(f"cells: a note of {name}", partial(_row, note=text), ("run",)) for name, text in LONG.items()),
    *(Attack(f"cells: an auditor of {name}", partial(_row, auditor=text)) for name, text in LONG.items()),
    *(Attack(f"cells: an answer of {name}", partial(_row, lighting=text)) for name, text in LONG.items()),
    *(Attack(f"cells: a time of {name}", partial(_row, observed_at=text)) for name, text in LONG.items()),
    *(Attack(f"cells: a latitude of {name}", partial(_row, latitude=text)) for name, text in LONG.items()),
    *(
        Attack(f"cells: {column} is {name}", partial(_row, **{column: text}), ("run",))
        for column in ("submission_id", "auditor", "walk_id", "note")
        for name, text in SHORT.items()
    ),
    *(
        Attack(f"cells: {column} is {name}", partial(_row, **{column: text}))
        for column in ("latitude", "observed_at", "lighting")
        for name, text in SHORT.items()
    ),
    *(Attack(f"cells: a header of {name}", partial(_headed, header=text)) for name, text in (SHORT | LONG).items()),
    *(Attack(f"cells: observed at {text}", partial(_row, observed_at=text), ("run",)) for text in TIMES),
    *(
        Attack(f"cells: {axis} {text[:12]}", partial(_row, **{f"{axis}itude" if axis == "lat" else "longitude": text}))
        for axis, text in PLACES
    ),
    Attack("cells: 20,000 answers at one spot", _same, ("run", "--quick")),
    Attack("cells: 5,000 columns", partial(_columns, n=5_000), slow=True),
    Attack("cells: 100,000 columns", partial(_columns, n=100_000), slow=True),
    Attack("cells: 100,000 columns are asked for", partial(_columns, n=100_000), ("run", "--quick"), slow=True),
    Attack("cells: long texts by the hundred", _mixed, slow=True),
    Attack(
        "cells: an agency's name of a megabyte",
        lambda folder: well(folder, f'[faults]\nagencies = {{rubbish = "{"x" * 10**6}"}}'),
    ),
    Attack(
        "cells: a campaign's name that is a path",
        lambda folder: well(folder, audits=AUDITS + 'campaign = "../../x"'),
        ("run",),
    ),
)
