"""Rasters: by hand in the town, against an independent sum, in any CRS, and every bad raster."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import shapely
from canary import listening
from evidence_context import context_of
from projects import project, safeaudit, write_csv
from pyproj import CRS
from rasterio.transform import Affine
from town import EAST, METRIC, NORTH, box, line, links_of, segments_of, spaces_of, town

from safeaudit.config import RasterSettings
from safeaudit.crs import to_degrees, to_metres
from safeaudit.errors import ConfigError, InputError
from safeaudit.evidence.raster import MEASURES, find_evidence, population_cells
from safeaudit.evidence.raster.geotiff import Raster
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from safeaudit.tables import Places


def from_corner(west: float, north: float, width: float, height: float) -> Affine:
    """Return the position of cells of a size, north up, from their north-western corner."""
    return Affine(width, 0, west, 0, -height, north)


AROUND_TOWN = from_corner(EAST - 50, NORTH + 150, 50, 50)
"""Four by four cells of 50 m: the block of streets lies on the middle four."""


def geotiff(
    path: Path, cells: NDArray[Any], transform: Affine = AROUND_TOWN, crs: object = METRIC, **more: Any
) -> Path:
    """Write a raster of one band."""
    height, width = cells.shape
    shape = {"width": width, "height": height, "count": 1, "dtype": cells.dtype.name}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **shape, **more) as dataset:
        dataset.write(cells, 1)
    return path


def told(path: Path, kind: str = "night_radiance", places: Places | None = None, **more: Any) -> pd.DataFrame:
    """Return the evidence of one raster, by place and name."""
    settings = RasterSettings(file=path, kind=kind, **more)
    found = find_evidence(context_of(town() if places is None else places, rasters=[(settings, admit(path))]))
    return found.set_index(["place_id", "name"]).sort_index()


def values(found: pd.DataFrame, name: str) -> dict[str, float]:
    """Return the numbers of one measure by place."""
    return {place: float(value) for place, value in found["value"].xs(name, level="name").items()}


def words(found: pd.DataFrame, name: str) -> dict[str, str]:
    """Return the words of one measure by place."""
    return dict(found["label"].xs(name, level="name").items())


def halves(west: float, east: float) -> NDArray[np.float32]:
    """Return four by four cells, one value in the western and one in the eastern half of the town."""
    return np.tile(np.array([west, west, east, east], dtype="float32"), (4, 1))


def test_night_radiance_is_a_mean_by_area_and_light_is_absolute(tmp_path: Path) -> None:
    found = told(geotiff(tmp_path / "night.tif", halves(0.2, 0.7)))
    assert values(found, "night_radiance") == pytest.approx(
        {"west": 0.2, "east": 0.7, "north": 0.45, "south": 0.45, "plaza": 0.45}, abs=1e-6
    )
    assert words(found, "night_light") == {
        "west": "none",
        "east": "light",
        "north": "none",
        "south": "none",
        "plaza": "none",
    }
    assert (found["coverage"] == 1).all()
    assert set(found["source"]) == {"night.tif"}
    assert set(found["unit"]) == {"nW/cm2/sr", ""}


def test_a_dark_city_has_no_light_and_a_bright_one_no_darkness(tmp_path: Path) -> None:
    for factor, word in ((0.01, "none"), (100.0, "light")):
        found = told(geotiff(tmp_path / "night.tif", np.linspace(1, 2, 16, dtype="float32").reshape(4, 4) * factor))
        assert set(words(found, "night_light").values()) == {word}


def test_it_agrees_with_areas_of_intersections(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cells = rng.normal(5, 2, (40, 40)).astype("float32")
    cells[rng.random((40, 40)) < 0.2] = np.nan
    found = told(geotiff(tmp_path / "fine.tif", cells, from_corner(EAST - 47, NORTH + 151, 7, 5)))
    north, west = np.mgrid[0:40, 0:40]
    squares = shapely.box(EAST - 47 + west * 7, NORTH + 146 - north * 5, EAST - 40 + west * 7, NORTH + 151 - north * 5)
    for place, shape in zip(town().segments["place_id"], town().segments.geometry, strict=True):
        around = shapely.buffer(shape, 25)
        area = shapely.area(shapely.intersection(squares, around)) * ~np.isnan(cells)
        assert values(found, "night_radiance")[place] == pytest.approx(np.nansum(area * cells) / area.sum(), abs=1e-5)
        assert found["coverage"][place, "night_radiance"] == pytest.approx(area.sum() / around.area, abs=1e-5)


MOLLWEIDE = CRS.from_user_input("ESRI:54009")
CUSTOM = CRS.from_proj4("+proj=laea +lat_0=-1.3 +lon_0=36.9 +x_0=1000 +y_0=-500 +ellps=intl +towgs84=0,0,0 +units=m")


def plane(path: Path, crs: CRS, transform: Affine, size: int, places: Places) -> Path:
    """Write a raster of any CRS whose cells hold one metre for each metre east of the town's corner."""
    row, column = np.mgrid[0:size, 0:size] + 0.5
    ground = np.column_stack([column.ravel(), row.ravel(), np.ones(size * size)]) @ np.reshape(transform, (3, 3))[:2].T
    metres = to_metres(to_degrees(ground, crs), places.crs)
    east = metres[:, 0] - places.areas.total_bounds[0]
    return geotiff(path, east.reshape(size, size), transform, crs)


