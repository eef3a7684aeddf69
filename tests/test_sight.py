"""What blocks sight, and what is seen: shapes worked out by hand, and an independent slow way for the rest."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY, box, features_of, line

from safeaudit.evidence.parts.sight import blocking, edges_of, isovists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from safeaudit.evidence.parts.sight import Isovists

R = 100.0
DISC = np.pi * R**2


def shapes(*given: shapely.Geometry) -> np.ndarray:
    """Return shapes as an array."""
    return np.array(given, dtype=object)


def seen(
    *at: complex, buildings: Sequence[shapely.Geometry] = (), barriers: Sequence[shapely.Geometry] = (), jump: float = 5
) -> Isovists:
    """Return what is seen up to 100 m."""
    edges = edges_of(shapes(*buildings), shapes(*barriers))
    return isovists(np.array(at, dtype=complex), edges, sight_m=R, least_jump_m=jump)


def slowly(
    at: complex, buildings: Sequence[shapely.Geometry], barriers: Sequence[shapely.Geometry]
) -> shapely.Geometry:
    """Return what is seen, as the disc less the shadow of every edge, one after the other."""
    outlines = [*(shapely.boundary(building) for building in buildings), *barriers]
    shadows = []
    for outline in outlines:
        for part in shapely.get_parts(outline):
            points = shapely.get_coordinates(part) @ np.array([1, 1j]) - at
            for start, end in pairwise(points):
                far = [at + 50 * R * corner / abs(corner) for corner in (end, start)]
                ring = [(corner.real, corner.imag) for corner in (at + start, at + end, *far)]
                shadows.append(shapely.Polygon(ring).convex_hull)
    return shapely.Point(at.real, at.imag).buffer(R, quad_segs=256) - shapely.union_all([*shadows, *buildings])


def segment_beyond(distance: float) -> tuple[float, float]:
    """Return area and first moment of the part of the disc behind a chord at a distance from its centre."""
    half = np.sqrt(R**2 - distance**2)
    return R**2 * np.arccos(distance / R) - distance * half, 2 / 3 * half**3


def test_on_an_empty_plain_everything_within_sight_is_seen() -> None:
    found = seen(0, 3 + 4j, 1e7 + 1e6j)
    assert found.area_m2 == pytest.approx(DISC)
    assert found.drift_m == pytest.approx(0, abs=1e-9)
    assert len(found.corner) == 0


def test_nobody_sees_nothing() -> None:
    assert len(seen(buildings=[shapely.box(0, 0, 1, 1)]).area_m2) == 0


@pytest.mark.parametrize("distance", [0.5, 20, 99.9])
@pytest.mark.parametrize("side", [1, -1])
def test_a_long_wall_takes_a_segment_of_the_disc_from_either_side(distance: float, side: int) -> None:
    found = seen(side * distance * 1j, barriers=[shapely.LineString([(-500, 0), (500, 0)])])
    lost, moment = segment_beyond(distance)
    assert found.area_m2 == pytest.approx(DISC - lost)
    assert found.drift_m == pytest.approx(moment / (DISC - lost))


@pytest.mark.parametrize("off", [0, 4])
def test_a_street_canyon_is_seen_from_end_to_end(off: float) -> None:
    rows = [shapely.box(-500, 10, 500, 30), shapely.box(-500, -30, 500, -10)]
    found = seen(off * 1j, buildings=rows)
    (above, up), (below, down) = segment_beyond(10 - off), segment_beyond(10 + off)
    area = DISC - above - below
    assert found.area_m2 == pytest.approx(area)
    assert found.drift_m == pytest.approx(abs(up - down) / area)


def test_a_courtyard_is_seen_whole_and_hides_nothing() -> None:
    court = shapely.box(-30, -30, 30, 30) - shapely.box(-10, -10, 10, 10)
    found = seen(0, 3 + 4j, 9.5 - 9.5j, buildings=[court])
    assert found.area_m2 == pytest.approx(400)
    assert found.drift_m == pytest.approx([0, 5, 9.5 * np.sqrt(2)])
    assert len(found.corner) == 0


def test_the_corners_of_a_house_where_sight_jumps_back() -> None:
    found = seen(0, buildings=[shapely.box(20, -5, 30, 5)])
    assert sorted(zip(found.corner_of, found.corner, strict=True), key=str) == [(0, 20 + 5j), (0, 20 - 5j)]
    triangle = 20 * 5
    cone = R**2 * np.arctan(5 / 20)
    assert found.area_m2 == pytest.approx(DISC - cone + triangle)


def test_a_bay_shallower_than_the_least_jump_hides_nothing() -> None:
    stepped = shapely.box(-200, 10, 200, 30) - shapely.box(0, 9, 8, 12)
    found = seen(-5, buildings=[stepped], jump=3), seen(-5, buildings=[stepped], jump=2)
    assert [list(one.corner) for one in found] == [[], [10j]]


def test_edges_end_at_the_circle_of_sight() -> None:
    inside = seen(0, barriers=[shapely.LineString([(60, -80), (60, 80)])])
    beyond = seen(0, barriers=[shapely.LineString([(60, -300), (60, 300)])])
    assert inside.area_m2 == pytest.approx(beyond.area_m2)
    assert seen(0, barriers=[shapely.LineString([(90, 90), (300, 90)])]).area_m2 == pytest.approx(DISC)


def test_a_wall_is_the_same_however_it_is_drawn() -> None:
    whole = seen(0, barriers=[shapely.LineString([(10, -5), (10, 5)])])
    pieces = seen(0, barriers=[shapely.LineString([(10, 5), (10, 1)]), shapely.LineString([(10, -5), (10, 2)])])
    assert pieces.area_m2 == pytest.approx(whole.area_m2)
    assert sorted(pieces.corner, key=str) == sorted(whole.corner, key=str)


def test_a_wall_stood_on_and_a_wall_seen_from_its_end_hide_nothing() -> None:
    assert seen(0, 40, barriers=[shapely.LineString([(-5, 0), (20, 0)])]).area_m2 == pytest.approx(DISC)


def test_overlapping_houses_a_fence_into_one_and_crossing_walls() -> None:
    buildings = [shapely.box(10, -10, 30, 10), shapely.box(20, 0, 40, 20)]
    barriers = [shapely.LineString([(-20, -20), (25, 5)]), shapely.LineString([(-20, 5), (0, -30)])]
    check_slowly((-5 + 3j, 8 + 8j, -30 - 5j), buildings, barriers)


def test_a_shed_before_the_far_part_of_a_wall_that_begins_near() -> None:
    check_slowly((0j,), [shapely.box(30, 8.5, 31, 9.5)], [shapely.LineString([(0, 5), (90, 20)])])


def test_a_bow_tie_is_mended_and_a_hedge_that_is_an_area_is_its_outline() -> None:
    bow = shapely.Polygon([(10, -10), (30, 10), (30, -10), (10, 10)])
    assert seen(0, buildings=[bow]).area_m2 == pytest.approx(seen(0, buildings=[shapely.make_valid(bow)]).area_m2)
    hedge = shapely.box(10, -10, 30, 10)
    assert seen(0, barriers=[hedge]).area_m2 == pytest.approx(seen(0, buildings=[hedge]).area_m2)
    assert seen(20, barriers=[hedge]).area_m2 == pytest.approx(400)


def test_a_dense_settlement_at_coordinates_of_a_city() -> None:
    rng = np.random.default_rng(4)
    corner = np.stack(np.meshgrid(np.arange(24), np.arange(24)), axis=-1).reshape(-1, 2) * 7.0
    corner += rng.uniform(0, 1.5, corner.shape) + np.array([257_000, 9_857_000])
    shacks = list(shapely.box(*corner.T, *(corner + rng.uniform(4, 5.5, corner.shape)).T))
    east, north = 257_000 + 6.7 + 7 * 11, 9_857_000 + 6.6 + 7 * 12
    check_slowly((complex(east, north), complex(east, north + 14)), shacks, [])


def check_slowly(
    at: Sequence[complex], buildings: Sequence[shapely.Geometry], barriers: Sequence[shapely.Geometry]
) -> None:
    """Compare area and drift with the disc less all shadows."""
    found = seen(*at, buildings=buildings, barriers=barriers)
    for point, area, drift in zip(at, found.area_m2, found.drift_m, strict=True):
        wanted = slowly(point, buildings, barriers)
        assert area == pytest.approx(wanted.area, rel=1e-4)
        assert drift == pytest.approx(abs(complex(wanted.centroid.x, wanted.centroid.y) - point), abs=1e-2)


COORDINATE = st.integers(-60, 60).map(float)
HOUSES = st.lists(
    st.tuples(COORDINATE, COORDINATE, st.integers(2, 30), st.integers(2, 30), st.integers(0, 89)), max_size=8
)
WALLS = st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE), max_size=4)


def drawn(
    houses: list[tuple[float, float, int, int, int]], walls: list[tuple[float, float, float, float]]
) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Return houses and walls, none of them at the centre."""
    boxes = [shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), turn) for x, y, w, h, turn in houses]
    lines = [shapely.LineString([(a, b), (c, d)]) for a, b, c, d in walls if (a, b) != (c, d)]
    centre = shapely.Point(0, 0)
    return [one for one in boxes if one.distance(centre) > 0.1], [one for one in lines if one.distance(centre) > 0.1]


