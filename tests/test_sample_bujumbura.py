"""The second sample city: made again byte for byte, said to be simulated, and what its rasters say of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from evidence_context import context_of

from safeaudit import check, load_config
from safeaudit.evidence.access import find_access
from safeaudit.evidence.raster import find_evidence, population_cells
from safeaudit.files.admit import admit
from safeaudit.network import build_network

if TYPE_CHECKING:
    import pandas as pd

    from safeaudit.config import AuditConfig
    from safeaudit.pipeline import Checked

FOLDER = Path(__file__).resolve().parents[1] / "sample_cities" / "bujumbura"
FILES = ("safeaudit.toml", "roads.geojson", "night_radiance.tif", "population.tif", "simulated_audits.csv")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> AuditConfig:
    """Return the settings, read from a copy so that no key is made in the source tree."""
    folder = tmp_path_factory.mktemp("bujumbura")
    for name in FILES:
        shutil.copy(FOLDER / name, folder)
    return load_config(folder)


@pytest.fixture(scope="module")
def checked(config: AuditConfig) -> Checked:
    return check(config)


@pytest.fixture(scope="module")
def evidence(config: AuditConfig, checked: Checked) -> pd.DataFrame:
    files = [(raster, admit(config.path(raster.file))) for raster in config.evidence.rasters]
    return find_evidence(context_of(checked.places, rasters=files))


def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "simulate.py", tmp_path], check=True, capture_output=True)
    again, here = (folder / "simulated_audits.csv" for folder in (tmp_path, FOLDER))
    assert again.read_bytes() == here.read_bytes(), "run simulate.py once more"


def test_everything_says_that_it_is_simulated(config: AuditConfig) -> None:
    assert "simulated" in config.city.name
    assert config.city.remark.startswith("Simulated audits: nobody walked these streets.")
    assert "© OpenStreetMap contributors" in config.city.remark
    assert all("simulated" in settings.file.name for settings in config.audits)
    assert "Nobody walked these streets" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_files_are_small_and_their_licences_are_told() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert sum((FOLDER / name).stat().st_size for name in FILES) < 1_250_000
    assert all(f"`{name}`" in readme for name in FILES[1:])


def test_the_streets_are_as_many_as_the_readme_says(checked: Checked) -> None:
    segments = checked.places.segments
    assert (len(segments), round(checked.places.links["length_m"].sum() / 1000)) == (9_253, 884)


def test_dirt_is_found_and_no_row_is_lost(checked: Checked) -> None:
    (count,) = checked.counts
    assert (count.read, count.accepted, count.rejected, count.duplicates) == (2631, 2616, 6, 9)
    assert dict(zip(checked.reasons["code"], checked.reasons["rows"], strict=True)) == {
        "LEVEL_UNKNOWN": 3,
        "DATE_IMPLAUSIBLE": 1,
        "NULL_ISLAND": 1,
        "OUTSIDE_AREA": 1,
    }
    assert "It is read as cp1252, as the settings say." in count.remarks


def test_night_lights_tell_the_town_from_the_hills_by_an_absolute_threshold(evidence: pd.DataFrame) -> None:
    radiance = evidence[evidence["name"] == "night_radiance"].set_index("place_id")
    light = evidence[evidence["name"] == "night_light"].set_index("place_id")["label"]
    assert (radiance["coverage"] == 1).all()
    assert 0.1 < radiance["value"].min() < 0.2
    assert radiance["value"].max() == pytest.approx(13.317, abs=1e-3)  # the brightest cell, as it stands in the file
    assert ((light == "light") == (radiance["value"] >= 0.5)).all()
    assert 0.9 < (light == "light").mean() < 0.99


def test_people_in_mollweide_are_counted_where_they_live(config: AuditConfig, checked: Checked) -> None:
    files = [(raster, admit(config.path(raster.file))) for raster in config.evidence.rasters]
    cells = population_cells(files, checked.places)
    # the file holds 811,911 people in its whole cells; the hull of the streets leaves some at its edges out
    assert 795_000 < cells["people"].sum() < 811_911
    assert cells["coverage"].min() == 1.0
    table = find_access(checked.places, build_network(checked.places.links), cells)
    assert table["population"].tolist() == pytest.approx([cells["people"].sum()])
    assert np.isnan(table["share"]).all()  # no public space is mapped: not known, which is not none
