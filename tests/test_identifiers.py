"""Who somebody is and what happened to them: told by headers and by values, and kept out of every table."""

from __future__ import annotations

import numpy as np
import pytest
from rows import GOOD, HEADER, audits, cells, one

from safeaudit.audits.normalise.identifiers import held_kind, private_kind

PHONES = ["+91 98200 12345", "098200 12345", "(0722) 123-456", "9820012345", "+254722123456"]
NO_PHONES = ["2024-03-05", "20240305183000", "19.0712345", "72.88", "12345678", "S4K7M2Q", "1709654400123", ""]


@pytest.mark.parametrize("text", PHONES)
def test_telephone_numbers(text: str) -> None:
    assert held_kind(np.array([text, "", text], dtype=object)) == "telephone numbers"


@pytest.mark.parametrize("text", NO_PHONES)
def test_numbers_that_are_none(text: str) -> None:
    assert held_kind(np.array([text] * 5, dtype=object)) == ""


def test_one_address_is_enough_and_one_number_among_many_is_not() -> None:
    assert held_kind(np.array(["north"] * 50 + ["ask ann@example.org"], dtype=object)) == "e-mail addresses"
    assert held_kind(np.array(["north"] * 50 + [PHONES[0]], dtype=object)) == ""


def test_a_guessed_column_of_identifiers_is_not_loaded_unless_it_is_named() -> None:
    guessed = one({"walk": "ann@example.org", "role": "guide"})
    assert "ann@example.org" not in guessed.submissions.to_csv()
    assert guessed.submissions["auditor_role"].tolist() == ["guide"]
    assert 'These columns are private and not loaded: "walk" (e-mail addresses).' in guessed.counts[0].remarks
    columns = {"latitude": "latitude", "longitude": "longitude", "lighting": "lighting", "walk_id": "walk"}
    named = one({"walk": "ann@example.org"}, columns=columns)
    assert named.submissions["walk_id"].tolist() == ["ann@example.org"]
    told = 'These columns are named under columns, so they are loaded: "walk" (e-mail addresses). Think twice.'
    assert told in named.counts[0].remarks


def test_check_says_which_columns_stay_private() -> None:
    header = (*HEADER, "Harassment details", "phonenumber", "spot", "comment")
    found = audits(cells([(*GOOD, "secret", "x", PHONES[0], f"call {PHONES[0]}")], header))
    told = (
        'These columns are private and not loaded: "Harassment details" (an incident report), '
        '"phonenumber" (a telephone number), "spot" (telephone numbers).'
    )
    assert told in found.counts[0].remarks
    assert "secret" not in found.submissions.to_csv()
    assert found.submissions["note"].tolist() == [f"call {PHONES[0]}"]


@pytest.mark.parametrize(
    ("header", "kind"), [("Acoso sufrido", "an incident report"), ("E-mail", "an e-mail address"), ("lighting", "")]
)
def test_headers(header: str, kind: str) -> None:
    assert private_kind(header) == kind
