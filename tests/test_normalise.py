"""Rows to submissions and observations: what is taken, what is rejected, in which words."""

# ruff: noqa: RUF001 - letters and digits of other scripts are what is tested
from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import GOOD, HEADER, audits, cells, one, problem

from safeaudit.audits.normalise.answers import NO_LEVEL, rating_reader
from safeaudit.errors import InputError
from safeaudit.rubric import Indicator, IndicatorWords


def test_a_good_row() -> None:
    found = one({"comment": "dark", "accuracy": "4.5", "auditor_sex": "F", "auditor_age": "62", "group_size": "3"})
    row = found.submissions.iloc[0]
    assert row["source"] == "walk.csv"
    assert (row["line"], row["version"], row["flags"], row["form"]) == (2, 1, "", "1")
    assert row["observed_at"] == pd.Timestamp("2024-03-05T16:00:00Z")
    assert row["light"] == "dark"
    assert (row["auditor_sex"], row["auditor_age"], row["group_size"]) == ("woman", "elderly", 3)
    assert (row["consent"], row["accuracy_m"], row["note"]) == ("analysis", 4.5, "dark")
    assert (row["geometry"].x, row["geometry"].y) == (72.88, 19.07)
    assert found.submissions.crs.to_epsg() == 4326
    ratings = found.observations.set_index("indicator")
    assert ratings["level"].to_dict() == {"feeling": 2, "lighting": 1}
    assert ratings["rating"].to_dict() == {"feeling": pytest.approx(2 / 3), "lighting": pytest.approx(1 / 3)}
    assert found.counts[0].read == found.counts[0].accepted == 1


def test_columns_that_were_guessed_are_told() -> None:
    said = one({}).counts[0].remarks[0]
    assert said.startswith('Columns were found by their names: submission_id from "_uuid", observed_at from "start"')


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("19.07", "72.88"),
        ("19,0700", "72,8800"),
        ("19°04'12.0\"N", "72°52'48.0\"E"),
        ("19° 4′ 12″ N", "72° 52′ 48″ E"),
        ("19 04.2 N", "72 52.8 E"),
        ("N19.07", "E72.88"),
        ("١٩٫٠٧", "٧٢٫٨٨"),
        ("१९.०७", "७२.८८"),
        ("19.07\u00a0", " 72.88"),
    ],
)
def test_coordinates_in_many_spellings(latitude: str, longitude: str) -> None:
    point = one({"latitude": latitude, "longitude": longitude}).submissions.geometry[0]
    assert (point.x, point.y) == (pytest.approx(72.88), pytest.approx(19.07))


def test_spellings_that_were_read_are_told() -> None:
    said = one({"latitude": "19,07"}).counts[0].remarks
    assert '1 values of "latitude" are not plain numbers, such as "19,07"; they were read as degrees.' in said


def test_south_west_and_minus() -> None:
    point = one({"latitude": "33°30'S", "longitude": "−70.5"}, extent=None).submissions.geometry[0]
    assert (point.x, point.y) == (-70.5, -33.5)


@pytest.mark.parametrize(
    ("latitude", "longitude", "code", "sentence"),
    [
        ("", "", "COORD_MISSING", 'walk.csv line 2, column "latitude": This row has no position.'),
        ("19.07", "", "COORD_MISSING", 'walk.csv line 2, column "longitude": This row has no position.'),
        ("abc", "72.88", "COORD_FORMAT", '"abc" is no coordinate. Write degrees, as in 19.0712.'),
        ("nan", "72.88", "COORD_FORMAT", '"nan" is no coordinate.'),
        ("19_07", "72.88", "COORD_FORMAT", '"19_07" is no coordinate.'),
        ("19 07", "72.88", "COORD_FORMAT", '"19 07" is no coordinate.'),
        ("19°70'N", "72.88", "COORD_FORMAT", "is no coordinate."),
        ("19.07E", "72.88", "COORD_FORMAT", '"19.07E" is no coordinate.'),
        ("91", "72.88", "COORD_RANGE", '"91" is no latitude: it must be from -90 to 90.'),
        ("19.07", "181", "COORD_RANGE", '"181" is no longitude: it must be from -180 to 180.'),
        ("2110403.2", "276908.1", "COORD_RANGE", 'It looks like metres of a map grid: set crs = "EPSG:..."'),
        ("0.0000001", "-0.0", "NULL_ISLAND", "The position is 0, 0: the phone had no fix."),
        ("28.61", "77.2", "OUTSIDE_AREA", "The point lies 1132 km outside the city's places. Check the position."),
    ],
)
def test_positions_that_cannot_be(latitude: str, longitude: str, code: str, sentence: str) -> None:
    found = problem({"latitude": latitude, "longitude": longitude})
    assert found[0] == code
    assert sentence in found[1]


