"""The guess that `init` shows: columns, what stays private, what must be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from safeaudit.audits.cells import Cells
from safeaudit.rubric import STANDARD
from safeaudit.start.propose import Proposal, propose
from safeaudit.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence


def proposal(header: Sequence[str], *rows: Sequence[str], **known: Any) -> Proposal:
    sample = Cells(
        file="walk.csv",
        header=tuple(header),
        lines=np.arange(2, len(rows) + 2),
        columns=tuple(np.array([row[i] for row in rows], dtype=object) for i in range(len(header))),
        rejected=pd.DataFrame(columns=TABLES["rejected"].names),
    )
    return propose(tuple(header), sample, STANDARD, **known)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["lat", "lon"], {"latitude": "lat", "longitude": "lon"}),
        (["LAT", "Lng"], {"latitude": "LAT", "longitude": "Lng"}),
        (["y", "x"], {"latitude": "y", "longitude": "x"}),
        (
            ["gps", "_gps_latitude", "_gps_longitude", "_gps_altitude", "_gps_precision"],
            {"latitude": "_gps_latitude", "longitude": "_gps_longitude", "accuracy_m": "_gps_precision"},
        ),
        (
            ["a-gps-Latitude", "a-gps-Longitude", "a-gps-Accuracy", "b-gps-Latitude", "b-gps-Longitude"],
            {"latitude": "a-gps-Latitude", "longitude": "a-gps-Longitude", "accuracy_m": "a-gps-Accuracy"},
        ),
        (["group_a/lighting", "scores/Walk path"], {"lighting": "group_a/lighting", "walk_path": "scores/Walk path"}),
        (["street_light", "q3_people", "security_rating"], {
            "lighting": "street_light", "people": "q3_people", "security": "security_rating",
        }),
        (["visibilty"], {"visibility": "visibilty"}),
        (["_uuid", "end", "start", "_submission_time"], {"submission_id": "_uuid", "observed_at": "start"}),
        (["SubmissionDate", "KEY"], {"observed_at": "SubmissionDate", "submission_id": "KEY"}),
        (["GlobalID", "CreationDate"], {"submission_id": "GlobalID", "observed_at": "CreationDate"}),
        (["_notes", "Comments"], {"note": "Comments"}),
        (["id", "colour", "gender"], {"auditor_sex": "gender"}),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_names(header: list[str], columns: dict[str, str]) -> None:
    assert proposal(header).columns == columns


def test_a_position_is_known_by_how_it_is_written() -> None:
    found = proposal(["Añade tu ubicación"], ["21.114387 -101.672655 1788.9 14.9"])
    assert found.columns == {"position": "Añade tu ubicación"}


def test_private_columns_are_named_and_not_loaded() -> None:
    found = proposal(["Respondent name", "phonenumber", "email", "deviceid", "Harassment details", "comment", "colour"])
    assert found.private == ("Respondent name", "phonenumber", "email", "deviceid", "Harassment details", "comment")
    assert found.columns == {"device": "deviceid", "note": "comment"}
    assert found.unused == (
        ("Respondent name", "it looks like a name: private, not loaded"),
        ("phonenumber", "it looks like a telephone number: private, not loaded"),
        ("email", "it looks like an e-mail address: private, not loaded"),
        ("Harassment details", "it looks like an incident report: private, not loaded"),
        ("colour", "nothing here is known by this name"),
    )


def test_questions_that_only_people_can_answer() -> None:
    found = proposal(
        ["lat", "lon", "start", "lighting", "feeling"],
        ["1", "2", "2024-03-05 18:30", "4", "Nada"],
        ["1", "2", "2024-03-05 18:40", "0", "Mucho"],
    )
    assert found.questions == (
        'In which time zone are the times in "start"? Set timezone under [city].',
        'What is the scale of "lighting"? It holds 4. Set scale.',
    )
    assert found.levels == {"feeling": {"Nada": (1, 0), "Mucho": (1, 3)}}


def test_questions_about_dates() -> None:
    found = proposal(["lat", "lon", "lighting", "date"], ["1", "2", "3", "05.03.2024"])
    assert found.questions == ('How are the dates in "date" written, such as "05.03.2024"? Set date_format.',)
    found = proposal(["lat", "lon", "lighting", "_submission_time"], ["1", "2", "3", "2024-03-05T18:30:00"])
    assert found.questions == (
        'Is there a column with the time of the visit? "_submission_time" is when the form was sent.',
    )


def test_what_is_missing_is_asked_for() -> None:
    questions = proposal(["id", "colour"]).questions
    assert questions[0] == "Which columns hold latitude and longitude? None was found."
    assert questions[1].startswith("Which columns hold the ratings (lighting, openness,")
    assert questions[2] == "When was it seen? No column with a time was found, so day and dark cannot be told apart."


def test_a_hostile_header_is_only_text() -> None:
    header = ["latitude", "longitude", "<img src=x onerror=window.__pwn=1>", "Z{{7*7}}Z", "=1+1"]
    found = proposal(header, ["19.07", "72.88", "1", "2", "3"])
    assert [column for column, _ in found.unused] == header[2:]
    assert set(found.columns) == {"latitude", "longitude"}


def test_several_positions_are_asked_about() -> None:
    asked = "Which position is the place that was rated: "
    corners = [f"{corner}-{part}" for corner in ("a-one", "b-two") for part in ("Latitude", "Longitude")]
    questions = proposal([*corners, "lighting"]).questions
    assert f'{asked}"a-one-Latitude", "b-two-Latitude"? One was taken.' in questions
    whole = proposal(["here", "there", "lighting"], ["1.5 2.5 0 0", "1.5 2.5", "2"]).questions
    assert f'{asked}"here", "there"? One was taken.' in whole
    kobo = ["gps", "site/_gps_latitude", "site/_gps_longitude", "lighting"]
    once = proposal(kobo, ["1.5 2.5 0 0", "1.5", "2.5", "2"]).questions
    assert not any(question.startswith(asked) for question in once)
    geojson = ["longitude", "latitude", "Tu ubicación", "lighting"]
    again = proposal(geojson, ["2.5", "1.5", "1.5 2.5 0 0", "2"]).questions
    assert not any(question.startswith(asked) for question in again)
    other = proposal(geojson, ["2.5", "1.5", "1.6 2.5 0 0", "2"]).questions
    assert f'{asked}"latitude", "Tu ubicación"? One was taken.' in other
    odk = ["site-gps-Latitude", "site-gps-Longitude", "lighting"]
    assert not any(question.startswith(asked) for question in proposal(odk).questions)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (
            ["स्थान", "_स्थान_latitude", "_स्थान_longitude", "_स्थान_precision"],
            {"latitude": "_स्थान_latitude", "longitude": "_स्थान_longitude", "accuracy_m": "_स्थान_precision"},
        ),
        (
            ["Where/_Location_latitude", "Where/_Location_longitude", "Scores/Lighting"],
            {
                "latitude": "Where/_Location_latitude",
                "longitude": "Where/_Location_longitude",
                "lighting": "Scores/Lighting",
            },
        ),
        (
            ["longitude", "latitude", "_Tu ubicación_precision"],
            {"longitude": "longitude", "latitude": "latitude", "accuracy_m": "_Tu ubicación_precision"},
        ),
        (
            ["ObjectID", "GlobalID", "CreationDate", "Creator", "x", "y"],
            {
                "submission_id": "GlobalID",
                "observed_at": "CreationDate",
                "auditor": "Creator",
                "longitude": "x",
                "latitude": "y",
            },
        ),
    ],
)
def test_headers_of_exports_in_any_language(header: list[str], columns: dict[str, str]) -> None:
    assert proposal(header).columns == columns


def test_headings_of_our_form_are_known_together_and_alone_where_they_are_long() -> None:
    spanish = ["Lugar", "Iluminación", "Personas", "Vigilancia"]
    assert proposal(spanish).columns == {"lighting": "Iluminación", "people": "Personas", "security": "Vigilancia"}
    assert proposal(["Personne", "Éclair", "Zona"]).columns == {}
    assert proposal(["Datos/¿Podemos usar sus respuestas?"]).columns == {
        "consent": "Datos/¿Podemos usar sus respuestas?"
    }
    hindi = ["लिंग", "लोग", "रोशनी"]  # sex, people, lighting: the first two differ in a vowel sign alone
    assert proposal(hindi).columns == {"auditor_sex": "लिंग", "people": "लोग", "lighting": "रोशनी"}


def test_the_teams_own_heading_comes_before_what_a_tool_adds() -> None:
    header = ["Votre numéro dans l'équipe", "_submitted_by", "Date et heure", "start"]
    assert proposal(header).columns == {"auditor": "Votre numéro dans l'équipe", "observed_at": "start"}


def test_a_question_with_several_answers_is_one_field() -> None:
    header = ["more/faults", "more/faults/lamp_out", "more/faults/other", "more/photo"]
    found = proposal(header, ["lamp_out", "1", "0", ""], ["other", "0", "1", ""])
    assert found.columns == {"faults": "more/faults"}
    assert [column for column, _ in found.unused] == ["more/photo"]
    assert 'What is to be mended where it says "other" (1)? Set faults.' in found.questions
    details = proposal(header[1:])
    assert details.columns == {"faults": "more/faults"}
    assert [column for column, _ in details.unused] == ["more/photo"]
    one = proposal(["faults"], ["lamp_out Hoyo"], ["Hoyo"], ["hoyo, Farola"])
    assert 'What is to be mended where it says "hoyo" (2), "hoyo farola" (1)? Set faults.' in one.questions


def test_answers_that_nobody_knows_are_listed_with_their_counts() -> None:
    found = proposal(["sex", "consent"], ["F", "perhaps"], ["unicorn", "yes"], ["unicorn", "no"])
    assert 'Not known in "sex" (auditor_sex): "unicorn" (2); they are left out. Correct them there.' in found.questions
    said = 'Not known in "consent" (consent): "perhaps" (1); their rows are not loaded. Correct them there.'
    assert said in found.questions


def test_columns_that_nobody_knows_show_what_they_hold_most_often() -> None:
    found = proposal(["surface", "spot"], ["mud", "ann@example.org"], ["tar", "x"], ["mud", "y"])
    assert found.unused == (
        ("surface", 'nothing here is known by this name; it holds most often "mud" (2)'),
        ("spot", "it looks like e-mail addresses: private, not loaded"),
    )


def test_identifiers_in_a_column_of_a_known_name_are_left_out() -> None:
    found = proposal(["walk", "role"], ["ann@example.org", "guide"])
    assert found.columns == {"auditor_role": "role"}
    assert found.private == ("walk",)


def test_means_are_asked_about() -> None:
    questions = proposal(["lighting"], ["2.4"], ["1"]).questions
    asked = 'What is the scale of "lighting"? It holds 2.4. Set scale. If they are means, set lighting_n too.'
    assert asked in questions


# --- people's words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("fecha latitud longitud iluminación", "observed_at latitude longitude lighting"),
        ("FECHA LATITUD LONGITUD ILUMINACION", "observed_at latitude longitude lighting"),
        ("luz gente caminata auditora problemas", "lighting people walk_id auditor faults"),
        ("Sexo Edad Participantes Campaña", "auditor_sex auditor_age group_size campaign"),
        ("Éclairage Gens Trottoir Ressenti Auditrice", "lighting people walk_path feeling auditor"),
        ("eclairage gens police mixite problemes", "lighting people security gender_usage faults"),
        ("Luz Gente Calçada Ônibus Caminhada", "lighting people walk_path public_transport walk_id"),
        (
            "Mwanga Watu Usalama Usafiri Jinsia Umri",
            "lighting people security public_transport auditor_sex auditor_age",
        ),
        ("الإضاءة الناس الأمن المواصلات الرصيف", "lighting people security public_transport walk_path"),
        ("الاضاءه المشاكل المدققة العمر الجنس", "lighting faults auditor auditor_age auditor_sex"),
        ("रोशनी लोग फुटपाथ पुलिस समस्या उम्र", "lighting people walk_path security faults auditor_age"),
        ("আলো মানুষ ফুটপাত পুলিশ সমস্যা বয়স", "lighting people walk_path security faults auditor_age"),
    ],
)
def test_columns_are_known_by_peoples_words_in_every_language(header: str, columns: str) -> None:
    assert proposal(header.split()).columns == dict(zip(columns.split(), header.split(), strict=True))


def test_small_words_and_groups_do_not_hide_a_column() -> None:
    header = [
        "Datos/Nivel de iluminación",
        "¿Hay gente?",
        "3. Estado de la acera",
        "Número de mujeres",
        "Nº de caminata",
    ]
    fields = ["lighting", "people", "walk_path", "group_women", "walk_id"]
    assert proposal(header).columns == dict(zip(fields, header, strict=True))


def test_a_teams_own_time_comes_before_that_of_the_upload() -> None:
    assert proposal(["_submission_time", "fecha y hora"]).columns == {"observed_at": "fecha y hora"}


def offered(found: Proposal) -> list[str]:
    return [line.partition(" ")[0] for line in found.offers]


def test_what_no_column_says_is_offered_as_settings() -> None:
    header = ["lat", "lon", "lighting"]
    assert offered(proposal(header)) == ["group_size", "auditor_sex", "consent"]
    assert offered(proposal([*header, "mujeres", "consent"])) == []
    assert offered(proposal([*header, "sex", "group_size"])) == ["consent"]
    assert offered(proposal(header, several=True))[0] == "campaign"
    assert "campaign" not in offered(proposal([*header, "ronda"], several=True))


def test_two_columns_of_numbers_in_the_city_are_the_position() -> None:
    rows = [("19.0701", "72.8801", "5", "2"), ("19.0702", "72.8802", "6", "1")]
    city = (72.8, 19.0, 72.9, 19.1)
    assert proposal(["a", "b", "c", "lighting"], *rows, extent=city).columns["latitude"] == "a"
    assert proposal(["a", "b", "c", "lighting"], *rows, extent=city).columns["longitude"] == "b"
    assert "latitude" not in proposal(["a", "b", "c", "lighting"], *rows).columns
    twice = [(row[0], *row) for row in rows]  # which of two latitudes?
    assert "latitude" not in proposal(["z", "a", "b", "c", "lighting"], *twice, extent=city).columns


def test_columns_of_levels_are_offered_with_the_names_they_may_take() -> None:
    rows = [(level, "1", "17", note) for level, note in zip("01231", ("a", "b", "c", "d", "e"), strict=True)]
    (line,) = proposal(["P4", "tick", "id", "nombre"], *rows).scales
    assert line.startswith('lighting = "P4"  # or openness, visibility, people,')
    assert line.endswith('It holds "1" (2), "0" (1), "2" (1), "3" (1).')


def test_dates_in_numbers_are_told_by_their_language_or_not_at_all() -> None:
    assert proposal(["fecha", "luz"], ["05/03/2026 18:30", "1"]).date_format == "%d/%m/%Y %H:%M"
    assert proposal(["date", "light"], ["05/03/2026 18:30", "1"]).date_format is None
    found = proposal(["date", "light"], ["13/03/2026", "1"], ["05/03/2026", "1"])
    assert found.date_format == "%d/%m/%Y"
    assert not any("date" in question for question in found.questions)


def test_no_question_stands_beside_its_answer() -> None:
    header, row = ["lat", "lon", "start", "lighting"], ["1", "2", "2024-03-05 18:30", "1"]
    assert any("time zone" in question for question in proposal(header, row).questions)
    assert proposal(header, row, timezone="Africa/Nairobi").questions == ()


@pytest.mark.parametrize(
    ("words", "levels"),
    [
        ("nada poca suficiente mucha", [0, 1, 2, 3]),
        ("muy_mala mala regular buena", [0, 1, 2, 3]),
        ("mala regular buena excelente", [0, 1, 2, 3]),
        ("mala regular buena", [None, None, None]),
        ("mala mucha", [None, None]),
        ("poca verde", [1, None]),
        ("قليلة متوسطة كثيرة", [1, 2, 3]),
    ],
)
def test_words_have_a_level_where_their_scale_is_plain(words: str, levels: list[int | None]) -> None:
    answers = [word.replace("_", " ") for word in words.split()]
    found = proposal(["walk_path"], *([answer] for answer in answers)).levels["walk_path"]
    assert [found[answer].level for answer in answers] == levels
