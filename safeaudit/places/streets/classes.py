"""What each line is for people on foot: a street, a lane, a path or a part of the street beside it; from its tags."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.places.streets.paths import NONE, Flags, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

STREET, LANE, PATH = 0, 1, 2
_STREETS = frozenset(
    {
        *("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street"),
        *("pedestrian", "road", "street"),
    }
)
_LANES = frozenset({"service", "track"})
_PATHS = frozenset({"footway", "path", "steps", "cycleway", "bridleway", "corridor"})
_BESIDE: Mapping[str, frozenset[str]] = {
    "footway": frozenset({"sidewalk", "crossing", "traffic_island", "link", "left", "right", "both"}),
    "cycleway": frozenset({"sidewalk", "crossing", "traffic_island", "link", "track", "sidepath"}),
    "path": frozenset({"sidewalk", "crossing", "link"}),
    "is_sidepath": frozenset({"yes"}),
}
"""Tags that say that a way is a part of the street beside it."""

_NO = frozenset({"no", "0", "false"})
_DOOR = re.compile(
    r"(^|\b)(exit|entry|entrance|gate|car ?park|parking|drop[ -]?off|loading( bay)?|driveway|ramp|salida|entrada|"
    r"acceso|acesso|port[oó]n|portão|saída|estacionamiento|estacionamento|sortie|entrée|accès|portail)( ?\w{1,2})?$",
    re.IGNORECASE,
)
_ROUND = frozenset({"roundabout", "circular", "mini_roundabout"})


@dataclass(frozen=True, slots=True)
class Kinds:
    """What each link (or line) is, shape (n,); names and the like as numbers, -1 where it has none.

    Attributes
    ----------
    class_
        STREET, LANE or PATH.
    name, highway, ref
        Numbers of the name, of the highway value and of the reference.
    beside
        Number of the name of the street that the source says it is part of.
    layer
        Above the ground 1 and more, below it -1 and less.
    oneway, roundabout, ramp
        What the words say; a ramp joins streets of a higher class.
    part
        Whether the source says that it is a part of a street: a sidewalk, a crossing.
    crossing, steps, aisle
        What the words say; an aisle is one of a car park.
    narrow
        Whether it is a street of the team's own layer that is no wider than a path.
    """

    class_: Rows
    name: Rows
    highway: Rows
    ref: Rows
    beside: Rows
    layer: Rows
    oneway: Flags
    roundabout: Flags
    ramp: Flags
    part: Flags
    crossing: Flags
    steps: Flags
    aisle: Flags
    narrow: Flags

    def take(self, rows: Rows | Flags) -> Kinds:
        """Return some of them, or one for each link of a line."""
        return Kinds(**{name: getattr(self, name)[rows] for name in self.__slots__})


def kinds_of(attributes: pd.DataFrame) -> tuple[Kinds, NDArray[np.object_]]:
    """Return what lines are.

    Parameters
    ----------
    attributes
        As in `Lines`. Lines that come from no OpenStreetMap object are the team's own, and streets.

    Returns
    -------
    What each line is, and the names that its numbers stand for.
    """
    codes, texts = pd.factorize(attributes["tags"])
    told = pd.DataFrame([_told(json.loads(text)) for text in texts], columns=list(_told({}))).iloc[codes]
    told = told.reset_index(drop=True)
    both = [attributes["name"].to_numpy(dtype=object), told["beside"].to_numpy(dtype=object)]
    numbers, names = pd.factorize(np.concatenate(both))
    name, beside = numbers[: len(attributes)], numbers[len(attributes) :]
    highway = attributes["highway"].astype(object)
    own = attributes["osm_ids"].isna().to_numpy()
    flags = {flag: told[flag].to_numpy(dtype=bool) for flag in ("oneway", "roundabout", "part", "crossing", "aisle")}
    kinds = Kinds(
        class_=_classes(highway.where(highway.notna(), ""), _named(name, names), own),
        name=name,
        highway=pd.factorize(highway)[0],
        ref=pd.factorize(told["ref"])[0],
        beside=beside,
        layer=told["layer"].to_numpy(dtype=np.int64),
        ramp=highway.astype("string").str.endswith("_link").fillna(value=False).to_numpy(dtype=bool),
        steps=(highway == "steps").to_numpy(),
        narrow=own & highway.isin(_PATHS).to_numpy(),
        **flags,
    )
    return kinds, np.asarray(names, dtype=object)


def is_door(name: str) -> bool:
    """Tell whether a name says no more than that a way leads into a plot, such as "Exit" or "Gate 1"."""
    return _DOOR.search(name) is not None


def _named(name: Rows, names: NDArray[np.object_]) -> Flags:
    """Tell which lines have the name of a street."""
    doors = np.array([is_door(text) for text in names], dtype=bool)
    return (name != NONE) & ~np.append(doors, [True])[name]


def _classes(highway: pd.Series[str], named: Flags, own: Flags) -> Rows:
    """Return the class: a service way with a name is a street, without one a lane; what we do not know is a path."""
    street = own | (highway == "").to_numpy() | highway.isin(_STREETS).to_numpy()
    street |= highway.str.endswith("_link").to_numpy() | ((highway == "service").to_numpy() & named)
    return np.where(street, STREET, np.where(highway.isin(_LANES).to_numpy(), LANE, PATH))


def _told(tags: Mapping[str, str]) -> dict[str, Any]:
    """Return what tags say; a footpath in a building's passage is on the ground."""
    crossing = tags.get("footway") == "crossing" or tags.get("cycleway") == "crossing" or tags.get("path") == "crossing"
    round_ = tags.get("junction") in _ROUND
    beside = tags.get("street:name") or tags.get("is_sidepath:of:name")
    return {
        "oneway": round_ or tags.get("oneway", "no") not in _NO,
        "roundabout": round_,
        "part": beside is not None or any(tags.get(key) in values for key, values in _BESIDE.items()),
        "crossing": crossing,
        "aisle": tags.get("service") == "parking_aisle",
        "ref": tags.get("ref"),
        "beside": beside,
        "layer": _layer(tags),
    }


def _layer(tags: Mapping[str, str]) -> int:
    """Return the layer: what `layer` says, else one up for a bridge and one down for a tunnel."""
    try:
        return int(float(tags["layer"]))
    except (KeyError, ValueError, OverflowError):
        bridge = tags.get("bridge", "no") not in _NO
        tunnel = tags.get("tunnel", "no") not in _NO | {"building_passage", "passage"}
        return int(bridge) - int(tunnel)
