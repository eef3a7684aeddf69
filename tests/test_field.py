"""The field on the streets, and what a model makes of places that it was not told of."""

from __future__ import annotations

import numpy as np
import pytest
from grid_town import grid, streets_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from town import PROPERTY, line, segments_of

from safeaudit.network import Network, NetworkPoints
from safeaudit.score.field.answers import FIELD_SHARES, Values
from safeaudit.score.field.covariates import choose_covariates, make_covariates, within_seen
from safeaudit.score.field.models import RANGES_M, explain, leave_out, weigh_model
from safeaudit.score.field.streets import build_streets, distances_m, make_field, make_precision, nearest_m
from safeaudit.tables import empty_table

ODD = {
    "loop": ("a", "a", 60.0),
    "road": ("a", "b", 120.0),
    "beside": ("a", "b", 200.0),
    "stub": ("b", "c", 0.2),
    "end": ("c", "d", 90.0),
    "island": ("x", "y", 75.0),
}
"""A street that ends where it begins, two between the same junctions, a very short one, a dead end, an island."""


def odd_segments() -> object:
    lines = {name: line((0, 10 * at), (length, 10 * at)) for at, (name, (*_, length)) in enumerate(ODD.items())}
    return segments_of(lines, {name: (one, other) for name, (one, other, _) in ODD.items()})


@pytest.mark.parametrize("range_m", RANGES_M)
def test_covariances_are_those_of_the_dense_inverse_and_its_diagonal_is_1(range_m: float) -> None:
    for segments in (odd_segments(), grid(3)):
        streets, every = build_streets(*streets_of(segments)), np.arange(len(segments))
        dense = np.linalg.inv(make_precision(streets, range_m).toarray())[np.ix_(streets.middles, streets.middles)]
        field = make_field(streets, range_m)
        assert_allclose(field.variances(every), np.diag(dense), rtol=1e-9)
        deviation = np.sqrt(np.diag(dense))
        rows, columns = every[::2], every[1:]
        wanted = (dense / np.outer(deviation, deviation))[np.ix_(rows, columns)]
        assert_allclose(field.correlate(rows, columns), wanted, rtol=1e-9, atol=1e-12)
        assert_allclose(np.diag(field.correlate(every, every)), 1)


def test_nothing_reaches_where_no_street_leads() -> None:
    segments = odd_segments()
    streets, names = build_streets(*streets_of(segments)), segments["place_id"].tolist()
    island, road, end = (names.index(name) for name in ("island", "road", "end"))
    assert make_field(streets, 400.0).correlate(np.array([island]), np.array([road]))[0, 0] == 0
    assert nearest_m(streets, np.array([road]))[island] == np.inf
    # Half of the road, the stub (no half of a street is shorter than 10 cm) and half of the dead end.
    assert nearest_m(streets, np.array([road]))[end] == pytest.approx(60 + 0.2 + 45)
    assert distances_m(streets, np.array([road, end, island]), 100.0).tolist() == [
        [0, np.inf, np.inf],
        [np.inf, 0, np.inf],
        [np.inf, np.inf, 0],
    ]


@given(st.floats(5, 95), st.sampled_from(RANGES_M))
@PROPERTY
def test_where_a_street_is_cut_changes_nothing_elsewhere(cut: float, range_m: float) -> None:
    lines = {"one": line((0, 0), (80, 0)), "mid": line((80, 0), (180, 0)), "two": line((180, 0), (300, 0))}
    whole = segments_of(lines, {"one": ("a", "b"), "mid": ("b", "c"), "two": ("c", "d")})
    lines |= {"mid": line((80, 0), (80 + cut, 0)), "mid2": line((80 + cut, 0), (180, 0))}
    parts = segments_of(lines, {"one": ("a", "b"), "mid": ("b", "e"), "mid2": ("e", "c"), "two": ("c", "d")})
    found = [
        make_field(build_streets(*streets_of(of)), range_m).correlate(
            *(np.flatnonzero(of["place_id"] == name) for name in ("one", "two"))
        )
        for of in (whole, parts)
    ]
    assert_allclose(found[0], found[1], rtol=1e-9)


def values_of(places: int, rng: np.random.Generator) -> Values:
    shares = np.array(FIELD_SHARES)
    return Values(
        value=rng.random(places),
        noise=rng.uniform(0.1, 0.8, (len(shares), places)),
        effects=rng.random((places, 3)) * 0.3,
        strict=np.linspace(1, 0.3, len(shares)),
        own=np.maximum(0.5, shares),
        informed=False,
        prior=5 / 36,
    )