@pytest.mark.parametrize("crs", [METRIC, CRS.from_epsg(4326), MOLLWEIDE, CUSTOM, CRS.from_epsg(3857)])
@pytest.mark.parametrize("turned", ["north up", "south up", "rotated", "mirrored"])
def test_any_crs_and_any_position_of_the_cells(tmp_path: Path, crs: CRS, turned: str) -> None:
    middle = to_metres(to_degrees(np.array([[EAST + 50, NORTH + 50]]), METRIC), crs)[0]
    cell = 4e-5 if crs.is_geographic else 4.0
    turn = {
        "north up": [[1, 0], [0, -1]],
        "south up": [[1, 0], [0, 1]],
        "rotated": [[0.8, 0.6], [0.6, -0.8]],
        "mirrored": [[-1, 0], [0, -1]],
    }
    matrix = cell * np.array(turn[turned])
    corner = middle - matrix @ (50, 50)
    transform = Affine(*np.column_stack([matrix, corner]).ravel())
    found = told(plane(tmp_path / "plane.tif", crs, transform, 100, town()), "elevation")
    # the town's areas begin 1 m west of its corner
    expected = {"west": 1, "east": 101, "north": 51, "south": 51, "plaza": 51}
    assert values(found, "elevation_m") == pytest.approx(expected, abs=0.5)
    assert values(found, "slope_percent") == pytest.approx({"west": 0, "east": 0, "north": 100, "south": 100}, abs=0.5)
    assert (found["coverage"] == 1).all()


def fiji() -> Places:
    """Return the town astride the meridian of 180 degrees."""
    crs = CRS.from_epsg(32701)
    middle = to_metres(np.array([[180.0, -16.75]]), crs)[0] - (50, 50)
    here = town()
    there = {
        name: layer.set_geometry(layer.geometry.translate(*(middle - (EAST, NORTH)))).set_crs(crs, allow_override=True)
        for name, layer in {name: getattr(here, name) for name in ("segments", "spaces", "stops", "areas")}.items()
    }
    return replace(here, crs=crs, **there)


@pytest.mark.parametrize("west", [179.9, -180.1])
def test_a_raster_across_the_antimeridian(tmp_path: Path, west: float) -> None:
    cells = np.tile(np.repeat(np.array([1, 3], dtype="float32"), 100), (200, 1))
    found = told(geotiff(tmp_path / "fiji.tif", cells, from_corner(west, -16.65, 0.001, 0.001), 4326), places=fiji())
    assert values(found, "night_radiance") == pytest.approx(
        {"west": 1, "east": 3, "north": 2, "south": 2, "plaza": 2}, abs=0.02
    )


def test_a_place_that_the_rasters_crs_tears_apart_has_no_value(tmp_path: Path) -> None:
    cells = np.ones((40, 72_000), dtype="uint8")
    north = to_metres(np.array([[0, -16.75]]), MOLLWEIDE)[0, 1]
    found = told(
        geotiff(tmp_path / "m.tif", cells, from_corner(-18e6, north + 1e4, 500, 500), MOLLWEIDE), places=fiji()
    )
    radiance = values(found, "night_radiance")
    assert radiance["west"] == radiance["east"] == 1
    assert np.isnan([radiance["north"], radiance["south"], radiance["plaza"]]).all()
    assert found["coverage"]["north", "night_radiance"] == 0


