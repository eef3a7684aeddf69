"""[evidence]: what the places are looked at with, beside the map."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from safeaudit.config.build import no_entries, within

RasterKind = Literal["night_radiance", "population", "elevation", "land_cover"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterSettings:
    """[evidence] rasters: one GeoTIFF and what its cells hold.

    Attributes
    ----------
    file
        Path, from the folder of the TOML.
    kind
        night_radiance (nW/cm2/sr), population (people per cell), elevation (m) or land_cover (classes).
    sha256
        What the file's SHA-256 must be; catches damage that no format check can see.
    crs
        CRS, where the file does not name it or names it wrongly.
    band
        Band to read, from 1.
    nodata
        Value that means "not known", where the file does not say or says it wrongly.
    sex, age
        Of whom the population is; everybody where not said. Several rasters of the same add up.
    classes
        For land_cover: the word for each value.
    """

    file: Path
    kind: RasterKind
    sha256: str | None = None
    crs: str | None = None
    band: int = within(1, default=1)
    nodata: float | None = None
    sex: Literal["woman", "man"] | None = None
    age: Literal["child", "youth", "adult", "elderly"] | None = None
    classes: MappingProxyType[str, str] = field(default_factory=no_entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class LightingClass:
    """[evidence] lighting_class: what selects the lighting class of one kind of place, in the words of CEN/TR 13201-1.

    Attributes
    ----------
    travel_speed
        Of the fastest who use it: walking, or low (40 km/h at the most).
    use_intensity
        How many use it at night.
    traffic_composition
        Who uses it.
    parked_vehicles
        Whether vehicles are parked there.
    ambient_luminosity
        How bright the surrounding is: shop windows, billboards, sports fields.
    """

    travel_speed: Literal["walking", "low"]
    use_intensity: Literal["quiet", "normal", "busy"]
    traffic_composition: Literal[
        "pedestrians", "cyclists", "pedestrians_cyclists", "pedestrians_motor", "pedestrians_cyclists_motor"
    ]
    parked_vehicles: Literal["present", "not_present"]
    ambient_luminosity: Literal["low", "moderate", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """[evidence]: what the places are looked at with, beside the map.

    Attributes
    ----------
    rasters
        Night lights, population, elevation, land cover.
    lighting_class
        By kind of place (`highway`, or category): what selects the lighting class that lux readings are held against.
    """

    rasters: tuple[RasterSettings, ...] = ()
    lighting_class: MappingProxyType[str, LightingClass] = field(default_factory=no_entries)
