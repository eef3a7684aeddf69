"""Hostile projects and damaged files end in words; `bench/faults/inputs.py` runs every attack, one process each."""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attacks import ATTACKS, Attack
from attacks.project import CSV
from attacks.tables import SHEETS
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from safeaudit.audits import sources
from safeaudit.cli import main
from safeaudit.config import AuditSettings
from safeaudit.errors import SafeauditError
from safeaudit.files.admit import admit

EVERY = 7
"""Of so many quick attacks one is tried here: always the same ones, of each kind some."""

KINDS = sorted({attack.name.partition(":")[0] for attack in ATTACKS})
WHOLE = {
    "csv": CSV.encode() * 5,
    "geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {"lighting": 1}, "geometry": None}] * 5,
        }
    ).encode(),
    "json": json.dumps([{"_id": n, "q": {"lighting": "1"}, "r": [{"a": n}]} for n in range(5)]).encode(),
    "gpx": b'<?xml version="1.0"?><gpx><wpt lat="1" lon="2"><time>x</time></wpt></gpx>',
    "xlsx": SHEETS["a number that is no number"],
}
"""A small file of each kind that is read."""


def quick(kind: str) -> list[Attack]:
    """Return attacks of a kind that are over in an instant."""
    checked = [attack for attack in ATTACKS if attack.words == ("check",) and not attack.slow]
    return [attack for attack in checked if attack.name.partition(":")[0] == kind and _is_chosen(attack)]


def _is_chosen(attack: Attack) -> bool:
    return zlib.crc32(attack.name.encode()) % EVERY == 0 and "30 MB" not in attack.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_project_ends_in_words(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ends = {attack.name: end_of(attack, tmp_path / str(number)) for number, attack in enumerate(quick(kind))}
    assert not {name: end for name, end in ends.items() if end}


def end_of(attack: Attack, folder: Path) -> str:
    """Return what is wrong with how a check of a hostile project ends, empty where it is well."""
    folder.mkdir()
    attack.make(folder)
    found = CliRunner().invoke(main, [*attack.words, str(folder)])
    if found.exit_code not in (0, 1, 2) or "Traceback" in found.output:
        return f"exit {found.exit_code}: {found.output[-300:]}"
    return "" if found.exit_code != 2 or found.stderr.startswith("safeaudit: ") else found.stderr


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_words(kind: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"walk.{kind}"
        file.write_bytes(bytes(whole))
        with suppress(SafeauditError):
            list(sources.read(admit(file), AuditSettings(file=file)))
