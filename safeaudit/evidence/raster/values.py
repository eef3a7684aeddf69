"""What rasters say of every place: light at night, people, heights and land cover."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.errors import ConfigError
from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.raster.geotiff import opened
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import RasterSettings
    from safeaudit.evidence.parts.context import Context, RasterFile
    from safeaudit.evidence.raster.geotiff import Raster
    from safeaudit.files.admit import Admitted
    from safeaudit.tables import Places

    Shapes = NDArray[np.object_]

SURROUNDINGS_M = 25.0
"""What lies within this distance is around a place."""

NEIGHBOURS_M = 100.0
"""Who lives within this distance lives around a place."""

LIGHT_NW = 0.5
"""Radiance from which there is light, nW/cm2/sr."""

_PLACES = ("segment", "space", "stop")
_RADIANCE = Measure(name="night_radiance", unit="nW/cm2/sr", of=_PLACES)
_LIGHT = Measure(name="night_light", words=("light", "none"), of=_PLACES)
_DENSITY = Measure(name="people_per_ha", unit="per ha", of=_PLACES)
_PEOPLE = Measure(name="population", unit="people", of=("space",))
_ELEVATION = Measure(name="elevation_m", unit="m", of=_PLACES)
_SLOPE = Measure(name="slope_percent", unit="%")
_COVER = Measure(name="land_cover", of=_PLACES)

MEASURES = (
    *(_RADIANCE, _LIGHT, _ELEVATION, _SLOPE, _COVER),
    *(
        replace(measure, name=f"{measure.name}{sex}{age}", variant_of=measure.name)
        for measure in (_DENSITY, _PEOPLE)
        for sex in ("", "_woman", "_man")
        for age in ("", "_child", "_youth", "_adult", "_elderly")
    ),
)

_EVERYBODY = "all"
_M2_PER_HA = 10_000
_WHOLE = 0.999
_AT_END_M = 1.0


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every place what rasters say of it; the mean of cells is weighted by the share that is covered.

    - `night_radiance`: mean of the cells within 25 m, nW/cm2/sr. VIIRS cells are some 450 m wide: they tell of the
      quarter, never of one lamp. Negative radiances are noise around nothing and are kept.
    - `night_light`: light where that is 0.5 nW/cm2/sr or more, else none. This is what VIIRS reliably tells from
      darkness (Lmin of Roman et al., NASA's Black Marble nighttime lights product suite, Remote Sensing of
      Environment 210, 2018). It is absolute: breaks taken from the city's own values find bright places in any city.
    - `people_per_ha`: people within 100 m over the hectares there. `population`: people within a space; where
      there are any, homes stand on it, or the cells are too coarse. With _woman, _elderly, _woman_elderly ... behind
      their names where a raster is of them. Rasters of the same sex and age add up, as those of WorldPop's age
      classes do.
    - `elevation_m`: mean height within 25 m. `slope_percent`: 100 times the difference in height between the ends of
      a segment's main line over its length, each height between the four nearest cells (bilinear). NA where an end
      lies in a tunnel or on a bridge, and where the ends are less than a cell apart: the raster cannot tell them
      apart.
    - `land_cover`: the word of the class that covers most within 25 m; the number where it has no word.

    Parameters
    ----------
    context
        Its places: links, segments, spaces and stops; how links lie along segments; and its rasters, each with its
        settings.

    Returns
    -------
    The table `evidence`. Coverage is the share of the ground looked at whose cells are known; what is not known
    at all is NA, never 0.

    Raises
    ------
    InputError
        A raster is damaged, is no GeoTIFF, does not say where it lies, does not meet the places, or holds values
        that cannot be.
    ConfigError
        One kind of raster is named twice, or a band is not there.
    """
    places, files = context.places, context.rasters
    _check_once(files)
    if not sum(len(layer) for layer in _layers(places)):
        return concat_evidence([])
    rows: list[pd.DataFrame] = []
    for settings, file in files:
        if settings.kind != "population":
            with opened(settings, file, places) as raster:
                rows += _TELLS[settings.kind](raster, context)
    of_people = [(_of_whom(one[0]), one) for one in files if one[0].kind == "population"]
    for whom in dict.fromkeys(whom for whom, _ in of_people):
        rows += _population([one for its, one in of_people if its == whom], whom, places)
    return concat_evidence(rows)