def test_five_kilometres_outside_are_still_near() -> None:
    assert len(one({"latitude": str(19.2 + 4.9 / 111.2)}).submissions) == 1
    assert problem({"latitude": str(19.2 + 5.6 / 111.2)})[0] == "OUTSIDE_AREA"


def test_swapped_columns_are_refused_with_the_remedy() -> None:
    rows = [(str(i), "", "72.88", "19.07", "1", "2") for i in range(5)]
    with pytest.raises(InputError, match="All 5 points fall in the city when latitude and longitude are swapped") as it:
        audits(cells(rows))
    assert 'columns = { latitude = "longitude", longitude = "latitude", ... }' in str(it.value)


def test_swapped_columns_and_swapped_places_are_told_by_where_the_city_is() -> None:
    rows = [(str(i), "", "72.88", "19.07", "1", "2") for i in range(5)]
    with pytest.raises(InputError, match=r"the first is at latitude 72\.8800, longitude 19\.0700, the middle of") as it:
        audits(cells(rows))
    assert "If where the points are, swap the places: in QGIS with Swap X and Y coordinates" in str(it.value)


@pytest.mark.parametrize(
    ("latitude", "longitude", "name"), [("19.07", "-72.88", "longitude"), ("-19.07", "72.88", "latitude")]
)
def test_a_lost_sign_is_named_where_it_is(latitude: str, longitude: str, name: str) -> None:
    code, message = problem({"latitude": latitude, "longitude": longitude})
    assert code == "OUTSIDE_AREA"
    assert message == (
        f'walk.csv line 2, column "{name}": The point lies in the city with the other sign of its {name}: a minus sign'
        f' was lost or added in "{longitude if name == "longitude" else latitude}".'
    )


def test_one_swapped_row_does_not_refuse_the_file() -> None:
    found = audits(cells([GOOD, (*GOOD[:2], "72.88", "19.07", *GOOD[4:])]))
    assert found.rejected["code"].tolist() == ["OUTSIDE_AREA"]
    assert found.rejected["message"].iloc[0].endswith("inside with latitude and longitude swapped. Swap them.")


def test_grid_coordinates_with_their_crs() -> None:
    point = one({"latitude": "2110403.2", "longitude": "276908.1"}, crs="EPSG:32643").submissions.geometry[0]
    assert (point.x, point.y) == (pytest.approx(72.88, abs=0.01), pytest.approx(19.07, abs=0.01))


def test_position_in_one_column() -> None:
    header = ("gps", "lighting")
    found = audits(cells([("19.07 72.88 12.0 4.5", "1"), ("19.071 72.881", "1"), ("", "1"), ("19.07", "1")], header))
    assert found.submissions.sort_values("line")["accuracy_m"].tolist() == [
        4.5,
        pytest.approx(float("nan"), nan_ok=True),
    ]
    assert found.rejected["code"].tolist() == ["COORD_MISSING", "COORD_FORMAT"]
    assert 'Write "latitude longitude"' in found.rejected["message"][1]


def test_a_place_code_stands_for_a_position() -> None:
    found = one({"latitude": "", "longitude": "", "place_code": "K7"})
    assert found.submissions["place_code"][0] == "K7"
    assert found.submissions.geometry[0] is None
    assert found.submissions["light"].tolist() == ["dark"]  # by the sun of the city's middle


def test_accuracy() -> None:
    assert one({"accuracy": "0"}).submissions["accuracy_m"].isna().all()
    far = one({"accuracy": "4500"})
    assert far.submissions["flags"][0] == "LOW_PRECISION"
    assert "1 rows have a fix worse than 100 m (LOW_PRECISION). First: line 2." in far.counts[0].remarks


