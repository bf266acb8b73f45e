"""Identifiers: the published test vectors, in Python and in SQL."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.contracts.identifiers import (
    DIN_PATTERN,
    EXPECTED,
    din_check_character,
    format_iso_week,
    gs1_check_digit,
    is_valid,
    parse_iso_week,
    valid_sql,
)

VALID = [
    ("gtin", "6291041500213"),
    ("gtin", "0614141123452"),
    ("gln", "8904000210037"),
    ("sscc", "095287654321012346"),
    ("gsrn", "095287654321012346"),
    ("din", "G123498654321"),
    ("din", "G123498654321H"),
    ("din", "G123417654321A"),
    ("din", "A9999211234563"),
    ("din", "A9999171234569"),
    ("coi", "CHA999926ABC123"),
    ("sec", "FR00AB12A999926000123A" + "0000123" + "000" + "20270101"),
    ("epcis_hash", "ni:///sha-256;" + "0f" * 32 + "?ver=CBV2.0"),
]
INVALID = [
    ("gtin", "6291041500214"),
    ("gtin", "62910415002131"),
    ("gln", "0614141123452 "),
    ("gln", "890400021003"),
    ("sscc", "095287654321012345"),
    ("din", "G123498654321K"),
    ("din", "O123498654321"),
    ("coi", "CHA9O9926ABC123"),
    ("coi", "CHA999926ABC12"),
    ("epcis_hash", "ni:///sha-256;" + "0F" * 32 + "?ver=CBV2.0"),
    ("sec", "FR00AB12A999926000123X" + "0000123" + "000" + "20270101"),
]


@pytest.fixture(scope="module")
def con():
    return duckdb.connect()


def valid_in_sql(con: duckdb.DuckDBPyConnection, kind: str, text: str) -> bool:
    return con.execute(f"select {valid_sql(kind, 'x')} from (select ? as x)", [text]).fetchone()[0]


@pytest.mark.parametrize(("kind", "text"), VALID)
def test_a_published_identifier_is_valid_in_python_and_in_sql(con, kind, text):
    assert is_valid(kind, text)
    assert valid_in_sql(con, kind, text)


@pytest.mark.parametrize(("kind", "text"), INVALID)
def test_a_wrong_identifier_is_refused_in_python_and_in_sql(con, kind, text):
    assert not is_valid(kind, text)
    assert not valid_in_sql(con, kind, text)


@pytest.mark.parametrize(
    ("din", "character"), [("G123498654321", "H"), ("G123417654321", "A"), ("A999921123456", "3"), ("A999917123456", "9")]
)
def test_din_check_character(din, character):
    assert din_check_character(din) == character


@given(st.from_regex(DIN_PATTERN, fullmatch=True), st.integers(0, 12), st.data())
def test_din_check_character_sees_every_single_mistyped_character(din, place, data):
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != din[place]]))
    mistyped = din[:place] + other + din[place + 1 :]
    assert din_check_character(din) != din_check_character(mistyped)


@given(st.sampled_from(["gln", "gtin", "sscc", "din", "coi"]), st.text("0123456789ACGHO", min_size=8, max_size=18))
def test_python_and_sql_agree_on_any_text(kind, text):
    with duckdb.connect() as con:
        assert is_valid(kind, text) == valid_in_sql(con, kind, text)


@given(st.text("0123456789", min_size=7, max_size=17))
def test_a_gs1_body_with_its_check_digit_sums_to_a_multiple_of_ten(body):
    digits = [int(digit) for digit in reversed(body + gs1_check_digit(body))]
    assert sum(digit * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10 == 0


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        ("2026-W48", dt.date(2026, 11, 23)),
        ("2026-W53", dt.date(2026, 12, 28)),
        ("2027-W01", dt.date(2027, 1, 4)),
        ("2025-W53", None),
        ("2026-W54", None),
        ("2026-W00", None),
        ("2026-48", None),
    ],
)
def test_iso_weeks(text, monday):
    assert parse_iso_week(text) == monday
    if monday:
        assert format_iso_week(monday) == text


def test_every_kind_says_what_it_expects():
    assert {kind for kind, _ in VALID} | {"iso_week"} == set(EXPECTED)
