"""Who can mend what: rules by where a fault is, and what is said of rules that fit nothing."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd
import town
from projects import safeaudit, write_toml
from town import box
from walked import SOUTH, row
from walked import town as walked_town

from safeaudit.config import FaultRule, FaultSettings
from safeaudit.faults.agencies import name_agencies, say_idle_rules

if TYPE_CHECKING:
    from pathlib import Path


def with_wards() -> town.Places:
    """Return the town, whose east is a ward and whose plaza is kept by the metro."""
    places = town.town()
    areas = {"area_id": ["city", "w1"], "name": ["City", "East End"], "kind": ["city", "ward"]}
    places.spaces.loc[:, "tags"] = '{"operator": "Metro"}'
    shapes = [box(-1, -1, 101, 101), box(90, 10, 110, 90)]
    return replace(places, areas=town._layer(areas, shapes, "areas"))


def named(*rules: FaultRule, agencies: dict[str, str] | None = None) -> dict[str, str | None]:
    faults = pd.DataFrame({"place_id": ["south", "east", "plaza", None], "kind": ["lamp_out", *["rubbish"] * 3]})
    settings = FaultSettings(agencies=MappingProxyType(agencies or {}), rules=rules)
    found = name_agencies(faults, with_wards(), settings).astype(object)
    return dict(zip(("south", "east", "plaza", "nowhere"), found.where(found.notna(), None), strict=True))


def test_the_kind_alone_says_who_where_there_is_no_rule() -> None:
    assert named(agencies={"rubbish": "Waste"}) == {
        "south": None,
        "east": "Waste",
        "plaza": "Waste",
        "nowhere": "Waste",
    }


def test_a_rule_goes_before_the_kind_and_the_first_before_the_others() -> None:
    parks, east = FaultRule(agency="Parks", places=("square",)), FaultRule(agency="East", areas=("East End",))
    all_rubbish = FaultRule(agency="All", kinds=("rubbish",))
    found = named(parks, east, agencies={"rubbish": "Waste", "lamp_out": "Power"})
    assert found == {"south": "Power", "east": "East", "plaza": "Parks", "nowhere": "Waste"}
    assert named(parks, all_rubbish) == {"south": None, "east": "All", "plaza": "Parks", "nowhere": "All"}
    assert named(all_rubbish, parks)["plaza"] == "All"


def test_tags_and_kinds_of_places_must_all_fit() -> None:
    metro = MappingProxyType({"operator": "Metro"})
    assert named(FaultRule(agency="Metro", tags=metro))["plaza"] == "Metro"
    assert named(FaultRule(agency="Metro", tags=metro, kinds=("lamp_out",)))["plaza"] is None
    assert named(FaultRule(agency="Roads", places=("segment",)))["east"] == "Roads"
    assert named(FaultRule(agency="Roads", places=("segment",), areas=("East End",)))["south"] is None


def test_a_rule_that_fits_nothing_is_told() -> None:
    rules = (
        FaultRule(agency="Parks", places=("park", "square")),
        FaultRule(agency="East", areas=("Eastend",), tags=MappingProxyType({"operator": "Bus"})),
    )
    assert say_idle_rules(with_wards(), FaultSettings(rules=rules)) == (
        '[[faults.rules]] number 1 ("Parks") names places of the kind "park", of which there are none.',
        '[[faults.rules]] number 2 ("East") names the area "Eastend", which is not there. Areas are East End.',
        '[[faults.rules]] number 2 ("East") asks for the tags operator=Bus, which no place has.',
    )
    assert say_idle_rules(with_wards(), FaultSettings()) == ()


def test_the_settings_say_it(tmp_path: Path) -> None:
    folder = walked_town(tmp_path, [row(1, SOUTH, faults="lamp_out")], "[publish]\nlone_ends_m = 0")
    text = (folder / "safeaudit.toml").read_text(encoding="utf-8")
    rules = '[[faults.rules]]\nagency = "Roads"\nplaces = ["residential"]\nareas = ["Nowhere"]\n'
    write_toml(folder, f"{text}\n{rules}")
    said = safeaudit("check", folder, "--json")
    assert any("No areas are given." in warning for warning in said.document["warnings"])
    write_toml(folder, f'{text}\n[[faults.rules]]\nagency = "Roads"\nplaces = ["residential"]\n')
    said = safeaudit("run", folder, "--out", folder / "out", "--quick")
    assert "To be mended by Roads: Lamp does not work (1)." in said.stdout
    write_toml(folder, f'{text}\n[[faults.rules]]\nagency = "Roads"\nkinds = ["lamp"]\n')
    assert "has an unknown key" in safeaudit("check", folder).stderr