def test_leaving_out_in_one_step_is_what_a_fit_without_them_gives() -> None:
    segments, rng = grid(3), np.random.default_rng(4)
    field = [make_field(build_streets(*streets_of(segments)), range_m) for range_m in RANGES_M]
    seen = np.sort(rng.choice(len(segments), 15, replace=False))
    values, by_map = values_of(len(seen), rng), rng.standard_normal((len(seen), 2))
    between = [one.correlate(seen, seen) for one in field]
    out, asked = np.array([2, 3, 7, 11]), np.array([0, 2])
    kept = np.setdiff1d(np.arange(len(seen)), out)
    without = explain(values.take(kept), [one[np.ix_(kept, kept)] for one in between], by_map[kept])
    models = 0
    for whole, refit in zip(explain(values, between, by_map), without, strict=True):
        found = leave_out(whole, values.prior, out, asked)
        log_weight, variance = weigh_model(refit, values.prior)
        assert found.log_weight == pytest.approx(log_weight, abs=1e-8)
        # The same by hand: universal kriging from the places that stay.
        share, own = FIELD_SHARES[whole.model.share], values.own[whole.model.share]
        covariance = share * between[whole.model.reach] + np.diag(own - share + values.noise[whole.model.share])
        covariance = covariance + values.strict[whole.model.share] * values.effects @ values.effects.T
        covariance += by_map @ by_map.T if whole.model.by_map else 0
        inverse = np.linalg.inv(covariance[np.ix_(kept, kept)])
        mean = inverse.sum(axis=0) @ values.value[kept] / inverse.sum()
        for number, place in enumerate(out[asked]):
            cross = covariance[place, kept]
            guess = mean + cross @ inverse @ (values.value[kept] - mean)
            left = covariance[place, place] - cross @ inverse @ cross
            left += (1 - (cross @ inverse).sum()) ** 2 / inverse.sum()
            assert found.error[number] == pytest.approx(values.value[place] - guess, abs=1e-9)
            assert found.variance[number] == pytest.approx(variance * left, rel=1e-8)
        models += 1
    assert models == 2 * (1 + len(RANGES_M) * (len(FIELD_SHARES) - 1))


def test_what_the_map_does_not_say_or_says_everywhere_is_no_covariate() -> None:
    segments = grid(2)
    covariates = make_covariates(segments, empty_table("evidence"))
    assert covariates.shape == (len(segments), 0)  # all residential, all of one length
    known = np.column_stack([np.arange(12.0), np.r_[np.full(9, np.nan), 1, 2, 3]])
    seen = np.arange(2, 9)
    chosen = choose_covariates(known, seen)
    assert chosen.shape == (12, 1)  # the second is known of none of them
    assert within_seen(chosen, seen).tolist() == [False] * 2 + [True] * 7 + [False] * 3


def test_a_street_of_many_links_is_one_stretch_to_its_middle() -> None:
    lines = {"one": line((0, 0), (80, 0)), "two": line((80, 0), (300, 0))}
    segments = segments_of(lines, {"one": ("a", "b"), "two": ("b", "c")})
    ends = {
        "l0": ("a", "b", 80),
        "l1": ("b", "m", 150),
        "l2": ("m", "c", 70),
        "l3": ("p", "q", 50),
        "l4": ("q", "p", 50),
    }
    network = Network(
        node_ids=np.array(["a", "b", "c", "m", "p", "q"], dtype=object),
        xy=np.zeros((6, 2)),
        start=np.array(["abcmpq".index(tail) for tail, _, _ in ends.values()]),
        end=np.array(["abcmpq".index(head) for _, head, _ in ends.values()]),
        length_m=np.array([float(length) for *_, length in ends.values()]),
    )
    # The middle of the second is 110 m from b, on its first link; a ring that nothing joins is no part of the graph.
    found = build_streets(network, NetworkPoints(np.array([0, 1]), np.array([40.0, 110.0])))
    assert found.size == 4  # two ends and two middles: b and m are no crossings
    assert sorted(found.length_m.tolist()) == [40, 110, 150]
    usual = build_streets(*streets_of(segments))
    for range_m in RANGES_M:
        every = np.arange(2)
        assert_allclose(
            make_field(found, range_m).correlate(every, every), make_field(usual, range_m).correlate(every, every)
        )
    assert nearest_m(found, np.array([0])).tolist() == [0, 150]
