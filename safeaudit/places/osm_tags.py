"""Which OpenStreetMap tags mean what: streets, public spaces, stops, the backdrop and evidence, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.config import PlacesSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Which keys of tags are looked at.

    Attributes
    ----------
    read
        An area or line with none of these is not looked at.
    street, place
        What is read, and kept, of the tags of streets and of everything else.
    telling
        A building with none of these is a building and no more.
    point
        A point with one of these is looked at for evidence.
    """

    read: tuple[str, ...]
    street: tuple[str, ...]
    place: tuple[str, ...]
    telling: tuple[str, ...]
    point: tuple[str, ...] = ()


MAP_KEYS = Keys(
    read=(
        *("highway", "leisure", "landuse", "natural", "place", "amenity", "building", "waterway", "railway"),
        "public_transport",
    ),
    street=(
        *("highway", "name", "area", "place", "access", "foot", "bridge", "covered", "footway", "handrail", "incline"),
        *("lanes", "layer", "lit", "maxspeed", "service", "sidewalk", "smoothness", "surface", "tunnel", "wheelchair"),
        *("width", "oneway", "ref", "junction", "cycleway", "path", "crossing", "indoor", "is_sidepath"),
        *("is_sidepath:of:name", "street:name", "motorroad"),
    ),
    place=(
        *("name", "leisure", "landuse", "natural", "place", "amenity", "building", "waterway", "railway", "highway"),
        *("public_transport", "area", "access", "foot", "garden:type", "fee", "lamp_type", "lit", "opening_hours"),
        *("operator", "shelter", "sport", "surface", "tunnel", "wheelchair"),
    ),
    telling=("amenity", "leisure", "landuse", "railway", "public_transport", "natural", "place", "highway"),
)
"""What places and the backdrop need."""

_POI_KEYS = ("shop", "office", "craft", "healthcare", "tourism", "man_made")
EVIDENCE_KEYS = Keys(
    read=(*MAP_KEYS.read, *_POI_KEYS, "barrier"),
    street=(
        *MAP_KEYS.street,
        *("barrier", "kerb", "lit:perceived", "sidewalk:both", "sidewalk:left"),
        *("sidewalk:right", "step_count", "tactile_paving"),
    ),
    place=(*MAP_KEYS.place, *_POI_KEYS, "barrier", "entrance", "fence_type", "height", "locked", "toilets"),
    telling=(*MAP_KEYS.telling, *_POI_KEYS),
    point=("amenity", *_POI_KEYS, "barrier", "entrance"),
)
"""What evidence needs beside that."""

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
LOCALITIES = ("city", "borough", "town", "suburb", "quarter", "village", "neighbourhood", "hamlet")
"""Values of `place` of what people call parts of a city, from the largest."""

_GONE = frozenset(
    {
        *(
            "construction",
            "proposed",
            "planned",
            "abandoned",
            "razed",
            "demolished",
            "destroyed",
            "removed",
            "dismantled",
        ),
        *("disused", "obliterated", "cancelled", "historic", "ruins"),
    }
)
"""Values of `highway` by which a way is not there yet, or no longer."""

_AREA_HIGHWAYS = frozenset({"pedestrian", "footway", "path", "living_street"})
_WATER_LINES = frozenset({"river", "stream", "canal", "drain", "ditch"})
_WATER_AREAS = frozenset({"riverbank", "dock"})
_RAILS = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail"})
_GREEN: Mapping[str, frozenset[str]] = {
    "landuse": frozenset({"grass", "forest", "meadow", "orchard", "farmland", "allotments"}),
    "natural": frozenset({"wood", "grassland", "scrub", "heath", "wetland"}),
}

POIS: Mapping[str, Mapping[str, str]] = {
    "amenity": {
        "toilets": "toilet",
        **dict.fromkeys(("drinking_water", "water_point"), "water_point"),
        "police": "police",
        **dict.fromkeys(("school", "kindergarten", "college", "university"), "school"),
        "marketplace": "market",
        **dict.fromkeys(("hospital", "clinic", "doctors", "dentist", "pharmacy", "health_post"), "health"),
        "place_of_worship": "worship",
        **dict.fromkeys(("community_centre", "social_centre", "social_facility"), "community"),
        **dict.fromkeys(("townhall", "courthouse", "post_office"), "office"),
        "fuel": "shop",
        **dict.fromkeys(("restaurant", "cafe", "fast_food", "food_court", "ice_cream"), "food"),
        **dict.fromkeys(("bar", "pub", "biergarten"), "food"),
        **dict.fromkeys(("bank", "atm", "bureau_de_change", "money_transfer", "mobile_money_agent"), "finance"),
        **dict.fromkeys(("cinema", "theatre", "arts_centre", "library", "nightclub", "events_venue"), "culture"),
        **dict.fromkeys(("waste_basket", "waste_disposal", "waste_transfer_station", "recycling"), "waste"),
    },
    "man_made": dict.fromkeys(("water_tap", "water_well"), "water_point"),
    "tourism": {
        **dict.fromkeys(("hotel", "hostel", "guest_house", "motel"), "lodging"),
        **dict.fromkeys(("museum", "gallery"), "culture"),
    },
}
"""What is a point of interest, and of which category."""

