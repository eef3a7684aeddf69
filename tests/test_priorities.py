"""What a budget mends first: by hand, as rules that hold whatever is given, and through `safeaudit actions`."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import safeaudit
from python_calamine import CalamineWorkbook
from town import PROPERTY, town
from walked import NORTH, row
from walked import town as walked

from safeaudit.config import MeasureSettings, PrioritySettings
from safeaudit.errors import ConfigError
from safeaudit.score.priorities import Choices, choose_measures, find_problems, look_first, solve
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

LAMP = MeasureSettings(name="New lamp", against=("lighting", "lamp_out"), cost=100.0)
PAVING = MeasureSettings(name="Paving", against=("walk_path",), cost=200.0, per="100 m")


def setting(budget: float, floor: int = 1, *measures: MeasureSettings) -> PrioritySettings:
    return PrioritySettings(budget=budget, floor=floor, measures=measures or (LAMP, PAVING))


def problem(place: str, issue: str, people: float, ward: str | None = "A", p: float = 1.0) -> dict[str, object]:
    return {"place_id": place, "issue": issue, "p_below": p, "people": people, "ward": ward}


def problems(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows).sort_values(["place_id", "issue"], ignore_index=True)


def chosen(table: pd.DataFrame) -> set[tuple[str, str]]:
    rows = table[table["chosen"]]
    return set(zip(rows["place_id"].astype("str"), rows["measure"].astype("str"), strict=True))


def test_the_budget_goes_where_most_pass_and_the_rest_is_listed_with_its_reason() -> None:
    found = problems(
        problem("south", "lighting", 50, p=0.6),  # 30
        problem("north", "lighting", 40),  # 40
        problem("east", "walk_path", 90),  # 90 for 200: the street is 100 m long
        problem("west", "rubbish", 10),
        problem("west", "lamp_out", np.nan),
    )
    table = choose_measures(found, town(), setting(300))
    assert chosen(table) == {("east", "Paving"), ("north", "New lamp")}
    assert table.loc[table["chosen"], "cost"].sum() == 300
    why = table.set_index(["place_id", "measure"])["reason"]
    assert why["south", "New lamp"] == "others_reach_more"
    assert why["west", ""] == "no_measure"
    assert why["west", "New lamp"] == "no_people"
    assert len(table) == 5
    assert table["share_chosen"].between(0, 1).all()


def test_one_measure_mends_several_problems_of_a_place_for_one_price() -> None:
    found = problems(
        problem("south", "lighting", 10), problem("south", "lamp_out", 10), problem("north", "lighting", 15)
    )
    table = choose_measures(found, town(), setting(100))
    assert chosen(table) == {("south", "New lamp")}
    assert table.loc[table["chosen"], "issues"].tolist() == ["lamp_out lighting"]


def test_the_floor_mends_in_each_ward_what_people_alone_would_leave_out() -> None:
    found = problems(
        problem("south", "lighting", 900, "A"),
        problem("north", "lighting", 800, "A"),
        problem("east", "lighting", 1, "B"),
    )
    assert chosen(choose_measures(found, town(), setting(200))) == {("south", "New lamp"), ("east", "New lamp")}


def test_a_floor_that_the_budget_cannot_keep_is_refused_with_a_sentence() -> None:
    found = problems(problem("south", "lighting", 9, "A"), problem("east", "lighting", 1, "B"))
    for budget in (0, 150):
        with pytest.raises(ConfigError, match="cannot mend 1 problems in each ward"):
            choose_measures(found, town(), setting(budget))


def test_a_budget_of_zero_and_no_ward_leaves_all_out() -> None:
    table = choose_measures(problems(problem("south", "lighting", 9, None)), town(), setting(0))
    assert not table["chosen"].any()
    assert table["share_chosen"].tolist() == [0]


def test_a_park_has_no_length_and_no_price_by_it() -> None:
    table = choose_measures(problems(problem("plaza", "walk_path", 9)), town(), setting(1000))
    assert table["reason"].tolist() == ["no_length"]


@PROPERTY
@given(st.data())
def test_no_other_set_within_the_budget_and_the_floor_reaches_more(data: st.DataObject) -> None:
    n, k = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    mends = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=k, max_size=k), min_size=n, max_size=n)))
    mends[0] |= ~mends.any(axis=0)  # every problem has an option against it
    cost = np.array(data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), dtype=float)
    weight = np.array(data.draw(st.lists(st.integers(0, 9), min_size=k, max_size=k)), dtype=float)
    wards = data.draw(st.lists(st.sampled_from(["A", "B", None]), min_size=k, max_size=k))
    choices = Choices(pd.DataFrame({"ward": wards}), pd.DataFrame({"cost": cost}), mends)
    settings = setting(float(data.draw(st.integers(0, 30))))
    sets = [np.array(each) for each in product([False, True], repeat=n)]
    kept = [each for each in sets if _holds(each, choices, wards, settings)]
    if not kept:
        with pytest.raises(ConfigError):
            solve(choices, weight, settings)
        return
    found = solve(choices, weight, settings)
    assert _holds(found, choices, wards, settings)
    most = max(weight[mends[each].any(axis=0)].sum() for each in kept)
    assert weight[mends[found].any(axis=0)].sum() >= most - 0.02


def _holds(each: NDArray[np.bool_], choices: Choices, wards: Sequence[str | None], settings: PrioritySettings) -> bool:
    mended = choices.mends[each].any(axis=0)
    floor = all(mended[[ward == one for one in wards]].any() for ward in set(wards) - {None} for one in [ward])
    return bool(choices.options["cost"][each].sum() <= (settings.budget or 0)) and floor


def test_the_order_of_rows_changes_nothing() -> None:
    found = problems(*(problem(place, "lighting", 5.0) for place in ("south", "east", "north", "west")))
    turned = found.iloc[::-1]
    pd.testing.assert_frame_equal(
        choose_measures(found, town(), setting(200)), choose_measures(turned, town(), setting(200))
    )


def test_what_the_solver_prints_by_itself_is_in_no_document() -> None:
    code = """
