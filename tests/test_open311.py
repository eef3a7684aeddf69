"""Open311 GeoReport v2: what is to be mended as service requests, and their statuses back by id."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from projects import safeaudit
from walked import NORTH, row, town

if TYPE_CHECKING:
    from pathlib import Path

    from projects import Said

LINES = ('[faults]\nagencies = { lamp_out = "Power" }', "[publish]\nlone_ends_m = 0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [row(1, faults="lamp_out", note="private"), row(2, NORTH, faults="rubbish", walk_id="w2")]
    folder = town(tmp_path / "town", rows, *LINES)
    assert actions(folder, "--open311").code == 0
    return folder


def actions(folder: Path, *more: object) -> Said:
    return safeaudit("actions", folder, "--out", folder / "out", "--day", "2026-06-01", *more)


def requests(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "out/office/open311/requests.json").read_text(encoding="utf-8"))
    return found


def last(folder: Path) -> dict[str, str]:
    return list(csv.DictReader((folder / "actions.csv").read_text(encoding="utf-8-sig").splitlines()))[-1]


def back(folder: Path, *said: dict[str, Any], name: str = "back.json") -> Path:
    (folder / name).write_text(json.dumps(said), encoding="utf-8")
    return folder / name


def test_requests_in_json_and_xml_say_the_same_and_nothing_of_a_walk(folder: Path) -> None:
    lamp, rubbish = sorted(requests(folder), key=lambda request: request["service_code"])
    assert lamp["service_name"] == "Lamp does not work"
    assert lamp["description"] == "Lamp does not work. Reported since 2026 Q1, reports: 1."
    assert (lamp["status"], lamp["agency_responsible"]) == ("open", "Power")
    assert lamp["requested_datetime"] == "2026-06-01T00:00:00Z"
    assert lamp["address"].endswith(f"({lamp['address_id']})")
    assert (lamp["lat"], lamp["long"]) == (pytest.approx(19.07, abs=1e-4), pytest.approx(72.8805, abs=1e-4))
    assert "agency_responsible" not in rubbish
    tree = ET.parse(folder / "out/office/open311/requests.xml").getroot()  # noqa: S314 - written here
    same = [{field.tag: field.text for field in one} for one in tree]
    assert same == [{name: str(value) for name, value in one.items()} for one in requests(folder)]
    assert "private" not in json.dumps(requests(folder))


def test_closed_is_the_agencys_word_and_open_takes_it_back(folder: Path) -> None:
    (lamp,) = (one for one in requests(folder) if one["service_code"] == "lamp_out")
    closed = {"status": "closed", "status_notes": "bulb changed", "updated_datetime": "2026-05-20T10:00:00Z"}
    said = actions(folder, "--read", back(folder, {**lamp, **closed}))
    assert "back.json: 1 changes taken, 0 not taken." in said.stdout
    line = last(folder)
    assert (line["status"], line["reason"], line["decided_at"]) == ("mended", "bulb changed", "'2026-05-20")
    run = safeaudit("run", folder, "--out", folder / "out", "--quick")
    assert run.code == 0
    actions(folder, "--open311")
    assert {one["service_code"]: one["status"] for one in requests(folder)} == {"lamp_out": "closed", "rubbish": "open"}
    assert "0 changes taken" in actions(folder, "--read", folder / "out/office/open311/requests.xml").stdout
    actions(folder, "--read", back(folder, lamp))
    assert last(folder)["status"] == ""


def test_their_own_ids_other_statuses_and_unknown_requests(folder: Path) -> None:
    (lamp,) = (one for one in requests(folder) if one["service_code"] == "lamp_out")
    theirs = {**lamp, "service_request_id": "311-77", "status": "closed"}
    odd = {**lamp, "status": "sleeping"}
    nowhere = {"service_request_id": "9", "status": "closed", "address_id": "SZZZZZZ", "service_code": "lamp_out"}
    said = actions(folder, "--read", back(folder, theirs, odd, nowhere))
    assert "back.json: 1 changes taken, 2 not taken." in said.stdout
    assert "it is neither open nor closed" in said.stdout
    assert 'no place here has the code "SZZZZZZ"' in said.stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a": 1}', "It is no list of service requests."),
        (b"[1, 2]", "It is no list of service requests."),
        (b"[{", "It is damaged"),
        (b"<?xml version='1.0'?><a><b/></a>", "It is no list of service requests."),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "It declares a document type."),
        (b"<service_requests><request>", "It is damaged"),
    ],
)
def test_what_is_no_list_of_requests_is_refused(folder: Path, content: bytes, expected: str) -> None:
    (folder / "back.any").write_bytes(content)
    said = actions(folder, "--read", folder / "back.any")
    assert (said.code, expected in said.stderr) == (2, True), said.stderr
