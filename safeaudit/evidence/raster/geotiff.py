"""One GeoTIFF and what its cells hold under outlines: the only door of rasterio and exactextract.

Outlines go to the raster's cells, the raster is never warped: they are taken to its CRS, and from there to columns and
rows, where every cell is a square of side 1 however the raster lies. A cell counts by the share of it that is covered.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import RasterSource
from pyproj import CRS

from safeaudit.crs import parse_crs, to_degrees, to_metres
from safeaudit.errors import InputError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray
    from rasterio import DatasetReader

    from safeaudit.config import RasterSettings
    from safeaudit.files.admit import Admitted
    from safeaudit.tables import Places

    Shapes = NDArray[np.object_]

_PLAUSIBLE = {
    "night_radiance": (-10.0, 1e6),
    "population": (-1e-6, np.inf),
    "elevation": (-500.0, 9000.0),
    "land_cover": (-np.inf, np.inf),
}
_MAX_CELLS = 4_000_000
_MAX_BLOCK_BYTES = 256 * 1024**2
_TORN = 10.0
_DECIMALS = 6
_NAME = "raster.tif"
_SETTING = "in its line of rasters under [evidence]"


@dataclass(frozen=True, slots=True)
class Raster:
    """An open raster, and the way from the run's metres to its cells and back.

    In cells x is the column and y the row, counted downwards from 0: the raster reaches from 0, -height to width, 0.

    Attributes
    ----------
    dataset
        The raster as rasterio has it open.
    settings, file
        What its cells hold, and where it lies.
    crs, metric
        CRS of the raster and of the run.
    spot
        Somewhere in the city, metres, shape (1, 2).
    affine
        Leads from column and row, counted downwards, to the raster's CRS, shape (2, 3).
    """

    dataset: DatasetReader
    settings: RasterSettings
    file: Admitted
    crs: CRS
    metric: CRS
    spot: NDArray[np.float64]
    affine: NDArray[np.float64]

    @property
    def size(self) -> NDArray[np.int64]:
        """Number of columns and rows."""
        return np.array([self.dataset.width, self.dataset.height])

    def to_crs(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return metres (n, 2) in the raster's CRS (n, 2), infinite where that does not reach."""
        there = to_metres(to_degrees(xy, self.metric), self.crs)
        if self.crs.is_geographic:  # no jump in the city at 180 degrees, and the same full turn as the raster's
            city = to_degrees(self.spot, self.metric)[0, 0]
            middle = (self.affine @ [*self.size / 2, 1])[0]
            there[:, 0] = (there[:, 0] - city + 180) % 360 - 180 + city + 360 * round((middle - city) / 360)
        return there

    def to_cells(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return metres (n, 2) as cells (n, 2)."""
        return (self.to_crs(xy) - self.affine[:, 2]) @ np.linalg.inv(self.affine[:, :2]).T * (1, -1)

    def to_metres(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return cells (n, 2) as metres (n, 2)."""
        there = cells * (1, -1) @ self.affine[:, :2].T + self.affine[:, 2]
        return to_metres(to_degrees(there, self.crs), self.metric)

    def over(self, shapes: Shapes, *ops: str) -> pd.DataFrame:
        """Return what lies under shapes.

        Parameters
        ----------
        shapes
            Polygons, metres, shape (n,). One that the edge of the raster's CRS tears apart is under no cell.
        ops
            Operations of exactextract, such as mean, sum, mode or values.

        Returns
        -------
        A column for each operation, NaN where no cell is known, and `known`: 0 to 1, the share of the shape
        whose cells are.
        """
        cells = shapely.transform(shapes, self.to_cells)
        here, *beside = self.to_cells(self.spot + np.array([(0, 0), (1, 0), (0, 1)]))
        cells_per_m = np.hypot(*(np.array(beside) - here).T).max()
        whole = shapely.length(cells) <= _TORN * cells_per_m * shapely.length(shapes)
        return self.over_cells(np.where(whole, cells, shapely.Polygon()), *ops)

    def over_cells(self, shapes: Shapes, *ops: str) -> pd.DataFrame:
        """Return the same under shapes in cells."""
        area, (west, south, east, north) = shapely.area(shapes), shapely.bounds(shapes).T
        low, high = np.column_stack([west, -north]), np.column_stack([east, -south])
        at = np.flatnonzero((area > 0) & ((low < self.size) & (high > 0)).all(axis=1))
        found = pd.DataFrame(index=at, columns=["count", *ops], dtype=float)
        if len(at):
            first = np.maximum(np.floor(low[at].min(axis=0)), 0).astype(int)
            last = np.minimum(np.ceil(high[at].max(axis=0)), self.size).astype(int)
            found = exact_extract(
                _Window(self, first, last),
                _Outlines(shapely.to_wkb(shapes[at])),
                ["count", *ops],
                output="pandas",
                strategy="raster-sequential",
                max_cells_in_memory=_MAX_CELLS,
            ).set_axis(at)
        found["known"] = np.minimum(np.round(found.pop("count") / area[at], _DECIMALS), 1.0)
        return found.reindex(range(len(shapes))).fillna({"known": 0.0})

    def read(self, column: int, row: int, width: int, height: int) -> NDArray[np.float64]:
        """Return the values of a block of cells, NaN where they are not known."""
        from rasterio.windows import Window  # noqa: PLC0415 - as in `opened`

        band, nodata = self.settings.band, self.settings.nodata
        stored = self.dataset.read(band, window=Window(column, row, width, height), masked=nodata is None)
        values = np.ma.filled(stored.astype(np.float64), np.nan)
        values[~np.isfinite(values) | (np.ma.getdata(stored) == nodata)] = np.nan
        values = values * self.dataset.scales[band - 1] + self.dataset.offsets[band - 1]
        _check_values(values, self.settings, self.file)
        return values


class _Window(RasterSource):  # type: ignore[misc]  # exactextract ships no types
    """The part of a raster that outlines reach, as exactextract asks for it."""

    def __init__(self, raster: Raster, first: NDArray[np.int64], last: NDArray[np.int64]) -> None:
        super().__init__()
        self._raster, self._first, self._last = raster, first, last

    def res(self) -> tuple[float, float]:
        return 1.0, 1.0

    def extent(self) -> tuple[float, float, float, float]:
        (west, top), (east, bottom) = self._first, self._last
        return float(west), -float(bottom), float(east), -float(top)

    def srs_wkt(self) -> None:
        return None

    def nodata_value(self) -> None:
        return None

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[np.float64]:
        return self._raster.read(self._first[0] + x0, self._first[1] + y0, nx, ny)


class _Outlines(FeatureSource):  # type: ignore[misc]  # exactextract ships no types
    """Outlines, as exactextract asks for them."""

    def __init__(self, wkb: NDArray[np.object_]) -> None:
        super().__init__()
        self._wkb = wkb

    def count(self) -> int:
        return len(self._wkb)

    def __iter__(self) -> Iterator[_Outline]:
        return map(_Outline, self._wkb)

    def srs_wkt(self) -> None:
        return None


class _Outline(Feature):  # type: ignore[misc]  # exactextract ships no types
    """One of them."""

    def __init__(self, wkb: bytes) -> None:
        super().__init__()
        self._wkb = wkb

    def geometry(self) -> bytes:
        return self._wkb

    def fields(self) -> list[str]:
        return []


@contextmanager
def opened(settings: RasterSettings, file: Admitted, places: Places) -> Iterator[Raster]:
    """Open a raster by itself: whatever lies beside it, or is named in it, stays closed.

    Parameters
    ----------
    settings
        What its cells hold.
    file
        The raster.
    places
        The city that it must meet.

    Raises
    ------
    InputError
        It is damaged, is no GeoTIFF, does not say where it lies or does not meet the places.
    """
    import rasterio  # noqa: PLC0415 - GDAL takes 20 MB, and a run without rasters needs none of it
    from rasterio.errors import NotGeoreferencedWarning, RasterioError  # noqa: PLC0415 - the same

    def alone(name: str, *_: Any, **__: Any) -> BinaryIO:
        if name != _NAME:
            raise FileNotFoundError(name)
        return file.path.open("rb")

    _check_file(settings, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(_NAME, driver="GTiff", opener=alone)
        with dataset:
            yield _checked(dataset, settings, file, places)
    except RasterioError as error:
        raise _damaged(file) from error


def _checked(dataset: DatasetReader, settings: RasterSettings, file: Admitted, places: Places) -> Raster:
    """Return a raster that can be used for these places."""
    _check_whole(dataset, file)
    _check_cells(dataset, settings, file)
    affine = np.array(dataset.transform).reshape(3, 3)[:2]
    edge = shapely.get_coordinates(places.areas.geometry.to_numpy())
    raster = Raster(dataset, settings, file, _crs(dataset, settings, file), places.crs, edge[:1], affine)
    _check_meets(raster, edge)
    return raster


def _check_file(settings: RasterSettings, file: Admitted) -> None:
    if file.kind != "tiff" or file.packing:
        hint = "Export it from QGIS as GeoTIFF (Raster > Conversion > Translate)."
        raise InputError("It is no GeoTIFF.", hint=hint, where=Where(file.name))
    if settings.sha256 and settings.sha256.lower() != file.sha256:
        what = "It is not the file that safeaudit.toml names by its sha256: it was cut, damaged or exchanged."
        raise InputError(what, hint=f"Get the right file, or correct sha256 {_SETTING}.", where=Where(file.name))


def _damaged(file: Admitted) -> InputError:
    what = "It cannot be read: it is cut or damaged."
    return InputError(what, hint="Copy or download it once more.", where=Where(file.name))


def _check_whole(dataset: DatasetReader, file: Admitted) -> None:
    """Refuse a raster whose last block reaches beyond the end of its file: reading other blocks would not show it."""
    rows, columns = dataset.block_shapes[0]
    last = f"{(dataset.width - 1) // columns}_{(dataset.height - 1) // rows}"
    start, size = (dataset.get_tag_item(f"BLOCK_{what}_{last}", "TIFF", bidx=1) for what in ("OFFSET", "SIZE"))
    if int(start or 0) + int(size or 0) > file.size:
        raise _damaged(file)


def _check_cells(dataset: DatasetReader, settings: RasterSettings, file: Admitted) -> None:
    """Refuse a band that is not there, and cells that are no numbers, lie nowhere or come in blocks too large."""
    where = Where(file.name)
    if settings.band > dataset.count:
        what = f"It has no band {settings.band}: its last is {dataset.count}."
        raise InputError(what, hint=f"Correct band {_SETTING}.", where=where)
    dtype = np.dtype(dataset.dtypes[settings.band - 1])
    if dtype.kind == "c":
        raise InputError("Its cells are complex numbers.", hint="Export one of their parts.", where=where)
    if dataset.transform.is_identity or not dataset.transform.determinant:
        hint = "Georeference it in QGIS and export it as GeoTIFF."
        raise InputError("It does not say where its cells lie.", hint=hint, where=where)
    rows, columns = dataset.block_shapes[settings.band - 1]
    together = dataset.count if dataset.profile.get("interleave") == "pixel" else 1
    if rows * columns * together * dtype.itemsize > _MAX_BLOCK_BYTES:
        what = f"It is stored in blocks of {columns} x {rows} cells: a single one takes too much memory."
        hint = "Write it anew in small tiles: gdal_translate -co TILED=YES IN.tif OUT.tif"
        raise InputError(what, hint=hint, where=where)


def _crs(dataset: DatasetReader, settings: RasterSettings, file: Admitted) -> CRS:
    if settings.crs is not None:
        return parse_crs(settings.crs)
    crs = CRS.from_wkt(dataset.crs.to_wkt()) if dataset.crs else None
    if crs is None or not (crs.is_geographic or crs.is_projected):
        hint = f'Name it {_SETTING}, as in crs = "EPSG:4326".'
        raise InputError("It has no CRS.", hint=hint, where=Where(file.name))
    return crs


def _check_meets(raster: Raster, edge: NDArray[np.float64]) -> None:
    """Refuse a raster that lies elsewhere, or says so by a wrong CRS."""
    width, height = raster.size
    corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)]) @ raster.affine.T
    city, ground = (np.array([xy.min(axis=0), xy.max(axis=0)]) for xy in (raster.to_crs(edge), corners))
    if np.isfinite(city).all() and (city[0] < ground[1]).all() and (ground[0] < city[1]).all():
        return
    there, here = ("{:.7g}, {:.7g} to {:.7g}, {:.7g}".format(*box.ravel()) for box in (city, ground))
    what = f"It does not meet the places: in its CRS, {raster.crs.name}, it lies at {here}, they at {there}."
    hint = f'Take the raster of this city, or name its right CRS {_SETTING}, as in crs = "EPSG:4326".'
    raise InputError(what, hint=hint, where=Where(raster.file.name))


def _check_values(values: NDArray[np.float64], settings: RasterSettings, file: Admitted) -> None:
    """Refuse values that cannot be: often the sign for what is not known, where the file does not say that it is."""
    lowest, highest = _PLAUSIBLE[settings.kind]
    wrong = values[(values < lowest) | (values > highest)]
    if len(wrong):
        what = f"It holds {wrong[0]:g}, which is no {settings.kind.replace('_', ' ')}."
        hint = f"If that means not known, write nodata = {wrong[0]:g} {_SETTING}."
        raise InputError(what, hint=hint, where=Where(file.name))
