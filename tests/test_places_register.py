"""Ids and codes that stand on paper are inherited from an earlier register, by overlap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from drawn import Spots, Way, row, streets_of

from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.places.register import inherit, read_register, register_geojson

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

EAST, NORTH = 257_000.0, 9_857_000.0
ROAD = {"highway": "residential", "name": "Long Street"}


def drawn(*xs: float, names: str = "a", y: float = 0.0) -> gpd.GeoDataFrame:
    """Return the segments of one street through some spots."""
    spots: Spots = {name: (x + EAST, north + NORTH) for name, (x, north) in row(y, *xs, prefix=names).items()}
    ways: dict[str, Way] = {"w1": (sorted(spots), ROAD)}
    return streets_of(ways, spots)[0].assign(label="Long Street")


def test_a_register_is_read_as_it_was_written(tmp_path: Path) -> None:
    segments = drawn(0, 140, 280)
    file = tmp_path / "register.geojson"
    file.write_bytes(register_geojson(segments))
    assert register_geojson(segments) == file.read_bytes()
    found = read_register(admit(file))
    assert found["place_code"].tolist() == segments["place_code"].tolist()
    inherited, changed = inherit(segments, found)
    assert inherited["place_id"].tolist() == segments["place_id"].tolist()
    assert changed.empty


def test_a_street_whose_junction_was_drawn_anew_keeps_its_id_and_code() -> None:
    before, after = drawn(0, 100), drawn(2, 103, names="z", y=1)
    found, changed = inherit(after, before)
    assert before["place_id"].tolist() != after["place_id"].tolist()
    assert (
        found[["place_id", "place_code"]].to_numpy().tolist() == before[["place_id", "place_code"]].to_numpy().tolist()
    )
    assert changed.empty


def test_less_than_60_percent_in_common_is_another_street() -> None:
    before, after = drawn(0, 100), drawn(50, 150, names="z")
    found, changed = inherit(after, before)
    assert found["place_id"].tolist() == after["place_id"].tolist()
    assert changed["change"].tolist() == ["gone", "new"]
    assert changed["place_code"].tolist() == [before["place_code"].iloc[0], after["place_code"].iloc[0]]


def test_an_id_and_a_code_of_the_register_never_stand_for_another_street() -> None:
    before, after = drawn(0, 100), drawn(0, 100, y=500)  # the same nodes, somewhere else
    found, _ = inherit(after, before)
    assert found["place_id"].iloc[0] != before["place_id"].iloc[0]
    assert found["place_code"].iloc[0] != before["place_code"].iloc[0]


def test_parallel_streets_inherit_each_its_own() -> None:
    spots: Spots = {
        **{n: (x + EAST, NORTH) for n, (x, _) in row(0, 0, 100, prefix="a").items()},
        **{n: (x + EAST, NORTH + 15) for n, (x, _) in row(0, 0, 100, prefix="b").items()},
    }
    other = {**ROAD, "name": "Other Street"}
    before = streets_of({"w1": (["a0", "a1"], ROAD), "w2": (["b0", "b1"], other)}, spots)[0].assign(label="")
    moved = {name.replace("a", "y").replace("b", "z"): (x, y + 3) for name, (x, y) in spots.items()}
    after = streets_of({"w1": (["y0", "y1"], ROAD), "w2": (["z0", "z1"], other)}, moved)[0]
    found, _ = inherit(after, before)
    assert found.set_index("name")["place_id"].to_dict() == before.set_index("name")["place_id"].to_dict()


def test_what_is_no_register_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "register.geojson"
    document = json.loads(register_geojson(drawn(0, 100)))
    document["features"] *= 2
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="1 of its places have no place_id of their own, first a0-a1"):
        read_register(admit(file))
    for feature in document["features"]:
        feature["properties"].pop("place_code", None)
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="It is no register of places: it has no column place_code"):
        read_register(admit(file))
