"""What is to be mended: in one column or in several, in the form's words or a team's own; and where it is."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import town
from rows import GOOD, HEADER, audits, cells, one, problem
from town import submissions

from safeaudit.config import FaultSettings
from safeaudit.errors import InputError
from safeaudit.faults import place_faults

if TYPE_CHECKING:
    from safeaudit.tables import Audits

COLUMNS = {"latitude": "latitude", "longitude": "longitude", "lighting": "lighting", "submission_id": "_uuid"}


def kinds(found: Audits) -> list[str]:
    assert set(found.faults["submission_id"]) <= set(found.submissions["submission_id"])
    return found.faults["kind"].tolist()


def said(found: Audits, part: str) -> bool:
    return any(part in remark for remark in found.counts[0].remarks)


@pytest.mark.parametrize(
    "cell",
    [
        "lamp_out stop_poor",
        "stop_poor lamp_out lamp_out",
        "stop_poor,lamp_out",  # Survey123
        "Lamp does not work Stop without seat, roof or sign",
        "Lampe en panne Arrêt sans siège, toit ou panneau",
        "ARRÊT SANS SIÈGE, TOIT OU PANNEAU; lampe en panne",
        "مصباح لا يعمل موقف بلا مقعد أو سقف أو لافتة",
        "बत्ती ख़राब है बिना सीट, छत या बोर्ड का स्टॉप",
    ],
)
def test_several_answers_in_one_column(cell: str) -> None:
    found = one({"faults": cell})
    assert kinds(found) == ["lamp_out", "stop_poor"]
    assert found.submissions["flags"].tolist() == [""]


@pytest.mark.parametrize("cell", ["", "none", "0", "No"])
def test_nothing_to_be_mended(cell: str) -> None:
    found = one({"faults": cell})
    assert kinds(found) == []
    assert not said(found, "not known")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [("faults", "lamp_out"), ("more-faults", "lamp_out"), ("More/Que faut-il réparer ici ?", "Lampe en panne")],
)
@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("1", ""), ("True", "False"), ("1.0", "0.0"), ("x", "")])
def test_a_column_for_each_answer(asked: str, answer: str, yes: str, no: str) -> None:
    header = (*HEADER, asked, f"{asked}/{answer}", f"{asked}/rubbish")
    found = audits(cells([(*GOOD, "whatever stands here", yes, no), ("2", *GOOD[1:], "", no, no)], header))
    assert kinds(found) == ["lamp_out"]
    assert not said(found, "not known")
    assert not said(found, "neither 1 nor 0")


def test_an_odd_tick_is_told_and_counts_as_none() -> None:
    found = one({"faults/lamp_out": "perhaps"})
    assert kinds(found) == []
    assert said(found, '1 cells of a column for one answer are neither 1 nor 0, such as "perhaps"; they count as 0.')


@pytest.mark.parametrize(
    "extra", [{"faults": "lamp_out lion_about"}, {"faults/lamp_out": "1", "faults/lion_about": "1"}]
)
def test_an_unknown_word_is_told_and_flagged_and_the_row_is_kept(extra: dict[str, str]) -> None:
    found = one(extra)
    assert kinds(found) == ["lamp_out"]
    assert len(found.observations) == 2
    assert found.submissions["flags"].tolist() == ["FAULT_UNKNOWN"]
    assert said(found, '1 rows name something to be mended that is not known, such as "lion_about"')
    assert said(found, "(FAULT_UNKNOWN). First: line 2.")


def test_a_teams_own_words() -> None:
    own = {"Foco fundido": "lamp_out", "Perros": "none"}
    columns = COLUMNS | {"faults": "Problemas"}
    found = one({"Problemas": "foco fundido Perros rubbish"}, columns=columns, faults=own)
    assert kinds(found) == ["lamp_out", "rubbish"]
    assert not said(found, "not known")
    several = {"Problemas/Foco fundido": "1", "Problemas/Perros": "1", "Problemas/Otro": "1"}
    found = one(several, columns=columns, faults=own)
    assert kinds(found) == ["lamp_out"]
    assert said(found, 'such as "Otro"')
    with pytest.raises(InputError, match='It has no column "Problemas" for faults'):
        one({}, columns=columns)


def test_a_fault_alone_is_an_answer() -> None:
    bare = {"lighting": "", "feeling": ""}
    found = one({**bare, "faults": "lamp_out"})
    assert (len(found.submissions), len(found.observations), kinds(found)) == (1, 0, ["lamp_out"])
    assert problem({**bare, "faults": ""})[0] == "NO_ANSWER"
    header = ("latitude", "longitude", "faults/lamp_out")
    assert kinds(audits(cells([("19.07", "72.88", "1")], header))) == ["lamp_out"]


def test_other_faults_make_another_version_and_no_faults_the_same_row() -> None:
    header = (*HEADER, "faults")
    first, second = (*GOOD, "lamp_out"), (*GOOD, "rubbish")
    assert sorted(audits(cells([first, second, first], header)).submissions["version"]) == [1, 2]
    kobo = audits(cells([(*GOOD, "")], (*HEADER, "faults/lamp_out"))).submissions["submission_id"][0]
    assert kobo == one({}).submissions["submission_id"][0]
    odk = audits(cells([(*GOOD, "0")], (*HEADER, "faults/lamp_out"))).submissions["submission_id"][0]
    assert odk == kobo


# --- where it is -----------------------------------------------------------------------------------------------------


def placed(*matches: tuple[str, str, str, float, float], agencies: dict[str, str] | None = None, **kind: str) -> Any:
    """Return place and agency of one fault of each submission."""
    columns = ["submission_id", "place_id", "kind", "weight", "distance_m"]
    reported = pd.DataFrame({"submission_id": list(kind), "kind": list(kind.values())}, dtype=object)
    settings = FaultSettings(agencies=MappingProxyType(agencies or {}))
    forms = submissions(*({"submission_id": name} for name in kind))
    table = pd.DataFrame(list(matches), columns=columns).assign(ambiguous=False)
    audited = replace(town.audits(forms, town.observations({})), faults=reported)
    found = place_faults(audited, table, town.town(), settings, old_before=pd.NaT)
    assert (found["status"] == "open").all()
    return found.set_index("submission_id")[["place_id", "agency"]]


def test_a_fault_is_on_the_street_before_the_space_before_the_stop() -> None:
    street, space, stop = ("street", "segment"), ("park", "space"), ("halt", "stop")
    every = [("a", *at, 1.0, distance_m) for at, distance_m in ((stop, 1.0), (space, 0.0), (street, 9.0))]
    for rest, expected in ((every, "street"), (every[:2], "park"), (every[:1], "halt")):
        assert placed(*rest, a="lamp_out").loc["a", "place_id"] == expected


def test_a_fault_is_where_the_largest_share_is_and_then_nearest() -> None:
    shares = [("a", "small", "segment", 0.3, 1.0), ("a", "large", "segment", 0.7, 9.0)]
    assert placed(*shares, a="lamp_out").loc["a", "place_id"] == "large"
    even = [("a", "far", "segment", 0.5, 9.0), ("a", "near", "segment", 0.5, 1.0)]
    assert placed(*even, a="lamp_out").loc["a", "place_id"] == "near"
    tie = [("a", "z", "segment", 0.5, 1.0), ("a", "b", "segment", 0.5, 1.0)]
    assert placed(*tie, a="lamp_out").loc["a", "place_id"] == "b"


def test_a_fault_without_a_place_stays_and_who_mends_it_is_as_the_settings_say() -> None:
    found = placed(
        ("a", "s", "segment", 1.0, 0.0), agencies={"lamp_out": "Power"}, a="lamp_out", b="lamp_out", c="rubbish"
    )
    assert found["place_id"].isna().tolist() == [False, True, True]
    assert found["agency"].tolist()[:2] == ["Power", "Power"]
    assert pd.isna(found.loc["c", "agency"])


def test_no_faults_give_an_empty_table() -> None:
    found = placed()
    assert found.empty
