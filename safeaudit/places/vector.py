"""A file of the team's own -> its features, through the one GDAL driver that its content calls for.

GDAL opens whatever a file names: web addresses, other files. It sees none here before its content is known to be
GeoJSON, GeoPackage, FlatGeobuf or a Shapefile, and nothing in it leads elsewhere.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from safeaudit.errors import InputError, Where
from safeaudit.files.archive import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from safeaudit.files.admit import Admitted

_DRIVERS = {"json": "GeoJSON", "gpkg": "GPKG", "fgb": "FlatGeobuf", "zip": "ESRI Shapefile"}
_SHAPEFILE = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_SHP = b"\x00\x00\x27\x0a"
_LINKED = ("link", "url")
MAX_CELLS = 50_000_000
_OBJECTS = 3
"""Objects of a feature in JSON: itself, its geometry and its properties."""
_REPAIR = "Open it in QGIS, repair it and export it once more."


def read_vector(file: Admitted, layer: str | None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read one layer of a file.

    Parameters
    ----------
    file
        GeoJSON, GeoPackage, FlatGeobuf or a Shapefile in a ZIP, told by its content.
    layer
        Which layer, where it holds several.

    Returns
    -------
    Its features in the CRS that the file names, and remarks on what was repaired.

    Raises
    ------
    InputError
        It is no such file, is damaged, leads elsewhere, or holds several layers and none is named.
    """
    import pyogrio  # noqa: PLC0415 - GDAL takes 30 MB, and a run from an extract needs none of it

    errors = (
        *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError),
        *(shapely.GEOSException, ValueError, IndexError, OverflowError),
    )
    with _source(file) as source, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's remarks; what matters is checked and said here
        try:
            _check_layers([str(name) for name in pyogrio.list_layers(source)[:, 0]], layer, file)
            about = pyogrio.read_info(source, layer=layer)
            if about["driver"] != _DRIVERS[file.kind]:
                raise _other(file)
            frame, remarks = _features(source, layer, file)
        except errors as error:
            raise InputError(f"It cannot be read: {error}.", hint=_REPAIR, where=Where(file.name)) from error
    if file.kind == "fgb" and about["features"] != len(frame):  # GDAL takes one that is cut in its index for empty
        what = f"It says that it holds {about['features']} features, and holds {len(frame)}: it was cut."
        raise InputError(what, hint="Copy or download it once more.", where=Where(file.name))
    return frame, remarks


def _features(source: str, layer: str | None, file: Admitted) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read all features; rings that nobody closed are closed, and counted."""
    import pyogrio  # noqa: PLC0415 - as above

    remarks = []
    try:
        frame = pyogrio.read_dataframe(source, layer=layer)
    except shapely.GEOSException:
        frame = pyogrio.read_dataframe(source, layer=layer, on_invalid="fix")
        broken = pyogrio.read_dataframe(source, layer=layer, on_invalid="ignore").geometry.isna()
        closed = int((broken & frame.geometry.notna()).sum())
        remarks.append(f"{file.name}: {closed} shapes had a ring that was not closed, and were repaired.")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("It holds no shapes.", hint="Name the right layer.", where=Where(file.name))
    return frame, remarks


def _check_layers(names: list[str], wanted: str | None, file: Admitted) -> None:
    if len(names) > 1 and wanted is None:
        hint = f'Name one, as in layer = "{names[0]}"; it has: {", ".join(names)}.'
        raise InputError(f"It has {len(names)} layers.", hint=hint, where=Where(file.name))


@contextmanager
def _source(file: Admitted) -> Iterator[str]:
    """Give what GDAL is to open."""
    if file.packing or file.kind not in _DRIVERS:
        raise _other(file)
    if file.kind == "zip":
        with tempfile.TemporaryDirectory() as folder:
            yield str(_unpack_shapefile(file, Path(folder)))
    elif file.kind == "json":
        _check_json(file)
        yield f"GeoJSON:{file.path}"
    else:
        yield str(file.path)


def _other(file: Admitted) -> InputError:
    what = "It is neither GeoJSON nor GeoPackage, FlatGeobuf or a Shapefile in a ZIP."
    return InputError(what, hint="Export it from QGIS as GeoPackage or GeoJSON.", where=Where(file.name))


def _check_json(file: Admitted) -> None:
    """Refuse JSON that is damaged or too wide for memory, or whose CRS is a web address: GDAL would open it."""
    names: set[str] = set()
    objects = 0

    def look(pairs: list[tuple[str, Any]]) -> None:
        """Look at one object; nothing of it but its names is kept."""
        nonlocal objects
        objects += 1
        names.update(key for key, _ in pairs)
        if any(key.lower() == "type" and str(value).lower() in _LINKED for key, value in pairs) and any(
            key.lower() == "properties" for key, _ in pairs
        ):
            hint = "Export it once more from QGIS: the CRS must be named, not linked."
            raise InputError("Its CRS is a link to somewhere else.", hint=hint, where=Where(file.name))

    try:
        json.loads(file.path.read_bytes().decode("utf-8-sig"), strict=False, object_pairs_hook=look)
    except (ValueError, RecursionError) as error:
        raise InputError(f"It cannot be read: {error}.", hint=_REPAIR, where=Where(file.name)) from error
    features = objects // _OBJECTS
    if len(names) * features > MAX_CELLS:
        what = f"It has about {features} features with {len(names)} different names: its table would not fit."
        hint = "Export only the columns that are needed, such as the name."
        raise InputError(what, hint=hint, where=Where(file.name))


def _unpack_shapefile(file: Admitted, folder: Path) -> Path:
    """Unpack the members of the one Shapefile of an archive under names of our own."""
    stems: list[str] = []

    def check(names: Iterable[str]) -> None:
        stems.extend(_stem(name) for name in names if _suffix(name) == ".shp")
        if len(stems) != 1:
            what = f"It holds {len(stems)} Shapefiles." if stems else "It is a ZIP that holds no Shapefile."
            hint = "Give each Shapefile a ZIP of its own, or export it from QGIS as GeoPackage."
            raise InputError(what, hint=hint, where=Where(file.name))

    entries = unpacked(file, check, lambda name: _suffix(name) in _SHAPEFILE and _stem(name) in stems)
    for name, content in entries.items():
        (folder / f"layer{_suffix(name)}").write_bytes(content)
    shapes = folder / "layer.shp"
    if not shapes.read_bytes().startswith(_SHP):
        raise InputError("What it holds is no Shapefile.", hint=_REPAIR, where=Where(file.name))
    return shapes


def _suffix(name: str) -> str:
    """Return the ending of an archive's entry; none for the shadow entries that macOS adds."""
    path = PurePosixPath(name)
    return "" if path.name.startswith("._") else path.suffix.lower()


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")).lower()