def test_negative_radiances_count_and_nodata_does_not(tmp_path: Path) -> None:
    cells = halves(-0.1, 0.3)
    cells[:, 1] = 0.0
    found = told(geotiff(tmp_path / "night.tif", cells, nodata=0.0))
    # west: half of it is -0.1, half is not known; south: nothing of the 50 m from the corner eastwards is known
    assert values(found, "night_radiance")["west"] == pytest.approx(-0.1)
    assert values(found, "night_radiance")["east"] == pytest.approx(0.3)
    assert found["coverage"]["west", "night_radiance"] == pytest.approx(0.5, abs=1e-6)
    assert set(words(found, "night_light").values()) == {"none"}
    zero_is_a_value = told(tmp_path / "night.tif", nodata=-9999)
    assert values(zero_is_a_value, "night_radiance")["west"] == pytest.approx(-0.05)


@pytest.mark.parametrize("nodata", [None, -9999.0])
def test_what_is_not_known_is_missing_and_never_zero(tmp_path: Path, nodata: float | None) -> None:
    unknown = np.full((4, 4), np.nan if nodata is None else nodata, dtype="float32")
    for kind in ("night_radiance", "population", "elevation", "land_cover"):
        found = told(geotiff(tmp_path / "none.tif", unknown, nodata=nodata), kind)
        assert found["value"].isna().all()
        assert found["label"].isna().all()
        assert (found["coverage"] == 0).all()


def test_a_lost_nodata_flag_is_noticed_and_can_be_named(tmp_path: Path) -> None:
    path = geotiff(tmp_path / "people.tif", halves(-200, 10))
    with pytest.raises(InputError) as caught:
        told(path, "population")
    assert str(caught.value) == (
        "people.tif: It holds -200, which is no population. "
        "If that means not known, write nodata = -200 in its line of rasters under [evidence]."
    )
    found = told(path, "population", nodata=-200)
    # 10 people on 50 m x 50 m are 40 per hectare; around the western street only what lies east of the middle is known
    assert values(found, "people_per_ha")["east"] == pytest.approx(40, rel=1e-5)
    assert values(found, "people_per_ha")["west"] == pytest.approx(40, rel=1e-5)
    assert 0 < found["coverage"]["west", "people_per_ha"] < 0.5
    assert values(found, "population") == pytest.approx({"plaza": 10 * 200 / 2500}, rel=1e-5)
    assert found["coverage"]["plaza", "population"] == pytest.approx(0.5)


