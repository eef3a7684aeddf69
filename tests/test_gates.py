"""What a form says beside ratings: consent, review, means, lux, day or dark, devices."""

from __future__ import annotations

import pandas as pd
import pytest
from rows import GOOD, HEADER, audits, cells, one, problem

from safeaudit.audits.normalise.identity import pseudonym

COLUMNS = {"latitude": "latitude", "longitude": "longitude", "submission_id": "_uuid", "observed_at": "start"}
MEANS = COLUMNS | {"lighting": "lighting", "lighting_n": "lighting_n", "lighting_spread": "lighting_spread"}
NOON, NIGHT = "2024-03-05T12:00:00+05:30", "2024-03-05T21:30:00+05:30"


# --- a child and its guardian ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "guardian"),
    [("child", "no"), ("child", ""), ("child", "adult"), ("12", "perhaps"), ("youth", "no"), ("", "No"), ("30", "Non")],
)
def test_without_a_guardians_yes_nothing_of_the_row_is_kept(age: str, guardian: str) -> None:
    found = one({"auditor_age": age, "guardian_consent": guardian, "note": "secret", "consent": "public"})
    assert found.submissions.empty
    row = found.rejected.iloc[0]
    assert (row["code"], row["row"]) == ("NO_GUARDIAN_CONSENT", "")
    assert pd.isna(row["value"])
    assert "secret" not in found.rejected.to_csv()


@pytest.mark.parametrize(
    ("age", "guardian"),
    [("child", "yes"), ("12", "Oui"), ("youth", ""), ("youth", "adult"), ("", ""), ("adult", "yes")],
)
def test_with_it_or_where_none_is_needed_the_row_is_as_any(age: str, guardian: str) -> None:
    found = one({"auditor_age": age, "guardian_consent": guardian, "consent": "public"})
    assert found.submissions["consent"].tolist() == ["public"]


@pytest.mark.parametrize(("consent", "kept"), [("public", "analysis"), ("", "analysis"), ("analysis", "analysis")])
def test_a_child_that_nobody_asked_a_guardian_for_is_for_the_office_alone(consent: str, kept: str) -> None:
    rows = [("1", *GOOD[1:], "9", consent), ("2", *GOOD[1:], "30", consent)]
    found = audits(cells(rows, (*HEADER, "age", "consent")))
    child, adult = found.submissions.sort_values("line")["consent"]
    assert (child, adult) == (kept, consent or "analysis")
    told = "1 rows are by children, and no column says whether a guardian agreed"
    assert any(said.startswith(told) for said in found.counts[0].remarks) == (consent == "public")
    assert one({"age": "9", "consent": "none"}).rejected["code"].tolist() == ["CONSENT_NONE"]


def test_a_column_that_asks_for_consent_and_is_not_named_is_told() -> None:
    found = one({"consent": "no"}, columns=COLUMNS | {"lighting": "lighting"})
    assert len(found.submissions) == 1
    said = '"consent" looks like consent and is not named under columns: what it says is not heeded.'
    assert said in found.counts[0].remarks


# --- the office's review ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("_validation_status", "validation_status_not_approved"),
        ("_validation_status", "Not Approved"),
        ("_validation_status", '{"uid": "validation_status_not_approved", "label": "Not Approved"}'),
        ("ReviewState", "rejected"),
    ],
)
def test_what_the_office_refused_is_not_loaded(header: str, cell: str) -> None:
    code, message = problem({header: cell})
    assert code == "NOT_APPROVED"
    assert message.startswith(f'walk.csv line 2, column "{header}": The office did not approve this row: ')


@pytest.mark.parametrize(
    ("cell", "flags"),
    [
        ("validation_status_on_hold", "ON_HOLD"),
        ("On hold", "ON_HOLD"),
        ("hasIssues", "ON_HOLD"),
        ("validation_status_approved", ""),
        ("Approved", ""),
        ("edited", ""),
        ("", ""),
    ],
)
def test_what_is_on_hold_is_flagged_and_the_rest_is_fine(cell: str, flags: str) -> None:
    found = one({"_validation_status": cell})
    assert found.submissions["flags"].tolist() == [flags]
    assert not any("review" in said for said in found.counts[0].remarks[1:])


def test_an_unknown_review_is_told() -> None:
    said = one({"ReviewState": "maybe"}).counts[0].remarks
    assert '1 rows have a review that is not known, such as "maybe"; they are used.' in said


def test_a_review_makes_no_new_version() -> None:
    header = (*HEADER, "ReviewState")
    found = audits(cells([(*GOOD, ""), (*GOOD, "approved")], header))
    assert (found.counts[0].accepted, found.counts[0].duplicates) == (1, 1)


# --- means -----------------------------------------------------------------------------------------------------------


def test_means_come_in_with_their_number_and_spread() -> None:
    found = one(
        {"lighting": "2.4", "lighting_n": "7", "lighting_spread": "0,6"}, columns=MEANS | {"feeling": "feeling"}
    )
    feeling, lighting = found.observations.to_dict("records")
    assert lighting["rating"] == pytest.approx(0.8)
    assert (lighting["n"], lighting["spread"]) == (7, pytest.approx(0.2))
    assert (feeling["n"], feeling["level"]) == (1, 2)
    assert found.observations["level"].isna().tolist() == [False, True]
    assert found.observations["spread"].isna().tolist() == [True, False]


