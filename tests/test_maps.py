"""maps/ holds what the sample cities give today."""

from __future__ import annotations

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
    said = safeaudit("run", ROOT / "sample_cities" / request.param, "--out", out)
    assert said.code == 0
    return request.param, out


def test_the_public_map_is_current(city: tuple[str, Path]) -> None:
    name, out = city
    kept = (ROOT / "maps" / name / "public" / "map.html").read_bytes()
    assert (out / "public" / "map.html").read_bytes() == kept, f"safeaudit run sample_cities/{name} --out maps/{name}"


def test_nothing_but_public_files_is_kept(city: tuple[str, Path]) -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert all(f"/maps/*/{folder}" in ignored for folder in ("office/", "private/", "run.json"))
    assert set(snapshot(ROOT / "maps" / city[0] / "public")) == {"map.html"}


def test_the_kept_map_opens_alone_and_says_that_audits_are_simulated(city: tuple[str, Path]) -> None:
    with chromium() as browser, opened(browser, ROOT / "maps" / city[0] / "public" / "map.html") as found:
        assert "imulated" in (found.page.locator("#remarks").text_content() or "")
        assert (found.requests, found.complaints) == ([], [])
