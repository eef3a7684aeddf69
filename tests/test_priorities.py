"""What a budget mends first: by hand, as rules that hold whatever is given, and through `safeaudit actions`."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY, box, town

from safeaudit.config import MeasureSettings, PrioritySettings
from safeaudit.errors import ConfigError
from safeaudit.score.priorities import Choices, choose_measures, find_problems, look_first, solve
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    assert why["south", "New lamp"] == "within the budget, others reach more"
    assert why["west", ""] == "no measure is named against it"
    assert why["west", "New lamp"] == "how many people pass is not known"
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
    places = town(spaces={"park": box(10, 10, 60, 60)})
    park = places.spaces["place_id"].iloc[0]
    table = choose_measures(problems(problem(park, "walk_path", 9)), places, setting(1000))
    assert table["reason"].tolist() == ["its measure is priced by length, and it has none"]


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
    assert set(first["why"]) == {"nobody looked"}
    assert look_first(empty_table("scores"), empty_table("evidence"), places).empty
