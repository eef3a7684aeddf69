"""Which OpenStreetMap tags mean what: streets, public spaces, stops and the backdrop, as data."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.config import PlacesSettings

READ_KEYS = (
    "highway",
    "leisure",
    "landuse",
    "natural",
    "place",
    "amenity",
    "building",
    "waterway",
    "railway",
    "public_transport",
)
"""An object with none of these keys is not looked at."""

STREET_KEYS = (
    *("highway", "name", "area", "place", "access", "foot", "bridge", "covered", "footway", "handrail", "incline"),
    *("lanes", "layer", "lit", "maxspeed", "service", "sidewalk", "smoothness", "surface", "tunnel", "wheelchair"),
    "width",
)
PLACE_KEYS = (
    *("name", "leisure", "landuse", "natural", "place", "amenity", "building", "waterway", "railway", "highway"),
    *("public_transport", "area", "access", "foot", "garden:type", "fee", "lamp_type", "lit", "opening_hours"),
    *("operator", "shelter", "sport", "surface", "tunnel", "wheelchair"),
)
"""What is read, and kept, of the tags of streets and of everything else."""

TELLING_KEYS = ("amenity", "leisure", "landuse", "railway", "public_transport", "natural", "place", "highway")
"""A building with none of these keys is a building and no more."""

SPACES: Mapping[str, Mapping[str, str]] = {
    "leisure": {
        "park": "park",
        "garden": "garden",
        "playground": "playground",
        "pitch": "pitch",
        "common": "common",
        "dog_park": "park",
        "fitness_station": "playground",
        "nature_reserve": "park",
        "beach_resort": "beach",
    },
    "landuse": {"cemetery": "cemetery", "recreation_ground": "park", "village_green": "common"},
    "amenity": {"marketplace": "market", "grave_yard": "cemetery"},
    "natural": {"beach": "beach"},
    "place": {"square": "square"},
}
STOPS: Mapping[str, Mapping[str, str]] = {
    "highway": {"bus_stop": "bus_stop"},
    "railway": {"station": "station", "halt": "halt", "tram_stop": "tram_stop"},
    "amenity": {"bus_station": "bus_station", "ferry_terminal": "ferry_terminal"},
    "public_transport": {"platform": "platform", "station": "station"},
}
LAMP = ("highway", "street_lamp")

_AREA_HIGHWAYS = frozenset({"pedestrian", "footway", "path", "living_street"})
_WATER_LINES = frozenset({"river", "stream", "canal", "drain", "ditch"})
_WATER_AREAS = frozenset({"riverbank", "dock"})
_RAILS = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail"})
_GREEN: Mapping[str, frozenset[str]] = {
    "landuse": frozenset({"grass", "forest", "meadow", "orchard", "farmland", "allotments"}),
    "natural": frozenset({"wood", "grassland", "scrub", "heath", "wetland"}),
}

POINT_TAGS = (LAMP, *((key, value) for table in (SPACES, STOPS) for key, words in table.items() for value in words))
"""Key and value of every point that is looked at."""


def is_walkable(tags: Mapping[str, str], settings: PlacesSettings) -> bool:
    """Tell whether people may walk along a way with a `highway` tag.

    `foot` wins over `access`; a motorway or a way that is only planned is none, whatever its tags.
    """
    if tags["highway"] in settings.exclude_highway:
        return False
    return tags.get("foot", tags.get("access", "yes")) not in settings.exclude_access


def is_area(tags: Mapping[str, str]) -> bool:
    """Tell whether a closed way with a `highway` tag is a surface and no line."""
    return tags.get("area") == "yes" or tags.get("place") == "square"


def line_kind(tags: Mapping[str, str], settings: PlacesSettings) -> str:
    """Return what a way is as a line: street, road, rail or water; empty where it is none of them."""
    if "highway" in tags and not is_area(tags):
        return "street" if is_walkable(tags, settings) else "road"
    if tags.get("railway") in _RAILS and tags.get("tunnel") != "yes":
        return "rail"
    water = tags.get("waterway") in _WATER_LINES or tags.get("natural") == "coastline"
    return "water" if water else ""


def point_kind(tags: Mapping[str, str], settings: PlacesSettings) -> tuple[str, str]:
    """Return kind (lamp, stop, space or empty) and category of a point."""
    if tags.get(LAMP[0]) == LAMP[1]:
        return "lamp", "lamp"
    if stop := _word(tags, STOPS):
        return "stop", stop
    space = _space(tags, settings)
    return ("space", space) if space else ("", "")


def area_kind(tags: Mapping[str, str], settings: PlacesSettings) -> tuple[str, str]:
    """Return kind (space, stop, building, water, green or empty) and category of an area."""
    if space := _space(tags, settings):
        return "space", space
    if stop := _word(tags, STOPS):
        return "stop", stop
    if tags.get("building", "no") != "no":
        return "building", "building"
    if tags.get("natural") == "water" or tags.get("waterway") in _WATER_AREAS:
        return "water", "water"
    green = any(tags.get(key) in values for key, values in _GREEN.items())
    return ("green", "green") if green else ("", "")


def _space(tags: Mapping[str, str], settings: PlacesSettings) -> str:
    """Return what kind of public space an object is; empty where it is none or closed to people."""
    if tags.get("access") in settings.exclude_access or tags.get("garden:type") in {"residential", "private"}:
        return ""
    if word := _word(tags, SPACES):
        return word
    surface = tags.get("highway") in _AREA_HIGHWAYS and is_area(tags) and is_walkable(tags, settings)
    return "pedestrian" if surface else ""


def _word(tags: Mapping[str, str], table: Mapping[str, Mapping[str, str]]) -> str:
    return next((words[tags[key]] for key, words in table.items() if tags.get(key) in words), "")


@lru_cache(maxsize=65536)
def as_json(items: tuple[tuple[str, str], ...]) -> str:
    """Return tags as JSON with sorted keys; the name has a column of its own."""
    return json.dumps({key: value for key, value in sorted(items) if key != "name"}, ensure_ascii=False)
