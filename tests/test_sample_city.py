"""The sample city: made again byte for byte, said to be simulated, and as dirty as it is meant to be."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from safeaudit.audits.normalise import normalise
from safeaudit.audits.sources import read
from safeaudit.config import load_config
from safeaudit.files.admit import admit

if TYPE_CHECKING:
    from safeaudit.config import AuditConfig
    from safeaudit.tables import Audits

FOLDER = Path(__file__).resolve().parents[1] / "sample_cities" / "helsinki"
FILES = {"before": "simulated_audits_before.csv", "after": "simulated_audits_after.csv"}
WALKS = {"before": 24, "after": 30}
HELSINKI = (24.93, 60.16, 24.96, 60.18)
CANARY = "note-canary-7141"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> AuditConfig:
    """Return the settings of the sample city, read from a copy so that no key is made in the source tree."""
    folder = tmp_path_factory.mktemp("helsinki")
    for name in ("safeaudit.toml", "helsinki.osm.pbf", *FILES.values()):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    return load_config(folder)


@pytest.fixture(scope="module")
def audits(config: AuditConfig) -> Audits:
    cells = [(settings, read(admit(config.path(settings.file)), settings)) for settings in config.audits]
    return normalise(cells, rubric=config.indicators, timezone=config.city.timezone, extent=HELSINKI, key=config.key)


def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "simulate.py", tmp_path], check=True, capture_output=True)
    for name in FILES.values():
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), f"{name}: run simulate.py once more"


def test_everything_says_that_it_is_simulated(config: AuditConfig) -> None:
    assert "simulated" in config.city.name
    assert config.city.remark.startswith("Simulated audits: nobody walked these streets.")
    assert all("simulated" in settings.file.name for settings in config.audits)
    assert "Nobody walked these streets" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_extract_is_the_one_that_source_md_and_the_settings_name(config: AuditConfig) -> None:
    extract = admit(FOLDER / "helsinki.osm.pbf")
    assert extract.kind == "pbf"
    assert extract.sha256 == config.places.sha256
    assert extract.sha256 in (FOLDER / "SOURCE.md").read_text(encoding="utf-8")


def test_files_are_small_and_no_row_is_lost(audits: Audits) -> None:
    assert [(count.file, count.read) for count in audits.counts] == [
        ("simulated_audits_before.csv", 3226),
        ("simulated_audits_after.csv", 3730),
    ]
    assert all((FOLDER / name).stat().st_size < 600_000 for name in FILES.values())


def test_dirt_is_found_and_stays_under_the_limit(audits: Audits, config: AuditConfig) -> None:
    for count in audits.counts:
        assert (count.rejected, count.duplicates) == (6, 12)
        assert count.rejected < config.check.max_rejected_share * count.read
        wrong = audits.rejected[audits.rejected["file"] == count.file]
        assert wrong["code"].value_counts().to_dict() == {
            "LEVEL_RANGE": 2,
            "LEVEL_UNKNOWN": 1,
            "COORD_MISSING": 1,
            "NULL_ISLAND": 1,
            "OUTSIDE_AREA": 1,
        }
    assert (audits.submissions["version"] == 2).sum() == 4
    assert (audits.submissions["accuracy_m"] > 500).sum() == 2
    assert audits.submissions["accuracy_m"].isna().any()


def test_walks_are_by_day_and_after_dark_never_in_between(audits: Audits) -> None:
    found = audits.submissions.groupby(["campaign", "light"], observed=True).size()
    assert set(found.index) == {(campaign, light) for campaign in FILES for light in ("day", "dark")}
    assert found.min() > 1000
    walks = audits.submissions.groupby("campaign", observed=True)["walk_id"].nunique()
    assert walks.to_dict() == WALKS


def test_auditors_are_of_several_sexes_and_ages(audits: Audits) -> None:
    told = audits.submissions.dropna(subset=["auditor"]).drop_duplicates("auditor")
    assert len(told) == 16
    assert told["auditor_sex"].value_counts().to_dict() == {"woman": 12, "man": 3, "other": 1}
    assert set(told["auditor_age"]) == {"youth", "adult", "elderly"}
    assert (told["auditor_disability"] == "yes").sum() == 1
    assert (audits.submissions["group_size"] > 1).any()


def test_every_indicator_is_rated_at_every_level_that_the_city_has(audits: Audits, config: AuditConfig) -> None:
    levels = audits.observations.groupby("indicator", observed=True)["level"].agg(["min", "max"])
    assert set(levels.index) == set(config.indicators.names)
    wide = levels.drop(index="public_transport")
    assert (wide["min"] == 0).all()
    assert (wide["max"] == 3).all()


def test_lamps_were_mended_between_the_campaigns(audits: Audits) -> None:
    rated = audits.observations.merge(audits.submissions[["submission_id", "campaign", "light"]], on="submission_id")
    dark = rated[(rated["light"] == "dark") & (rated["indicator"] == "lighting")]
    means = dark.groupby("campaign", observed=True)["rating"].mean()
    assert means["after"] > means["before"]


@pytest.mark.parametrize("name", FILES.values())
def test_every_note_carries_the_canary(name: str) -> None:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        notes = [row["note"] for row in csv.DictReader(stream) if row["note"]]
    assert len(notes) >= 10
    assert all(CANARY in note for note in notes)
