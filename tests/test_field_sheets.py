"""Spreadsheets as field teams keep them, in Spanish and Arabic: they load with `init` alone."""

# ruff: noqa: RUF001 - digits and letters of other scripts are meant

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from projects import project, safeaudit

from safeaudit import load_config, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MEXICO, CAIRO = (19.43, -99.13), (30.04, 31.23)
MARKED = "\u200f{}\u200f"


def csv(rows: Sequence[Sequence[str]], sign: str, encoding: str, above: str = "") -> bytes:
    return (above + "".join(sign.join(row) + "\r\n" for row in rows)).encode(encoding)


def windows_spanish(_: Path) -> bytes:
    """Return a CSV of a Spanish Excel: semicolons, decimal commas, cp1252, day and time apart."""
    rows = [
        (
            "Fecha",
            "Hora",
            "Latitud",
            "Longitud",
            "Auditora",
            "Sexo",
            "Edad",
            "Iluminación",
            "Gente",
            "Estado de la banqueta",
        ),
        ("05/03/2026", "19:30", "19,4301", "-99,1301", "7", "M", "34", "Nada", "Mucha", "Mala"),
        ("05/03/2026", "19:40", "19,4302", "-99,1302", "8", "H", "17", "Poca", "Poca", "Muy buena"),
        ("13/03/2026", "20:10", "19,4303", "-99,1303", "7", "M", "34", "Suficiente", "Nadie", "Regular"),
    ]
    return csv(rows, ";", "cp1252")


def workbook_spanish(folder: Path) -> bytes:
    """Return a workbook with a title, two rows of names and merged cells."""
    book = Workbook()
    for row in (
        ("Marcha exploratoria de la colonia Centro",),
        ("Responsable:", "Equipo 2"),
        (),
        ("No. de caminata", "Fecha y hora", "Ubicación", None, "Calificación (0 a 3)", None, None, None, "Problemas"),
        (None, None, "Lat", "Long", "Luz", "Vigilancia", "Transporte", "Sensación de seguridad", None),
        ("C1", "5 de marzo de 2026, 7:30 p. m.", 19.4301, -99.1301, 0, 3, 1, 2, "Basura"),
        ("C1", "5 de marzo de 2026, 7:40 p. m.", 19.4302, -99.1302, 1, 3, 1, 0, None),
        ("C1", "5 de marzo de 2026, 8:10 p. m.", 19.4303, -99.1303, 2, 0, 1, 1, "Basura"),
    ):
        book.active.append(row)
    for cells in ("A1:I1", "A4:A5", "B4:B5", "C4:D4", "E4:H4", "I4:I5"):
        book.active.merge_cells(cells)
    book.save(folder / "x.xlsx")
    return (folder / "x.xlsx").read_bytes()


def hinted_spanish(_: Path) -> bytes:
    """Return a CSV that another program wrote for Excel: a hint in the first line, places as one text, short words."""
    rows = [
        (
            "cuando",
            "coordenadas",
            "participantes",
            "mujeres",
            "luz",
            "visibilidad",
            "policia",
            "quien usa",
            "observaciones",
        ),
        ("2026/03/05 19:30", "19.4301, -99.1301", "5", "4", "0", "3", "1", "2", "junto al mercado"),
        ("2026/03/05 19:40", "19.4302, -99.1302", "5", "4", "1", "3", "1", "0", ""),
        ("2026/03/05 20:10", "19.4303, -99.1303", "5", "4", "2", "0", "1", "1", ""),
    ]
    return csv(rows, ";", "utf-8-sig", "sep=;\r\n")


def windows_arabic(_: Path) -> bytes:
    """Return a CSV of an Arabic Excel: semicolons, cp1256, the day and the time with its half in one cell."""
    rows = [
        ("التاريخ", "خط العرض", "خط الطول", "الجنس", "العمر", "الإضاءة", "الناس", "الأمن", "الموافقة"),
        ("05/03/2026 07:30 م", "30.0401", "31.2301", "أنثى", "34", "لا يوجد", "كثير", "قليل", "نعم"),
        ("05/03/2026 07:40 م", "30.0402", "31.2302", "ذكر", "17", "قليلة", "قليل", "متوسط", "نعم"),
        ("13/03/2026 08:10 م", "30.0403", "31.2303", "أنثى", "34", "متوسطة", "لا أحد", "كثير", "نعم"),
    ]
    return csv(rows, ";", "cp1256")


def workbook_arabic(folder: Path) -> bytes:
    """Return a workbook with digits of its script, marks of direction, and a title."""
    book = Workbook()
    for row in (
        ("جولة السلامة في حي السلام",),
        tuple(
            map(
                MARKED.format,
                ("رقم الجولة", "التاريخ", "الوقت", "الموقع", "الإنارة", "الرصيف", "المواصلات", "الشعور بالأمان"),
            )
        ),
        ("١", "٠٥/٠٣/٢٠٢٦", "١٩:٣٠", "٣٠٫٠٤٠١ ٣١٫٢٣٠١", "٠", "٣", "١", "٢"),
        ("١", "٠٥/٠٣/٢٠٢٦", "١٩:٤٠", "٣٠٫٠٤٠٢ ٣١٫٢٣٠٢", "١", "٣", "١", "٠"),
        ("١", "٠٥/٠٣/٢٠٢٦", "٢٠:١٠", "٣٠٫٠٤٠٣ ٣١٫٢٣٠٣", "٢", "٠", "١", "١"),
    ):
        book.active.append(row)
    book.active.sheet_view.rightToLeft = True
    book.save(folder / "x.xlsx")
    return (folder / "x.xlsx").read_bytes()


