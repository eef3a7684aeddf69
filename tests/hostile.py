"""Strings that try to run as code, from the collection of bad inputs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path


def hostile_strings(shared: Path) -> list[str]:
    """Comments of two tables, the header of a third and the names of an extract."""
    texts = []
    for name in ("25_html_js_injection.csv", "26_jinja_injection.csv"):
        with (shared / "badinputs" / "csv" / name).open(encoding="utf-8", newline="") as stream:
            texts += [row["comment"] for row in csv.DictReader(stream)]
    with (shared / "badinputs" / "csv" / "27_injection_in_header.csv").open(encoding="utf-8", newline="") as stream:
        texts += next(csv.reader(stream))
    tags = ET.parse(shared / "badinputs" / "xml" / "evil_tags.osm").iter("tag")  # noqa: S314 - a file of this collection
    texts += [tag.attrib["v"] for tag in tags]
    texts += [
        "@@data@@ @@noscript@@",
        "</noscript><script>window.__pwn=1</script>",
        "__proto__",
        "{n} {count}",
        "$& $1",
    ]
    return list(dict.fromkeys(texts))
