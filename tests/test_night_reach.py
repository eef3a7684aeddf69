"""Night reach: who reaches what along streets that meet the standard, by hand, by loops, and as properties."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reach_town import EAST, LADDER, SETTINGS, WEST, found, ladder, people_at, row_of, streets_of, walked
from town import PROPERTY, at, box, line, links_of, segments_of, spaces_of, stops_of, town

from safeaudit.languages import read_language
from safeaudit.network import (
    NetworkPoints,
    build_network,
    find_catchments,
    find_reached,
    join_links,
    lay_ways,
    points_within,
    sum_weights,
)
from safeaudit.rubric import STANDARD
from safeaudit.score.ratings import ratings
from safeaudit.score.reach import NO_STREET, NOT_MAPPED, TOO_LITTLE, say_night_reach
from safeaudit.score.reach.standing import draw_standing
from safeaudit.score.reach.tell import DRAWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.network import Network
    from safeaudit.tables import Places

ENGLISH = read_language("en")
STREETS = tuple(LADDER)
GOOD = dict.fromkeys(STREETS, 3)
CUT = {**GOOD, "bridge": 0}


def test_one_dark_street_cuts_off_half_of_the_ladder() -> None:
    """From the stop all nine middles are within 400 m, b2-b3 the farthest: 50 + 100 + 100 + 50 + 50 = 350 m."""
    table = found(ladder(), walked(("day", GOOD), ("dark", CUT))).categories
    by_day = row_of(table, category="stop", indicator="street_condition", group="day")
    after_dark = row_of(table, category="stop", indicator="street_condition", group="dark")
    assert (by_day["within"], by_day["reach"], by_day["low"], by_day["high"]) == (900, 900, 900, 900)
    assert (after_dark["within"], after_dark["reach"], after_dark["high"]) == (900, 400, 400)
    assert [by_day["same"], after_dark["same"]] == [True, True]
    assert (by_day["destinations"], by_day["walked"], by_day["counted"], by_day["unit"]) == (1, 1, 1, "m")


def test_a_destination_whose_own_street_is_below_the_standard_is_reached_by_nobody() -> None:
    table = found(ladder(), walked(("dark", {**GOOD, "a0-a1": 0}))).categories
    assert row_of(table, category="stop", indicator="street_condition", group="dark")["high"] == 0


def test_a_stop_at_a_corner_is_reached_along_any_street_there() -> None:
    table = found(ladder(stops={"stop": at(-5, -5)}), walked(("dark", {**GOOD, "a0-a1": 0, "bridge": 0}))).categories
    assert row_of(table, category="stop", indicator="street_condition", group="dark")["reach"] == 300


def test_what_nobody_looked_at_does_not_count_but_in_the_upper_end() -> None:
    """Eight of nine streets are 89 %; the bridge is the ninth: beyond it lie four streets."""
    seen = {name: 3 for name in STREETS if name != "bridge"}
    row = row_of(found(ladder(), walked(("dark", seen))).destinations, indicator="street_condition")
    assert row["coverage"] == pytest.approx(8 / 9, abs=1e-4)
    assert (row["within"], row["reach"], row["low"], row["high"]) == (900, 400, 400, 900)


def test_below_80_percent_nothing_is_told() -> None:
    seen = dict.fromkeys(STREETS[:-2], 3)
    tables = found(ladder(), walked(("dark", seen)))
    row = row_of(tables.destinations, indicator="street_condition")
    assert row["note"] == TOO_LITTLE
    assert (row["coverage"], row["within"]) == (pytest.approx(7 / 9, abs=1e-4), 900)
    assert np.isnan([row["reach"], row["low"], row["high"]]).all()
    whole = row_of(tables.categories, category="stop", indicator="street_condition", group="dark")
    assert (whole["note"], whole["walked"], whole["counted"]) == (TOO_LITTLE, 0, 0)
    assert np.isnan([whole["within"], whole["reach"]]).all()
    assert say_night_reach(tables.categories, ENGLISH) == (
        "Who reaches a stop, toilet, school or market along streets that meet the standard: too little walked to tell. "
        "Around none of them was 80 % of the streets within 400 m looked at in one light."
    )


def test_looks_that_are_stale_are_none() -> None:
    seen = {name: 3 for name in STREETS if name != "bridge"}
    fresh = found(ladder(), walked(("dark", seen)), settings=replace(SETTINGS, stale_months=1))
    assert row_of(fresh.destinations, indicator="street_condition")["note"] == ""
    old = replace(SETTINGS, stale_months=1, as_of=pd.Timestamp("2027-01-01").date())
    stale = found(ladder(), walked(("dark", seen)), settings=old)
    assert stale.destinations.empty
    assert row_of(stale.categories, category="stop", indicator="lighting")["note"] == TOO_LITTLE


def test_one_light_alone_is_told_alone() -> None:
    table = found(ladder(), walked(("dark", CUT))).categories
    row = row_of(table, category="stop", indicator="street_condition", group="dark")
    assert (row["reach"], row["same"], row["counted"]) == (400, False, 1)
    assert row_of(table, category="stop", indicator="street_condition", group="day")["note"] == TOO_LITTLE
    assert say_night_reach(table, ENGLISH) == (
        "Of 0.9 km of streets within 400 m of 1 of 1 stops, 0.4 km (0.4 to 0.4) reach one after dark along streets "
        "that meet the standard. By day: too little walked to tell."
    )


def test_both_lights_are_told_of_what_was_looked_at_in_both() -> None:
    """By day all nine, after dark eight of them: side by side both are of the eight."""
    seen = {name: 3 for name in STREETS if name != "b2-b3"}
    table = found(ladder(), walked(("day", GOOD), ("dark", seen))).destinations
    for light in ("day", "dark"):
        row = row_of(table, indicator="street_condition", group=light)
        assert row["same"]
        assert (row["coverage"], row["reach"], row["high"]) == (pytest.approx(8 / 9, abs=1e-4), 800, 900)


def test_enough_in_each_light_but_too_little_in_both_is_told_apart() -> None:
    by_day = {name: 3 for name in STREETS if name != "b2-b3"}
    after_dark = {name: 3 for name in STREETS if name != "a3-b3"}
    tables = found(ladder(), walked(("day", by_day), ("dark", after_dark)))
    for light in ("day", "dark"):
        row = row_of(tables.destinations, indicator="street_condition", group=light)
        assert (row["same"], row["reach"]) == (False, 800)
    said = say_night_reach(tables.categories, ENGLISH)
    assert said.count("within 400 m of 1 of 1 stops") == 2


@pytest.mark.parametrize(
    ("level", "reach", "high"), [(3, 800, 800), (0, 400, 400), (None, 400, 800)], ids=["good", "bad", "nobody looked"]
)
def test_the_path_of_a_park_stands_for_the_park(level: int | None, reach: float, high: float) -> None:
    """The bridge of the ladder is a path of a park: no street, so that eight streets are all."""
    streets = {name: 3 for name in STREETS if name != "bridge"}
    audits, matches = walked(("dark", {**streets, **({} if level is None else {"park": level})}))
    kinds = pd.Categorical(np.where(matches["place_id"] == "park", "space", "segment"))
    places = ladder()
    segment_id = places.links["segment_id"]
    space_id = segment_id.where(segment_id == "bridge").replace("bridge", "park")
    places = replace(
        places,
        links=places.links.assign(segment_id=segment_id.mask(segment_id == "bridge"), space_id=space_id),
        segments=places.segments[places.segments["place_id"] != "bridge"].reset_index(drop=True),
        spaces=spaces_of({"park": box(100, -40, 200, 40)}),
    )
    row = row_of(found(places, (audits, matches.assign(kind=kinds))).destinations, indicator="lighting")
    assert (row["coverage"], row["within"], row["reach"], row["high"]) == (1.0, 800, reach, high)


def test_lighting_has_rows_of_its_own_after_dark() -> None:
    asked = walked(("day", GOOD), ("dark", CUT))
    table = found(ladder(), asked).destinations
    rows = table[table["indicator"] == "lighting"]
    assert rows["group"].tolist() == ["dark"]
    assert (rows["reach"].iloc[0], rows["same"].iloc[0]) == (400, False)


def test_people_stand_for_themselves_where_a_raster_counts_everybody() -> None:
    """Ten at the west block, four at the middle of b2-b3 beyond the bridge, one at its end, three far from streets."""
    cells = people_at((50, 105, 10), (250, 105, 4), (299, 98, 1), (50, 600, 3))
    table = found(ladder(), walked(("dark", CUT)), population=cells).destinations
    row = row_of(table, indicator="street_condition", group="dark")
    assert (row["unit"], row["within"], row["reach"]) == ("people", 15, 10)


def test_a_home_that_the_straight_way_takes_too_far_is_not_near() -> None:
    """To the middle of b2-b3 it is 50 + 100 + 100 + 50 m, less the 15 m from which on a street leads to the stop."""
    near, far = people_at((250, 214, 4)), people_at((250, 216, 4))
    for cells, within in ((near, 4), (far, 0)):
        table = found(ladder(), walked(("dark", GOOD)), population=cells).destinations
        assert row_of(table, indicator="street_condition", group="dark")["within"] == within


def test_a_raster_of_women_alone_does_not_count_people() -> None:
    table = found(ladder(), walked(("dark", GOOD)), population=people_at((50, 105, 10), sex="woman")).destinations
    assert set(table["unit"]) == {"m"}


def test_everybody_near_two_stops_is_counted_once_in_the_whole() -> None:
    stops = {"east": at(250, 2), "west": at(50, 2)}
    tables = found(ladder(stops=stops), walked(("dark", CUT)))
    each = tables.destinations[tables.destinations["indicator"] == "street_condition"]
    assert dict(zip(each["destination_id"], each["reach"], strict=True)) == {"east": 400, "west": 400}
    whole = row_of(tables.categories, category="stop", indicator="street_condition", group="dark")
    assert (whole["within"], whole["reach"], whole["counted"]) == (900, 800, 2)


def test_toilets_schools_and_markets_are_destinations_and_say_where_they_are() -> None:
    things = [("poi", "toilet", at(50, -3)), ("poi", "school", box(105, 5, 195, 95)), ("poi", "shop", at(60, 5))]
    tables = found(ladder(stops={}, things=things), walked(("dark", GOOD)))
    rows = tables.destinations[tables.destinations["indicator"] == "street_condition"].set_index("category")
    assert rows["label"].to_dict() == {"toilet": "street a0-a1", "school": rows["label"]["school"]}
    assert rows["reach"].to_dict() == {"toilet": 900, "school": 900}
    notes = tables.categories.drop_duplicates("category").set_index("category")["note"]
    assert (notes["stop"], notes["market"]) == (NOT_MAPPED, NOT_MAPPED)


def test_a_stop_far_from_every_street_says_so() -> None:
    table = found(ladder(stops={"ferry": at(0, 400)}), walked(("dark", GOOD))).destinations
    row = row_of(table, indicator="street_condition", group="dark")
    assert (row["note"], row["within"]) == (NO_STREET, 0)
    assert np.isnan(row["coverage"])


def test_without_any_destination_the_table_says_so() -> None:
    tables = found(ladder(stops={}), walked(("dark", GOOD)))
    assert tables.destinations.empty
    assert set(tables.categories["note"]) == {NOT_MAPPED}
    assert len(tables.categories) == 4 * 3
    assert say_night_reach(tables.categories, ENGLISH) == ""


def test_exactly_80_percent_is_enough() -> None:
    """A stop in the middle of a street of five pieces: four of them are 80 %."""
    places = row_of_streets(5)
    four = {f"s{number}": 3 for number in (0, 1, 2, 3)}
    assert row_of(found(places, walked(("dark", four))).destinations, indicator="lighting")["reach"] == 400
    del four["s0"]
    assert row_of(found(places, walked(("dark", four))).destinations, indicator="lighting")["note"] == TOO_LITTLE


def test_a_walk_of_400_m_is_near_and_a_longer_one_is_not() -> None:
    """From the middle of the first of eight streets to the middles of the next four it is 100, 200, 300, 400 m."""
    places = row_of_streets(8, stop_at=50)
    table = found(places, walked(("dark", {f"s{number}": 3 for number in range(8)}))).destinations
    assert row_of(table, indicator="lighting")["within"] == 500


def test_rounds_are_told_apart() -> None:
    west = dict.fromkeys(WEST, 3)
    east = dict.fromkeys(EAST, 3)
    tables = found(
        ladder(), walked(("dark", west), campaign="first"), walked(("dark", {**east, "bridge": 3}), campaign="second")
    )
    assert set(tables.destinations["note"]) == {TOO_LITTLE}
    assert sorted(set(tables.categories["campaign"])) == ["first", "second"]


def test_nobody_walked() -> None:
    tables = found(ladder())
    assert tables.categories.empty
    assert tables.destinations.empty


def test_the_same_walks_give_the_same_figures_in_any_order() -> None:
    audits, matches = walked(("day", GOOD), ("dark", CUT), people=2)
    shuffled = audits.keep(audits.submissions.sample(frac=1, random_state=1).reset_index(drop=True))
    mixed = replace(shuffled, observations=shuffled.observations.sample(frac=1, random_state=2).reset_index(drop=True))
    once, again = found(ladder(), (audits, matches)), found(ladder(), (mixed, matches.iloc[::-1]))
    pd.testing.assert_frame_equal(once.categories, again.categories)
    pd.testing.assert_frame_equal(once.destinations, again.destinations)


@PROPERTY
@given(st.lists(st.integers(0, 3), min_size=9, max_size=9), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_what_is_told_of_the_dark_does_not_depend_on_what_was_said_by_day(first: list[int], second: list[int]) -> None:
    after_dark = {name: (number * 7) % 4 for number, name in enumerate(STREETS)}
    dark = [
        table[table["group"] == "dark"].reset_index(drop=True)
        for levels in (first, second)
        for table in found(
            ladder(), walked(("day", dict(zip(STREETS, levels, strict=True))), ("dark", after_dark), people=2)
        )
    ]
    pd.testing.assert_frame_equal(dark[0], dark[2], check_categorical=False)
    pd.testing.assert_frame_equal(dark[1], dark[3], check_categorical=False)


def test_the_dark_is_told_alike_with_and_without_walks_by_day() -> None:
    middling = {name: 1 + (number + (name == "a0-a1")) % 2 for number, name in enumerate(STREETS)}
    alone = found(ladder(), walked(("dark", middling), people=2)).destinations
    beside = found(ladder(), walked(("day", GOOD), ("dark", middling), people=2)).destinations
    values = ["indicator", "coverage", "within", "reach", "low", "high"]
    both = [table.loc[table["group"] == "dark", values].astype({"indicator": "str"}) for table in (alone, beside)]
    pd.testing.assert_frame_equal(*(table.reset_index(drop=True) for table in both))
    assert both[0]["reach"].between(1, 899).any()


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_who_counts_more_streets_reaches_no_less(seed: int) -> None:
    """Streets that meet the standard in addition never take a home from a destination."""
    random = np.random.default_rng(seed)
    network, lines, doors, of = drawn_town(random)
    part = join_links(network, np.arange(len(lines)))
    ways = lay_ways(find_catchments(network, doors, of, 400.0), part)
    few = random.random((len(lines), 70)) < 0.5
    more = few | (random.random(few.shape) < 0.3)
    reached, no_less = find_reached(ways, few[np.argsort(part)]), find_reached(ways, more[np.argsort(part)])
    assert (reached & ~no_less == 0).all()
    every = find_reached(ways, np.ones((len(lines), 70), dtype=bool))
    assert (unpacked(every, 70)).any(axis=1).all()


@pytest.mark.parametrize("seed", range(6))
def test_loops_find_the_same(seed: int) -> None:
    """Against heaps and queues in plain Python, on a random town with links that are parts of larger places."""
    random = np.random.default_rng(seed)
    network, place, doors, of = drawn_town(random)
    part = join_links(network, place)
    around = find_catchments(network, doors, of, 400.0)
    ways = lay_ways(around, part)
    homes = NetworkPoints(random.integers(0, len(place), 60), np.zeros(60))
    homes = NetworkPoints(homes.link, random.random(60) * network.length_m[homes.link])
    away_m = random.random(60) * 60
    weight = random.random(60)
    to, home = points_within(around, homes, away_m)
    meets = random.random((place.max() + 1, 5)) < 0.6
    place_of_part = np.zeros(part.max() + 1, dtype=int)
    place_of_part[part] = place
    reached = find_reached(ways, meets[place_of_part])
    way = ways.find(to, part[homes.link[home]])
    sums = sum_weights(reached[way], weight[home], to, groups=int(of.max()) + 1, draws=5)
    expected = slow_reach(Asked(network, place, doors, of, homes, away_m, weight), meets)
    np.testing.assert_allclose(sums, expected)


def test_the_table_is_what_loops_make_of_the_draws() -> None:
    """Few forms of middling levels, so that streets meet the standard in some draws and not in others."""
    places = ladder(stops={"east": at(250, 2), "west": at(50, 2)})
    levels = {name: (number % 3) + (number % 2) for number, name in enumerate(STREETS) if name != "b2-b3"}
    audits, matches = walked(("dark", levels), people=3)
    table = found(places, (audits, matches)).destinations
    rated = ratings(audits.submissions, audits.observations, matches, STANDARD)
    meets = np.zeros((len(STREETS), DRAWS), dtype=bool)
    seen = places.segments["place_id"].isin(levels).to_numpy()
    ids = pd.Index(places.segments["place_id"][seen], dtype=object)
    meets[seen] = draw_standing(rated, "lighting", "dark", ids, rubric=STANDARD, settings=SETTINGS, draws=DRAWS)
    assert 0.1 < meets[seen].mean() < 0.9
    network, homes = streets_of(places)
    place = places.segments.set_index("place_id").index.get_indexer(places.links["segment_id"])
    least, most = meets, meets | ~seen[:, None]
    for stop, x in {"east": 50.0, "west": 50.0}.items():
        link = places.links.set_index("segment_id").index.get_loc({"east": "a2-a3", "west": "a0-a1"}[stop])
        doors, of = NetworkPoints(np.array([link]), np.array([x])), np.array([0])
        asked = Asked(network, place, doors, of, homes, np.zeros(len(homes)), np.full(len(homes), 100.0))
        row = row_of(table, indicator="lighting", destination_id=stop)
        low, high = slow_reach(asked, least)[0], slow_reach(asked, most)[0]
        assert row["reach"] == pytest.approx(low.mean(), abs=0.06)
        assert row["low"] == pytest.approx(min(np.quantile(low, 0.05), low.mean()), abs=0.06)
        assert row["high"] == pytest.approx(np.quantile(high, 0.95), abs=0.06)


def row_of_streets(count: int, stop_at: float | None = None) -> Places:
    """Return so many streets of 100 m end to end, and a stop in the middle."""
    lines = {f"s{number}": line((100 * number, 0), (100 * number + 100, 0)) for number in range(count)}
    segments = segments_of(lines, {f"s{number}": (f"n{number}", f"n{number + 1}") for number in range(count)})
    links = links_of(segments).set_crs(segments.crs, allow_override=True)
    stop = at(50 * count if stop_at is None else stop_at, 2)
    return town(segments=segments, links=links, spaces=spaces_of({}), stops=stops_of({"stop": stop}))


def drawn_town(random: np.random.Generator) -> tuple[Network, NDArray[np.int64], NetworkPoints, NDArray[np.int64]]:
    """Return a random graph of links, the place of each, and doors of four destinations."""
    node = [f"n{number:02d}" for number in range(30)]
    xy = random.random((30, 2)) * 600
    pairs = random.integers(0, 30, (70, 2))
    lines = {f"l{n:02d}": line(tuple(xy[a]), tuple(xy[b])) for n, (a, b) in enumerate(pairs) if a != b}
    ends = {f"l{n:02d}": (node[a], node[b]) for n, (a, b) in enumerate(pairs) if a != b}
    links = links_of(segments_of(lines, ends))
    network = build_network(links)
    link = random.integers(0, len(links), 9)
    doors = NetworkPoints(link, random.random(9) * network.length_m[link])
    return (
        network,
        random.integers(0, 25, len(links)),
        doors,
        np.sort(np.append(np.arange(4), random.integers(0, 4, 5))),
    )


def unpacked(words: NDArray[np.uint64], draws: int) -> NDArray[np.uint8]:
    return np.unpackbits(words.view(np.uint8), axis=1, count=draws)


class Asked(NamedTuple):
    """A town, its destinations, and who is where."""

    network: Network
    place: NDArray[np.int64]
    doors: NetworkPoints
    of: NDArray[np.int64]
    homes: NetworkPoints
    away_m: NDArray[np.float64]
    weight: NDArray[np.float64]


def slow_reach(asked: Asked, meets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return who reaches each destination in each draw, by loops: shape (destinations, draws)."""
    network, place, doors, of, homes, away_m, weight = asked
    links = list(zip(network.start.tolist(), network.end.tolist(), network.length_m.tolist(), strict=True))
    sums = np.zeros((int(of.max()) + 1, meets.shape[1]))
    for destination in range(len(sums)):
        own = [(int(doors.link[d]), float(doors.along_m[d])) for d in np.flatnonzero(of == destination)]
        far_m = walk(links, own)
        for draw in range(meets.shape[1]):
            there = spread(links, [link for link, _ in own], far_m, meets[place, draw], place.tolist())
            for number, (link, along) in enumerate(zip(homes.link.tolist(), homes.along_m.tolist(), strict=True)):
                start, end, length = links[link]
                ways = [far_m.get(start, np.inf) + along, far_m.get(end, np.inf) + length - along]
                ways += [abs(at_m - along) for door, at_m in own if door == link]
                if min(ways) + away_m[number] <= 400 + 1e-6 and link in there:
                    sums[destination, draw] += weight[number]
    return sums


