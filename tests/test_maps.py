"""maps/ holds what the sample cities give today."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from browser import chromium, opened
from conftest import ROOT
from projects import safeaudit, snapshot

if TYPE_CHECKING:
    from pathlib import Path

CITIES = sorted(folder.name for folder in (ROOT / "sample_cities").iterdir() if (folder / "safeaudit.toml").exists())


@pytest.fixture(scope="module", params=CITIES)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    out = tmp_path_factory.mktemp(request.param)
    project = out / request.param  # a copy: what is remembered of releases is not to lie among the sources
    shutil.copytree(ROOT / "sample_cities" / request.param, project, ignore=shutil.ignore_patterns("releases"))
    said = safeaudit("publish", project, "--out", out)
    assert said.code == 0
    return request.param, out


@pytest.mark.parametrize("file", ["map.html", "manifest.json"])
def test_the_release_is_current(city: tuple[str, Path], file: str) -> None:
    name, out = city
    kept = (ROOT / "maps" / name / "public" / file).read_bytes()
    assert (out / "public" / file).read_bytes() == kept, f"safeaudit publish sample_cities/{name} --out maps/{name}"


def test_nothing_but_public_files_is_kept(city: tuple[str, Path]) -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert all(f"/maps/*/{folder}" in ignored for folder in ("office/", "private/", "run.json"))
    assert set(snapshot(ROOT / "maps" / city[0] / "public")) == {"manifest.json", "map.html"}


def test_the_kept_map_opens_alone_and_says_that_audits_are_simulated(city: tuple[str, Path]) -> None:
    with chromium() as browser, opened(browser, ROOT / "maps" / city[0] / "public" / "map.html") as found:
        assert "imulated" in (found.page.locator("#remarks").text_content() or "")
        assert (found.requests, found.complaints) == ([], [])