_ANY_POI: Mapping[str, str] = {"healthcare": "health", "shop": "shop", "office": "office", "craft": "shop"}
"""Keys that make a point of interest whatever they say, save that there is none."""

_NONE = frozenset({"no", "vacant"})
_BARRIERS = frozenset({"wall", "fence", "hedge", "retaining_wall", "city_wall"})
_GATES = frozenset({"gate", "lift_gate", "swing_gate", "kissing_gate", "turnstile", "stile"})

EVIDENCE = ("poi", "entrance", "gate", "barrier")
"""Kinds that only evidence needs."""

POINT_TAGS = (
    LAMP,
    *(("place", value) for value in LOCALITIES),
    *((key, value) for table in (SPACES, STOPS) for key, words in table.items() for value in words),
)
"""Key and value of every point that is a lamp, a locality, a stop or a space."""


def is_walkable(tags: Mapping[str, str], settings: PlacesSettings) -> bool:
    """Tell whether people may walk along a way with a `highway` tag.

    `foot` wins over `access` and over `motorroad`, which means no foot; a motorway, or a way that is only planned or no
    longer there, is none, whatever its tags.
    """
    if tags["highway"] in settings.exclude_highway or tags["highway"] in _GONE:
        return False
    if "foot" not in tags and tags.get("motorroad") == "yes":
        return False
    return not _is_closed(tags.get("foot", tags.get("access", "yes")), settings)


def _is_closed(said: str, settings: PlacesSettings) -> bool:
    """Tell whether a value, or all values of a list such as "private;no", close a way to people."""
    values = [value.strip() for value in said.split(";") if value.strip()]
    return bool(values) and all(value in settings.exclude_access for value in values)


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
    """Return kind (lamp, locality, stop, space or empty) and category of a point."""
    if tags.get(LAMP[0]) == LAMP[1]:
        return "lamp", "lamp"
    if tags.get("place") in LOCALITIES:
        return "locality", tags["place"]
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
        return "building", tags["building"]
    if tags.get("natural") == "water" or tags.get("waterway") in _WATER_AREAS:
        return "water", "water"
    green = any(tags.get(key) in values for key, values in _GREEN.items())
    return ("green", "green") if green else ("", "")


def point_evidence(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return kind (poi, entrance or gate) and category of all that a point is as evidence."""
    gate = tags["barrier"] if tags.get("barrier") in _GATES else ""
    entrance = "" if tags.get("entrance") in _NONE else tags.get("entrance", "")
    return _known(("poi", _poi(tags)), ("entrance", entrance), ("gate", gate))


def line_evidence(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return kind (barrier) and category of a line that blocks sight or way."""
    return [] if tags.get("area") == "yes" else _known(("barrier", _barrier(tags)))


def area_evidence(tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return kind (poi or barrier) and category of all that an area is as evidence."""
    barrier = _barrier(tags) if tags.get("area") == "yes" else ""
    return _known(("poi", _poi(tags)), ("barrier", barrier))


def _poi(tags: Mapping[str, str]) -> str:
    """Return what kind of point of interest an object is; empty where it is none."""
    if word := _word(tags, POIS):
        return word
    return next((word for key, word in _ANY_POI.items() if tags.get(key, "no") not in _NONE), "")


def _barrier(tags: Mapping[str, str]) -> str:
    return tags["barrier"] if tags.get("barrier") in _BARRIERS else ""


def _known(*kinds: tuple[str, str]) -> list[tuple[str, str]]:
    return [(kind, category) for kind, category in kinds if category]


def _space(tags: Mapping[str, str], settings: PlacesSettings) -> str:
    """Return what kind of public space an object is; empty where it is none or closed to people."""
    if _is_closed(tags.get("access", ""), settings) or tags.get("garden:type") in {"residential", "private"}:
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