def test_scale_offset_and_band(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    with rasterio.open(
        path, "w", driver="GTiff", crs=METRIC, transform=AROUND_TOWN, width=4, height=4, count=2, dtype="int16"
    ) as dataset:
        dataset.write(np.full((4, 4), 7, dtype="int16"), 1)
        dataset.write(np.full((4, 4), 20, dtype="int16"), 2)
        dataset.scales, dataset.offsets = (1, 0.1), (0, 3)
    assert values(told(path, band=2), "night_radiance")["north"] == pytest.approx(5.0)
    with pytest.raises(InputError, match=r"two\.tif: It has no band 3: its last is 2\. Correct band in its line"):
        told(path, band=3)


def test_people_around_and_within(tmp_path: Path) -> None:
    places = town(spaces=spaces_of({"plaza": box(40, 40, 60, 60), "bench": shapely.Point(EAST + 50, NORTH + 50)}))
    cells = np.full((40, 40), 2.0, dtype="float32")
    found = told(geotiff(tmp_path / "p.tif", cells, from_corner(EAST - 150, NORTH + 250, 10, 10)), "population", places)
    # 2 people on 10 m x 10 m
    assert values(found, "people_per_ha") == pytest.approx(
        dict.fromkeys(("west", "east", "north", "south", "plaza", "bench"), 200.0), rel=1e-5
    )
    assert values(found, "population")["plaza"] == pytest.approx(8.0, rel=1e-5)
    assert np.isnan(values(found, "population")["bench"])
    assert found["coverage"]["bench", "population"] == 0


def test_population_by_sex_and_age_and_classes_that_add_up(tmp_path: Path) -> None:
    counts = {"f_0": 1.0, "f_1": 2.0, "m_0": 4.0, "all": 8.0}
    files = {name: geotiff(tmp_path / f"{name}.tif", halves(n, n)) for name, n in counts.items()}
    whom = {
        "f_0": {"sex": "woman", "age": "child"},
        "f_1": {"sex": "woman", "age": "child"},
        "m_0": {"sex": "man"},
        "all": {},
    }
    given = [(RasterSettings(file=file, kind="population", **whom[name]), admit(file)) for name, file in files.items()]
    found = find_evidence(context_of(town(), rasters=given)).set_index(["place_id", "name"])
    per_ha = {"people_per_ha": 32, "people_per_ha_woman_child": 12, "people_per_ha_man": 16}
    for name, value in per_ha.items():
        assert values(found, name)["north"] == pytest.approx(value, rel=1e-5)
    assert found["source"]["north", "people_per_ha_woman_child"] == "f_0.tif, f_1.tif"
    assert set(found.index.get_level_values("name")) <= {measure.name for measure in MEASURES}
    cells = population_cells(given, town())
    sums = cells.groupby(["sex", "age"])["people"].sum() / (102 * 102 / 2500)
    assert sums.to_dict() == pytest.approx({("all", "all"): 8, ("man", "all"): 4, ("woman", "child"): 3}, rel=1e-5)


def test_cells_of_areas_know_where_they_are_and_how_much_is_known(tmp_path: Path) -> None:
    cells = halves(6, np.nan)
    path = geotiff(tmp_path / "people.tif", cells)
    found = population_cells([(RasterSettings(file=path, kind="population"), admit(path))], town())
    # the town is 102 m wide from 1 m west of the corner: cells of 1, 50, 50 and 1 m, those from 50 m on not known
    assert set(np.round(found["x"] - EAST, 6)) == {-25.0, 25.0}
    assert set(np.round(found["y"] - NORTH, 6)) == {-25.0, 25.0, 75.0, 125.0}
    assert found["people"].sum() == pytest.approx(6 * (51 * 102) / 2500, rel=1e-5)
    assert found["coverage"].to_numpy() == pytest.approx(0.5, abs=1e-6)
    assert set(found["area_id"]) == {"city"}


def test_one_raster_of_a_kind_and_no_file_of_people_twice(tmp_path: Path) -> None:
    path, copy = (geotiff(tmp_path / name, halves(1, 1)) for name in ("a.tif", "b.tif"))
    for kind, what in (("elevation", "more than one raster"), ("population", "the same file twice")):
        given = [(RasterSettings(file=file, kind=kind), admit(file)) for file in (path, copy)]
        with pytest.raises(ConfigError, match=rf"\[evidence\] rasters names for {kind} {what}.* Name it once"):
            find_evidence(context_of(town(), rasters=given))


def test_slope_is_not_told_where_the_raster_cannot(tmp_path: Path) -> None:
    east = np.tile(np.arange(40, dtype="float32") * 0.5, (40, 1))
    path = geotiff(tmp_path / "slope.tif", east, from_corner(EAST - 150, NORTH + 250, 10, 10))
    lines = {"hill": line((0, 0), (60, 80)), "short": line((0, 0), (9, 0)), "tunnel": line((0, 9), (90, 9))}
    lines["round"] = line((0, 0), (30, 0), (30, 30), (0, 0))
    segments = segments_of(lines)
    places = town(segments=segments, links=links_of(segments, {"tunnel": '{"tunnel": "yes"}'}), spaces=spaces_of({}))
    found = told(path, "elevation", places)
    slope = values(found, "slope_percent")
    assert slope.pop("hill") == pytest.approx(3.0)  # 60 m east at 5 % are 3 m on a way of 100 m
    assert np.isnan(list(slope.values())).all()
    assert found["coverage"]["short", "slope_percent"] == 0


def test_land_cover_is_the_word_of_the_class_that_covers_most(tmp_path: Path) -> None:
    cells = np.tile(np.array([50, 50, 10, 10], dtype="uint8"), (4, 1))
    cells[:, 1] = 60
    found = told(geotiff(tmp_path / "cover.tif", cells), "land_cover", classes={"10": "trees", "50": "built up"})
    cover = words(found, "land_cover")
    assert cover["east"] == "trees"
    assert cover["west"] in ("built up", "60")
    found = told(geotiff(tmp_path / "cover.tif", np.full((4, 4), 60, dtype="uint8"), nodata=0), "land_cover")
    assert set(words(found, "land_cover").values()) == {"60"}


def test_a_raster_of_a_million_by_a_million_cells_is_read_where_the_places_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "huge.tif"
    shape = {"width": 1_000_000, "height": 1_000_000, "count": 1, "dtype": "float32", "crs": METRIC}
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True, "BIGTIFF": "YES"}
    corner = from_corner(EAST - 300_000, NORTH + 300_000, 1, 1)
    with rasterio.open(path, "w", driver="GTiff", transform=corner, **shape, **tiles) as dataset:
        window = rasterio.windows.Window(299_950, 299_850, 200, 200)
        dataset.write(np.full((200, 200), 2.0, dtype="float32"), 1, window=window)
    read: list[int] = []
    whole = Raster.read

    def counted(self: Raster, column: int, row: int, width: int, height: int) -> NDArray[np.float64]:
        read.append(width * height)
        return whole(self, column, row, width, height)

    monkeypatch.setattr(Raster, "read", counted)
    found = told(path)
    assert set(values(found, "night_radiance").values()) == {2.0}
    assert max(read) <= 160 * 160