@pytest.mark.parametrize(
    ("start", "code", "sentence"),
    [
        ("03/04/2024", "DATE_AMBIGUOUS", 'In "03/04/2024" day and month cannot be told apart.'),
        ("13/04/2024", "DATE_FORMAT", '"13/04/2024" is not written as 2024-03-05 18:30. Say how it is written'),
        ("45395.77", "DATE_FORMAT", '"45395.77" counts days, as spreadsheets do: write date_format = "excel".'),
        ("4539577", "DATE_FORMAT", '"4539577" is not written as'),
        ("2024-02-30", "DATE_IMPLAUSIBLE", '"2024-02-30" is no day of the calendar.'),
        ("2567-04-13", "DATE_IMPLAUSIBLE", '"2567-04-13" is not between 2000 and 2090.'),
        ("1403-01-25", "DATE_IMPLAUSIBLE", '"1403-01-25" is not between 2000 and 2090.'),
        ("1970-01-01", "DATE_IMPLAUSIBLE", "Check the phone's clock and calendar."),
    ],
)
def test_times_that_cannot_be_taken(start: str, code: str, sentence: str) -> None:
    found = problem({"start": start})
    assert found[0] == code
    assert sentence in found[1]
    assert found[1].startswith('walk.csv line 2, column "start": ')


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        ("2024-03-05T21:30:00+05:30", "2024-03-05T16:00:00Z"),
        ("2024-03-05T16:00:00.500Z", "2024-03-05T16:00:00.5Z"),
        ("2024-03-05 21:30", "2024-03-05T16:00:00Z"),
    ],
)
def test_times_are_utc(start: str, utc: str) -> None:
    assert one({"start": start}).submissions["observed_at"][0] == pd.Timestamp(utc)


def test_declared_date_format() -> None:
    found = one({"start": "05.03.2024 21:30"}, date_format="%d.%m.%Y %H:%M")
    assert found.submissions["observed_at"][0] == pd.Timestamp("2024-03-05T16:00:00Z")
    assert 'is not written as date_format = "%d.%m.%Y" says' in problem({}, date_format="%d.%m.%Y")[1]
    never = problem({"start": "31.02.2026"}, date_format="%d.%m.%Y")
    assert never == (
        "DATE_IMPLAUSIBLE",
        'walk.csv line 2, column "start": "31.02.2026" is no day of the calendar. Correct it.',
    )


def test_a_day_alone_has_no_light() -> None:
    found = one({"start": "2024-03-05"})
    assert found.submissions["flags"][0] == "DATE_ONLY"
    assert found.submissions["light"].isna().all()
    assert found.submissions["observed_at"][0] == pd.Timestamp("2024-03-04T18:30:00Z")


def test_times_without_a_zone_ask_for_it() -> None:
    with pytest.raises(
        InputError, match=r'1 times stand without an offset from UTC; the first is "2024-03-05 21:30"'
    ) as it:
        one({"start": "2024-03-05 21:30"}, timezone=None)
    assert 'Set timezone = "Africa/Nairobi" (yours) under [city].' in str(it.value)
    assert len(one({}, timezone=None).submissions) == 1


def test_upload_time_is_utc_and_told() -> None:
    header = ("_submission_time", "latitude", "longitude", "lighting")
    found = audits(cells([("2024-03-05T16:00:00", "19.07", "72.88", "1")], header), timezone=None)
    assert found.submissions["observed_at"][0] == pd.Timestamp("2024-03-05T16:00:00Z")
    assert any('Times are from "_submission_time": when the form was sent' in said for said in found.counts[0].remarks)


@pytest.mark.parametrize(
    ("lighting", "code", "sentence"),
    [
        ("99", "LEVEL_RANGE", '"99" is not a whole number from 0 to 3 for lighting.'),
        ("-1", "LEVEL_RANGE", "write for example scale = [0, 4] under its [[audits]]"),
        ("2.7", "LEVEL_RANGE", '"2.7" is not a whole number'),
        ("1e400", "LEVEL_RANGE", '"1e400" is not a whole number'),
        ("very dark", "LEVEL_UNKNOWN", '"very dark" is no known answer for lighting. Known are the levels 0 to 3.'),
        ("nan", "LEVEL_UNKNOWN", '"nan" is no known answer for lighting.'),
        ("#REF!", "LEVEL_UNKNOWN", 'column "lighting": "#REF!"'),
        ("{value}", "LEVEL_UNKNOWN", '"{value}" is no known answer'),
    ],
)
def test_levels_that_cannot_be_taken(lighting: str, code: str, sentence: str) -> None:
    found = problem({"lighting": lighting})
    assert found[0] == code
    assert sentence in found[1]


@pytest.mark.parametrize(
    ("lighting", "level"),
    [("3", 3), ("2.0", 2), ("٣", 3), ("Bright", 3), ("little", 1), ("None: no light at all", 0)],
)
def test_levels_in_many_spellings(lighting: str, level: int) -> None:
    assert one({"lighting": lighting}).observations.set_index("indicator")["level"]["lighting"] == level


