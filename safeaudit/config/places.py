"""[places]: an extract or the team's own layers, and what is left out of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from safeaudit.settings import within

AreaKind = Literal["city", "ward", "site", "comparison"]
FeatureKind = Literal[
    "building",
    "wall",
    "stop",
    "toilet",
    "water_point",
    "police",
    "school",
    "market",
    "health",
    "worship",
    "community",
    "office",
    "shop",
    "waste",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSettings:
    """A layer of the team's own: GeoJSON, GeoPackage, FlatGeobuf or a zipped Shapefile.

    Attributes
    ----------
    file
        Path, from the folder of the TOML.
    crs
        CRS, where the file does not name it or names it wrongly.
    layer
        Layer of a GeoPackage that holds several.
    name
        Column that holds the name of a place.
    category
        Column that holds its kind, in OpenStreetMap's words for streets (highway).
    """

    file: Path
    crs: str | None = None
    layer: str | None = None
    name: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSettings:
    """A layer of areas that places are summed up over.

    Attributes
    ----------
    file, crs, layer, name
        As for `LayerSettings`.
    kind
        city (the boundary of the city itself), ward, site (to be upgraded) or comparison.
    """

    file: Path
    crs: str | None = None
    layer: str | None = None
    name: str | None = None
    kind: AreaKind = "ward"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSettings:
    """A layer of things that count as evidence, such as toilets.

    Attributes
    ----------
    file, crs, layer, name
        As for `LayerSettings`.
    kind
        What its features are.
    """

    file: Path
    kind: FeatureKind
    crs: str | None = None
    layer: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesSettings:
    """[places]: an OpenStreetMap extract, or the team's own layers.

    Attributes
    ----------
    osm
        Local extract: .osm, .osm.gz, .osm.bz2 or .osm.pbf.
    sha256
        What the extract's SHA-256 must be; catches a cut file that no format check can see.
    streets, spaces, stops, lamps
        Layers of the team's own. `streets` replaces the extract's streets, the others add to it.
    areas
        Wards, sites to be upgraded, comparison areas, or the boundary of the city.
    features
        Layers of what else is there: toilets, water points, buildings ...
    exclude_highway
        Values of `highway` that are not streets to walk on.
    exclude_access
        Values of `access` or `foot` that close a way to people.
    max_segment_m
        Streets longer than this between two junctions are cut into equal pieces.
    register
        An earlier register of places: its ids and codes are inherited, so that codes on paper stay true.
    """

    osm: Path | None = None
    sha256: str | None = None
    streets: LayerSettings | None = None
    spaces: LayerSettings | None = None
    stops: LayerSettings | None = None
    lamps: LayerSettings | None = None
    areas: tuple[AreaSettings, ...] = ()
    features: tuple[FeatureSettings, ...] = ()
    exclude_highway: tuple[str, ...] = (
        "motorway",
        "motorway_link",
        "trunk_link",
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "razed",
        "raceway",
        "bus_guideway",
        "busway",
        "escape",
        "corridor",
        "elevator",
        "platform",
        "rest_area",
        "services",
        "no",
    )
    exclude_access: tuple[str, ...] = ("no", "private", "use_sidepath")
    max_segment_m: float = within(1, default=150.0)
    register: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that the places are read from."""
        layers = [layer for layer in (self.streets, self.spaces, self.stops, self.lamps) if layer]
        own = (layers, self.areas, self.features)
        single = [file for file in (self.osm, self.register) if file]
        return (*single, *(layer.file for kind in own for layer in kind))