def check_rasters(places: Places, files: Sequence[RasterFile]) -> None:
    """Open every raster and look at what it is, as `find_evidence` would; read no cell.

    Parameters
    ----------
    places
        The city that each must meet.
    files
        Rasters, each with its settings.

    Raises
    ------
    InputError
        A raster is damaged, is no GeoTIFF, does not say where it lies or does not meet the places.
    ConfigError
        One kind of raster is named twice, or a band is not there.
    """
    _check_once(files)
    for settings, file in files:
        with opened(settings, file, places):
            pass


def population_cells(files: Sequence[RasterFile], places: Places) -> pd.DataFrame:
    """Return the cells of population rasters within each area.

    Parameters
    ----------
    files
        Rasters, each with its settings; those of other kinds are left out.
    places
        The areas, and the run's CRS.

    Returns
    -------
    One row per known cell, area and raster: area_id, x, y (middle of the cell, metres), people (of a cell at the
    edge of an area the share that lies in it), sex and age (all where the raster does not say), source (file), and
    coverage: 0 to 1, the share of the area whose population is known, the same in all its rows.

    Raises
    ------
    InputError, ConfigError
        As for `find_evidence`.
    """
    _check_once(files)
    frames = [_cells_of(*one, places) for one in files if one[0].kind == "population"]
    columns = ("area_id", "x", "y", "people", "sex", "age", "source", "coverage")
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _cells_of(settings: RasterSettings, file: Admitted, places: Places) -> pd.DataFrame:
    ops = ("values", "coverage", "center_x", "center_y")
    with opened(settings, file, places) as raster:
        found = raster.over(places.areas.geometry.to_numpy(), *ops)
        found = found[found["known"] > 0]
        value, covered, x, y = (np.concatenate([np.empty(0), *found[name]]) for name in ops)
        xy = raster.to_metres(np.column_stack([x, y]))
    cells = found["values"].map(len)
    return pd.DataFrame(
        {
            "area_id": places.areas["area_id"].loc[found.index].repeat(cells).to_numpy(),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "people": value * covered,
            "sex": settings.sex or _EVERYBODY,
            "age": settings.age or _EVERYBODY,
            "source": file.name,
            "coverage": found["known"].repeat(cells).to_numpy(),
        }
    )


def _check_once(files: Sequence[RasterFile]) -> None:
    """Refuse a second raster of what only one can tell."""
    seen = set()
    for settings, file in files:
        people = settings.kind == "population"
        key = (settings.kind, file.sha256, settings.band) if people else settings.kind
        if key in seen:
            what = "the same file twice: its people would count twice" if people else "more than one raster"
            hint = "Name it once; join tiles into one GeoTIFF first (QGIS: Raster > Miscellaneous > Merge)."
            raise ConfigError(f"[evidence] rasters names for {settings.kind} {what}.", hint=hint)
        seen.add(key)


def _layers(places: Places) -> tuple[GeoDataFrame, GeoDataFrame, GeoDataFrame]:
    return places.segments, places.spaces, places.stops


def _around(places: Places, reach_m: float) -> tuple[pd.Series[str], Shapes]:
    """Return the ids of all places and the ground around them; one that is of two kinds stands once."""
    ids = pd.concat([layer["place_id"] for layer in _layers(places)], ignore_index=True)
    shapes = np.concatenate([layer.geometry.to_numpy() for layer in _layers(places)])
    once = ~ids.duplicated().to_numpy()
    return ids[once], shapely.buffer(shapes[once], reach_m)


def _night(raster: Raster, context: Context) -> list[pd.DataFrame]:
    place_id, around = _around(context.places, SURROUNDINGS_M)
    found = raster.over(around, "mean")
    mean = found["mean"].to_numpy()
    word = np.full(len(mean), None, dtype=object)
    word[mean >= LIGHT_NW], word[mean < LIGHT_NW] = "light", "none"
    known, source = found["known"], raster.file.name
    return [
        evidence_rows(_RADIANCE, place_id, value=mean, coverage=known, source=source),
        evidence_rows(_LIGHT, place_id, label=word, coverage=known, source=source),
    ]