def test_own_answers_beside_those_that_are_known() -> None:
    own = {"lighting": {"Perfectamente": 3, "Nada": 0}}
    assert one({"lighting": "perfectamente"}, levels=own).observations["level"].tolist() == [2, 3]
    assert one({"lighting": "2"}, levels=own).observations["level"].tolist() == [2, 2]
    found = problem({"lighting": "regular"}, levels=own)
    assert found[0] == "LEVEL_UNKNOWN"
    assert 'Known are the levels 0 to 3, "Perfectamente", "Nada". Add it under levels.lighting' in found[1]


def test_other_scales_give_a_rating_and_no_level() -> None:
    found = one({"lighting": "4", "feeling": "1"}, scale=(0.0, 4.0)).observations
    assert found["rating"].tolist() == [0.25, 1.0]
    assert found["level"].isna().all()
    assert one({"lighting": "2.7"}, scale=(0.5, 4.5)).observations["rating"][1] == pytest.approx(0.55)


def test_not_answered_is_no_observation() -> None:
    assert one({"lighting": ""}).observations["indicator"].tolist() == ["feeling"]
    assert problem({"lighting": "", "feeling": " "}) == ("NO_ANSWER", "walk.csv line 2: Nothing was rated in this row.")


def test_first_problem_by_column_wins() -> None:
    found = one({"start": "soon", "lighting": "99", "latitude": ""})
    assert found.rejected[["code", "column", "value"]].to_numpy().tolist() == [["DATE_FORMAT", "start", "soon"]]
    cells_ = ["uuid:1", "soon", "", "72.88", "99", "2"]
    assert json.loads(found.rejected["row"][0]) == dict(zip(HEADER, cells_, strict=True))


def test_a_rejected_row_keeps_nothing_of_columns_that_are_not_loaded() -> None:
    found = one({"start": "soon", "phone": "0711222333", "colour": "red"})
    assert list(json.loads(found.rejected["row"][0])) == list(HEADER)
    assert "0711222333" not in found.rejected.to_csv()


def test_long_values_are_cut_in_the_sentence_alone() -> None:
    found = one({"lighting": "x" * 500})
    assert f'"{"x" * 59}…" is no known answer' in found.rejected["message"][0]
    assert found.rejected["value"][0] == "x" * 500


@pytest.mark.parametrize("consent", ["none", "No", "0", "perhaps"])
def test_without_consent_nothing_is_kept(consent: str) -> None:
    found = one({"lighting": "secret", "consent": consent})
    row = found.rejected.iloc[0]
    assert row["code"] == "CONSENT_NONE"
    assert row["row"] == ""
    assert "secret" not in found.rejected.to_csv()


def test_consent_of_column_and_file() -> None:
    assert one({"consent": "yes"}).submissions["consent"][0] == "public"
    assert one({"consent": ""}, consent="analysis").submissions["consent"][0] == "analysis"


def test_people_are_read_from_words_and_numbers() -> None:
    ages = {"12": "child", "15-24": "youth", "25": "adult", "60+": "elderly", "<15": "child", "adult": "adult"}
    for text, age in ages.items():
        assert one({"age": text}).submissions["auditor_age"][0] == age
    for text, sex in {"Female": "woman", "m": "man", "non-binary": "other"}.items():
        assert one({"sex": text}).submissions["auditor_sex"][0] == sex
    odd = one({"sex": "blue", "group_size": "0"})
    assert odd.submissions["auditor_sex"].isna().all()
    assert odd.submissions["group_size"][0] == 1
    assert '1 answers for auditor_sex are not known, such as "blue"; they are left out.' in odd.counts[0].remarks
    assert '1 group sizes are not from 1 to 100, such as "0"; they count as 1.' in odd.counts[0].remarks


def test_auditors_become_pseudonyms() -> None:
    found = one({"auditor": "Asha Example"})
    name = found.submissions["auditor"][0]
    assert len(name) == 12
    assert name == one({"auditor": " asha  example"}).submissions["auditor"][0]
    assert "asha" not in found.submissions.to_csv().lower()


def test_same_id_and_content_is_a_duplicate() -> None:
    found = audits(cells([GOOD, ("1", *GOOD[1:])]), cells([GOOD], file="again.csv"))
    assert [(c.accepted, c.duplicates) for c in found.counts] == [(1, 1), (0, 1)]
    assert any(said.startswith("1 rows repeat an earlier one") for said in found.counts[1].remarks)