REFUSED = {
    "antimeridian.tif": r"It does not meet the places: in its CRS, WGS 84, it lies at 179\.95, -16\.8 to 180\.05, .*",
    "corrupt_header.tif": r"It cannot be read: it is cut or damaged\. Copy or download it once more\.",
    "huge_sparse_1000000x1000000.tif": r"It is stored in blocks of 16384 x 16384 cells: .* gdal_translate .*",
    "no_crs.tif": r'It has no CRS\. Name it in its line of rasters under \[evidence\], as in crs = "EPSG:4326"\.',
    "no_geotransform.tif": r"It does not say where its cells lie\. Georeference it in QGIS .*",
    "outside_city.tif": r"It does not meet the places: .* it lies at -74, 40\.9 to -73\.9, 41, they at 72\.8.*",
    "ssrf.vrt": r"It is no GeoTIFF\. Export it from QGIS as GeoTIFF .*",
    "ssrf_vrt_named.tif": r"It is no GeoTIFF\. .*",
    "truncated.tif": r"It cannot be read: it is cut or damaged\. .*",
    "wms_named.tif": r"It is no GeoTIFF\. .*",
    "wrong_crs.tif": r"It does not meet the places: in its CRS, WGS 84 / UTM zone 43N, .* or name its right CRS .*",
}
UNKNOWN = {"all_nodata.tif", "nan_no_nodata_flag.tif"}
READ = {"good.tif", "rotated.tif", "south_up.tif", "deflate_corrupt.tif"}


def mumbai() -> Places:
    """Return a street where the bad rasters lie: column 50, rows 20 to 21 of good.tif."""
    crs = CRS.from_epsg(32643)
    ends = to_metres(np.array([[72.8505, 19.1795], [72.8505, 19.1785]]), crs)
    segments = segments_of({"street": shapely.LineString(ends)}).set_crs(crs, allow_override=True)
    area = town().areas.set_geometry([shapely.LineString(ends).buffer(30)]).set_crs(crs, allow_override=True)
    none = spaces_of({}).set_crs(crs, allow_override=True)
    return replace(town(), crs=crs, segments=segments, spaces=none, areas=area)


def test_every_bad_raster_has_its_test(shared: Path) -> None:
    there = {file.name for file in (shared / "badinputs" / "raster").iterdir()}
    assert there == REFUSED.keys() | UNKNOWN | READ