def _elevation(raster: Raster, context: Context) -> list[pd.DataFrame]:
    place_id, around = _around(context.places, SURROUNDINGS_M)
    found = raster.over(around, "mean")
    slope, source = _slope_percent(raster, context), raster.file.name
    segments = context.places.segments
    return [
        evidence_rows(_ELEVATION, place_id, value=found["mean"], coverage=found["known"], source=source),
        evidence_rows(_SLOPE, segments["place_id"], value=slope, coverage=~np.isnan(slope), source=source),
    ]


def _slope_percent(raster: Raster, context: Context) -> NDArray[np.float64]:
    segments = context.places.segments
    lines = segments.geometry.to_numpy()
    start, end = (raster.to_cells(shapely.get_coordinates(shapely.get_point(lines, at))) for at in (0, -1))
    rise_m = np.abs(_height_m(raster, end) - _height_m(raster, start))
    tells = ~_ends_off_ground(context) & (np.hypot(*(end - start).T) >= 1)
    return np.where(tells, 100 * rise_m / segments["length_m"].to_numpy(), np.nan)


def _ends_off_ground(context: Context) -> NDArray[np.bool_]:
    """Tell which main lines start or end in a tunnel or on a bridge."""
    main = context.segment_links.main
    last = (main.low_m < _AT_END_M) | (main.whole_m[main.segment] - main.high_m < _AT_END_M)
    tags = context.places.links["tags"].iloc[main.link]
    (ground,) = read_tags(tags, lambda tags: tags.get("tunnel", "no") == tags.get("bridge", "no") == "no")
    return np.bincount(main.segment[last & ~ground.astype(bool)], minlength=len(main.whole_m)) > 0


def _height_m(raster: Raster, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return heights at spots: the mean over a square as large as a cell is bilinear interpolation."""
    squares = shapely.box(*(xy - 0.5).T, *(xy + 0.5).T)
    found = raster.over_cells(squares, "mean")
    return np.where(found["known"] >= _WHOLE, found["mean"], np.nan)


def _land_cover(raster: Raster, context: Context) -> list[pd.DataFrame]:
    place_id, around = _around(context.places, SURROUNDINGS_M)
    found = raster.over(around, "mode")
    numbers = {value: f"{value:g}" for value in found["mode"].dropna().unique()}
    words = {value: raster.settings.classes.get(number, number) for value, number in numbers.items()}
    label = np.array([words.get(value) for value in found["mode"]], dtype=object)
    return [evidence_rows(_COVER, place_id, label=label, coverage=found["known"], source=raster.file.name)]


_TELLS = {"night_radiance": _night, "elevation": _elevation, "land_cover": _land_cover}


def _of_whom(settings: RasterSettings) -> str:
    """Return what stands behind a measure's name for those whom a raster counts."""
    return "".join(f"_{word}" for word in (settings.sex, settings.age) if word)


def _population(files: Sequence[RasterFile], whom: str, places: Places) -> list[pd.DataFrame]:
    """Add up the rasters of one sex and age; where one of them does not know, nobody does."""
    place_id, around = _around(places, NEIGHBOURS_M)
    spaces = places.spaces.geometry.to_numpy()
    found = [_people(one, places, np.concatenate([around, spaces])) for one in files]
    people, known = sum(frame["sum"] for frame in found), np.minimum.reduce([frame["known"] for frame in found])
    known_ha = known[: len(around)] * shapely.area(around) / _M2_PER_HA
    near, within = people[: len(around)] / np.where(known_ha > 0, known_ha, np.nan), people[len(around) :]
    source = ", ".join(file.name for _, file in files)
    density, inside = (replace(measure, name=measure.name + whom) for measure in (_DENSITY, _PEOPLE))
    return [
        evidence_rows(density, place_id, value=near, coverage=known[: len(around)], source=source),
        evidence_rows(inside, places.spaces["place_id"], value=within, coverage=known[len(around) :], source=source),
    ]


def _people(one: RasterFile, places: Places, shapes: Shapes) -> pd.DataFrame:
    with opened(*one, places) as raster:
        found = raster.over(shapes, "sum")
    return found.assign(sum=found["sum"].where(found["known"] > 0))
