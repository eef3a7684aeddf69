"""The declared tables: what is not as declared is refused, and what is comes back in order."""

from __future__ import annotations

import pandas as pd
import pytest
from town import at, matches_of, spaces_of, stops_of, submissions, town

from safeaudit.errors import TableError
from safeaudit.tables import TABLES, FileCount, empty_table, validate_table


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


@pytest.mark.parametrize("name", [table.name for table in TABLES.values() if table.geometry is None])
def test_an_empty_table_is_valid_and_has_its_kinds(name: str) -> None:
    frame = empty_table(name)
    pd.testing.assert_frame_equal(validate_table(frame, name), frame)
    for column in TABLES[name].columns:
        if column.kind == "time":
            assert str(frame[column.name].dtype) == "datetime64[us, UTC]"
        if column.kind == "number":
            assert frame[column.name].dtype == "float64"


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
    with pytest.raises(TableError, match=r"Rows were lost: 5 read, 3 accepted, 1 rejected, 0 duplicates\."):
        FileCount(file="a.csv", read=5, accepted=3, rejected=1, duplicates=0)


def test_the_extent_of_a_town_is_in_degrees() -> None:
    extent = town().extent
    assert extent is not None
    west, south, east, north = extent
    assert 36.8 < west < east < 36.9
    assert -1.3 < south < north < -1.2