def unnamed_arabic(_: Path) -> bytes:
    """Return a CSV in Unicode whose position has names of the team's own, told by the city alone."""
    rows = [
        ("وقت الزيارة", "س", "ص", "عدد المشاركات", "مستوى الإضاءة", "وضوح الرؤية", "وجود النساء", "ملاحظات"),
        ("٥ مارس ٢٠٢٦ ٧:٣٠ مساءً", "30,0401", "31,2301", "6", "ضعيفة", "جيدة", "لا يوجد", "قرب السوق"),
        ("٥ مارس ٢٠٢٦ ٧:٤٠ مساءً", "30,0402", "31,2302", "6", "قوية", "مقبولة", "قليل", ""),
        ("٥ مارس ٢٠٢٦ ٨:١٠ مساءً", "30,0403", "31,2303", "6", "معدومة", "سيئة جدا", "كثير", ""),
    ]
    return csv(rows, "\t", "utf-16")


def levels(result: Any, indicator: str) -> list[int]:
    """Return the levels of an indicator in the order of the lines."""
    rated = result.audits.observations.merge(result.audits.submissions[["submission_id", "line"]], on="submission_id")
    return rated[rated["indicator"] == indicator].sort_values("line")["level"].tolist()


@pytest.mark.parametrize(
    ("make", "city", "evening", "found"),
    [
        (
            windows_spanish,
            MEXICO,
            "2026-03-06T01:30:00Z",
            {"lighting": [0, 1, 2], "people": [3, 1, 0], "walk_path": [0, 3, 1]},
        ),
        (
            workbook_spanish,
            MEXICO,
            "2026-03-06T01:30:00Z",
            {"lighting": [0, 1, 2], "security": [3, 3, 0], "public_transport": [1, 1, 1], "feeling": [2, 0, 1]},
        ),
        (
            hinted_spanish,
            MEXICO,
            "2026-03-06T01:30:00Z",
            {"lighting": [0, 1, 2], "visibility": [3, 3, 0], "security": [1, 1, 1], "gender_usage": [2, 0, 1]},
        ),
        (
            windows_arabic,
            CAIRO,
            "2026-03-05T17:30:00Z",
            {"lighting": [0, 1, 2], "people": [3, 1, 0], "security": [1, 2, 3]},
        ),
        (
            workbook_arabic,
            CAIRO,
            "2026-03-05T17:30:00Z",
            {"lighting": [0, 1, 2], "walk_path": [3, 3, 0], "public_transport": [1, 1, 1], "feeling": [2, 0, 1]},
        ),
        (
            unnamed_arabic,
            CAIRO,
            "2026-03-05T17:30:00Z",
            {"lighting": [1, 3, 0], "openness": [3, 2, 0], "gender_usage": [0, 1, 3]},
        ),
    ],
)
def test_a_field_teams_spreadsheet_loads_with_init_alone(
    tmp_path: Path, make: Callable[[Path], bytes], city: tuple[float, float], evening: str, found: dict[str, list[int]]
) -> None:
    lat, lon = city
    line = {"type": "LineString", "coordinates": [[lon + i * 1e-4, lat + i * 1e-4] for i in range(-10, 30)]}
    street = {"type": "Feature", "properties": {"name": "Calle", "highway": "residential"}, "geometry": line}
    project(tmp_path, streets={"type": "FeatureCollection", "features": [street]})
    (tmp_path / "safeaudit.toml").unlink()
    sheet = tmp_path / "walk.dat"
    sheet.write_bytes(make(tmp_path))
    began = safeaudit("init", tmp_path, "--streets", tmp_path / "streets.geojson", "--audits", sheet)
    assert began.code == 0
    checked = safeaudit("check", tmp_path, "--json")
    assert (checked.document["reasons"], checked.document["refused"]) == ([], [])
    assert [(file["read"], file["accepted"]) for file in checked.document["files"]] == [(3, 3)]
    result = pipeline.run(load_config(tmp_path), quick=True)
    assert {name: levels(result, name) for name in result.audits.observations["indicator"].unique()} == found
    people = result.audits.submissions.sort_values("line").to_crs("EPSG:4326")
    assert people["observed_at"].min().isoformat().replace("+00:00", "Z") == evening
    assert people["light"].tolist() == ["dark"] * 3
    assert [round(point.y, 4) for point in people.geometry] == [round(lat + 1e-4 * n, 4) for n in (1, 2, 3)]
    # Every guess of a code page or a date is said, and stands in the settings.
    (settings,) = tomllib.loads((tmp_path / "safeaudit.toml").read_text(encoding="utf-8"))["audits"]
    for key, said in (("encoding", "read as"), ("date_format", "Dates are read as")):
        assert (f"{said} {settings.get(key)}, a guess." in began.stdout) == (key in settings)