def walk(links: list[tuple[int, int, float]], doors: list[tuple[int, float]]) -> dict[int, float]:
    """Return how far each node within 400 m is from the nearest door."""
    queue = [(along, links[link][0]) for link, along in doors]
    queue += [(links[link][2] - along, links[link][1]) for link, along in doors]
    heapq.heapify(queue)
    far_m: dict[int, float] = {}
    while queue:
        metres, node = heapq.heappop(queue)
        if node in far_m or metres > 400:
            continue
        far_m[node] = metres
        for start, end, length in links:
            for here, there in ((start, end), (end, start)):
                if here == node:
                    heapq.heappush(queue, (metres + length, there))
    return far_m


def spread(
    links: list[tuple[int, int, float]],
    doors: list[int],
    far_m: dict[int, float],
    counts: NDArray[np.bool_],
    place: list[int],
) -> set[int]:
    """Return the links that count and that links that count join with a door, past nodes within 400 m.

    Links of one place that share a node are one, wherever that node is.
    """
    found = {link for link in doors if counts[link]}
    queue = list(found)
    while queue:
        here = queue.pop()
        for node in links[here][:2]:
            for other, (start, end, _) in enumerate(links):
                on = node in far_m or place[other] == place[here]
                if counts[other] and other not in found and on and node in (start, end):
                    found.add(other)
                    queue.append(other)
    return found