@PROPERTY
@given(HOUSES, WALLS)
def test_any_town_is_seen_as_slowly(
    houses: list[tuple[float, float, int, int, int]], walls: list[tuple[float, float, float, float]]
) -> None:
    check_slowly((0j,), *drawn(houses, walls))


@PROPERTY
@given(HOUSES, WALLS, st.floats(0, 2 * np.pi), st.floats(-1e4, 1e4))
def test_nothing_depends_on_where_north_is(
    houses: list[tuple[float, float, int, int, int]],
    walls: list[tuple[float, float, float, float]],
    turn: float,
    shift: float,
) -> None:
    buildings, barriers = drawn(houses, walls)
    spin = np.exp(1j * turn)
    turned = [
        [shapely.transform(one, lambda xy: _moved(xy, spin, shift)) for one in of] for of in (buildings, barriers)
    ]
    before = seen(0, buildings=buildings, barriers=barriers)
    after = seen(shift, buildings=turned[0], barriers=turned[1])
    assert after.area_m2 == pytest.approx(before.area_m2, rel=1e-6)
    assert after.drift_m == pytest.approx(before.drift_m, abs=1e-4)


def _moved(xy: np.ndarray, spin: complex, shift: float) -> np.ndarray:
    points = xy @ np.array([1, 1j]) * spin + shift
    return np.column_stack([points.real, points.imag])


@pytest.mark.parametrize(
    ("category", "tags", "blocks"),
    [
        ("wall", "{}", True),
        ("hedge", "{}", True),
        ("fence", "{}", True),
        ("fence", '{"fence_type": "metal"}', True),
        ("fence", '{"fence_type": "chain_link"}', False),
        ("fence", '{"fence_type": "railing"}', False),
        ("wall", '{"height": "0.8 m"}', False),
        ("wall", '{"height": "1.5"}', True),
        ("wall", '{"height": "tall"}', True),
    ],
)
def test_which_barriers_block_sight(category: str, tags: str, *, blocks: bool) -> None:
    buildings, barriers = blocking(features_of(("barrier", category, line((0, 0), (9, 0))), tags={0: tags}))
    assert (len(buildings), len(barriers)) == (0, int(blocks))


def test_houses_block_sight_and_roofs_without_walls_do_not() -> None:
    house, roof, unknown, lake = (box(10 * i, 0, 10 * i + 5, 5) for i in range(4))
    features = features_of(
        ("building", "house", house), ("building", "roof", roof), ("building", None, unknown), ("water", "water", lake)
    )
    buildings, barriers = blocking(features)
    assert [list(buildings), len(barriers)] == [[house, unknown], 0]
