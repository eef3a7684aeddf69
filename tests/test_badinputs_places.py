"""Every bad extract: refused in words, or read as far as its README says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from safeaudit.config import PlacesSettings
from safeaudit.errors import InputError
from safeaudit.files import admit
from safeaudit.places import read_places
from safeaudit.places.osm import read_extract

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Places

CUT = r"(It cannot be read: .*download it once more\.|It holds no way at all.*)"
REFUSED = {
    "pbf/bitflip.osm.pbf": CUT,
    "pbf/empty.osm.pbf": r"It is empty\. Give a \.osm.*",
    "pbf/html.osm.pbf": r"It is a web page, probably a log-in or error page\. .*",
    "pbf/hugelen.osm.pbf": r"(It is no OpenStreetMap extract\..*|It cannot be read: .*)",
    "pbf/truncated_at_blob_boundary.osm.pbf": r"It holds no way at all: .* or the file was cut after its nodes\. .*",
    "pbf/truncated_half.osm.pbf": CUT,
    "pbf/truncated_header.osm.pbf": r"(It is no OpenStreetMap extract\..*|It cannot be read: .*)",
    "pbf/truncated_last_byte.osm.pbf": CUT,
    "xml/billion_laughs.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/quadratic.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/xxe_file.osm": r"It declares a DTD; DTDs and entities are not allowed\. .*",
    "xml/truncated.osm": r"It cannot be read: .*download it once more\.",
    "xml/undeclared_entity.osm": r"It cannot be read: .*download it once more\.",
    "xml/osm_empty_city.osm": r"It holds no way at all: either nothing is mapped there, or .*",
}
"""The sentence after the file's name."""

READ = {
    "pbf/good.osm.pbf": [],
    "xml/good.osm": [],
    "xml/evil_tags.osm": [],
    "xml/osm_missing_nodes.osm": [
        "1 streets refer to nodes outside the extract; their known parts were kept.",
        "1 streets have fewer than two known nodes and were left out.",
    ],
    "xml/osm_degenerate.osm": [
        "2 streets have fewer than two known nodes and were left out.",
        "1 street pieces of no length were left out.",
    ],
}
"""What is said of the extracts that are read."""


def places(shared: Path, name: str) -> Places:
    """Read the places of a bad extract."""
    path = shared / "badinputs" / name
    return read_places(PlacesSettings(osm=path), "auto", {path: admit(path)})


def test_every_bad_extract_has_its_test(shared: Path) -> None:
    folder = shared / "badinputs"
    there = {f"{file.parent.name}/{file.name}" for file in [*folder.glob("pbf/*"), *folder.glob("xml/*.osm")]}
    assert there == REFUSED.keys() | READ.keys()


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_it_is_refused_in_words(shared: Path, name: str) -> None:
    file = admit(shared / "badinputs" / name)
    with pytest.raises(InputError) as caught:
        read_extract(file, PlacesSettings())
    said = str(caught.value)
    assert re.fullmatch(rf"{re.escape(file.name)}: {REFUSED[name]}", said)
    assert "\n" not in said
    assert str(shared) not in said
    assert "root:" not in said


@pytest.mark.parametrize("name", sorted(READ))
def test_it_is_read_and_what_was_left_out_is_counted(shared: Path, name: str) -> None:
    found = places(shared, name)
    assert list(found.remarks) == READ[name]
    assert (found.segments["length_m"] > 0).all()


def test_a_good_extract_has_its_streets(shared: Path) -> None:
    # 0.001 degrees by 0.001 degrees at 19 degrees north: 105.2 m by 110.7 m, 152.7 m, two pieces
    segments = places(shared, "xml/good.osm").segments
    assert segments["place_id"].tolist() == ["w1:n1-n2:1/2", "w1:n1-n2:2/2"]
    assert segments["length_m"].sum() == pytest.approx(152.7, abs=0.3)
    assert len(places(shared, "pbf/good.osm.pbf").segments) > 10


def test_hostile_names_are_kept_literally(shared: Path) -> None:
    row = places(shared, "xml/evil_tags.osm").segments.iloc[0]
    assert row["name"].startswith("<img src=x onerror=window.__pwn=1> Z{{7*7}}Z")
    assert row["highway"] == "residential;=1+1"
