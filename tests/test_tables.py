"""The declared tables: what is not as declared is refused, and what is comes back in order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from small_result import OF_ACTIONS, small_result
from town import at, matches_of, spaces_of, stops_of, submissions, town

from safeaudit.config import load_config
from safeaudit.errors import TableError
from safeaudit.pipeline import run
from safeaudit.tables import TABLES, AuditResult, FileCount, empty_table, validate_table


def matches() -> pd.DataFrame:
    return matches_of({"b": {"west": 1.0}, "a": {"south": 0.5, "east": 0.5}})


def test_a_table_comes_back_in_its_declared_order_sorted_by_key() -> None:
    frame = matches()
    mixed = frame[frame.columns[::-1]].sample(frac=1, random_state=3)
    before = mixed.copy(deep=True)
    found = validate_table(mixed, "matches")
    assert found.columns.tolist() == TABLES["matches"].names
    assert list(zip(found["submission_id"], found["place_id"], strict=True)) == [
        ("a", "east"),
        ("a", "south"),
        ("b", "west"),
    ]
    assert found.index.tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(mixed, before)


def test_a_missing_and_an_unknown_column_are_named() -> None:
    with pytest.raises(TableError, match=r"The table matches lacks \['weight'\] and has unknown \['wieght'\]\."):
        validate_table(matches().rename(columns={"weight": "wieght"}), "matches")


def test_a_key_that_stands_twice_is_named() -> None:
    with pytest.raises(TableError, match=r"The table matches has the key \['a', 'east'\] twice\."):
        validate_table(pd.concat([matches(), matches()]), "matches")


def coded(*keys: tuple[str, str | None]) -> pd.DataFrame:
    """Return observations whose keys are categoricals, in this order of rows."""
    frame = empty_table("observations").reindex(range(len(keys)))
    submission, indicator = zip(*keys, strict=True)
    given = {
        "submission_id": pd.Categorical(submission, ["a", "b"]),
        "indicator": pd.Categorical(indicator, ["x", "y"]),
    }
    return frame.assign(**given, rating=1.0, n=1)


@pytest.mark.parametrize(
    "keys",
    [
        (("a", "x"), ("a", "y"), ("b", "x")),
        (("b", "x"), ("a", "y"), ("a", "x")),
        (("a", "y"), ("a", "x"), ("b", "x")),
    ],
)
def test_coded_keys_come_back_sorted_whatever_their_order(keys: tuple[tuple[str, str], ...]) -> None:
    found = validate_table(coded(*keys), "observations")
    assert list(zip(found["submission_id"], found["indicator"], strict=True)) == sorted(keys)
    assert found.index.tolist() == [0, 1, 2]


def test_coded_keys_that_stand_twice_or_are_empty_are_found() -> None:
    with pytest.raises(TableError, match=r"has the key \['a', 'y'\] twice"):
        validate_table(coded(("a", "x"), ("a", "y"), ("a", "y")), "observations")
    with pytest.raises(TableError, match=r"has 1 empty values in indicator"):
        validate_table(coded(("a", "x"), ("a", None)), "observations")


def test_an_empty_value_that_must_be_there_is_counted() -> None:
    frame = matches()
    frame.loc[[0, 2], "weight"] = None
    with pytest.raises(TableError, match=r"The table matches has 2 empty values in weight\."):
        validate_table(frame, "matches")


def test_an_optional_value_may_be_empty() -> None:
    people = submissions({"submission_id": "a", "point": None, "observed_at": pd.NaT, "light": None})
    assert validate_table(people, "submissions").geometry.isna().all()


def test_a_table_with_shapes_stays_one() -> None:
    segments = town().segments
    assert validate_table(segments, "segments").crs == segments.crs
    assert spaces_of({"p": at(0, 0)})["area_m2"].isna().all()
    assert stops_of({}).empty


# --- kinds --------------------------------------------------------------------------------------------------------


def kinds_amiss(frame: pd.DataFrame, name: str) -> list[tuple[str, str, str]]:
    """Return table, column and dtype of what is not as declared, by the words of docs/tables.md and no code of ours."""
    plain = {
        "text": "str",
        "category": "category",
        "number": "float64",
        "count": "Int64",
        "flag": "bool",
        "time": "datetime64[us, UTC]",
        "geometry": "geometry",
    }
    wrong = []
    for column in TABLES[name].columns:
        values = frame[column.name]
        right = str(values.dtype) == plain[column.kind]
        if right and column.kind == "category":
            words = values.cat.categories
            right = (
                words.dtype == "str" and words.is_monotonic_increasing and words.is_unique and not values.cat.ordered
            )
        if not right:
            wrong.append((name, column.name, str(values.dtype)))
    return wrong


def tables_of(result: AuditResult) -> dict[str, list[pd.DataFrame]]:
    """Return all tables of a result by their names."""
    places, audits = result.places, result.audits
    of_places = {
        name: [getattr(places, name)] for name in ("links", "segments", "spaces", "stops", "areas", "features")
    }
    of_audits = {name: [getattr(audits, name)] for name in ("submissions", "observations", "rejected")}
    found = ("matches", "faults", "discussions", "actions", "action_entries", "evidence", "access", "summaries")
    found += (
        "agreement",
        "skill",
        "standardised_answers",
        "calibration",
        "group_spread",
        "stretches",
        "feelings",
        "group_gaps",
        "day_dark",
        "night_reach",
        "reach_by_destination",
        "site_changes",
    )
    scores = {"scores": [result.scores, result.open_scores]}
    return {
        **of_places,
        **of_audits,
        "reports": [audits.faults],
        **scores,
        "group_answers": [result.group_answers, result.open_group_answers],
        "night_reach": [result.night_reach, result.open_night_reach],
        "changes": [result.changes, result.open_changes],
        "mean_changes": [result.mean_changes, result.open_mean_changes],
        **{name: [getattr(result, name)] for name in found},
    }


@pytest.fixture(scope="module")
def real_result(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    """Return what a run makes of one round of the sample city."""
    folder = tmp_path_factory.mktemp("helsinki")
    for name in ("safeaudit.toml", "helsinki.osm.pbf", "simulated_audits_before.csv", "simulated_audits_after.csv"):
        (folder / name).write_bytes((ROOT / "sample_cities" / "helsinki" / name).read_bytes())
    return run(load_config(folder))


NONE_THERE = {"reports", "faults", "discussions", "actions", "action_entries", "access", "site_changes", "group_gaps"}
NONE_THERE |= {"group_spread", "standardised_answers"}
"""Tables that are empty in the sample city."""


def test_every_table_that_a_run_returns_has_the_declared_kinds(real_result: AuditResult) -> None:
    found = tables_of(real_result)
    assert set(found) == set(TABLES) - OF_ACTIONS
    assert [wrong for name, frames in found.items() for frame in frames for wrong in kinds_amiss(frame, name)] == []
    assert all(len(found[name][0]) for name in set(TABLES) - OF_ACTIONS - NONE_THERE)


def test_keys_of_long_tables_are_joined_by_code(real_result: AuditResult) -> None:
    ids = real_result.audits.submissions["submission_id"].dtype
    assert real_result.audits.observations["submission_id"].dtype == ids
    assert real_result.matches["submission_id"].dtype == ids


def test_a_small_result_has_the_declared_kinds() -> None:
    result = small_result()
    found = tables_of(result)
    assert [wrong for name, frames in found.items() for frame in frames for wrong in kinds_amiss(frame, name)] == []


@pytest.mark.parametrize("name", [table.name for table in TABLES.values() if table.geometry is None])
def test_an_empty_table_is_valid_and_has_its_kinds(name: str) -> None:
    frame = empty_table(name)
    assert kinds_amiss(frame, name) == []
    pd.testing.assert_frame_equal(validate_table(frame, name), frame)


WRONG = {
    "submission_id": [1, 2, 3],
    "place_id": [b"a", b"b", b"c"],
    "weight": ["1.0", "0.5", "0.5"],
    "distance_m": [True, False, True],
    "ambiguous": [0, 1, 0],
}


@pytest.mark.parametrize("column", sorted(WRONG))
def test_a_wrong_kind_names_table_and_column(column: str) -> None:
    kind = next(c.kind for c in TABLES["matches"].columns if c.name == column)
    said = rf"The table matches has \w+ in {column}, which is declared as {kind}\."
    with pytest.raises(TableError, match=said):
        validate_table(matches().assign(**{column: WRONG[column]}), "matches")


@pytest.mark.parametrize("value", [2.5, "2", True])
def test_a_count_is_a_whole_number(value: object) -> None:
    with pytest.raises(TableError, match=r"The table observations has \w+ in level, which is declared as count\."):
        validate_table(coded(("a", "x"), ("b", "x")).assign(level=[value, value]), "observations")


def test_text_is_no_number_and_no_mixture() -> None:
    people = submissions({"submission_id": "a"}, {"submission_id": "b"})
    for wrong in ([1, 2], ["a", 1], [b"a", b"b"], pd.Categorical([1, 2])):
        with pytest.raises(TableError, match=r"The table submissions has \w+ in note, which is declared as text\."):
            validate_table(people.assign(note=wrong), "submissions")


def test_a_time_says_its_zone() -> None:
    people = submissions({"submission_id": "a"}, {"submission_id": "b"})
    local = pd.to_datetime(["2026-05-17 21:00", "2026-05-17 22:00"])
    with pytest.raises(TableError, match=r"The table submissions has .* in observed_at, which is declared as time\."):
        validate_table(people.assign(observed_at=local), "submissions")
    found = validate_table(people.assign(observed_at=local.tz_localize("Africa/Nairobi").as_unit("s")), "submissions")
    assert found["observed_at"].tolist() == [pd.Timestamp("2026-05-17T18:00Z"), pd.Timestamp("2026-05-17T19:00Z")]
    assert str(found["observed_at"].dtype) == "datetime64[us, UTC]"


def test_shapes_are_shapes() -> None:
    people = pd.DataFrame(submissions({"submission_id": "a"})).assign(geometry="POINT (1 2)")
    with pytest.raises(TableError, match=r"The table submissions has \w+ in geometry, which is declared as geometry\."):
        validate_table(people, "submissions")


def test_what_holds_the_same_is_made_of_the_declared_kind() -> None:
    frame = pd.DataFrame(
        {
            "submission_id": pd.Categorical(["b", "a", "c"], ["c", "b", "a"], ordered=True),
            "indicator": np.array(["x", "y", "x"], dtype=object),
            "level": [1.0, np.nan, 3.0],
            "rating": np.array([1, 0, 1], dtype=np.int8),
            "n": np.array([1, 2, 3], dtype=np.uint16),
            "spread": None,
        }
    )
    before = frame.copy(deep=True)
    found = validate_table(frame, "observations")
    assert kinds_amiss(found, "observations") == []
    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [
        ["a", "y", None, 0.0, 2, None],
        ["b", "x", 1, 1.0, 1, None],
        ["c", "x", 3, 1.0, 3, None],
    ]
    pd.testing.assert_frame_equal(frame, before)


def test_missing_words_stay_missing_when_words_are_put_in_order() -> None:
    people = submissions({"submission_id": "a"}, {"submission_id": "b"}, {"submission_id": "c"})
    walk = pd.Categorical(["z", None, "m"], ["z", "m"])
    found = validate_table(people.assign(walk_id=walk), "submissions")
    assert found["walk_id"].astype("str").fillna("-").tolist() == ["z", "-", "m"]
    assert found["walk_id"].cat.categories.tolist() == ["m", "z"]


def test_what_is_of_its_kind_is_not_copied() -> None:
    frame = matches()
    found = validate_table(frame, "matches")
    for name in ("weight", "distance_m"):
        assert np.shares_memory(found[name].to_numpy(), frame[name].to_numpy())
    assert found["place_id"].cat.categories is frame["place_id"].cat.categories


def test_tables_are_joined_right_whatever_words_their_columns_know() -> None:
    """Rows that answer each other meet: by code where words are shared, by text where they are not."""
    rng = np.random.default_rng(5)
    ids = pd.Index([f"s{n:06d}" for n in range(5_000)], dtype="str")
    left = pd.DataFrame({"submission_id": pd.Categorical.from_codes(rng.integers(0, 5_000, 20_000), ids)})
    left["x"] = np.arange(len(left))
    some = np.sort(rng.choice(5_000, 2_000, replace=False))
    shared = pd.DataFrame({"submission_id": pd.Categorical.from_codes(some, ids), "y": some})
    apart = shared.assign(submission_id=shared["submission_id"].cat.remove_unused_categories())
    by_text = left.astype({"submission_id": "str"}).merge(shared.astype({"submission_id": "str"}), on="submission_id")
    for right in (shared, apart, shared.astype({"submission_id": "str"})):
        found = left.merge(right, on="submission_id")
        assert found[["x", "y"]].equals(by_text[["x", "y"]])
        assert (found["submission_id"].astype("str") == by_text["submission_id"]).all()
    assert left.merge(shared, on="submission_id")["submission_id"].dtype == left["submission_id"].dtype


def test_every_column_says_what_it_means() -> None:
    for table in TABLES.values():
        assert table.row
        assert set(table.key) <= set(table.names)
        assert len(set(table.names)) == len(table.names)
        for column in table.columns:
            assert column.meaning, (table.name, column.name)
            assert not column.name.endswith("?")
            assert not (column.optional and column.name in table.key)


def test_the_tables_of_the_design_are_all_there() -> None:
    wanted = "segments spaces stops areas features submissions observations rejected matches evidence scores summaries"
    assert set(wanted.split()) <= set(TABLES)


def test_no_row_is_lost() -> None:
    assert FileCount(file="a.csv", read=5, accepted=3, rejected=1, duplicates=1).read == 5
    with pytest.raises(
        TableError, match=r"Rows were lost: 5 read, 3 accepted, 1 rejected, 0 duplicates, 0 replaced, 0 forgotten\."
    ):
        FileCount(file="a.csv", read=5, accepted=3, rejected=1, duplicates=0)


def test_the_extent_of_a_town_is_in_degrees() -> None:
    extent = town().extent
    assert extent is not None
    west, south, east, north = extent
    assert 36.8 < west < east < 36.9
    assert -1.3 < south < north < -1.2
