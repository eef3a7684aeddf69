"""The registry of evidence: one file and one name make a kind."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
from conftest import ROOT
from evidence_context import context_of
from town import at, town

from safeaudit import evidence
from safeaudit.evidence import KINDS, MEASURES, Context
from safeaudit.tables import TABLES

_NO_KINDS = {"__init__", "access", "parts"}
"""Access is a table of its own, of areas; parts are what kinds share."""


def test_every_file_is_a_kind_in_the_registry() -> None:
    there = {path.stem for path in (ROOT / "safeaudit" / "evidence").iterdir() if not path.name.startswith("__p")}
    assert sorted(KINDS) == sorted(there - _NO_KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_says_what_it_can_say_and_says_nothing_else(name: str) -> None:
    kind = import_module(f"safeaudit.evidence.{name}")
    (asked,) = inspect.signature(kind.find_evidence).parameters.values()
    assert asked.annotation == Context.__name__
    found = kind.find_evidence(context_of(town(lamps=[at(50, 1)])))
    assert found.columns.tolist() == TABLES["evidence"].names
    assert set(found["name"]) <= {measure.name for measure in kind.MEASURES}


def test_the_dictionary_is_that_of_all_kinds_and_no_name_stands_twice() -> None:
    assert [m.name for m in MEASURES] == [
        m.name for name in KINDS for m in import_module(f"safeaudit.evidence.{name}").MEASURES
    ]
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)


def test_evidence_is_what_all_kinds_find() -> None:
    context = context_of(town(lamps=[at(50, 1)]))
    alone = [import_module(f"safeaudit.evidence.{name}").find_evidence(context) for name in KINDS]
    together = evidence.find_evidence(context)
    assert len(together) == sum(map(len, alone)) > 0
    assert {tuple(pair) for part in alone for pair in part[["place_id", "name"]].to_numpy().tolist()} == {
        tuple(pair) for pair in together[["place_id", "name"]].to_numpy().tolist()
    }
