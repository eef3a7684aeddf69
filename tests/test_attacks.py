"""Hostile projects end in words, one after the other in one process; the benchmark runs them all, one process each."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from attacks import ATTACKS, Attack
from click.testing import CliRunner

from safeaudit.cli import main

if TYPE_CHECKING:
    from pathlib import Path

QUICK = [attack for attack in ATTACKS if attack.words == ("check",) and not attack.slow]
KINDS = {kind: list(some) for kind, some in groupby(QUICK, key=lambda attack: attack.name.rpartition(":")[0] or "map")}


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_project_ends_in_words(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ends = {attack.name: end_of(attack, tmp_path / str(number)) for number, attack in enumerate(KINDS[kind])}
    assert not {name: end for name, end in ends.items() if end}


def end_of(attack: Attack, folder: Path) -> str:
    """Return what is wrong with how a check of a hostile project ends, empty where it is well."""
    folder.mkdir()
    attack.make(folder)
    found = CliRunner().invoke(main, [*attack.words, str(folder)])
    if found.exit_code not in (0, 1, 2) or "Traceback" in found.output:
        return f"exit {found.exit_code}: {found.output[-300:]}"
    return "" if found.exit_code != 2 or found.stderr.startswith(("safeaudit: ", "Usage: ")) else found.stderr