@pytest.mark.parametrize("kind", ["night_radiance", "population", "land_cover"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_bad_raster_is_refused_in_words(shared: Path, name: str, kind: str) -> None:
    with pytest.raises(InputError) as caught:
        told(shared / "badinputs" / "raster" / name, kind, mumbai())
    said = str(caught.value)
    assert re.fullmatch(rf"{re.escape(name)}: {REFUSED[name]}", said)
    assert str(shared) not in said


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_a_raster_without_values_tells_nothing(shared: Path, name: str) -> None:
    found = told(shared / "badinputs" / "raster" / name, places=mumbai())
    assert found["value"].isna().all()
    assert (found["coverage"] == 0).all()


def test_south_up_and_rotated_cells_are_read_where_they_lie(shared: Path) -> None:
    folder = shared / "badinputs" / "raster"
    found = {name: values(told(folder / name, places=mumbai()), "night_radiance")["street"] for name in READ}
    # cells hold 100 row + column: rows 20 and 21 down from 19.2, or 79 and 78 up from 19.1, of column 50
    assert found["good.tif"] == pytest.approx(100 * 20.5 + 50, abs=1)
    assert found["south_up.tif"] == pytest.approx(100 * 78.5 + 50, abs=1)
    # east 0.0505, north -0.021 = column (0.001, 0.0005) + row (0.0005, -0.001): column 32, row 37 at its middle
    column, row = np.linalg.solve([[0.001, 0.0005], [0.0005, -0.001]], [0.0505, -0.021])
    assert found["rotated.tif"] == pytest.approx(100 * (row - 0.5) + column - 0.5, rel=0.02)


def test_damage_that_no_check_sees_is_caught_by_its_sha256(shared: Path) -> None:
    folder = shared / "badinputs" / "raster"
    was = admit(folder / "good.tif").sha256
    assert values(told(folder / "good.tif", places=mumbai(), sha256=was.upper()), "night_radiance")
    with pytest.raises(InputError, match=r"deflate_corrupt\.tif: It is not the file that safeaudit\.toml names by"):
        told(folder / "deflate_corrupt.tif", places=mumbai(), sha256=was)


READ_IT = """
import sys; sys.path[:0] = sys.argv[1:3]
from test_evidence_raster import told
from pathlib import Path
print(sum(told(Path(sys.argv[3]))["coverage"]))
"""


def test_nothing_beside_a_raster_is_opened(tmp_path: Path) -> None:
    """In a process of its own: a request would wait for this one, which waits for it."""
    path = geotiff(tmp_path / "night.tif", halves(1, 2))
    tests, root = Path(__file__).parent, Path(__file__).parents[1]
    with listening() as canary:
        vrt = (
            '<VRTDataset rasterXSize="4" rasterYSize="4"><Metadata><MDI key="INTERNAL_MASK_FLAGS_1">2</MDI></Metadata>'
            '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
            f'<SourceFilename relativeToVRT="0">/vsicurl/{canary.address}/x.tif</SourceFilename>'
            "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
        beside = '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{}</MDI></Metadata></PAMDataset>'
        (tmp_path / "night.tif.msk").write_text(vrt)
        (tmp_path / "night.tif.ovr").write_text(vrt)
        (tmp_path / "night.tif.aux.xml").write_text(beside.format(f"/vsicurl/{canary.address}/o.tif"))
        command = [sys.executable, "-c", READ_IT, tests, root, path]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert canary.asked == []
    assert float(said.stdout) == 10.0
    assert said.stderr == ""


@pytest.mark.parametrize("name", ["ssrf_vrt_named.tif", "wms_named.tif", "ssrf.vrt"])
def test_the_command_refuses_what_only_looks_like_a_raster(tmp_path: Path, shared: Path, name: str) -> None:
    raster = f'[evidence]\nrasters = [{{ kind = "night_radiance", file = "{name}" }}]'
    folder = project(tmp_path / "city", raster, '[[audits]]\nfile = "walk.csv"')
    columns = ("latitude", "longitude", "observed_at", "lighting")
    write_csv(folder / "walk.csv", columns, [("19.07", "72.88", "2026-03-01T20:00:00", "1")])
    with listening() as canary:
        hostile = (shared / "badinputs" / "raster" / name).read_text(encoding="utf-8")
        (folder / name).write_text(hostile.replace("http://127.0.0.1:18765", canary.address), encoding="utf-8")
        said = safeaudit("run", folder, "--out", tmp_path / "out")
        checked = safeaudit("check", folder)
        assert canary.asked == []
    assert said.code == 2
    assert f"{name}: It is no GeoTIFF. Export it from QGIS as GeoTIFF" in said.stderr
    assert (checked.code, checked.stderr) == (2, said.stderr)
    assert not (tmp_path / "out").exists()
