"""Stored rows come back as they were given, in either form they lie in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.arrays.errors import UnsupportedFieldError
from index.search.arrays.stored import packed, unpacked

NAMES = st.sampled_from(["at", "id", "title", "überschrift", "datetime"])
PLAIN = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
)
LISTS = st.lists(PLAIN, max_size=3)
OTHER = st.one_of(st.dates(), st.binary(), st.decimals(allow_nan=False), st.sets(st.integers()), st.none(), LISTS)


@given(row=st.dictionaries(NAMES, PLAIN | OTHER, min_size=1))
def test_a_row_comes_back_as_it_was_given(row: dict[str, Any]) -> None:
    found = unpacked(packed(row))
    assert found == row
    assert list(found) == list(row)
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in row.items()}


@given(row=st.dictionaries(NAMES, PLAIN, min_size=1))
def test_plain_rows_lie_with_their_names_before_them(row: dict[str, Any]) -> None:
    data = packed(row)
    assert data[:1] == b"z" or not data.startswith(b"{")


def test_rows_with_their_names_in_them_are_read() -> None:
    old = json.dumps({"at": {"\x01datetime": "2026-01-01T00:00:00"}, "id": "7"}).encode()
    assert unpacked(old) == {"at": datetime(2026, 1, 1), "id": "7"}


def test_a_text_that_looks_like_a_row_is_a_text() -> None:
    row = {"title": 'at:datetime\n["2026"]', "text": "{", "name": "\x01datetime"}
    assert unpacked(packed(row)) == row


@pytest.mark.parametrize("value", [date(2026, 1, 1), b"\xff", Decimal("1.10"), {1, 2}, None, "x" * 5000])
def test_values_json_has_no_word_for(value: Any) -> None:
    assert unpacked(packed({"one": value, "at": datetime(2026, 1, 1)})) == {"one": value, "at": datetime(2026, 1, 1)}


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(UnsupportedFieldError):
        packed({"one": object()})
