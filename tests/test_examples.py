"""Every example in a docstring and in docs/api.md runs, and prints what it says, on a small town called kibera."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
import typing
from typing import TYPE_CHECKING, get_type_hints

import pandas as pd
import pytest
from conftest import ROOT

import safeaudit
from safeaudit.tables.public import Public

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MUST_HAVE = {
    *("safeaudit.config.project.load_config", "safeaudit.pipeline.run", "safeaudit.pipeline.analyse"),
    *("safeaudit.pipeline.check", "safeaudit.writing.write", "safeaudit.writing.to_folium"),
    *("safeaudit.outputs.result_file.read_result", "safeaudit.outputs.geodataframe.to_geodataframe"),
    *("safeaudit.match.match", "safeaudit.score.estimate.score", "safeaudit.place_codes.place_codes"),
    *("safeaudit.coverage.bands", "safeaudit.coverage.quarters", "safeaudit.files.spreadsheet_text.unescape"),
}
TOML = """
[city]
name = "Kibera"
timezone = "Africa/Nairobi"

[places]
streets = { file = "streets.geojson" }

[[audits]]
file = "walk.csv"
consent = "conditions"
"""
WALK = """\
submission_id,latitude,longitude,observed_at,walk_id,auditor,auditor_sex,lighting,walk_path
a1,-1.3130,36.7805,2026-05-17 20:10,w1,ann,woman,0,1
a2,-1.3131,36.7806,2026-05-17 20:10,w1,ben,man,1,1
a3,-1.3125,36.7800,2026-05-17 20:25,w1,ann,woman,2,2
a4,-1.3125,36.7800,2026-05-24 20:20,w2,eve,woman,2,3
a5,-1.3120,36.7805,2026-05-24 20:40,w2,eve,woman,3,3
a6,,,2026-05-24 20:50,w2,eve,woman,7,3
"""
STREETS = {
    "Karanja Road": [[36.7800, -1.3130], [36.7810, -1.3130]],
    "Kibera Drive": [[36.7800, -1.3130], [36.7800, -1.3120]],
    "Olympic Lane": [[36.7800, -1.3120], [36.7810, -1.3120]],
}


@pytest.fixture
def beside_kibera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder with a project `kibera`: three streets, six forms of two walks, one of them without a place."""
    folder = tmp_path / "kibera"
    folder.mkdir()
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "highway": "residential"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for name, line in STREETS.items()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    (folder / "streets.geojson").write_text(content, encoding="utf-8")
    (folder / "walk.csv").write_text(WALK, encoding="utf-8")
    (folder / "safeaudit.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pd.option_context("display.width", 200, "display.max_columns", 40):
        yield


def examples() -> list[doctest.DocTest]:
    """Return all docstrings of the package that hold examples."""
    names = [module.name for module in pkgutil.walk_packages(safeaudit.__path__, "safeaudit.")]
    found = []
    for name in names:
        if not name.endswith("__main__"):
            found += doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    return [test for test in found if test.examples]


EXAMPLES = {test.name: test for test in examples()}


def run(test: doctest.DocTest) -> str:
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(test, out=said.append)
    return "".join(said)


@pytest.mark.usefixtures("beside_kibera")
@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_examples_of_docstrings_run(name: str) -> None:
    assert run(EXAMPLES[name]) == ""


def test_what_people_call_has_an_example() -> None:
    assert sorted(MUST_HAVE - set(EXAMPLES)) == []


@pytest.mark.usefixtures("beside_kibera")
@pytest.mark.parametrize("page", ["docs/api.md", "README.md"])
def test_examples_of_pages_run(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    test = doctest.DocTestParser().get_doctest("\n\n".join(blocks), {}, page, page, 0)
    assert test.examples
    assert run(test) == ""


def test_the_page_of_the_library_has_every_public_name() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## `(\w+)", page, re.MULTILINE)) == set(safeaudit.__all__)


PUBLIC = {name: getattr(safeaudit, name) for name in safeaudit.__all__ if name != "to_folium"}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_types_of_public_names_can_be_asked_for(name: str) -> None:
    hints = get_type_hints(PUBLIC[name])
    assert hints or issubclass(PUBLIC[name], Exception)
    for hint in hints.values():
        if isinstance(hint, type) and hint.__module__.startswith("safeaudit"):
            get_type_hints(hint)


def test_types_of_what_may_leave_can_be_asked_for() -> None:
    hints = get_type_hints(Public)
    assert hints["conditions"] is pd.DataFrame
    assert typing.get_args(hints["layers"])[0].__name__ == "PublicLayer"
