"""Real exports of real forms: KoboToolbox in León, ODK Central in Colorado and Perth. No row is lost."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from projects import project, safeaudit

from safeaudit.audits import sources
from safeaudit.audits.normalise import normalise
from safeaudit.config import AuditSettings
from safeaudit.files.admit import admit
from safeaudit.rubric import STANDARD
from safeaudit.start.propose import propose

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.tables import Audits

LEON = (-101.6755, 21.1102, -101.6670, 21.1184)
PLACE = "Añade tu ubicación actual"
SPEED = "La velocidad máxima a la que un automóvil puede transitar por esa calle Km/h"
THERE = (
    'Existencia Por default esto es siempre "Sí", pero si consideras que un elemento de este tipo '
    'debería de existir en este lugar y no existe, puedes colocar "No".'
)
GREEN = THERE.replace("Existencia Por", "Por")
KINDS = {"Privado": 1, "Público": 3}
BLOCKS = {"altura__postes__se_alamientos": 1, "niveles__escalenes__rampas": 0}

LEVELS = (0.0, 3.0)
FORMS: dict[str, Any] = {
    "banquetas.csv": ({"position": PLACE, "walk_path": "Anchura"}, {}, (0.0, 500.0)),
    "banquetas.geojson": ({"position": PLACE, "walk_path": "Anchura"}, {}, (0.0, 500.0)),
    "equipamiento.csv": (
        {"position": "Añada tu ubicación actual", "people": "Tipo de equipamiento"},
        {"people": KINDS},
        LEVELS,
    ),
    "infraestructura_verde.csv": ({"position": PLACE, "openness": GREEN}, {"openness": {"Si": 3, "No": 0}}, LEVELS),
    "obstrucciones.csv": (
        {"position": "Guarda_tu_ubicaci_n_actual", "walk_path": "Tipo_de_obstrucci_n"},
        {"walk_path": BLOCKS},
        LEVELS,
    ),
    "velocidad_maxima.csv": ({"position": PLACE, "security": SPEED}, {}, (0.0, 120.0)),
}
OWN = {"observed_at": "start", "submission_id": "_uuid", "auditor": "_submitted_by"}


def read(path: Path, extent: Any = LEON, **settings: Any) -> Audits:
    given = AuditSettings(file=path, **{name: _frozen(value) for name, value in settings.items()})
    chunks = sources.read(admit(path), given)
    return normalise([(given, chunks)], rubric=STANDARD, timezone=None, extent=extent, key=b"key")


def _frozen(value: Any) -> Any:
    return MappingProxyType(value) if isinstance(value, dict) else value


def leon(shared: Path, name: str) -> Audits:
    columns, levels, scale = FORMS[name]
    return read(shared / "forms" / "kobo-leon-mx" / name, columns=columns | OWN, levels=levels, scale=scale)


@pytest.mark.parametrize(
    ("name", "rows", "imprecise", "worst_m"),
    [
        ("banquetas.csv", (77, 0), 3, 1416),
        ("banquetas.geojson", (77, 0), 3, 1416),
        ("equipamiento.csv", (31, 0), 0, 65),
        ("infraestructura_verde.csv", (16, 0), 1, 1219),
        ("obstrucciones.csv", (49, 1), 2, 150),
        ("velocidad_maxima.csv", (12, 0), 0, 65),
    ],
)
def test_leon_loses_no_row(shared: Path, name: str, rows: tuple[int, int], imprecise: int, worst_m: float) -> None:
    found = leon(shared, name)
    (count,) = found.counts
    assert (count.read, count.accepted, count.rejected) == (sum(rows), *rows)
    submissions = found.submissions
    assert submissions["flags"].astype(str).str.contains("LOW_PRECISION").sum() == imprecise
    assert submissions["accuracy_m"].max() == pytest.approx(worst_m, abs=0.5)
    assert set(submissions["light"]) <= {"day", "twilight", "dark"}
    assert len(found.observations) == count.accepted


def test_every_export_is_in_this_file(shared: Path) -> None:
    there = {path.name for path in (shared / "forms" / "kobo-leon-mx").iterdir()}
    assert there - {"SOURCE.md", "Poligono_Andrade.geojson"} == set(FORMS)


def test_the_same_export_as_csv_and_as_geojson_is_the_same_walk(shared: Path) -> None:
    tables = [leon(shared, f"banquetas.{kind}").submissions for kind in ("csv", "geojson")]
    same = ["form", "observed_at", "light", "accuracy_m", "geometry"]
    first, second = (table.sort_values(["form", "observed_at"])[same].reset_index(drop=True) for table in tables)
    assert first.equals(second)


def test_an_answer_that_was_not_declared_is_told_with_its_value(shared: Path) -> None:
    (message,) = leon(shared, "obstrucciones.csv").rejected["message"]
    assert message.startswith(
        'obstrucciones.csv line 39, column "Tipo_de_obstrucci_n": "establecimiento_comercial" is no known answer for '
        'walk_path. Known are the levels 0 to 3, "altura__postes__se_alamientos"'
    )


def test_one_id_for_two_submissions_keeps_both(shared: Path) -> None:
    twice = leon(shared, "infraestructura_verde.csv").submissions
    conflict = twice[twice["flags"].astype(str).str.contains("UUID_CONFLICT")]
    assert conflict["form"].nunique() == 1
    assert sorted(conflict["version"]) == [1, 2]


def test_the_toml_says_what_the_teams_words_mean(shared: Path, tmp_path: Path) -> None:
    form = shared / "forms" / "kobo-leon-mx" / "obstrucciones.csv"
    street = {"type": "LineString", "coordinates": [[-101.6714, 21.1162], [-101.6709, 21.1169]]}
    streets = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": street}]}
    toml = (
        f"[[audits]]\nfile = '{form}'\n"
        'columns = { position = "Guarda_tu_ubicaci_n_actual", visibility = "Tipo_de_obstrucci_n" }\n'
        "levels.visibility = { altura__postes__se_alamientos = 1, niveles__escalenes__rampas = 0, "
        '"Perfectamente" = 3, "establecimiento_comercial" = 0 }\n'
    )
    said = safeaudit("check", project(tmp_path / "leon", toml, streets=streets), "--json")
    assert said.code == 0
    (count,) = said.document["files"]
    assert (count["read"], count["accepted"], count["rejected"], count["duplicates"]) == (50, 50, 0, 0)


def test_odk_central_with_groups(shared: Path) -> None:
    path = shared / "forms" / "odk-exports" / "odk_central_osm_fieldwork.csv"
    fix = {name: f"gps-highway_point-{name.title()}" for name in ("latitude", "longitude")}
    columns = {**fix, "accuracy_m": "gps-highway_point-Accuracy", "observed_at": "start", "submission_id": "KEY"}
    found = read(
        path,
        extent=None,
        columns={**columns, "people": "buildings-building_short"},
        levels={"people": {"food": 3, "religious": 1, "retail": 2, "housing": 1}},
    )
    (count,) = found.counts
    assert count.read == 5 == count.accepted
    assert found.submissions["accuracy_m"].between(5, 100).all()
    assert not found.submissions["form"].str.startswith("uuid:").any()


def test_four_positions_in_one_form_are_asked_about(shared: Path) -> None:
    path = shared / "forms" / "odk-exports" / "odk_ruodk_flora_quadrat.csv"
    given = AuditSettings(file=path)
    cells = next(iter(sources.read(admit(path), given)))
    questions = propose(cells.header, cells, STANDARD).questions
    assert (
        'Which position is the place that was rated: "location-corner1-Latitude", "perimeter-corner2-Latitude", '
        '"perimeter-corner3-Latitude", "perimeter-corner4-Latitude"? One was taken.'
    ) in questions


def test_survey123_with_its_clock_of_twelve_hours(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    header = "ObjectID,GlobalID,Lighting,CreationDate,Creator,EditDate,Editor,x,y\n"
    path.write_text(header + "1,g1,2,4/11/2019 1:22:44 PM,ann,,,-101.67,21.11\n", encoding="utf-8")
    found = read(path, date_format="%m/%d/%Y %I:%M:%S %p")
    assert found.submissions["observed_at"][0].isoformat() == "2019-04-11T13:22:44+00:00"
    assert found.counts[0].accepted == 1
    ambiguous = read(path)
    assert list(ambiguous.rejected["code"]) == ["DATE_AMBIGUOUS"]