def test_a_mean_on_another_scale() -> None:
    found = one({"lighting": "4", "lighting_n": "2", "lighting_spread": ""}, columns=MEANS, scale=(1.0, 5.0))
    assert found.observations[["rating", "n"]].to_numpy().tolist() == [[0.75, 2]]
    wide = one({"lighting": "4", "lighting_n": "2", "lighting_spread": "1"}, columns=MEANS, scale=(1.0, 5.0))
    assert wide.observations["spread"].tolist() == [0.25]


@pytest.mark.parametrize(
    ("n", "spread", "code", "sentence"),
    [
        ("", "", "COUNT", '"" is no number of ratings. Write how many the mean stands for: 1 or more.'),
        ("0", "", "COUNT", '"0" is no number of ratings.'),
        ("2.5", "", "COUNT", '"2.5" is no number of ratings.'),
        ("many", "", "COUNT", '"many" is no number of ratings.'),
        ("3", "-1", "SPREAD", '"-1" is no standard deviation of ratings: it must be from 0 to 3.'),
        ("3", "4", "SPREAD", '"4" is no standard deviation'),
        ("3", "wide", "SPREAD", '"wide" is no standard deviation'),
    ],
)
def test_a_mean_whose_number_or_spread_cannot_be(n: str, spread: str, code: str, sentence: str) -> None:
    found = problem({"lighting": "2.4", "lighting_n": n, "lighting_spread": spread}, columns=MEANS)
    assert found[0] == code
    assert sentence in found[1]


def test_where_a_mean_is_empty_its_number_may_be_anything() -> None:
    columns = MEANS | {"feeling": "feeling"}
    found = one({"lighting": "", "lighting_n": "0", "lighting_spread": ""}, columns=columns)
    assert found.observations["indicator"].tolist() == ["feeling"]
    assert problem({"lighting": "3.4", "lighting_n": "2", "lighting_spread": ""}, columns=columns)[0] == "LEVEL_RANGE"


def test_a_column_of_that_name_is_never_guessed_and_the_sentence_names_it() -> None:
    assert one({"lighting_n": "7"}).observations["n"].tolist() == [1, 1]
    assert "If it holds means, name lighting_n under columns." in problem({"lighting": "2.4"})[1]


# --- lux, day or dark, devices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "lux"), [("0", 0.0), ("12,5", 12.5), ("200000", 200_000.0)])
def test_what_a_meter_showed(cell: str, lux: float) -> None:
    assert one({"lux": cell}).submissions["lux"].tolist() == [lux]
    assert one({"lux": ""}).submissions["lux"].isna().all()
    assert len(one({"lux": cell, "lighting": "", "feeling": ""}).submissions) == 1


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("-1", '"-1" is no illuminance: it must be from 0 to 200000 lux.'),
        ("200001", '"200001" is no illuminance'),
        ("inf", '"inf" is no illuminance'),
        ("bright", '"bright" is no number of lux.'),
    ],
)
def test_what_no_meter_shows(cell: str, sentence: str) -> None:
    code, message = problem({"lux": cell})
    assert code == "LUX"
    assert sentence in message


@pytest.mark.parametrize(
    ("start", "said", "light", "flags"),
    [
        (NIGHT, "", "dark", ""),
        (NIGHT, "Dark", "dark", ""),
        (NIGHT, "day", "dark", "LIGHT_DIFFERS"),
        (NOON, "Nuit", "day", "LIGHT_DIFFERS"),
        ("2024-03-05", "Nuit", "dark", "DATE_ONLY"),
        ("", "Día", "day", ""),
        ("", "night", "dark", ""),
        ("", "", None, ""),
    ],
)
def test_day_or_dark_as_said_where_the_sun_cannot_tell(start: str, said: str, light: str | None, flags: str) -> None:
    found = one({"start": start, "day_or_dark": said}).submissions
    assert found["light"].astype(object).where(found["light"].notna(), None).tolist() == [light]
    assert found["flags"].tolist() == [flags]


def test_a_twilight_contradicts_nobody() -> None:
    sunset = one({"start": "2024-03-05T18:55:00+05:30"}).submissions
    assert sunset["light"].tolist() == ["twilight"]
    for said in ("day", "dark"):
        assert one({"start": "2024-03-05T18:55:00+05:30", "day_or_dark": said}).submissions["flags"].tolist() == [""]


def test_a_device_stands_for_its_auditor_where_none_is_named() -> None:
    header = (*HEADER, "auditor", "deviceid")
    rows = [
        ("1", *GOOD[1:], "Ann", "d1"),
        ("2", *GOOD[1:], "", "d1"),
        ("3", *GOOD[1:], "", "d1"),
        ("4", *GOOD[1:], "", ""),
    ]
    found = audits(cells(rows, header)).submissions.sort_values("line")
    ann, first, second, nobody = found["auditor"].astype(object)
    assert ann == pseudonym("Ann", b"key")
    assert first == second != ann
    assert nobody != nobody  # noqa: PLR0124 - NaN
    assert "d1" not in found.to_csv()
