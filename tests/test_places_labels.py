"""What people recognise places by, on a drawn block; and that no two labels of a city are alike."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from drawn import Spots, Way, row, streets_of
from town import box, spaces_of, stops_of

from safeaudit.languages import LANGUAGES, read_language
from safeaudit.languages.labels import Parts, compose
from safeaudit.places.labels import label_places

ENGLISH = read_language("en")
HIGH = {"highway": "residential", "name": "High Street"}
SPOTS: Spots = {
    **row(0, 0, 100, 200, 300, prefix="a"),
    **row(90, 100, 200, prefix="n"),
    **row(-90, 100, 200, prefix="s"),
}
BLOCK: dict[str, Way] = {
    "w1": (["a0", "a1", "a2", "a3"], HIGH),
    "w2": (["s1", "a2", "n1"], {"highway": "residential", "name": "East Street"}),
    "w3": (["s0", "a1", "n0"], {"highway": "residential", "name": "West Street"}),
    "w4": (["n0", "n1"], {"highway": "residential"}),
}


def labels(ways: dict[str, Way], *, limit: float = 150.0) -> dict[str, str]:
    """Return the labels of segments by their id, where there is neither space nor stop."""
    segments, _ = streets_of(ways, SPOTS, limit=limit)
    told, _, _ = label_places(segments, spaces_of({}), stops_of({}))
    return dict(zip(told["place_id"], told["label"], strict=True))


def test_a_street_is_named_with_the_streets_that_it_lies_between() -> None:
    found = labels(BLOCK)
    assert found["a1-a2"] == "High Street, between West Street and East Street"
    assert found["a2-a3"] == "High Street, from East Street to its end"
    assert found["n0-n1"] == "street between West Street and East Street"


def test_pieces_say_their_number() -> None:
    found = labels(BLOCK, limit=60)
    assert found["a1-a2:2/2"] == "High Street, between West Street and East Street (2 of 2)"


def test_a_gate_is_no_street_to_lie_between() -> None:
    gate: Way = (["a3", "n1"], {"highway": "residential", "name": "Gate 1"})
    assert labels({**BLOCK, "w9": gate})["a2-a3"] == "High Street, from East Street to its end"


def test_a_path_that_touches_no_name_is_told_by_what_is_near() -> None:
    far: Spots = {**SPOTS, "p": (120, 30), "q": (180, 30)}
    segments, _ = streets_of({**BLOCK, "w8": (["p", "q"], {"highway": "path"})}, far)
    told, spaces, stops = label_places(
        segments, spaces_of({"green": shapely.box(120, 40, 180, 70)}), stops_of({"t": shapely.Point(30, 3)})
    )
    assert told.set_index("place_id")["label"]["p-q"] == "path near High Street"
    assert spaces["label"].tolist() == ["square near East Street"]
    assert stops["label"].tolist() == ["bus stop near High Street"]


def test_a_space_without_a_name_is_told_by_the_one_it_lies_in() -> None:
    segments, _ = streets_of(BLOCK, SPOTS)
    spaces = spaces_of({"big": box(0, 0, 90, 90), "small": box(10, 10, 20, 20)})
    spaces = spaces.assign(name=["Central Park", None], within=[None, "big"], category=["park", "playground"])
    _, told, _ = label_places(segments.set_crs(spaces.crs), spaces, stops_of({}))
    assert told["label"].tolist() == ["Central Park", "playground in Central Park"]


def test_labels_that_are_alike_get_a_side_or_the_code() -> None:
    segments, _ = streets_of(BLOCK, SPOTS)
    spots = {"t1": shapely.Point(150, 40), "t2": shapely.Point(150, -40), "t3": shapely.Point(150, -40)}
    stops = stops_of(spots).assign(name="Market")
    _, _, told = label_places(segments, spaces_of({}), stops)
    assert told["label"].tolist() == ["Market (north side)", "Market (T-t2)", "Market (T-t3)"]


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        (Parts("alone", "Elm Lane"), "Elm Lane"),
        (Parts("near", "Elm Lane", near="Old Park"), "Elm Lane, near Old Park"),
        (Parts("way_from", "steps", "Elm Lane", mark="north"), "steps off Elm Lane (north side)"),
        (Parts("way", "path", mark="S234567"), "path (S234567)"),
    ],
)
def test_a_label_is_made_of_its_parts(parts: Parts, label: str) -> None:
    assert compose(parts, ENGLISH) == label


def test_a_label_can_be_made_anew_from_its_columns() -> None:
    segments, _ = streets_of(BLOCK, SPOTS, limit=60)
    told, _, _ = label_places(segments, spaces_of({}), stops_of({}))
    names = [f"label_{part}" for part in ("kind", "name", "from", "to", "near", "mark")]
    rows = told[names].astype(object).where(told[names].notna(), None)
    assert [compose(Parts(*row), ENGLISH) for row in rows.itertuples(index=False)] == told["label"].tolist()
    assert not pd.Series(told["label"]).str.contains("unnamed", case=False).any()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_label_is_written_in_any_language_from_the_same_parts(code: str) -> None:
    language = read_language(code)
    segments, _ = streets_of(BLOCK, SPOTS, limit=60)
    told, _, _ = label_places(segments, spaces_of({}), stops_of({}), language)
    names = [f"label_{part}" for part in ("kind", "name", "from", "to", "near", "mark")]
    rows = told[names].astype(object).where(told[names].notna(), None)
    assert [compose(Parts(*row), language) for row in rows.itertuples(index=False)] == told["label"].tolist()
    assert told["label"].is_unique
    label = told.set_index("place_id")["label"]["n0-n1:1/2"]
    assert language["label.way.street"] in label
    assert language["label.part"].format(number=1, count=2) in label
    assert language.missing(["label."]) == []