def test_same_id_and_other_content_is_kept_as_a_version() -> None:
    later = ("1", "2024-03-05T22:30:00+05:30", *GOOD[2:])
    found = audits(cells([later, GOOD])).submissions.sort_values("version")
    assert found["version"].tolist() == [1, 2]
    assert found["line"].tolist() == [3, 2]
    assert set(found["flags"]) == {"UUID_CONFLICT"}


def test_rows_without_an_id_are_all_kept() -> None:
    nameless = ("", *GOOD[1:])
    found = audits(cells([nameless, nameless, ("", *GOOD[1:4], "0", "0")]))
    assert found.counts[0].accepted == 3
    assert sorted(found.submissions["flags"]) == ["", "POSSIBLE_DUPLICATE", "POSSIBLE_DUPLICATE"]


def test_ids_stay_for_ever() -> None:
    """An id stands in releases and in `forget`: this one may not change."""
    assert one({}).submissions["submission_id"][0] == IDENTIFIER


IDENTIFIER = "a68e66f0101827bd"


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(5)), st.booleans())
def test_ids_do_not_depend_on_order_or_file(order: list[int], split: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    rows = [GOOD, ("1", *GOOD[1:4], "0", "0"), ("", *GOOD[1:]), ("", *GOOD[1:]), ("2", "", *GOOD[2:])]
    shuffled = [rows[i] for i in order]
    parts = [shuffled[:2], shuffled[2:]] if split else [shuffled]
    found = audits(*(cells(part, file=f"{i}.csv") for i, part in enumerate(parts)))
    expected = audits(cells(rows))
    same = ["submission_id", "form", "version", "flags"]
    assert found.submissions[same].astype(object).equals(expected.submissions[same].astype(object))
    assert found.observations.astype(object).equals(expected.observations.astype(object))


def test_declared_columns() -> None:
    header = ("site/Lat", "site/Lon", "<img src=x>")
    mapped = {"latitude": "site/Lat", "longitude": "site/Lon", "lighting": "<img src=x>"}
    found = audits(cells([("19.07", "72.88", "1")], header), columns=mapped)
    assert found.observations["level"].tolist() == [1]
    with pytest.raises(InputError, match='It has no column "q9" for feeling; found: site/Lat, site/Lon, <img src=x>'):
        audits(cells([("19.07", "72.88", "1")], header), columns=mapped | {"feeling": "q9"})


def test_columns_that_must_be_there() -> None:
    with pytest.raises(InputError, match=r"walk\.csv: It has no latitude/longitude column; found: id, note\."):
        audits(cells([("1", "x")], ("id", "note")))
    with pytest.raises(InputError, match="It has no column with ratings; found: latitude, longitude, colour"):
        audits(cells([("1", "2", "red")], ("latitude", "longitude", "colour")))


def test_campaign_of_column_and_file() -> None:
    header = (*HEADER, "campaign")
    found = audits(cells([(*GOOD, "after"), ("2", *GOOD[1:], "")], header), campaign="before").submissions
    assert sorted(found["campaign"]) == ["after", "before"]


def test_no_file_and_no_row_give_empty_tables() -> None:
    assert len(audits().submissions) == 0
    found = audits(cells([]))
    assert len(found.observations) == 0
    assert "It holds a header and no rows." in found.counts[0].remarks


def test_inputs_are_left_as_they_were() -> None:
    chunk = cells([GOOD])
    before = [column.copy() for column in chunk.columns]
    audits(chunk)
    assert all((old == new).all() for old, new in zip(before, chunk.columns, strict=True))


def test_times_written_alike_and_mixed_are_read_the_same() -> None:
    """A column of one spelling takes a short cut; its times are those of the long way."""
    alike = ["2024-03-31T01:30:00", "2024-03-31T02:30:00", "2024-10-27T02:30:00", "2024-07-01T12:00:00"]
    for ending in ("", "Z", "+05:30", ".250-06:00"):
        rows = [(str(i), time + ending, *GOOD[2:]) for i, time in enumerate(alike)]
        long_way = [*rows, ("last", "2024-01-01", *GOOD[2:])]
        short, long = (
            audits(cells(some), timezone="Europe/Berlin").submissions.set_index("line")["observed_at"]
            for some in (rows, long_way)
        )
        assert short.sort_index().tolist() == long.sort_index().tolist()[:4]


def test_a_header_that_stands_twice_matters_only_where_it_is_used() -> None:
    twice = (*HEADER, "photo", "photo")
    assert len(audits(cells([(*GOOD, "a", "b")], twice)).submissions) == 1
    with pytest.raises(InputError, match=r"walk\.csv: Column lighting appears twice\. Rename or delete one"):
        audits(cells([(*GOOD, "1")], (*HEADER, "lighting")))


def walks(*rows: tuple[str, str, str]) -> list[str | None]:
    """Return the walk of rows of (time, auditor, walk_id), in their order."""
    given = [(f"u{n}", time, "19.07", "72.88", "1", "2", *rest) for n, (time, *rest) in enumerate(rows)]
    found = audits(cells(given, (*HEADER, "auditor", "walk_id"))).submissions.sort_values("line")
    return [None if pd.isna(walk) else walk for walk in found["walk_id"]]


def test_walks_that_no_column_names_end_with_two_hours_of_silence() -> None:
    assert walks(
        ("2024-03-05T23:10:00Z", "ann", ""),
        ("2024-03-05T20:00:00Z", "ann", ""),
        ("2024-03-06T00:40:00Z", "ann", ""),
        ("2024-03-05T21:10:00Z", "bob", ""),
        ("2024-03-06T02:40:01Z", "bob", ""),
        ("2024-03-05T21:11:00Z", "bob", "W7"),
        ("", "bob", ""),
    ) == [
        *["walk.csv 2024-03-05T20:00Z"] * 4,
        "walk.csv 2024-03-06T02:40Z",
        "W7",
        None,
    ]


def test_inferred_walks_are_told_and_stay_within_their_file() -> None:
    found = audits(cells([GOOD], file="a.csv"), cells([("uuid:2", *GOOD[1:])], file="b.csv"))
    assert set(found.submissions["walk_id"]) == {"a.csv 2024-03-05T16:00Z", "b.csv 2024-03-05T16:00Z"}
    said = "No column names the walk of some rows: 1 walks are told by silences of over 2 hours."
    assert all(said in count.remarks for count in found.counts)


def test_a_number_is_a_number_of_the_scale_though_a_level_has_it_as_its_word() -> None:
    words = IndicatorWords(label="Litter", question="", levels=("0", "1", "2", "3"))
    own = Indicator(name="litter", own_words=words)
    assert rating_reader(own, {}, (0.0, 4.0))("1") == (0.25, NO_LEVEL)
    assert rating_reader(own, {}, (0.0, 3.0))("1") == (1 / 3, 1)


# --- groups ----------------------------------------------------------------------------------------------------------

GROUP = ("group_size", "group_women", "group_men", "group_other")


def group(**said: str) -> list[int | None]:
    row = one(said).submissions.iloc[0]
    return [None if pd.isna(row[name]) else int(row[name]) for name in GROUP]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, [1, None, None, None]),
        ({"group_size": "5", "group_women": "3", "group_men": "2"}, [5, 3, 2, None]),
        ({"group_women": "3", "group_men": "0"}, [3, 3, 0, None]),
        ({"group_size": "", "group_women": "3", "group_other": "1"}, [4, 3, None, 1]),
        ({"group_size": "2", "group_women": "3", "group_men": "2"}, [5, 3, 2, None]),
        ({"group_size": "9", "group_women": "-1", "group_men": "2.5", "group_other": "many"}, [9, None, None, None]),
        ({"group_size": "0", "group_women": "0"}, [1, 0, None, None]),
    ],
)
def test_a_group_says_of_whom_it_is(said: dict[str, str], found: list[int | None]) -> None:
    assert group(**said) == found


def test_what_cannot_be_of_a_group_is_counted() -> None:
    said = one({"group_size": "2", "group_women": "3", "group_men": "101"}).counts[0].remarks
    assert '1 numbers of women, men or others are not from 0 to 100, such as "101"; they are left out.' in said
    assert any(
        remark.startswith('1 groups hold more women, men and others than their size says, such as "2"')
        for remark in said
    )


def test_settings_say_what_no_column_does() -> None:
    given_ = {"group_size": 8, "auditor_sex": "woman"}
    row = one({}, **given_).submissions.iloc[0]
    assert (row["group_size"], row["auditor_sex"]) == (8, "woman")
    row = one({"group_size": "3", "sex": "m"}, **given_).submissions.iloc[0]
    assert (row["group_size"], row["auditor_sex"]) == (3, "man")
    row = one({"group_women": "2"}, **given_).submissions.iloc[0]
    assert row["group_size"] == 2
    # What the settings say later changes no id.
    assert one({}, **given_).submissions["submission_id"][0] == one({}).submissions["submission_id"][0]
