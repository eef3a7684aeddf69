"""Columns as bytes: texts, numbers and times come out as Python reads them one by one."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import PROPERTY

from safeaudit.audits.normalise.dates import read_moments
from safeaudit.audits.normalise.digits import decimals
from safeaudit.audits.spans import Block, Spans
from safeaudit.errors import Where

texts = st.lists(st.text(max_size=20), max_size=12)
plain = st.from_regex(r"\A(|-?([0-9]{1,9}\.?[0-9]{0,6}|\.[0-9]{1,6}))\Z")


@PROPERTY
@given(texts)
def test_texts_come_back_letter_by_letter(given_: list[str]) -> None:
    spans = Spans.of(given_)
    assert spans.texts().tolist() == given_
    some = spans.at(slice(1, None))
    assert Spans.unpacked(some.packed().tobytes(), some.length).texts().tolist() == given_[1:]
    codes, distinct = spans.distinct()
    assert distinct[codes].tolist() == given_
    assert sorted(distinct) == sorted(set(given_))


@PROPERTY
@given(texts, st.randoms(use_true_random=False))
def test_a_hash_is_of_the_text_alone(given_: list[str], random: Any) -> None:
    hashes = dict(zip(given_, Spans.of(given_).hashes().tolist(), strict=True))
    others = [*given_, "other"]
    random.shuffle(others)
    again = dict(zip(others, Spans.of(others).hashes().tolist(), strict=True))
    assert all(again[text] == number for text, number in hashes.items())
    assert len(set(again.values())) == len(again)
    assert all((number == 0) == (text == "") for text, number in again.items())


def test_rows_of_a_block() -> None:
    block = Block.of([["a", "é\n", ""], ["अ", "", "b" * 40]], 3)
    assert [column.tolist() for column in block] == [["a", "अ"], ["é\n", ""], ["", "b" * 40]]
    assert block.row(1) == ["अ", "", "b" * 40]
    assert block.at([1]).row(0) == block.row(1)


def test_a_prefix_is_taken_off_once() -> None:
    spans = Spans.of(["uuid:uuid:1", "uuid", "", "1uuid:", "uuid:"])
    assert spans.without("uuid:").texts().tolist() == ["uuid:1", "uuid", "", "1uuid:", ""]


@pytest.mark.parametrize(("text", "blank"), [("a", False), ("", False), (" a", True), ("a\t", True), ("é", True)])
def test_blanks_at_the_ends_are_seen(text: str, blank: bool) -> None:  # noqa: FBT001 - a table of cases
    assert Spans.of(["b", text]).may_be_stripped() == blank


@PROPERTY
@given(st.lists(plain, min_size=1, max_size=10))
def test_plain_numbers_are_those_of_python(cells: list[str]) -> None:
    found = decimals(Spans.of(cells))
    assert found is not None
    for cell, value in zip(cells, found.tolist(), strict=True):
        assert math.isnan(value) if not cell else repr(value) == repr(float(cell))


@pytest.mark.parametrize("odd", ["1e3", "1,5", "+1", "1 ", "--1", "1-", ".", "-", "1.2.3", "१", "nan", "1" * 16, "1_0"])
def test_other_numbers_are_left_to_the_slow_way(odd: str) -> None:
    assert decimals(Spans.of(["19.07", odd])) is None


iso = st.builds(
    lambda at, sep, end: at.replace(microsecond=0, tzinfo=None).isoformat(sep) + end,
    st.datetimes(datetime(1999, 12, 30), datetime(2091, 1, 2)),  # noqa: DTZ001 - the offset is drawn beside it
    st.sampled_from("T "),
    st.sampled_from(["", "Z", "+05:30", "-11:00", ".5", ".123456+01:00"]),
)
broken = st.sampled_from(
    ["", "2024-02-30T10:00:00", "2024-01-01T24:00:00", "2024-13-01T00:00:00", "2024-03-05", "soon"]
)


@PROPERTY
@given(st.lists(iso, min_size=1, max_size=6), st.lists(broken, max_size=2))
def test_times_are_those_of_python(good: list[str], bad: list[str]) -> None:
    def read(cells: list[str]) -> list[tuple[int, bool]]:
        found = read_moments(Spans.of(cells), date_format=None, timezone="Asia/Kolkata", where=Where("a.csv"))
        return list(zip(found.data["us"].tolist(), (found.problem >= 0).tolist(), strict=True))

    for cells in (good, good + bad):
        assert read(cells) == [read([cell])[0] for cell in cells]
    for cell, (us, wrong) in zip(good, read(good), strict=True):
        at = datetime.fromisoformat(cell)
        local = at if at.tzinfo else datetime.fromisoformat(cell + "+05:30")
        since = local - datetime(1970, 1, 1, tzinfo=UTC)
        assert wrong == (not 2000 <= at.year <= 2090)
        assert wrong or us == (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def test_one_text_of_a_row_is_as_all_of_them() -> None:
    column = Spans.of(["b", "", "b", "a" * 9])
    assert column.at(np.array([3, 0])).texts().tolist() == ["a" * 9, "b"]
