"""GPX: every point is counted and told, none is taken for an audit; hostile XML is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from safeaudit.audits import sources
from safeaudit.audits.normalise import normalise
from safeaudit.config import AuditSettings
from safeaudit.errors import InputError
from safeaudit.files.admit import admit
from safeaudit.rubric import STANDARD
from safeaudit.start.propose import propose

if TYPE_CHECKING:
    from pathlib import Path

    from safeaudit.audits.cells import Cells

HEAD = '<?xml version="1.0"?>\n<gpx xmlns="http://www.topografix.com/GPX/1/1">\n'


def cells(path: Path) -> Cells:
    (found,) = sources.read(admit(path), AuditSettings(file=path))
    return found


def write(folder: Path, text: str) -> Path:
    path = folder / "walk.gpx"
    path.write_text(text, encoding="utf-8")
    return path


def test_points_are_told_with_where_when_and_name(tmp_path: Path) -> None:
    body = (
        '<wpt lat="1.5" lon="2"><time>2026-03-05T18:00:00Z</time><name>Well &amp; gate</name></wpt>\n'
        '<trk><name>walk</name><trkseg>\n<trkpt lat="91" lon="2"><extensions><name>x</name></extensions></trkpt>'
        "</trkseg></trk></gpx>"
    )
    found = cells(write(tmp_path, HEAD + body))
    assert [(row.line, row.code) for row in found.rejected.itertuples()] == [(3, "NO_ANSWER"), (5, "COORD_FORMAT")]
    assert json.loads(found.rejected["row"][0]) == ["1.5", "2", "2026-03-05T18:00:00Z", "Well & gate"]
    assert json.loads(found.rejected["row"][1]) == ["91", "2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + "<a>" * 70, "walk.gpx line 3: Its elements stand more than 64 deep."),
        ("<osm/>", "This is an OpenStreetMap extract, no audits."),
        ("<x/>", "This is XML, but no GPX."),
        (HEAD + '<wpt lat="1" lon="2">', "It is cut or damaged: no element found"),
    ],
)
def test_other_xml_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        cells(write(tmp_path, text))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("Mojstrovka.gpx", 184),
        ("andorra_for_map_matching.gpx", 21),
        ("around-visnjan-with-car.gpx", 104),
        ("cerknicko-jezero.gpx", 303),
        ("korita-zbevnica.gpx", 873),
    ],
)
def test_real_tracks_lose_no_point(shared: Path, name: str, points: int) -> None:
    path = shared / "gpx" / name
    given = AuditSettings(file=path)
    read = sources.read(admit(path), given)
    (count,) = normalise([(given, read)], rubric=STANDARD, timezone=None, extent=None, key=b"key").counts
    assert (count.read, count.rejected, count.accepted) == (points, points, 0)
    assert count.remarks[0].startswith("GPX holds where and when, no ratings")


def test_init_says_that_there_are_no_ratings(tmp_path: Path) -> None:
    found = cells(write(tmp_path, HEAD + '<wpt lat="1" lon="2"/></gpx>'))
    questions = propose(found.header, found, STANDARD).questions
    assert questions == ("GPX holds where and when, no ratings: name the form's export too, which has them.",)