import ctypes
from safeaudit.files.silence import silence
print("before")
with silence():
    ctypes.CDLL(None).puts(b"of the solver")
print("after")
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "before\nafter\n"


def evidence(**walks: float) -> pd.DataFrame:
    rows = [(place, "betweenness", value, "walks per 10,000", "map", 1.0) for place, value in walks.items()]
    frame = pd.DataFrame(rows, columns=["place_id", "name", "value", "unit", "source", "coverage"])
    return validate_table(frame.assign(label=None), "evidence")


def test_nothing_audited_and_nothing_named_is_no_problem_and_busy_streets_are_looked_at_first() -> None:
    places, told = town(), evidence(south=5.0, east=9.0, north=0.0)
    found = find_problems(empty_table("scores"), empty_table("faults"), told, places)
    assert found.empty
    assert choose_measures(found, places, setting(100)).empty
    first = look_first(empty_table("scores"), told, places)
    assert first.sort_values("rank")["place_id"].tolist() == ["east", "south"]
    assert set(first["why"]) == {"nobody"}
    assert look_first(empty_table("scores"), empty_table("evidence"), places).empty


SETTINGS = """
[priorities]
budget = {budget}
floor = 1
[[priorities.measures]]
name = "New lamp"
against = ["lighting", "lamp_out"]
cost = 100
effect = "=HYPERLINK()"
"""


def act(folder: Path, budget: int) -> tuple[int, str]:
    """Let four people find South dark, and one name a lamp out in North; then ask what is to be done."""
    dark = [row(n, lighting=0, walk_id=f"w{n}", auditor_sex="woman") for n in range(1, 5)]
    lamp = row(9, NORTH, walk_id="w9", faults="lamp_out", auditor_sex="woman")
    walked(folder, [*dark, lamp], SETTINGS.format(budget=budget))
    said = safeaudit("actions", folder, "--out", folder / "out")
    return said.code, said.stdout + said.stderr


def sheets(file: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(file)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_actions_writes_what_a_budget_mends_first_and_who_is_left_out(tmp_path: Path) -> None:
    code, said = act(tmp_path / "one", 100)
    assert code == 0, said
    file = tmp_path / "one" / "out" / "office" / "priorities.xlsx"
    assert str(file) in said
    found = sheets(file)
    assert list(found) == ["Chosen", "Left out", "Look first", "Help"]
    chosen, left = found["Chosen"][1:], found["Left out"][1:]
    assert len(chosen) == 1
    assert {str(line[3]) for line in (*chosen, *left)} == {"Lighting", "Lamp does not work"}
    assert left[0][-1] in {"Within the budget, others reach more", "How many people pass is not known"}
    assert "nothing about crime" in str(found["Help"])
    assert "the floor held nowhere" in str(found["Help"])
    assert not (tmp_path / "one" / "out" / "public").exists()
    act(tmp_path / "again", 100)
    assert (tmp_path / "again" / "out" / "office" / "priorities.xlsx").read_bytes() == file.read_bytes()


def test_without_a_budget_nothing_is_chosen_and_no_file_is_written(tmp_path: Path) -> None:
    walked(tmp_path, [row(1, faults="lamp_out")])
    said = safeaudit("actions", tmp_path, "--out", tmp_path / "out")
    assert said.code == 0
    assert not (tmp_path / "out" / "office" / "priorities.xlsx").exists()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("[priorities]\nbudget = 5", "a budget needs a floor"),
        ("[priorities]\nbudget = 5\nfloor = 1", "a budget needs measures"),
        ('[[priorities.measures]]\nname = "Lamp"\nagainst = ["lamp_out"]', "lacks cost"),
        ('[[priorities.measures]]\nname = "Lamp"\nagainst = ["lampout"]\ncost = 1', 'Did you mean "lamp_out"'),
        ('[[priorities.measures]]\nname = "Lamp"\nagainst = ["feeling"]\ncost = 1', "against a feeling"),
        ('[[priorities.measures]]\nname = " "\nagainst = ["lamp_out"]\ncost = 1', "a measure has a name"),
        ("[priorities]\nbuget = 5", 'Did you mean "budget"'),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(tmp_path: Path, lines: str, sentence: str) -> None:
    walked(tmp_path, [row(1)], lines)
    said = safeaudit("check", tmp_path)
    assert said.code == 2
    assert sentence in said.stdout + said.stderr
