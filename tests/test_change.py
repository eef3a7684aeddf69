"""What a second round of walks changed: by hand, by leaving people out, and by chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from town import BLOCK_TOWN, box, everything, town
from two_rounds import NAMES, by_chance, changes, everybody, one, two_rounds, wards_town

from safeaudit.languages import read_language
from safeaudit.rubric import STANDARD
from safeaudit.score.change import LEVEL, find_changes, keep_indicators
from safeaudit.score.change.discovery import false_discovery_rates
from safeaudit.score.change.means import LOPSIDED, Members, leave_out, mean_differences
from safeaudit.score.change.notes import say_notes
from safeaudit.score.change.pools import pools
from safeaudit.score.change.rounds import put_side_by_side
from safeaudit.tables import validate_table

ENGLISH = read_language("en")
SIX = [f"a{number}" for number in range(6)]
UP = {"south": (0, 2), "north": (1, 1), "east": (1, 2), "west": (3, 3)}


def test_a_change_is_the_difference_of_what_both_rounds_answered() -> None:
    # South: level 0 before, 2 after, of 3: 66.67 points. All places: (66.67 + 0 + 33.33 + 0) / 4.
    found = changes(everybody(SIX, UP))
    south = one(found.places, place_id="south")
    assert south[["before", "after", "difference"]].tolist() == [0.0, 66.67, 66.67]
    assert south[["n_before", "n_after", "contributors_before", "answers_after"]].tolist() == [6.0, 6.0, 6, 6]
    assert south["differs"]
    assert south["low"] > 0
    assert south[["place_code", "label"]].tolist() == ["S-south", "street south"]
    city = one(found.means, area_id="city")
    assert city[["places", "before", "after", "difference"]].tolist() == [4, 41.67, 66.67, 25.0]


def test_the_street_of_the_method_by_hand() -> None:
    levels = zip(SIX, (1, 1, 0, 1, 0, 1), (2, 2, 2, 1, 1, 2), strict=True)
    forms = [
        (campaign, who, "south", {"walk_path": level})
        for who, *both in levels
        for campaign, level in zip(NAMES, both, strict=True)
    ]
    city = one(changes(forms).means, area_id="city")
    assert city[["before", "after", "difference"]].tolist() == [22.22, 55.56, 33.33]
    assert city[["low", "high", "p"]].tolist() == pytest.approx([11.21, 55.46, 0.0117], abs=0.01)


def test_what_nobody_saw_twice_in_the_same_light_has_no_row() -> None:
    forms = everybody(SIX, UP)
    assert len(changes([form for form in forms if form[0] == "before" or form[2] != "west"]).places) == 3
    seen, matches = two_rounds(forms)
    after = seen.submissions["campaign"] == "after"
    by_day = seen.submissions.assign(light=seen.submissions["light"].astype("str").mask(after, "day"))
    other = replace(seen, submissions=validate_table(by_day, "submissions"))
    found = find_changes(other, matches, town(), STANDARD, BLOCK_TOWN.score, names=NAMES)
    assert found.places.empty
    assert found.means.empty


def test_five_auditors_test_nothing_and_six_do() -> None:
    five, six = (changes(everybody(SIX[:count], UP)) for count in (5, 6))
    note = "too few auditors to tell: 5 auditors, at least 6 are needed"
    for table in (five.places, five.means):
        assert set(table["note"]) == {note}
        assert table[["low", "high", "p", "q", "detectable"]].isna().all(axis=None)
        assert not table["differs"].any()
        assert table["difference"].notna().all()
    assert set(six.places["note"]) == {""}
    assert six.places["p"].notna().all()


def test_one_auditor_in_a_round_tests_nothing() -> None:
    found = changes(everybody(SIX, UP)[:24] + [("after", "b1", street, {"walk_path": 3}) for street in UP])
    note = "too few auditors to tell: one of the rounds has 1 auditor, at least 2 are needed"
    assert set(found.places["note"]) == {note}


def test_one_evening_alone_in_a_round_says_nothing_of_the_mean() -> None:
    seen, matches = two_rounds(everybody(SIX, UP))
    walks = seen.submissions["walk_id"].astype("str").where(seen.submissions["campaign"] == "before", "one evening")
    together = replace(seen, submissions=validate_table(seen.submissions.assign(walk_id=walks), "submissions"))
    found = find_changes(together, matches, town(), STANDARD, BLOCK_TOWN.score, names=NAMES)
    assert one(found.means, area_id="city")["note"] == LOPSIDED


def test_an_auditor_of_both_rounds_takes_less_from_what_is_known() -> None:
    # Three people rate each street in each round: of south the same three, of north three others after.
    three = {"south": (SIX[:3], SIX[:3]), "north": (SIX[:3], SIX[3:]), "east": (SIX[3:], SIX[3:])}
    forms = [
        (campaign, who, street, {"walk_path": number + (who in {"a0", "a4"})})
        for street, rounds in three.items()
        for number, (campaign, people) in enumerate(zip(NAMES, rounds, strict=True))
        for who in people
    ]
    found = changes(forms).places
    same, others = (one(found, place_id=street) for street in ("south", "north"))
    assert same["difference"] == others["difference"]
    assert same["high"] - same["low"] < others["high"] - others["low"] - 1


def test_a_mean_without_an_auditor_is_that_of_the_others_forms() -> None:
    rng = np.random.default_rng(5)
    forms = [
        (campaign, who, street, {"walk_path": int(rng.integers(0, 4))})
        for campaign in NAMES
        for who in SIX
        for street in UP
        if rng.random() < 0.35
    ]
    seen, matches = two_rounds(forms)
    rounds = put_side_by_side(seen, matches, STANDARD, BLOCK_TOWN.score, NAMES)
    (pool,) = pools(rounds, same_people=True)
    everywhere = Members(np.arange(len(pool.pairs)), np.zeros(len(pool.pairs), dtype=np.int64))
    left = leave_out(pool, everywhere, pool.compared["contributor"])
    whole = changes(forms)
    assert 100 * mean_differences(pool, everywhere)[0] == pytest.approx(
        one(whole.means, area_id="city")["difference"], abs=0.01
    )
    gone = 0
    for number, who in enumerate(dict.fromkeys(who for _, who, _, _ in forms)):  # as they come
        rest = changes([form for form in forms if form[1] != who])
        mean = left.mean[left.cluster == number]
        told = one(rest.means, area_id="city")
        assert 100 * mean[0] == pytest.approx(told["difference"], abs=0.01)
        gone += len(pool.pairs) - told["places"]
    assert gone > 0  # a place that nobody else saw in one of the rounds


def test_composites_are_of_what_both_rounds_asked_and_hold_no_feeling() -> None:
    def forms(level: int, campaign: str, without: str = "") -> list[object]:
        said = everything(level, but={"feeling": 3 - level, without: None})
        return [(campaign, who, "south", said) for who in SIX]

    found = changes([*forms(1, "before"), *forms(2, "after")]).places
    score, feeling = (one(found, indicator=name) for name in ("score", "feeling"))
    assert score[["before", "after"]].tolist() == [33.33, 66.67]
    assert feeling[["before", "after"]].tolist() == [66.67, 33.33]
    # One round did not ask for security: it is in no score of either.
    other = changes([*forms(1, "before", without="security"), *forms(2, "after")]).places
    assert "security" not in set(other["indicator"])
    assert one(other, indicator="score")["difference"] == 33.33


def test_false_discoveries_are_counted_over_all_that_is_tested() -> None:
    # By hand: 0.01 x 4 / 1, 0.02 x 4 / 2, 0.03 x 4 / 3, 0.5; never more than those of larger p.
    assert false_discovery_rates(np.array([0.03, 0.5, 0.01, 0.02])).tolist() == pytest.approx([0.04, 0.5, 0.04, 0.04])


def test_the_order_of_rows_changes_nothing_and_no_input_is_touched() -> None:
    seen, matches = two_rounds(everybody(SIX, UP))
    kept = seen.submissions.copy(), seen.observations.copy(), matches.copy()
    arguments = (town(), STANDARD, BLOCK_TOWN.score)
    found = find_changes(seen, matches, *arguments, names=NAMES)
    turned = replace(
        seen, submissions=seen.submissions.iloc[::-1].reset_index(drop=True), observations=seen.observations.iloc[::-1]
    )
    again = find_changes(turned, matches.iloc[::-1], *arguments, names=NAMES)
    pd.testing.assert_frame_equal(found.places, again.places)
    pd.testing.assert_frame_equal(found.means, again.means)
    assert seen.submissions.equals(kept[0])
    assert seen.observations.equals(kept[1])
    assert matches.equals(kept[2])


def test_towns_that_did_not_change_are_seldom_said_to_have() -> None:
    # The large simulation is bench/change.py. Of 20 towns with shocks one is 5 %, and four would be far too many.
    found = [by_chance(seed, auditors=8, shock=0.1) for seed in range(4)]
    city = [of.means[of.means["area_id"] == "city"] for of in found]
    assert sum((rows["p"] < LEVEL).sum() for rows in city) <= 3
    calm = by_chance(7, auditors=8, shock=0.0).places
    assert (calm["p"] < LEVEL).mean() < 0.08
    assert calm["q"].tolist() == pytest.approx(false_discovery_rates(calm["p"].to_numpy()), abs=0.001)
    assert (calm["differs"] == (calm["q"] <= LEVEL)).all()


def test_a_change_of_all_is_found_and_lies_in_its_interval() -> None:
    means = by_chance(1, auditors=12, shock=0.0, change=0.25).means
    assert means["differs"].all()
    assert (means["low"] > 0).all()
    # Levels end at 3, so that what is near it rises by less.
    assert means["high"].between(20, 50).all()
    assert means["detectable"].between(1, 25).all()


def test_places_chosen_for_being_worst_are_told_to_rise_by_themselves() -> None:
    streets = {f"w{ward}s{street}": (1 + 2 * (ward > 1), 2) for ward in range(4) for street in range(5)}
    forms = [form for form in everybody(SIX, streets) if form[0] == "before" or form[2] < "w2"]
    # Not all alike, or nothing would be known of how far streets differ.
    uneven = [
        (campaign, who, street, {"walk_path": 0} if (campaign, who) == ("before", "a0") and street[-1] == "1" else said)
        for campaign, who, street, said in forms
    ]
    places = wards_town(4, 5)
    found = changes(uneven, places)
    city = one(found.means, area_id="city")
    assert city[["places", "places_left"]].tolist() == [10, 10]
    assert city["worse_again"]
    said = " ".join(say_notes(found.means, found.sites, places, STANDARD, ENGLISH))
    assert "After dark the places seen again had been worse" in said
    assert "(regression to the mean)" in said


def test_without_walks_after_dark_nothing_is_said_of_lighting() -> None:
    found = changes(everybody(SIX, UP), light="day")
    said = " ".join(say_notes(found.means, found.sites, town(), STANDARD, ENGLISH))
    assert "Nobody looked after dark in both rounds: nothing is said of lighting." in said


def sites_town(pairs: int) -> object:
    """Return wards of two streets, half of them upgrading sites, half comparison areas."""
    places = wards_town(2 * pairs, 2)
    kinds = ["city", *["site"] * pairs, *["comparison"] * pairs]
    names = ["city", *(f"area {number}" for number in range(2 * pairs))]
    shapes = [box(-10, -10, 1e5, 1e4), *(box(1000 * n - 5, -5, 1000 * n + 60, 200) for n in range(2 * pairs))]
    table = places.areas.iloc[[0] * len(kinds)].reset_index(drop=True).assign(area_id=names, name=names, kind=kinds)
    return replace(places, areas=validate_table(table.assign(geometry=shapes), "areas"))


@pytest.mark.parametrize("pairs", [2, 5])
def test_sites_are_compared_from_five_of_each_on_and_else_described(pairs: int) -> None:
    places = sites_town(pairs)
    people = [f"a{number}" for number in range(10)]
    levels = {name: (1, 2 if int(name[1:].split("s")[0]) < pairs else 1) for name in places.segments["place_id"]}
    found = changes(everybody(people, levels), places)
    row = one(found.sites, kind="segment")
    assert row[["sites", "comparisons", "auditors", "site_difference"]].tolist() == [pairs, pairs, 10, 33.33]
    assert row["comparison_difference"] == 0
    said = " ".join(say_notes(found.means, found.sites, places, STANDARD, ENGLISH))
    assert "Residents of an upgrading site may have changed" in said
    if pairs < 5:
        assert row["note"].startswith("description only: 2 sites, 2 comparison areas, 10 auditors")
        assert row[["difference", "low", "high", "p"]].isna().all()
        assert "description only" in said
    else:
        assert row["difference"] == pytest.approx(33.33, abs=0.01)
        assert row["low"] < row["difference"] < row["high"]
        assert "difference-in-differences" in said


def test_what_is_kept_is_tested_as_if_nobody_had_asked_for_the_rest() -> None:
    found = by_chance(3, auditors=12, shock=0.0, change=0.1)
    alone = keep_indicators(found, ["openness"])
    assert set(alone.means["indicator"]) == set(alone.places["indicator"]) == {"openness"}
    for table in (alone.means, alone.places):
        rates = false_discovery_rates(table["p"].to_numpy())
        assert table["q"].to_numpy() == pytest.approx(rates, abs=1e-6, nan_ok=True)
        assert (table["differs"] == (table["q"] <= LEVEL)).all()
    both = found.means[found.means["indicator"] == "openness"]
    assert (alone.means["q"].to_numpy() != both["q"].to_numpy()).any()
