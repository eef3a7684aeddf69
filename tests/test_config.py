"""Settings: what is unknown, wrong or missing is said in a sentence, with what to do."""

from __future__ import annotations

import dataclasses
import os
import re
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY

from safeaudit import config as settings
from safeaudit.config import AuditConfig, config_from_dict, load_config, slugify
from safeaudit.errors import ConfigError

HERE = Path(__file__).resolve().parents[1]


def read(given: dict[str, Any]) -> AuditConfig:
    """Return the settings that a TOML with these tables gives."""
    return config_from_dict(given, folder=Path("city"))


def project(folder: Path, text: str = "") -> Path:
    """Write a safeaudit.toml."""
    (folder / "safeaudit.toml").write_text(text, encoding="utf-8")
    return folder


def test_more_indicators_than_anybody_rates_are_refused(tmp_path: Path) -> None:
    own = "\n".join(f'[rubric.indicators.own_{n}]\nlabel = "Own"' for n in range(127))
    (tmp_path / "safeaudit.toml").write_text(own, encoding="utf-8")
    with pytest.raises(ConfigError, match="127 indicators of the city's own; at most 40 are read"):
        load_config(tmp_path)


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    found = load_config(project(tmp_path))
    assert found == dataclasses.replace(AuditConfig(), folder=tmp_path, key=found.key)
    assert found.match.max_distance_m == 25
    assert (found.score.min_ratings, found.score.min_contributors, found.score.stale_months) == (0, 3, 24)
    assert found.places.max_segment_m == 150
    assert found.publish.min_walks == 1


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = """
    [city]
    name = "São Paulo"
    timezone = "America/Sao_Paulo"
    [places]
    streets = { file = "streets.geojson", crs = "EPSG:32723" }
    [[audits]]
    file = "walk.csv"
    scale = [1, 5]
    columns = { latitude = "lat", longitude = "lon", lighting = "q1" }
    levels.lighting = { "Todo" = 3, "Nada" = 0 }
    [rubric]
    weights = { lighting = 2 }
    [score]
    as_of = 2026-05-17
    """
    found = load_config(project(tmp_path, text))
    assert found.city.slug == "sao-paulo"
    assert found.places.streets is not None
    assert found.path(found.places.streets.file) == tmp_path / "streets.geojson"
    assert found.audits[0].levels["lighting"]["Todo"] == 3
    assert found.audits[0].scale == (1.0, 5.0)
    assert found.indicators["lighting"].weight == 2.0
    assert str(found.score.as_of) == "2026-05-17"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"cities": {}}, r'the file has an unknown key "cities"\.'),
        ({"city": {"nmae": "x"}}, r'city has an unknown key "nmae"\. Did you mean "name"\?'),
        ({"match": {"max_distance": 3}}, r'match has an unknown key "max_distance"\. Did you mean "max_distance_m"\?'),
        (
            {"match": {"zzz": 3}},
            r'match has an unknown key "zzz"\. Known here: max_distance_m, default_accuracy_m, overrides\.',
        ),
        ({"audits": [{"file": "a.csv", "colums": {}}]}, r'audits\[0\] has an unknown key "colums"\. .*"columns"\?'),
        ({"audits": [{"file": "a.csv", "columns": {"lihgting": "q"}}]}, r'unknown key "lihgting"\. .*"lighting"\?'),
        ({"audits": [{"file": "a.csv", "levels": {"lit": {"x": 1}}}]}, r'unknown key "lit"'),
        ({"audits": [{"file": "a.csv", "levels": {"consent": {"x": 1}}}]}, r'levels has an unknown key "consent"'),
        (
            {"audits": [{"file": "a.csv", "faults": {"Foco": "lamp_uot"}}]},
            r'faults has an unknown key "lamp_uot"\. .*"lamp_out"\?',
        ),
        ({"faults": {"agencies": {"lamps": "x"}}}, r'\[faults\] agencies has an unknown key "lamps"\.'),
        (
            {"audits": [{"file": "a.csv", "columns": {"lighting_n": "n"}}]},
            r"columns names lighting_n without lighting and lighting_n\. A mean comes with its number",
        ),
        (
            {"audits": [{"file": "a.csv", "columns": {"lighting": "l", "lighting_spread": "s"}}]},
            r"columns names lighting_spread without lighting and lighting_n\.",
        ),
        (
            {"rubric": {"weights": {"ligting": 2.0}}},
            r'\[rubric\] weights has an unknown key "ligting"\. .*"lighting"\?',
        ),
        ({"audits": [{}]}, r"audits\[0\] lacks file\. Add a line: file = \.\.\."),
        ({"places": {"streets": {"crs": "EPSG:4326"}}}, r"places\.streets lacks file\."),
        ({"rubric": {"indicators": {"shade": {}}}}, r"rubric\.indicators\.shade lacks label\."),
    ],
)
def test_unknown_and_missing_keys_are_named(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=r"^safeaudit\.toml: .*" + sentence):
        read(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"city": "Kibera"}, r"city must be a table, not 'Kibera'\."),
        ({"city": {"name": 3}}, r"city\.name must be text, not 3\."),
        ({"match": {"max_distance_m": "25"}}, r"match\.max_distance_m must be a number, not '25'\."),
        ({"match": {"max_distance_m": True}}, r"match\.max_distance_m must be a number, not True\."),
        ({"score": {"stale_months": 2.5}}, r"score\.stale_months must be a whole number, not 2\.5\."),
        ({"score": {"as_of": "2026-05-17"}}, r"score\.as_of must be a date"),
        ({"places": {"exclude_highway": "steps"}}, r"places\.exclude_highway must be a list, not 'steps'\."),
        ({"places": {"exclude_highway": [3]}}, r"places\.exclude_highway\[0\] must be text, not 3\."),
        ({"audits": {"file": "a.csv"}}, r"audits must be a list"),
        ({"audits": [{"file": "a.csv", "consent": "yes"}]}, r"consent must be one of analysis, conditions, public"),
        ({"audits": [{"file": "a.csv", "scale": [3]}]}, r"scale must be its lowest and its highest rating"),
        ({"audits": [{"file": "a.csv", "scale": [4, 0]}]}, r"scale must be its lowest and its highest rating"),
        ({"audits": [{"file": "a.csv", "levels": {"lighting": {"Yes": "3"}}}]}, r"must be a whole number, not '3'"),
        ({"rubric": {"indicators": {"shade": {"label": "x", "levels": ["a"]}}}}, r"an indicator has 4 levels, not 1\."),
        ({"city": {"timezone": "Mars/Base"}}, r'"Mars/Base" is no time zone\. Write it as in "Africa/Nairobi"\.'),
        ({"city": {"timezone": "../../etc/passwd"}}, r"is no time zone\."),
    ],
)
def test_values_of_the_wrong_kind_are_named(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read(given)


@pytest.mark.parametrize(
    "given",
    [
        {"places": {"max_segment_m": 0}},
        {"places": {"max_segment_m": float("nan")}},
        {"match": {"max_distance_m": -25}},
        {"match": {"default_accuracy_m": 0}},
        {"score": {"interval": 1}},
        {"score": {"min_share": 75}},
        {"score": {"stale_months": -1}},
        {"rubric": {"weights": {"lighting": -1}}},
        {"rubric": {"weights": {"lighting": float("nan")}}},
        {"audits": [{"file": "a.csv", "levels": {"lighting": {"Yes": 4}}}]},
    ],
    ids=str,
)
def test_numbers_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        read(given)


def test_feeling_can_have_no_weight() -> None:
    # Ignoring the line would be a silent surprise: feeling is an outcome, say so.
    with pytest.raises(ConfigError, match="feeling"):
        read({"rubric": {"weights": {"feeling": 1.0}}})


@pytest.mark.parametrize(
    "name",
    [
        *("lighting", "score", "street_condition", "note", "latitude", "fid", "geom", "geometry", "tags"),
        *("lighting_low", "Two words", 'x" REAL); DROP'),
    ],
)
def test_an_own_indicator_cannot_take_a_name_that_is_taken(name: str) -> None:
    with pytest.raises(ConfigError, match=rf'"{re.escape(name)}" cannot be a column, or is taken\. Give it another'):
        read({"rubric": {"indicators": {name: {"label": "Mine"}}}})


@pytest.mark.parametrize("key", ["folder", "key"])
def test_folder_and_key_are_no_settings(key: str) -> None:
    with pytest.raises(ConfigError, match=f'unknown key "{key}"'):
        read({key: "/etc"})


def test_a_folder_without_settings_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no safeaudit\.toml in .* Make one: safeaudit init"):
        load_config(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "city.osm.pbf").write_bytes(b"x")
    with pytest.raises(ConfigError, match=r"safeaudit\.toml"):
        load_config(tmp_path / "city.osm.pbf")


@pytest.mark.parametrize("content", [b"[city\nname = 3", b"\xff\xfe[\x00", b'[city]\nname = "a"\nname = "b"'])
def test_what_is_no_toml_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "safeaudit.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"safeaudit\.toml: This is not TOML: .* Mend that line\."):
        load_config(tmp_path)
    assert not (tmp_path / "auditors.key").exists()


def test_a_byte_order_mark_as_windows_editors_write_it_is_fine(tmp_path: Path) -> None:
    (tmp_path / "safeaudit.toml").write_bytes(b'\xef\xbb\xbf[city]\nname = "Kibera"\n')
    assert load_config(tmp_path).city.name == "Kibera"


# --- the key --------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    first = load_config(project(tmp_path)).key
    assert len(first) == 64
    assert load_config(tmp_path).key == first
    if os.name == "posix":
        assert (tmp_path / "auditors.key").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["auditors.key", "safeaudit.toml"]


def test_two_projects_have_two_keys(tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        keys.add(load_config(project(tmp_path / name)).key)
    assert len(keys) == 2


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    # Pseudonyms made with an empty key could be undone by anybody with a list of names.
    (project(tmp_path) / "auditors.key").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"auditors\.key"):
        load_config(tmp_path)


# --- names ----------------------------------------------------------------------------------------

HOSTILE = [
    "../../etc/passwd",
    "CON",
    "a\nb",
    "São Paulo",
    "東京",
    "a" * 300,
    "-rf",
    "x'; DROP TABLE t;--",
    "<img src=x onerror=1>",
    "Z{{7*7}}Z",
    "/vsicurl/http://127.0.0.1:18765/x.tif",
    "http://127.0.0.1:18765/x.geojson",
    "PG:host=127.0.0.1",
    "sqlite:////etc/passwd",
    "zip://../x.zip",
    "",
    "..",
    "nul",
    "com1",
]
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_make_safe_file_names(name: str) -> None:
    for slug in (read({"city": {"name": name or " "}}).city.slug, read({"city": {"slug": name}}).city.slug):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= 60
        assert slug not in RESERVED  # Windows has no folder of such a name
        assert (Path("maps") / slug).parent == Path("maps")


@PROPERTY
@given(st.text(max_size=200))
def test_any_name_makes_a_safe_file_name_that_stays(name: str) -> None:
    slug = slugify(name)
    assert set(slug) <= set(string.ascii_lowercase + string.digits + "-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert 0 < len(slug) <= 60
    assert slugify(slug) == slug


def test_the_name_of_the_city_stays_as_it_is_written() -> None:
    for name in HOSTILE:
        assert read({"city": {"name": name}}).city.name == name


# --- the docs -------------------------------------------------------------------------------------


def all_settings() -> list[str]:
    """Return the name of every setting there is."""
    classes = [value for name, value in vars(settings).items() if name.endswith("Settings") or name == "OwnIndicator"]
    return sorted({field.name for cls in classes for field in dataclasses.fields(cls)})


def test_every_setting_is_documented() -> None:
    text = (HERE / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in all_settings() if not re.search(rf"\b{name}\b", text)] == []


def test_every_default_is_documented() -> None:
    text = (HERE / "docs" / "settings.md").read_text(encoding="utf-8")
    defaults = [AuditConfig().match.max_distance_m, AuditConfig().places.max_segment_m, AuditConfig().score.min_share]
    for default in defaults:
        assert re.search(rf"\b{default:g}\b", text)
