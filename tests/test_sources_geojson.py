"""GeoJSON as it comes: points as rows, one row for each submission, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from safeaudit.audits import sources
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from safeaudit.audits.cells import Cells


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(longitude: Any, latitude: Any, *more: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude, *more]}


LINE = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


def cells(folder: Path, document: Any, **settings: Any) -> Cells:
    path = folder / "walk.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    (found,) = sources.read(admit(path), AuditSettings(file=path, **settings))
    return found


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def rows(found: Cells) -> list[tuple[object, ...]]:
    return list(zip(found.lines.tolist(), *found.columns, strict=True))


def test_properties_are_columns_as_they_are_written(tmp_path: Path) -> None:
    text = """{"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [72.8800, 19.07, 5]},
         "properties": {"lighting": 2, "wide": 1.50, "ok": true, "none": null, "tags": ["a", "b"]}},
        {"type": "Feature", "geometry": null, "properties": {"lighting": "1", "latitude": "no"}}]}"""
    found = cells(tmp_path, text)
    assert found.header == ("longitude", "latitude", "lighting", "wide", "ok", "none", "tags", "properties.latitude")
    assert rows(found) == [
        (1, "72.8800", "19.07", "2", "1.50", "true", "", '["a", "b"]', ""),
        (2, "", "", "1", "", "", "", "", "no"),
    ]


def test_one_submission_with_several_positions_is_one_row(tmp_path: Path) -> None:
    twice = {"_id": 7, "lighting": 1}
    found = cells(
        tmp_path,
        collection(
            feature(LINE, **twice),
            feature(point(1, 2), **twice),
            feature(point(3, 4), **twice),
            feature(point(3, 4), _id=7, lighting=2),
            feature(point(3, 4), lighting=2),
            feature(point(3, 4), lighting=2),
        ),
    )
    assert [row[0] for row in rows(found)] == [2, 4, 5, 6]
    assert "2 features say once more what an earlier one says" in found.remarks[0]
    assert len(found.rejected) == 0


def test_lines_and_areas_alone_are_rejected(tmp_path: Path) -> None:
    found = cells(tmp_path, collection(feature(LINE, _id=1, note="x"), feature(point(1, 2), _id=2)))
    assert [(row.line, row.code) for row in found.rejected.itertuples()] == [(1, "NOT_A_POINT")]
    assert found.rejected["message"][0].startswith("walk.geojson line 1: This feature is a LineString, not a point.")
    assert [row[0] for row in rows(found)] == [2]


def test_what_is_no_feature_is_a_row_without_a_position(tmp_path: Path) -> None:
    assert rows(cells(tmp_path, collection("x", feature({"type": "Point", "coordinates": "far"}, a=1)))) == [
        (1, "", "", ""),
        (2, "", "", "1"),
    ]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("[1, 2]", "This is JSON, but no collection of GeoJSON features."),
        ('{"features": [', "It is cut, or no GeoJSON"),
        ("[" * 100_000, "Its brackets stand one in the other too deep"),
        (
            collection(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}),
            'It says that its coordinates are in urn:ogc:def:crs:EPSG::3857. Set crs = "EPSG:..."',
        ),
    ],
)
def test_what_is_no_geojson_in_degrees_is_refused(tmp_path: Path, document: Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        cells(tmp_path, document)
    assert sentence in str(refused.value)


def test_a_declared_crs_is_taken(tmp_path: Path) -> None:
    named = collection(feature(point(1, 2)), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}})
    assert len(cells(tmp_path, named, crs="EPSG:3857").lines) == 1
    degrees = collection(feature(point(1, 2)), crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}})
    assert len(cells(tmp_path, degrees).lines) == 1
